//! Learns from many requests what one alone does not show. No labels, no names of any system.
//!
//! Two things are learned, in this order: how far clocks are off (`clocks`), and which
//! operations run beside their caller instead of within it (`flows`).

mod calls;
mod clocks;
mod beside;
pub mod sample;

#[cfg(test)]
mod tests;

use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::place::LINE_FIELD;
use crate::trace::clocks::Clocks;
use crate::trace::draw;
use crate::trace::knowledge::Knowledge;
use crate::trace::learn::sample::Sample;
use crate::trace::proved::{HANDED_ON, MESSAGE_ID};
use crate::trace::skeleton::{Skeleton, skeleton};

/// Of a message, this much is kept: enough to tell statements apart.
const MESSAGE_CHARACTERS: usize = 200;

/// Gathers requests to learn from; of many, a sample of them.
#[derive(Debug, Default)]
pub struct Learner {
    requests: Sample<Vec<Entry>>,
}

impl Learner {
    /// Takes one request into account.
    pub fn observe(&mut self, id: TraceId, mut entries: Vec<Entry>) {
        entries.iter_mut().for_each(strip);
        self.requests.offer(id, entries.len(), entries);
    }

    /// What the requests teach, in whatever order they were observed.
    pub fn learn(self) -> Knowledge {
        let requests = self.requests.into_requests();
        let mut requests: Requests = requests.map(|(id, _, entries)| (id, entries)).collect();
        let mut known = Knowledge::default();
        let raw = skeletons(&mut requests, &known);
        known.clocks = clocks::learn(&raw);
        let mut skeletons = skeletons(&mut requests, &known);
        if !clocks::explain_more(&skeletons, &raw) {
            known.clocks = Clocks::default();
            skeletons = raw;
        }
        (known.operations, known.calls) = calls::learn(skeletons);
        known
    }
}

type Requests = Vec<(TraceId, Vec<Entry>)>;

/// Draws requests with what is known so far and reduces them.
fn skeletons(requests: &mut Requests, knowledge: &Knowledge) -> Vec<Skeleton> {
    let drawn = |(id, entries): &mut (TraceId, Vec<Entry>)| {
        let request = draw(*id, std::mem::take(entries), knowledge);
        let skeleton = skeleton(&request);
        *entries = request.entries;
        skeleton
    };
    requests.iter_mut().map(drawn).collect()
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
