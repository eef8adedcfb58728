//! Two groups of requests compared: what separates those that are to be explained from those
//! that show what is usual, and which service explains it best.
//!
//! A service explains the difference if its own behaviour changed: steps that it took or takes
//! no longer (`flow`, `blame`), its own time (`pace`), the build that runs (`values`).
//! That its callers became slow or fail is a symptom. Every effect has a confidence interval
//! that is corrected for all that was tried; a service's score is the sum of what its effects
//! are at least. Where no effect is certain, the groups do not differ, and that is said.
//!
//! `docs/comparison.md` says how each number of the method was chosen.

mod blame;
mod collected;
mod flow;
pub(in crate::analysis) mod observed;
mod pace;
pub(in crate::analysis) mod statement;
mod statistics;
mod suspects;
pub(in crate::analysis) mod values;
mod wording;

pub use collected::Groups;
pub use observed::Observed;

use crate::model::finding::Finding;
use crate::model::id::TraceId;

/// How two groups differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Requests that are to be explained.
    pub bad: usize,
    /// Requests that they were compared with.
    pub good: usize,
    /// Things that were compared.
    pub tests: usize,
    /// Whether anything differs for certain.
    pub differs: bool,
    /// The services, those that explain most first; behind those with a score those of which
    /// it is not certain, the likelier first.
    pub suspects: Vec<Suspect>,
    /// Values that separate the groups, the clearest first.
    pub values: Vec<Told>,
}

/// A service and what changed in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspect {
    /// Its name.
    pub service: String,
    /// The sum of what its effects are at least, in standard deviations; 0 if none is certain.
    pub score: f64,
    /// What changed in it for certain, the largest change first.
    pub findings: Vec<Told>,
}

/// A finding whose lines are still to be fetched.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// It, without evidence.
    pub finding: Finding,
    /// Requests that show it, and there the lines, as indexes of the trace's entries.
    pub shown_by: Vec<(TraceId, Vec<usize>)>,
}

/// What a comparison needs to know about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Blocks {
    /// How long the window of the group to be explained is, in nanoseconds: the reference is
    /// cut into blocks of this length. None if the groups differ in more than time.
    pub length: Option<i64>,
}

/// Compares the groups.
pub fn compare(mut groups: Groups, blocks: Blocks) -> Comparison {
    groups.merge_statements();
    suspects::compare(&groups, blocks)
}

#[cfg(test)]
mod tests;
