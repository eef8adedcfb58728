//! Which parallel call held the rest up?
//!
//! Calls of one span that overlap form a group. The one that ended last held its caller up
//! for as long as it ran on alone; until then the others could have been slower for nothing.

use crate::analysis::call::Call;
use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::usual::{Compared, Usual};
use crate::analysis::wording::{share, time};
use crate::model::finding::{Level, Measure};

/// What ran on alone for less of the request than this held nobody up.
const SHARE_MIN: f64 = 0.2;

/// Nor what ran on alone for less than this.
const SLACK_MIN: i64 = 50_000_000;

/// Without peers the last must have taken so many times as long as the second.
const FACTOR_ALONE: i64 = 3;

/// The calls that held up others which ran beside them.
pub(super) fn clues(case: &Case<'_>, usual: &Usual) -> Vec<Clue> {
    let groups = case.spans().flat_map(|span| groups(case.calls_of(span)));
    groups.filter_map(|group| clue(case, usual, &group)).collect()
}

/// Calls that ran beside each other, each group in the order in which they ended.
pub(super) fn groups(calls: &[Call]) -> Vec<Vec<&Call>> {
    let mut groups: Vec<Vec<&Call>> = Vec::new();
    for call in calls.iter().filter(|call| call.awaited) {
        match groups.last_mut() {
            Some(group) if group.iter().any(|other| other.overlaps(call)) => group.push(call),
            _ => groups.push(vec![call]),
        }
    }
    groups.retain(|group| group.len() > 1);
    for group in &mut groups {
        group.sort_by_key(|call| (call.end, call.start));
    }
    groups
}

fn clue(case: &Case<'_>, usual: &Usual, group: &[&Call]) -> Option<Clue> {
    let (last, others) = group.split_last()?;
    let second = others.last()?;
    let slack = last.end - second.end;
    let held_up = slack >= SLACK_MIN
        && case.share(slack) >= SHARE_MIN
        && last.spans().iter().any(|span| case.path.contains(*span));
    let second_length = others.iter().map(|call| call.length()).max()?;
    let (is_unusual, confidence) = match usual.call(&last.callee, &last.operation, last.length()) {
        Compared::Unusual(_) => (true, 0.95),
        Compared::Usual(_) => (false, 0.95),
        Compared::Unknown => (last.length() >= second_length.saturating_mul(FACTOR_ALONE), 0.8),
    };
    if !(held_up && is_unusual) {
        return None;
    }
    let names: Vec<&str> = others.iter().map(|call| call.callee.as_str()).collect();
    let sentence = format!(
        "of {} calls beside each other {} ended last, {} after {} ({} of the request); speeding up {} gains nothing",
        group.len(),
        last.callee,
        time(slack),
        second.callee,
        share(case.share(slack)),
        names.join(" or "),
    );
    let measures = vec![
        Measure::time("slack", slack),
        Measure::count("parallel", group.len() as f64),
        Measure::time("took", last.length()),
        Measure::time("second", second_length),
    ];
    let mut clue = Clue::new(case, "fan_out_straggler", Level::Warning, last.spans())
        .proved_by(last.entries.iter().chain(&second.entries).copied())
        .saying(sentence, measures)
        .tested_by(
            "the caller goes on right after this call ended",
            "the caller did not wait for it, or had other work of its own until then",
        )
        .at_most(confidence);
    clue.service.clone_from(&last.callee);
    clue.innocent =
        others.iter().map(|call| format!("{} took {}", call.callee, time(call.length()))).collect();
    Some(clue)
}
