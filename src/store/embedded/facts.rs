//! What is known of a group of entries without reading it.

use crate::model::entry::Entry;
use crate::model::time::Timestamp;

/// What is known of a group without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    /// The time of its first entry.
    pub(super) first: Option<Timestamp>,
    /// The time of its last entry.
    pub(super) last: Option<Timestamp>,
    /// How many entries it has.
    pub(super) entries: u64,
}

impl Facts {
    /// Facts of entries; none if there are none.
    pub(super) fn of(entries: &[Entry]) -> Option<Self> {
        let times = || entries.iter().filter_map(Entry::time);
        let count = entries.len() as u64;
        (count > 0).then(|| Self { first: times().min(), last: times().max(), entries: count })
    }
}

/// Whether a group's entries still count.
pub(super) enum Validity {
    Whole,
    Void,
    /// Some may not: only reading tells.
    Mixed,
}
