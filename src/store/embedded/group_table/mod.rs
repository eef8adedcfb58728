//! What is known of each document of the index beside its terms: where a group is, of which
//! request and time, and which documents are those of templates.
//!
//! It stands beside each segment of the index in chunks of 64 documents, of which only those
//! are read that are asked for. Neighbours are alike: a group mostly lies behind the one before, in
//! the same block and batch, and happened soon after it.

use crate::model::id::TraceId;
use crate::model::time::Timestamp;
use crate::store::embedded::files::Place;

mod chunk;
pub(super) mod plugin;
mod table;

pub(super) use table::GroupTable;

/// Documents in one chunk.
const CHUNK_DOCUMENTS: usize = 64;

/// A document of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Document {
    /// That of the template with this number.
    Template(u32),
    /// That of a group.
    Group(Group),
}

/// A group of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group {
    /// The trace id's halves, the low one first; none for entries of no request.
    trace: Option<[u64; 2]>,
    /// Where its block begins.
    pub(super) place: Place,
    /// Which group of its block it is.
    pub(super) slot: u64,
    /// The number of the batch it came with.
    pub(super) batch: u64,
    /// The earliest and the latest time of its entries; none if no entry has one.
    pub(super) times: Option<[Timestamp; 2]>,
    /// How many entries it has.
    pub(super) entries: u64,
}

impl Group {
    /// A group whose block is not yet written.
    pub(super) fn new(trace: Option<TraceId>, slot: u64, batch: u64) -> Self {
        let halves = |id: TraceId| [id.low_half(), (id.value() >> 64) as u64];
        let place = Place { file: 0, offset: 0 };
        Self { trace: trace.map(halves), place, slot, batch, times: None, entries: 0 }
    }

    /// Counts an entry.
    pub(super) fn count(&mut self, time: Option<Timestamp>) {
        self.entries += 1;
        let Some(time) = time else { return };
        let [first, last] = self.times.unwrap_or([time, time]);
        self.times = Some([first.min(time), last.max(time)]);
    }

    /// The request that it belongs to, if any.
    pub(super) fn trace(&self) -> Option<TraceId> {
        let [low, high] = self.trace?;
        TraceId::new(u128::from(high) << 64 | u128::from(low))
    }

    /// The low half of the request's id.
    pub(super) fn half(&self) -> Option<u64> {
        self.trace.map(|[low, _]| low)
    }
}
