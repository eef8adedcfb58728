//! What the store should answer, from a plain list of entries.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::checkpoint::Checkpoint;
use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::time::Timestamp;
use crate::query::condition::Query;
use crate::query::matching::fulfils;
use crate::store::{Batch, Page, RequestHit, Window};

/// All entries that count, and how far the streams were read.
#[derive(Debug, Clone, Default)]
pub(super) struct Reference {
    pub(super) entries: Vec<Entry>,
    pub(super) checkpoints: BTreeMap<String, Checkpoint>,
}

impl Reference {
    pub(super) fn submit(&mut self, batch: &Batch) {
        for replaced in &batch.replaced {
            self.entries.retain(|entry| {
                *entry.path != *replaced.path || entry.record.position.offset < replaced.offset
            });
        }
        self.entries.extend(batch.entries.iter().cloned());
        for checkpoint in &batch.checkpoints {
            self.checkpoints.insert(checkpoint.path.clone(), checkpoint.clone());
        }
    }

    pub(super) fn lines(&self, query: &Query, window: &Window) -> Vec<Entry> {
        let fulfils_all = |entry: &&Entry| {
            window.admits(entry.time())
                && query.conditions.iter().all(|condition| fulfils(entry, condition))
        };
        let mut found: Vec<Entry> = self.entries.iter().filter(fulfils_all).cloned().collect();
        found.sort_by_key(|entry| (Reverse(entry.time()), place(entry)));
        found
    }

    pub(super) fn requests(&self, query: &Query, page: &Page) -> Vec<RequestHit> {
        let mut hits: Vec<RequestHit> = self
            .traces()
            .into_iter()
            .filter_map(|(id, entries)| hit(id, &entries, query, &page.window))
            .collect();
        hits.sort_by_key(|hit| (Reverse(hit.start), hit.id));
        hits
    }

    /// Every request with its entries in order of path and position.
    pub(super) fn traces(&self) -> BTreeMap<TraceId, Vec<Entry>> {
        let mut traces: BTreeMap<TraceId, Vec<Entry>> = BTreeMap::new();
        for entry in &self.entries {
            if let Some(id) = entry.context.trace_id {
                traces.entry(self.whole(id)).or_default().push(entry.clone());
            }
        }
        for entries in traces.values_mut() {
            entries.sort_by_key(place);
        }
        traces
    }

    pub(super) fn trace(&self, id: TraceId) -> Vec<Entry> {
        let traces = self.traces();
        if let Some(entries) = traces.get(&self.whole(id)) {
            return entries.clone();
        }
        let short = TraceId::new(u128::from(id.low_half()));
        let alone = self.long_ids(id.low_half()).is_empty();
        short.filter(|_| alone).and_then(|id| traces.get(&id).cloned()).unwrap_or_default()
    }

    /// The long id that a short one stands for, if there is exactly one.
    fn whole(&self, id: TraceId) -> TraceId {
        let long = self.long_ids(id.low_half());
        match long.first() {
            Some(long_id) if id.is_short() && long.len() == 1 => *long_id,
            _ => id,
        }
    }

    fn long_ids(&self, low: u64) -> BTreeSet<TraceId> {
        let ids = self.entries.iter().filter_map(|entry| entry.context.trace_id);
        ids.filter(|id| id.low_half() == low && !id.is_short()).collect()
    }
}

fn hit(id: TraceId, entries: &[Entry], query: &Query, window: &Window) -> Option<RequestHit> {
    let mut inside: Vec<&Entry> =
        entries.iter().filter(|entry| window.admits(entry.time())).collect();
    inside.sort_by_key(|entry| (entry.time().is_none(), entry.time(), place(entry)));
    inside.first()?;
    let first = |condition| inside.iter().find(|entry| fulfils(entry, condition));
    let matched: Option<Vec<Entry>> = query
        .conditions
        .iter()
        .map(|condition| first(condition).map(|entry| (*entry).clone()))
        .collect();
    Some(RequestHit { id, start: start(entries), matched: matched? })
}

/// The time of the first entry.
pub(super) fn start(entries: &[Entry]) -> Option<Timestamp> {
    entries.iter().filter_map(Entry::time).min()
}

fn place(entry: &Entry) -> (String, u64, u64) {
    let position = entry.record.position;
    (entry.path.to_string(), position.line, position.offset)
}
