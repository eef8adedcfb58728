//! Where is logging too thin to decide?
//!
//! A service that others call and that logged nothing, where it matters: its call failed, or
//! took much of the request. Then the cause may lie in it, and nobody can tell.

use crate::analysis::call::Call;
use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::usual::{Compared, Usual};
use crate::analysis::wording::{share, time};
use crate::model::finding::{Level, Measure};

/// A call into the dark that takes less of the request than this hides nothing.
const SHARE_MIN: f64 = 0.3;

/// Nor one that is shorter than this, whatever it is a share of.
const LENGTH_MIN: i64 = 100_000_000;

/// The calls into the dark, one for each silent service.
pub(super) fn clues(case: &Case<'_>, usual: &Usual) -> Vec<Clue> {
    let mut told: Vec<&str> = Vec::new();
    let mut clues = Vec::new();
    let mut dark: Vec<&Call> = case
        .calls
        .iter()
        .filter(|call| call.server.is_none() && call.awaited && !case.speaks(&call.callee))
        .collect();
    dark.sort_by_key(|call| std::cmp::Reverse((call.failure.is_some(), call.length())));
    for call in dark {
        let is_long = call.length() >= LENGTH_MIN && case.share(call.length()) >= SHARE_MIN;
        let is_usual =
            matches!(usual.call(&call.callee, &call.operation, call.length()), Compared::Usual(_));
        let matters = call.failure.is_some() || (is_long && !is_usual);
        if matters && !told.contains(&call.callee.as_str()) {
            told.push(&call.callee);
            clues.push(clue(case, call));
        }
    }
    clues
}

fn clue(case: &Case<'_>, call: &Call) -> Clue {
    let by = case.service(call.by);
    let did = if call.failure.is_some() { "failed" } else { "took" };
    let part = share(case.share(call.length()));
    let elsewhere =
        case.around.peers.iter().any(|peer| {
            peer.entries.iter().any(|placed| placed.entry.context.service == call.callee)
        });
    let why = if elsewhere {
        "logs in other requests, but its lines of this one are missing"
    } else {
        "logs nothing that can be joined to the request"
    };
    let what = if call.failure.is_some() {
        format!("{did} after {}", time(call.length()))
    } else {
        format!("{did} {} ({part} of the request)", time(call.length()))
    };
    let sentence = format!(
        "cannot tell what {} did: the call from {by} {what}, and {} {why}",
        call.callee, call.callee,
    );
    let advice = format!(
        "let {} log the start and the end of each request with the trace id and its span id",
        call.callee,
    );
    let mut clue = Clue::new(case, "too_shallow", Level::Unknown, call.spans())
        .proved_by(call.entries.iter().copied())
        .saying(sentence, vec![Measure::time("dark", call.length())])
        .tested_by(&advice, "the time passed on the way, before the call arrived")
        .at_most(0.9);
    clue.service.clone_from(&call.callee);
    clue
}
