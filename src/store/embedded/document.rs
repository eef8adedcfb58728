//! A group as the index sees it.

use std::sync::Arc;

use hashbrown::HashMap;
use tantivy::TantivyDocument;

use crate::model::id::TraceId;
use crate::model::time::Timestamp;
use crate::store::Batch;
use crate::store::embedded::files::Place;
use crate::store::embedded::ledger::Ledger;
use crate::store::embedded::schema::{Fields, reach};
use crate::store::embedded::templates::KnownTemplate;
use crate::store::embedded::terms::Terms;

/// The numbers of a batch's streams.
pub(super) struct Numbered {
    numbers: HashMap<Arc<str>, u32, foldhash::fast::RandomState>,
}

impl Numbered {
    /// Numbers the streams that are new.
    pub(super) fn of(batch: &Batch, ledger: &mut Ledger) -> Self {
        let mut numbers = HashMap::default();
        let of_entries = batch.entries.iter().map(|entry| &entry.path);
        let of_lines = batch.templated.templates().iter().map(|template| &template.sample.path);
        for path in of_entries.chain(of_lines) {
            if !numbers.contains_key(path) {
                numbers.insert(path.clone(), ledger.number_of(path));
            }
        }
        Self { numbers }
    }

    fn get(&self, path: &str) -> u32 {
        *self.numbers.get(path).expect("every path of the batch was numbered")
    }
}

/// Where and when something of a group was written: an entry, or a line of a known template.
#[derive(Clone, Copy)]
pub(super) struct Statement<'a> {
    pub(super) path: &'a Arc<str>,
    pub(super) offset: u64,
    pub(super) time: Option<Timestamp>,
}

/// A group before its block is written.
pub(super) struct NewGroup<'a> {
    pub(super) trace: Option<TraceId>,
    pub(super) batch: u64,
    /// Its place in the block.
    pub(super) slot: u64,
    pub(super) terms: &'a Terms,
}

/// The index's document of a group; where its block is comes later, by [`place`].
pub(super) fn of<'a>(
    fields: &Fields,
    group: &NewGroup<'_>,
    statements: impl Iterator<Item = Statement<'a>> + Clone,
    paths: &Numbered,
) -> TantivyDocument {
    let mut document = TantivyDocument::default();
    if let Some(id) = group.trace {
        document.add_u64(fields.half, id.low_half());
        document.add_u64(fields.high, (id.value() >> 64) as u64);
    }
    document.add_u64(fields.slot, group.slot);
    document.add_u64(fields.batch, group.batch);
    document.add_u64(fields.entries, statements.clone().count() as u64);
    let times =
        || statements.clone().filter_map(|statement| statement.time).map(Timestamp::nanoseconds);
    if let (Some(first), Some(last)) = (times().min(), times().max()) {
        document.add_i64(fields.first, first);
        document.add_i64(fields.last, last);
    }
    for reach in reaches(statements, paths) {
        document.add_u64(fields.reach, reach);
    }
    for template in group.terms.templates() {
        document.add_u64(fields.template, u64::from(template));
    }
    add_terms(&mut document, fields, group.terms);
    document
}

/// The index's document of a template.
pub(super) fn of_template(fields: &Fields, known: &KnownTemplate) -> TantivyDocument {
    let mut document = TantivyDocument::default();
    document.add_u64(fields.number, u64::from(known.number));
    add_terms(&mut document, fields, known.terms.constant());
    document
}

fn add_terms(document: &mut TantivyDocument, fields: &Fields, terms: &Terms) {
    document.add_text(fields.word, terms.words.joined());
    document.add_text(fields.name, terms.names.joined());
    for service in &terms.services {
        document.add_text(fields.service, service);
    }
    for level in (0..u32::BITS).filter(|level| terms.levels >> level & 1 == 1) {
        document.add_u64(fields.level, u64::from(level));
    }
}

/// Adds where the group's block is.
pub(super) fn place(document: &mut TantivyDocument, fields: &Fields, place: Place) {
    document.add_u64(fields.file, place.file);
    document.add_u64(fields.offset, place.offset);
}

/// How far the group reaches in each of its streams.
fn reaches<'a>(statements: impl Iterator<Item = Statement<'a>>, paths: &Numbered) -> Vec<u64> {
    let mut farthest: Vec<(&Arc<str>, u64)> = Vec::new();
    for Statement { path, offset, .. } in statements {
        // Groups have few streams, and an entry's is mostly that of the one before.
        let same = |known: &Arc<str>| Arc::ptr_eq(known, path) || **known == **path;
        match farthest.iter_mut().rev().find(|(known, _)| same(known)) {
            Some((_, most)) => *most = offset.max(*most),
            None => farthest.push((path, offset)),
        }
    }
    farthest.into_iter().map(|(path, offset)| reach(paths.get(path), offset)).collect()
}
