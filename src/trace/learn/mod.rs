//! Learns from many requests what one alone does not show. No labels, no names of any system.
//!
//! Two things are learned, in this order: how far clocks are off (`clocks`), and which
//! operations run beside their caller instead of within it (`flows`).

mod calls;
mod clocks;
mod beside;

#[cfg(test)]
mod tests;

use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::place::LINE_FIELD;
use crate::trace::clocks::Clocks;
use crate::trace::draw;
use crate::trace::knowledge::Knowledge;
use crate::trace::proved::{HANDED_ON, MESSAGE_ID};
use crate::trace::skeleton::{Skeleton, skeleton};

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
        let mut known = Knowledge::default();
        let raw = self.skeletons(&known);
        known.clocks = clocks::learn(&raw);
        let mut requests = self.skeletons(&known);
        if !clocks::explain_more(&requests, &raw) {
            known.clocks = Clocks::default();
            requests = raw;
        }
        (known.operations, known.calls) = calls::learn(requests);
        known
    }

    fn skeletons(&mut self, knowledge: &Knowledge) -> Vec<Skeleton> {
        let drawn = |(id, entries): &mut (TraceId, Vec<Entry>)| {
            let request = draw(*id, std::mem::take(entries), knowledge);
            let skeleton = skeleton(&request);
            *entries = request.entries;
            skeleton
        };
        self.requests.iter_mut().map(drawn).collect()
    }
}

/// Leaves of an entry only what learning looks at.
fn strip(entry: &mut Entry) {
    let record = &mut entry.record;
    record.raw = Vec::new();
    record.fields.retain(|field| field.name == LINE_FIELD || field.name == MESSAGE_ID);
    if let Some((end, _)) = record.message.char_indices().nth(MESSAGE_CHARACTERS) {
        record.message.truncate(end);
    }
    record.message.shrink_to_fit();
    entry.context.keys.retain(|key| HANDED_ON.contains(&key.name.as_str()));
}
