//! How far hosts' clocks are off, and times put right by it.
//!
//! Raw times stay in the entries; a corrected time is the raw one plus the correction of
//! the host that stamped it. Entries of one host never change their order by this.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::entry::{Context, Entry};
use crate::model::time::Timestamp;

/// The clocks of all hosts that are known to be off.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Clocks {
    /// By the name of the clock's owner (host, else instance, else service); those not here are taken to be right.
    pub hosts: BTreeMap<String, Correction>,
}

/// What puts a host's clock right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Nanoseconds to add to its times.
    pub nanoseconds: i64,
    /// Nanoseconds by which that may be wrong, either way.
    pub error: i64,
}

impl Clocks {
    /// Nanoseconds to add to the times of an entry.
    pub(super) fn correction(&self, context: &Context) -> i64 {
        self.hosts.get(clock_of(context)).map_or(0, |correction| correction.nanoseconds)
    }

    /// Nanoseconds by which that may be wrong; 0 for clocks that are taken to be right.
    pub(super) fn error(&self, context: &Context) -> i64 {
        self.hosts.get(clock_of(context)).map_or(0, |correction| correction.error)
    }

    /// The corrected time of each entry.
    pub(super) fn times(&self, entries: &[Entry]) -> Vec<Option<Timestamp>> {
        let corrected = |entry: &Entry| Some(entry.time()?.plus(self.correction(&entry.context)));
        entries.iter().map(corrected).collect()
    }
}

/// Whose clock stamped an entry: the host's, or as much of it as is known.
pub(super) fn clock_of(context: &Context) -> &str {
    context.host.as_deref().or(context.instance.as_deref()).unwrap_or(&context.service)
}
