//! Is a timeout spreading? Several levels gave up, one above the other.
//!
//! The deepest callee that somebody gave up on is the slow one. The others had no choice.

use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::growth::{Growth, growth};
use crate::analysis::timeouts::GivenUp;
use crate::analysis::wording::time;
use crate::model::finding::{Level, Measure};
use crate::model::span::SpanIndex;

/// What is said of levels that gave up one above the other, the deepest first.
pub(super) fn clue(case: &Case<'_>, levels: &[&GivenUp]) -> Clue {
    let deepest = levels[0];
    let mut in_time: Vec<&GivenUp> = levels.to_vec();
    in_time.sort_by_key(|given_up| (given_up.at, given_up.line));
    let order: Vec<String> = in_time
        .iter()
        .map(|given_up| format!("{} after {}", case.service(given_up.by), time(given_up.waited)))
        .collect();
    let growth = growth(case.around, &deepest.service);
    let grew = growth.map_or_else(String::new, |growth| {
        let Growth { first, last, requests } = growth;
        let (first, last) = (time(first), time(last));
        format!(
            "; it became slower from request to request: {first} to {last} in {requests} others"
        )
    });
    let sentence = format!(
        "{} was too slow for {} callers above each other, who gave up in this order: {}{grew}",
        deepest.service,
        levels.len(),
        order.join(", "),
    );
    let mut measures = vec![
        Measure::count("levels", levels.len() as f64),
        Measure::time("first_waited", in_time[0].waited),
    ];
    if let Some(growth) = growth {
        measures.push(Measure::time("usual_at_first", growth.first));
        measures.push(Measure::time("usual_at_last", growth.last));
    }
    let mut spans: Vec<SpanIndex> = deepest.spans.clone();
    spans.extend(levels.iter().map(|given_up| given_up.by));
    let mut clue = Clue::new(case, "cascading_timeouts", Level::Error, spans)
        .proved_by(levels.iter().map(|given_up| given_up.line))
        .saying(sentence, measures)
        .tested_by(
            "other requests of the same minutes give up on the same callee",
            "the upper callers gave up on another call than the one below which it was slow",
        )
        .at_most(0.9);
    clue.service.clone_from(&deepest.service);
    clue
}
