//! Did it go another way than others? The steps of each span beside those of its peers.
//!
//! In each place, what came behind a step in every peer and not here is missing, or out of
//! order if it came elsewhere in the span; what came here and in no peer is new. Only the
//! first departure of a span is told: what follows, follows from it.
//!
//! It describes and alarms nobody: an order of another kind goes another way as well.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::group::observed::{Observed, ObservedSpan, What};
use crate::analysis::group::statement::Statement;
use crate::model::finding::{Level, Measure};
use crate::model::span::SpanIndex;
use crate::model::trace::Trace;

/// With fewer peers in the same place, what all of them did is no rule.
const PEERS_MIN: usize = 5;

/// Departures that are told of one request, the first ones.
const CLUES_MAX: usize = 4;

/// A statement longer than this is cut.
const WORDS_CHARACTERS_MAX: usize = 60;

/// A step in words that other requests can be compared by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Start,
    Line(Statement),
    Call(String, String),
    End,
}

/// A service, its operation, and the step that was taken last.
type Place = (String, String, Step);

/// What peers did.
#[derive(Debug, Default)]
struct Usual {
    places: BTreeMap<Place, Known>,
    /// All steps that any of them took.
    steps: BTreeSet<Step>,
}

/// How many peers were in a place, and in how many of them which step came next.
#[derive(Debug, Default)]
struct Known {
    peers: usize,
    next: BTreeMap<Step, usize>,
}

/// The first departures from what every peer did.
pub(super) fn clues(case: &Case<'_>) -> Vec<Clue> {
    if case.around.peers.len() < PEERS_MIN {
        return Vec::new();
    }
    let usual = usual(&case.around.peers);
    let seen = Observed::of(case.trace);
    let mut clues: Vec<(usize, Clue)> =
        seen.spans.iter().filter_map(|span| departure(case, &seen, span, &usual)).collect();
    clues.sort_by_key(|(entry, _)| *entry);
    clues.into_iter().take(CLUES_MAX).map(|(_, clue)| clue).collect()
}

/// What peers did, place by place.
fn usual(peers: &[Trace]) -> Usual {
    let mut usual = Usual::default();
    for peer in peers {
        let seen = Observed::of(peer);
        let turns = seen.spans.iter().flat_map(|span| turns(&seen, span));
        let turns: BTreeSet<(Place, Step)> = turns.map(|(place, step, _)| (place, step)).collect();
        let places: BTreeSet<&Place> = turns.iter().map(|(place, _)| place).collect();
        for place in places {
            usual.places.entry(place.clone()).or_default().peers += 1;
        }
        for (place, step) in turns {
            usual.steps.insert(step.clone());
            *usual.places.entry(place).or_default().next.entry(step).or_default() += 1;
        }
    }
    usual
}

/// The steps of a span with their places and entries (none for its end); repetitions once.
fn turns(seen: &Observed, span: &ObservedSpan) -> Vec<(Place, Step, Option<usize>)> {
    let place = |last: &Step| (span.service.clone(), span.operation.clone(), last.clone());
    let mut last = Step::Start;
    let mut turns = Vec::with_capacity(span.steps.len() + 1);
    for taken in &span.steps {
        let step = match &taken.what {
            What::Line(statement) => Step::Line(statement.clone()),
            What::Call(callee) => {
                let callee = &seen.spans[*callee];
                Step::Call(callee.service.clone(), callee.operation.clone())
            }
        };
        if step != last {
            turns.push((place(&last), step.clone(), Some(taken.entry)));
            last = step;
        }
    }
    turns.push((place(&last), Step::End, None));
    turns
}

/// The first departure of a span, with the entry at which it shows.
fn departure(
    case: &Case<'_>,
    seen: &Observed,
    span: &ObservedSpan,
    usual: &Usual,
) -> Option<(usize, Clue)> {
    let turns = turns(seen, span);
    let taken: BTreeSet<&Step> = turns.iter().map(|(_, step, _)| step).collect();
    let followed: BTreeSet<(&Place, &Step)> =
        turns.iter().map(|(place, step, _)| (place, step)).collect();
    let mut before = None;
    for (place, next, entry) in &turns {
        let known = usual.places.get(place).filter(|known| known.peers >= PEERS_MIN);
        if let Some(known) = known {
            let lost = known.next.iter().find(|(step, count)| {
                **count == known.peers && !followed.contains(&(place, *step))
            });
            let is_new = !usual.steps.contains(next);
            let told = told(lost.map(|(step, _)| step), is_new.then_some(next), &taken);
            if let (Some(told), Some(at)) = (told, entry.or(before)) {
                let sentence = format!(
                    "in {} {}, behind {}, {told}, unlike in all {} others",
                    place.0,
                    place.1,
                    named(&place.2),
                    known.peers,
                );
                return Some((at, clue(case, (before, at), sentence, known.peers)));
            }
        }
        before = entry.or(before);
    }
    None
}

/// What is said of a departure; nothing if it is none.
fn told(lost: Option<&Step>, new: Option<&Step>, taken: &BTreeSet<&Step>) -> Option<String> {
    let lost = lost.map(|step| {
        let how = if taken.contains(step) { "comes out of order" } else { "is missing" };
        format!("{} {how}", named(step))
    });
    let new = new.filter(|step| **step != Step::End).map(|step| format!("{} is new", named(step)));
    match (lost, new) {
        (Some(lost), Some(new)) => Some(format!("{lost} and {new}")),
        (lost, new) => lost.or(new),
    }
}

fn clue(
    case: &Case<'_>,
    (before, at): (Option<usize>, usize),
    sentence: String,
    peers: usize,
) -> Clue {
    let span: SpanIndex = case.trace.entries[at].span;
    // The rule of succession: what held for n of n holds for the next with (n + 1) of (n + 2).
    let sure = (peers as f32 + 1.0) / (peers as f32 + 2.0);
    Clue::new(case, "unusual_flow", Level::Note, vec![span])
        .proved_by(before.into_iter().chain([at]))
        .saying(sentence, vec![Measure::count("peers", peers as f64)])
        .tested_by(
            "the code takes this way only when something went wrong",
            "the request asked for something that its peers did not",
        )
        .at_most(sure)
}

fn named(step: &Step) -> String {
    match step {
        Step::Start => "its beginning".to_owned(),
        Step::End => "its end".to_owned(),
        Step::Call(service, operation) => format!("the call of {service} {operation}"),
        Step::Line(statement) => {
            let parts = [&statement.logger, &statement.text, &statement.exception];
            let words: Vec<&str> =
                parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            let cut: String = words.join(" ").chars().take(WORDS_CHARACTERS_MAX).collect();
            format!("`{cut}`")
        }
    }
}

#[cfg(test)]
mod tests;
