//! Where requests first departed from what is usual, and whose doing that is.
//!
//! A departure is a symptom if something below it, or earlier in its span, departed before.
//! What is left is of the service whose step it is: one that no longer writes the line it
//! wrote, or writes another. If what is missing is a call, it is the callee's when the caller
//! went on as usual; when the caller stopped there, it is as likely its own; when the caller
//! reports an error of its own instead, it is the caller's, unless that names the callee.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::analysis::group::collected::{Groups, Request, Span, Step};
use crate::analysis::group::flow::{Context, Turns, each_turn, turns_of};
use crate::model::id::TraceId;

/// Departures that are this many standard errors away are looked at: the ordinary level of
/// 5 %. What is said of them in the end is corrected for their number.
const LOOKED_AT: f64 = 1.96;

/// What departs below by at least this part of what departs above is its cause. A callee has
/// other callers, among which a departure is thinned out.
const CAUSE: f64 = 0.5;

/// Requests that are kept as examples.
const EXAMPLES_MAX: usize = 3;

/// A way in which spans departed from what is usual.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Departure {
    pub(super) context: Context,
    /// Usual steps that did not come.
    pub(super) lost: Vec<Step>,
    /// Whether the step that came is unusual.
    pub(super) is_gained: bool,
    /// The step that came.
    pub(super) next: Step,
}

/// Where a departure was first seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// In how many spans it came first.
    pub(super) count: u32,
    /// Requests and lines that show it.
    pub(super) examples: Vec<(TraceId, Vec<usize>)>,
}

/// A departure in one span.
#[derive(Debug, Clone)]
struct Occurrence {
    departure: Departure,
    /// How far it is from what is usual.
    distance: f64,
    /// The step in the span at which it departed; none for its end.
    at: Option<usize>,
}

/// The departures that no other explains, over all requests to be explained.
pub(super) fn departures(groups: &Groups, turns: &Turns) -> BTreeMap<Departure, Seen> {
    let known = Known::of(turns);
    let mut all: BTreeMap<Departure, Seen> = BTreeMap::new();
    for request in &groups.bad {
        for (span, occurrence) in first_departures(request, &known) {
            let seen = all.entry(occurrence.departure).or_default();
            seen.count += 1;
            if seen.examples.len() < EXAMPLES_MAX {
                let lines = lines(&request.spans[span], occurrence.at);
                seen.examples.push((request.id, lines));
            }
        }
    }
    all
}

/// The lines on both sides of a departure: after which the usual is missing, and what came.
fn lines(span: &Span, at: Option<usize>) -> Vec<usize> {
    let at = at.unwrap_or(span.steps.len());
    let steps = &span.steps[at.saturating_sub(1)..span.steps.len().min(at + 1)];
    steps.iter().map(|pass| pass.entry).collect()
}

/// Turns that depart from what is usual.
struct Known {
    lost: HashMap<Context, Vec<(Step, f64)>>,
    gained: HashMap<(Context, Step), f64>,
}

impl Known {
    fn of(turns: &Turns) -> Self {
        let mut known = Self { lost: HashMap::new(), gained: HashMap::new() };
        for ((context, step), turn) in turns {
            if !turn.is_departure() || turn.distance() < LOOKED_AT {
                continue;
            }
            if turn.effect > 0.0 {
                known.gained.insert((*context, *step), turn.distance());
            } else {
                known.lost.entry(*context).or_default().push((*step, turn.distance()));
            }
        }
        known
    }
}

/// The departures of a request that nothing below or before explains, with their spans.
fn first_departures(request: &Request, known: &Known) -> Vec<(usize, Occurrence)> {
    let taken = turns_of(request);
    let mut found: Vec<Vec<Occurrence>> = vec![Vec::new(); request.spans.len()];
    for (index, span) in request.spans.iter().enumerate() {
        each_turn(span, |context, next, at| {
            let lost = known.lost.get(&context).into_iter().flatten();
            let lost: Vec<&(Step, f64)> = lost
                .filter(|(step, _)| *step != next && !taken.contains(&(context, *step)))
                .collect();
            let gained = known.gained.get(&(context, next));
            let distances = lost.iter().map(|(_, distance)| distance).chain(gained);
            let Some(distance) = distances.copied().max_by(f64::total_cmp) else { return };
            let lost = lost.into_iter().map(|(step, _)| *step).collect();
            let departure = Departure { context, lost, is_gained: gained.is_some(), next };
            found[index].push(Occurrence { departure, distance, at });
        });
    }
    let deepest = deepest(request, &found);
    let mut first = Vec::new();
    for (index, occurrences) in found.into_iter().enumerate() {
        let mut before: f64 = 0.0;
        for occurrence in occurrences {
            let enough = occurrence.distance * CAUSE;
            if before < enough && below(request, index, occurrence.at, &deepest) < enough {
                before = before.max(occurrence.distance);
                first.push((index, occurrence));
            }
        }
    }
    first
}

/// For each span the largest departure in it or below it.
fn deepest(request: &Request, found: &[Vec<Occurrence>]) -> Vec<f64> {
    let own = found.iter().map(|occurrences| {
        occurrences.iter().map(|occurrence| occurrence.distance).fold(0.0, f64::max)
    });
    let mut deepest: Vec<f64> = own.collect();
    // Callees stand behind their callers.
    for index in (0..request.spans.len()).rev() {
        let callees = request.spans[index].steps.iter().filter_map(|pass| pass.callee);
        let below = callees.map(|callee| deepest[callee]).fold(0.0, f64::max);
        deepest[index] = deepest[index].max(below);
    }
    deepest
}

/// The largest departure below a span, in calls that began up to this step.
fn below(request: &Request, span: usize, at: Option<usize>, deepest: &[f64]) -> f64 {
    let steps = &request.spans[span].steps;
    let until = at.map_or(steps.len(), |at| at + 1);
    let callees = steps[..until].iter().filter_map(|pass| pass.callee);
    callees.map(|callee| deepest[callee]).fold(0.0, f64::max)
}

/// Whose doing a departure is: services with their part of it, together 1.
pub(super) fn owners<'a>(groups: &'a Groups, departure: &Departure) -> Vec<(&'a str, f64)> {
    let own = groups.service(departure.context.place);
    let mut callee = None;
    for step in &departure.lost {
        match step {
            Step::Line(_) => return vec![(own, 1.0)],
            Step::Call(place) => callee = callee.or(Some(groups.service(*place))),
            Step::Start | Step::End(_) => {}
        }
    }
    let Some(callee) = callee.filter(|callee| *callee != own) else { return vec![(own, 1.0)] };
    match departure.next {
        Step::End(_) => vec![(callee, 0.5), (own, 0.5)],
        Step::Line(statement) if departure.is_gained => {
            let statement = &groups.statements[statement as usize];
            let names_callee = statement.text.contains(callee);
            let own_error = statement.is_error() && !names_callee;
            vec![(if own_error { own } else { callee }, 1.0)]
        }
        _ => vec![(callee, 1.0)],
    }
}
