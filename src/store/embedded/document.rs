//! A group as the index sees it.

use std::sync::Arc;

use hashbrown::HashMap;
use tantivy::TantivyDocument;

use crate::model::time::Timestamp;
use crate::store::Batch;
use crate::store::embedded::group_table::Group;
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

/// Counts what was written into a group, and gives how far the group reaches in each of its
/// streams.
pub(super) fn counted<'a>(
    group: &mut Group,
    statements: impl Iterator<Item = Statement<'a>>,
    paths: &Numbered,
) -> Vec<u64> {
    let mut farthest: Vec<(&Arc<str>, u64)> = Vec::new();
    for Statement { path, offset, time } in statements {
        group.count(time);
        // Groups have few streams, and an entry's is mostly that of the one before.
        let same = farthest.iter().rposition(|(known, _)| Arc::ptr_eq(known, path));
        let known = same.or_else(|| farthest.iter().rposition(|(known, _)| ***known == **path));
        match known.map(|place| &mut farthest[place]) {
            Some((_, most)) => *most = offset.max(*most),
            None => farthest.push((path, offset)),
        }
    }
    farthest.into_iter().map(|(path, offset)| reach(paths.get(path), offset)).collect()
}

/// The index's document of a group.
pub(super) fn of(fields: &Fields, terms: &Terms) -> TantivyDocument {
    let mut document = TantivyDocument::default();
    for template in terms.templates() {
        document.add_u64(fields.template, u64::from(template));
    }
    add_terms(&mut document, fields, terms);
    document
}

/// The index's document of a template.
pub(super) fn of_template(fields: &Fields, known: &KnownTemplate) -> TantivyDocument {
    let mut document = TantivyDocument::default();
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
