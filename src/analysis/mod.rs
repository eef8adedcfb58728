//! What can be said of a request: critical path, silences, the first failure, and what a
//! person would look for. One file a question.
//!
//! Never: changes a trace.

pub mod call;
mod cascade;
pub mod case;
pub mod clue;
pub mod coverage;
pub mod critical_path;
mod doubt;
mod duplicate;
mod error_origin;
pub mod facets;
pub mod failure;
pub mod gap;
pub mod group;
mod growth;
pub mod handed_over;
pub mod lost_context;
pub mod map;
mod normal_flow;
pub mod overview;
pub mod pair;
mod partial_failure;
mod pool_exhaustion;
mod ranking;
mod repeated;
mod retry_storm;
pub mod said;
mod shallow;
pub mod silence;
pub mod sketch;
mod stale_cache;
mod straggler;
pub mod template;
mod timeouts;
mod token_race;
pub mod usual;
pub mod verdict;
mod waiting;
mod waterfall;
mod wording;

use crate::analysis::case::{Case, Surroundings};
use crate::analysis::clue::Clue;
use crate::analysis::usual::Usual;
use crate::model::finding::Finding;
use crate::model::trace::Trace;

/// All answers about one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// Which spans decided how long the request took.
    pub critical_path: critical_path::CriticalPath,
    /// Where nothing was logged for long.
    pub silences: Vec<silence::Silence>,
    /// Where it first went wrong, if it did.
    pub failure: Option<failure::Failure>,
    /// What was found, cause before symptom.
    pub findings: Vec<Finding>,
    /// What it comes to.
    pub verdict: verdict::Verdict,
    /// What to log so that more could be told, the gravest first.
    pub advice: Vec<coverage::Advice>,
}

/// Answers all questions about one request, from its own lines alone.
pub fn analyse(trace: &Trace) -> Analysis {
    diagnose(trace, &Surroundings::default())
}

/// Answers all questions about one request, beside others of its kind.
pub fn diagnose(trace: &Trace, around: &Surroundings) -> Analysis {
    let critical_path = critical_path::critical_path(trace);
    let silences = silence::silences(trace);
    let failure = failure::failure(trace);
    let case = Case::new(trace, &critical_path, &silences, around);
    let usual = Usual::of(around);
    let mut clues = clues(&case, &usual);
    doubt::doubt(&case, &usual, &mut clues);
    let findings = ranking::ranked(&case, clues);
    let verdict = verdict::verdict(&case, &findings);
    let advice = coverage::advice(&case);
    Analysis { critical_path, silences, failure, findings, verdict, advice }
}

/// Every technique, in the order in which a person would try them.
fn clues(case: &Case<'_>, usual: &Usual) -> Vec<Clue> {
    [
        waterfall::clues(case, usual),
        waiting::clues(case),
        silence::clues(case, usual),
        error_origin::clues(case),
        straggler::clues(case, usual),
        repeated::clues(case),
        retry_storm::clues(case),
        timeouts::clues(case),
        pool_exhaustion::clues(case, usual),
        partial_failure::clues(case),
        stale_cache::clues(case),
        token_race::clues(case),
        lost_context::clues(case),
        duplicate::clues(case),
        shallow::clues(case, usual),
        normal_flow::clues(case),
    ]
    .concat()
}

#[cfg(test)]
mod tests;
