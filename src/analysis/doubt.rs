//! What lost lines make uncertain.
//!
//! Where a step calls somebody in every other request and not in this one, or lacks a line
//! that all others have, lines may be lost. Time that looks like the step's own, and calls that
//! look like it made them, may then be another's. What is said of it stands, with a doubt.

use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::usual::Usual;

/// What rests on a step's having made its calls itself, or on the time between them.
const DOUBTFUL: [&str; 5] =
    ["silence", "slow_step", "n_plus_one", "retry_storm", "fan_out_straggler"];

/// How sure such a finding can be: not enough for a cause.
const CONFIDENCE_MAX: f32 = 0.4;

/// Adds a doubt to each clue that lost lines may have made.
pub(super) fn doubt(case: &Case<'_>, usual: &Usual, clues: &mut [Clue]) {
    // A request that failed stopped early: what it did not come to is not lost.
    if case.request_has_failed() {
        return;
    }
    for clue in clues.iter_mut().filter(|clue| DOUBTFUL.contains(&clue.name)) {
        let Some(span) = clue.spans.first().copied() else { continue };
        let calls = case.calls_of(span).iter().map(|call| call.callee.as_str());
        let services = std::iter::once(case.service(span)).chain(calls);
        let missing = usual.missing(case, span);
        let reason = if let Some(callee) = missing.first() {
            format!("{callee}, which it calls in every other request, is missing")
        } else if let Some(service) = usual.lacks_lines(case, services) {
            format!("a line of {service} is missing that every other request has")
        } else {
            continue;
        };
        clue.confidence = clue.confidence.min(CONFIDENCE_MAX);
        clue.sentence.push_str("; cannot tell for sure: ");
        clue.sentence.push_str(&reason);
    }
}
