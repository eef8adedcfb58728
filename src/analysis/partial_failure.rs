//! Did one failed branch sink the request, or was it hidden by a success reply?
//!
//! Of calls that ran beside each other some succeeded and some failed. Their caller failed as
//! well: the branch sank it. It did not, and nobody says that something is missing: hidden.

use crate::analysis::call::Call;
use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::said::Topic;
use crate::analysis::straggler::groups;
use crate::model::finding::{Level, Measure};

/// The fans of calls of which only a part succeeded.
pub(super) fn clues(case: &Case<'_>) -> Vec<Clue> {
    let groups = case.spans().flat_map(|span| groups(case.calls_of(span)));
    groups.filter_map(|group| clue(case, &group)).collect()
}

fn clue(case: &Case<'_>, group: &[&Call]) -> Option<Clue> {
    let (failed, fine): (Vec<&Call>, Vec<&Call>) =
        group.iter().copied().partition(|call| call.failure.is_some());
    let first = failed.first().copied()?;
    let went_well_later = |call: &&Call| {
        let again = case.calls_of(call.by).iter();
        let mut again =
            again.filter(|other| other.callee == call.callee && other.start >= call.end);
        again.any(|other| other.failure.is_none())
    };
    if fine.is_empty() || failed.iter().all(went_well_later) {
        return None;
    }
    let by = first.by;
    let sunk = case.has_failed(by);
    let since = first.failure.unwrap_or(0);
    let admitted = case.speaking(by, Topic::MadeUp).find(|line| *line > since);
    let level = match (sunk, admitted) {
        (true, _) => Level::Error,
        (false, None) => Level::Warning,
        (false, Some(_)) => Level::Note,
    };
    let names = |calls: &[&Call]| {
        calls.iter().map(|call| call.callee.as_str()).collect::<Vec<_>>().join(", ")
    };
    let outcome = match (sunk, admitted) {
        (true, _) => "and sank it",
        (false, None) => "and was hidden by a reply of success",
        (false, Some(_)) => "and was made up for",
    };
    let sentence = format!(
        "{} of {} calls of {} beside each other failed: {}, {outcome}; {} succeeded",
        failed.len(),
        group.len(),
        case.service(by),
        names(&failed),
        names(&fine),
    );
    let measures = vec![
        Measure::count("failed", failed.len() as f64),
        Measure::count("parallel", group.len() as f64),
    ];
    let mut spans = first.spans();
    spans.push(by);
    let replies = case.entries[by.0].last().copied();
    let mut clue = Clue::new(case, "partial_fan_out_failure", level, spans)
        .proved_by(failed.iter().filter_map(|call| call.failure))
        .proved_by(replies)
        .proved_by(admitted)
        .saying(sentence, measures)
        .tested_by(
            "the reply lacks what the failed branch should have given",
            "the failed branch was optional and the reply says so",
        )
        .at_most(0.9);
    clue.service.clone_from(&first.callee);
    clue.innocent = fine.iter().map(|call| format!("{} succeeded", call.callee)).collect();
    Some(clue)
}
