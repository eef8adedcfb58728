//! What the requests of a store teach about the system that logged them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::trace::clocks::Clocks;

/// What was learned. Without any, requests are put together by what each shows alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Knowledge {
    /// How far hosts' clocks are off.
    pub clocks: Clocks,
    /// How services call each other.
    pub flows: Flows,
}

/// How operations follow each other, by places in the code (hashes).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Flows {
    /// Operations that nobody waits for, and the place that hands work to each.
    pub handed_on: BTreeMap<u64, u64>,
    /// For each operation, the places from which it is called again and again.
    pub called_from: BTreeMap<u64, BTreeSet<u64>>,
}
