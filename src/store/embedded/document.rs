//! A group as the index sees it.

use std::sync::Arc;

use hashbrown::HashMap;
use tantivy::TantivyDocument;

use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::time::Timestamp;
use crate::store::embedded::files::Place;
use crate::store::embedded::ledger::Ledger;
use crate::store::embedded::schema::{Fields, reach};
use crate::store::embedded::terms::Terms;

/// The numbers of a batch's streams.
pub(super) struct Numbered {
    numbers: HashMap<Arc<str>, u32, foldhash::fast::RandomState>,
}

impl Numbered {
    /// Numbers the streams that are new.
    pub(super) fn of(entries: &[Entry], ledger: &mut Ledger) -> Self {
        let mut numbers = HashMap::default();
        for entry in entries {
            if !numbers.contains_key(&entry.path) {
                numbers.insert(entry.path.clone(), ledger.number_of(&entry.path));
            }
        }
        Self { numbers }
    }

    fn get(&self, path: &str) -> u32 {
        *self.numbers.get(path).expect("every path of the batch was numbered")
    }
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
    entries: impl Iterator<Item = &'a Entry> + Clone,
    paths: &Numbered,
) -> TantivyDocument {
    let mut document = TantivyDocument::default();
    if let Some(id) = group.trace {
        document.add_u64(fields.half, id.low_half());
        document.add_u64(fields.high, (id.value() >> 64) as u64);
    }
    document.add_u64(fields.slot, group.slot);
    document.add_u64(fields.batch, group.batch);
    document.add_u64(fields.entries, entries.clone().count() as u64);
    let times = || entries.clone().filter_map(Entry::time).map(Timestamp::nanoseconds);
    if let (Some(first), Some(last)) = (times().min(), times().max()) {
        document.add_i64(fields.first, first);
        document.add_i64(fields.last, last);
    }
    for reach in reaches(entries, paths) {
        document.add_u64(fields.reach, reach);
    }
    add_terms(&mut document, fields, group.terms);
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
fn reaches<'a>(entries: impl Iterator<Item = &'a Entry>, paths: &Numbered) -> Vec<u64> {
    let mut farthest: Vec<(&str, u64)> = Vec::new();
    for entry in entries {
        let offset = entry.record.position.offset;
        // Groups have few streams, and an entry's is mostly that of the one before.
        match farthest.iter_mut().rev().find(|(path, _)| *path == &*entry.path) {
            Some((_, most)) => *most = offset.max(*most),
            None => farthest.push((&entry.path, offset)),
        }
    }
    farthest.into_iter().map(|(path, offset)| reach(paths.get(path), offset)).collect()
}
