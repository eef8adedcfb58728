//! Learns from many requests what one alone does not show. No labels, no names of any system.
//!
//! Two things are learned, in this order: how far clocks are off (`clocks`), and which
//! operations run beside their caller instead of within it (`flows`).

mod clocks;
mod flows;
mod skeleton;

#[cfg(test)]
mod tests;

use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::trace::assemble;
use crate::trace::knowledge::{Flows, Knowledge};
use crate::trace::learn::skeleton::{Skeleton, skeleton};

/// Requests learned from, at most: enough for stable votes in a large system, and read in a
/// fraction of a second.
pub const REQUESTS_MAX: usize = 2_000;

/// Entries that are kept for learning, at most: what bounds the memory of a [`Learner`].
const ENTRIES_MAX: usize = 200_000;

/// A request of more entries than this teaches nothing that smaller ones do not, and costs
/// the square of its spans.
const REQUEST_ENTRIES_MAX: usize = 2_000;

/// Of a message, this much is kept: enough to tell statements apart.
const MESSAGE_CHARACTERS: usize = 200;

/// Gathers requests to learn from.
#[derive(Debug, Default)]
pub struct Learner {
    requests: Vec<(TraceId, Vec<Entry>)>,
    entries: usize,
}

impl Learner {
    /// Takes one request into account. Whether more are wanted.
    pub fn observe(&mut self, id: TraceId, mut entries: Vec<Entry>) -> bool {
        if entries.len() <= REQUEST_ENTRIES_MAX {
            entries.iter_mut().for_each(strip);
            self.entries += entries.len();
            self.requests.push((id, entries));
        }
        self.requests.len() < REQUESTS_MAX && self.entries < ENTRIES_MAX
    }

    /// What the requests teach, in whatever order they were observed.
    pub fn learn(mut self) -> Knowledge {
        self.requests.sort_by_key(|(id, _)| *id);
        let clocks = clocks::learn(&self.skeletons(&Knowledge::default()));
        let clocks = Knowledge { clocks, flows: Flows::default() };
        let flows = flows::learn(&self.skeletons(&clocks));
        Knowledge { flows, ..clocks }
    }

    fn skeletons(&self, knowledge: &Knowledge) -> Vec<Skeleton> {
        let assembled = |(id, entries): &(TraceId, Vec<Entry>)| {
            skeleton(&assemble(*id, entries.clone(), knowledge))
        };
        self.requests.iter().map(assembled).collect()
    }
}

/// Leaves of an entry only what learning looks at.
fn strip(entry: &mut Entry) {
    let record = &mut entry.record;
    record.raw = Vec::new();
    record.fields.retain(|field| field.name == crate::trace::place::LINE_FIELD);
    if let Some((end, _)) = record.message.char_indices().nth(MESSAGE_CHARACTERS) {
        record.message.truncate(end);
    }
    record.message.shrink_to_fit();
    entry.context.keys = Vec::new();
}
