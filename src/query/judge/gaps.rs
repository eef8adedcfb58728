//! Where lines may be missing, so that the absence of a line proves nothing.
//!
//! A service may have said what is not found if it was called and left no line in the
//! request, if its logs do not reach the time of the request, if it wrote such a line around
//! that time that belongs to no request, or if some span of the request left no line at all.

use std::collections::BTreeMap;
use std::fmt;

use super::Judged;
use crate::model::span::{ExtentBasis, Span};
use crate::model::time::Timestamp;
use crate::query::boolean::{Boolean, Shape};
use crate::query::condition::{Condition, Test};
use crate::query::matching::{passes, same};
use crate::query::names::{WellKnown, normalised, well_known};

/// From when to when there are times; both are known or neither is.
pub type Extent = Option<(Timestamp, Timestamp)>;

/// What is known beside a request.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Every service that logged anything, and from when to when.
    pub services: BTreeMap<String, Extent>,
    /// For each condition that is asked to be absent: when lines that belong to no request
    /// fulfil it, in order.
    pub strays: Vec<(Condition, Vec<Timestamp>)>,
}

/// Why something cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// Lines of the request were left out.
    Truncated,
    /// The service was called and left no line in the request.
    Silent(String),
    /// A span of the request left no line; whose it is, is not known.
    SpanWithoutLines,
    /// The service left no line anywhere.
    NoLogs(String),
    /// The service's logs do not reach the time of the request.
    NotThen(String),
    /// A line that belongs to no request says so around that time.
    Stray,
    /// A time is not known.
    TimeUnknown,
}

impl fmt::Display for Doubt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => formatter.write_str("lines of the request were left out"),
            Self::Silent(service) => write!(formatter, "{service} was called and logged nothing"),
            Self::SpanWithoutLines => formatter.write_str("a span logged nothing"),
            Self::NoLogs(service) => write!(formatter, "there are no logs of {service}"),
            Self::NotThen(service) => {
                write!(formatter, "the logs of {service} do not reach that time")
            }
            Self::Stray => formatter.write_str("such a line at that time belongs to no request"),
            Self::TimeUnknown => formatter.write_str("a time is not known"),
        }
    }
}

/// Why a line that is not found may be there all the same.
pub(super) fn doubts(judged: &Judged<'_>, condition: &Condition) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if judged.is_cut() {
        doubts.push(Doubt::Truncated);
    }
    let concerned = Concerned::by(condition);
    called_in_vain(judged, &concerned, &mut doubts);
    without_lines(judged, &concerned, &mut doubts);
    let extent = extent(judged);
    if let Concerned::Named(tests) = &concerned {
        beyond_logs(judged, tests, extent, &mut doubts);
    }
    if has_stray(judged, condition, extent) {
        doubts.push(Doubt::Stray);
    }
    doubts.sort_unstable();
    doubts.dedup();
    doubts
}

/// The services that could have written a line.
enum Concerned<'a> {
    Every,
    /// Those that pass one of these.
    Named(Vec<&'a Test>),
}

impl<'a> Concerned<'a> {
    fn by(condition: &'a Condition) -> Self {
        services_of(condition).map_or(Self::Every, Self::Named)
    }

    fn includes(&self, service: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Named(tests) => tests.iter().any(|test| passes(service, test)),
        }
    }
}

/// What a line's service must pass for the line to fulfil the condition; none if any may.
fn services_of(condition: &Condition) -> Option<Vec<&Test>> {
    match condition.shape() {
        Shape::All(parts) => parts.iter().find_map(services_of),
        Shape::Any(parts) => {
            let parts: Option<Vec<_>> = parts.iter().map(services_of).collect();
            parts.map(|parts| parts.concat())
        }
        Shape::Not(_) => None,
        Shape::Atom => match condition {
            Condition::Field { name, test }
                if well_known(&normalised(name)) == Some(WellKnown::Service) =>
            {
                Some(vec![test])
            }
            _ => None,
        },
    }
}

/// Services that a span of the request called, none of whose spans is below it.
fn called_in_vain(judged: &Judged<'_>, concerned: &Concerned<'_>, doubts: &mut Vec<Doubt>) {
    let trace = judged.trace;
    let mut answered = vec![false; trace.spans.len()];
    for span in &trace.spans {
        let Some(parent) = span.parent.parent else { continue };
        let is_peer = |peer: &String| same(peer, &span.service);
        answered[parent.0] |= trace.span(parent).peer.as_ref().is_some_and(is_peer);
    }
    for (span, answered) in trace.spans.iter().zip(answered) {
        let Some(peer) = span.peer.as_deref().filter(|_| !answered) else { continue };
        let is_known = judged.surroundings.services.keys().any(|known| same(known, peer));
        let matters = match concerned {
            // What never logs anywhere is no service whose lines one could expect.
            Concerned::Every => is_known,
            Concerned::Named(_) => true,
        };
        if matters && !same(peer, &span.service) && concerned.includes(peer) {
            doubts.push(Doubt::Silent(peer.to_owned()));
        }
    }
}

/// Spans that are named as parents and left no line. One above all others is the caller from
/// outside; its lines are not expected.
fn without_lines(judged: &Judged<'_>, concerned: &Concerned<'_>, doubts: &mut Vec<Doubt>) {
    let spans = &judged.trace.spans;
    let is_silent = |span: &Span| span.extent == ExtentBasis::Children;
    let roots = spans.iter().filter(|span| span.parent.parent.is_none()).count();
    let has_lines =
        |test: &&Test| spans.iter().any(|span| !is_silent(span) && passes(&span.service, test));
    let is_outside = |span: &Span| span.parent.parent.is_none() && roots == 1;
    let inner = spans.iter().any(|span| is_silent(span) && !is_outside(span));
    // A service that left lines in the request is not taken for the one that left none.
    let may_be = match concerned {
        Concerned::Every => true,
        Concerned::Named(tests) => !tests.iter().all(has_lines),
    };
    if inner && may_be {
        doubts.push(Doubt::SpanWithoutLines);
    }
}

/// Services that are named and whose logs are not there or not of that time.
fn beyond_logs(judged: &Judged<'_>, tests: &[&Test], extent: Extent, doubts: &mut Vec<Doubt>) {
    let services = &judged.surroundings.services;
    for test in tests {
        let mut known = services.iter().filter(|(service, _)| passes(service, test)).peekable();
        let mut entries = judged.trace.entries.iter();
        let is_here = entries.any(|placed| passes(&placed.entry.context.service, test));
        if known.peek().is_none() && !is_here {
            let Test::Equals(service) = test else { continue };
            doubts.push(Doubt::NoLogs(service.clone()));
        }
        for (service, logged) in known {
            let (Some((first, last)), Some((start, end))) = (logged, extent) else { continue };
            if end < *first || start > *last {
                doubts.push(Doubt::NotThen(service.clone()));
            }
        }
    }
}

fn has_stray(judged: &Judged<'_>, condition: &Condition, extent: Extent) -> bool {
    let Some((start, end)) = extent else { return false };
    let strays = judged.surroundings.strays.iter().find(|(asked, _)| asked == condition);
    strays.is_some_and(|(_, times)| {
        let from = times.partition_point(|time| *time < start);
        times.get(from).is_some_and(|time| *time <= end)
    })
}

/// From the first to the last line of the request, by the clocks that wrote them.
fn extent(judged: &Judged<'_>) -> Extent {
    let times = judged.trace.entries.iter().filter_map(|placed| placed.entry.time());
    times.fold(None, |extent, time| match extent {
        None => Some((time, time)),
        Some((start, end)) => Some((time.min(start), time.max(end))),
    })
}
