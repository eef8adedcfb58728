//! A request that was found: the line that matched, and why.

use super::Search;
use super::judging::JudgedRequest;
use crate::analysis::overview::Overview;
use crate::model::entry::Entry;
use crate::model::time::Timestamp;
use crate::model::trace::Trace;
use crate::query::condition::{Condition, Test};
use crate::query::judge::{Doubt, Judged, Numbers, Surroundings};
use crate::query::matching::values;
use crate::query::question::Question;
use crate::query::truth::Truth;
use crate::query::words::words;

/// One request of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// The request.
    pub trace: Trace,
    /// It in numbers.
    pub overview: Overview,
    /// Whether it fulfils the question, or that cannot be told.
    pub truth: Truth,
    /// What it is in doubt for.
    pub doubts: Vec<Doubt>,
    /// The line that shows best why it matched, as an index into the trace's entries; its
    /// first line if any would do.
    pub line: usize,
    /// The conditions that are fulfilled, and by which line.
    pub reasons: Vec<Reason>,
    /// How well it matches.
    pub(super) relevance: Relevance,
}

/// A condition that is fulfilled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The condition, as a query spells it.
    pub condition: String,
    /// The line, as an index into the trace's entries; none for what is asked of the whole.
    pub line: Option<usize>,
}

/// How well a request matches: whole identifiers count before words, then how much of what
/// was asked is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Relevance {
    identifiers: usize,
    reasons: usize,
}

impl Match {
    pub(super) fn of(found: JudgedRequest, search: &Search<'_>) -> Self {
        let JudgedRequest { trace, overview, truth, doubts } = found;
        let window = search.window;
        let admits = move |time| window.admits(time);
        let nothing = Surroundings::default();
        let (line, reasons, relevance) = {
            let judged = judged(&trace, &overview, &admits, &nothing);
            let evidence = judged.evidence(search.question);
            let entry = |line: usize| &trace.entries[line].entry;
            let is_exact = |condition: &Question, line: Option<usize>| {
                line.is_some_and(|line| is_identifier(entry(line), condition))
            };
            let best = evidence.iter().filter(|found| found.entry.is_some()).min_by_key(|found| {
                (!is_exact(found.condition, found.entry), is_attribute(found.condition))
            });
            let first = || (0..trace.entries.len()).find(|line| admits(entry(*line).time()));
            let line = best.and_then(|found| found.entry).or_else(first).unwrap_or(0);
            let identifiers =
                evidence.iter().filter(|found| is_exact(found.condition, found.entry)).count();
            let relevance = Relevance { identifiers, reasons: evidence.len() };
            let reason =
                |condition: &Question, line| Reason { condition: condition.to_string(), line };
            let reasons = evidence.iter().map(|found| reason(found.condition, found.entry));
            (line, reasons.collect(), relevance)
        };
        Self { trace, overview, truth, doubts, line, reasons, relevance }
    }

    /// A request that was meant by a text, with the line that says most of it.
    pub(in crate::engine) fn by_line(trace: Trace, line: usize) -> Self {
        let overview = Overview::of(&trace);
        let relevance = Relevance::default();
        let truth = Truth::Yes;
        Self { trace, overview, truth, doubts: Vec::new(), line, reasons: Vec::new(), relevance }
    }

    /// The line that matched.
    pub fn entry(&self) -> &Entry {
        &self.trace.entries[self.line].entry
    }
}

/// A request as it is judged.
pub(in crate::engine) fn judged<'a>(
    trace: &'a Trace,
    overview: &Overview,
    admits: &'a dyn Fn(Option<Timestamp>) -> bool,
    surroundings: &'a Surroundings,
) -> Judged<'a> {
    let numbers = Numbers {
        duration: overview.duration,
        errors: overview.errors as u64,
        spans: overview.spans as u64,
        services: overview.services as u64,
        root: overview.root,
    };
    Judged { trace, numbers, admits, surroundings }
}

/// Whether the line has the asked words as a whole value, such as an order's id.
fn is_identifier(entry: &Entry, condition: &Question) -> bool {
    match condition {
        Question::Line(Condition::Value(_)) => true,
        Question::Line(Condition::Field { test: Test::Equals(_), .. }) => !is_attribute(condition),
        Question::Line(Condition::Words(wanted)) => {
            let mut is_whole = false;
            values(entry, |name, value| {
                is_whole |= name != "message" && words(value).eq(wanted.iter().map(String::as_str));
            });
            is_whole
        }
        _ => false,
    }
}

/// Whether a condition says little of the line that fulfils it, as a service or a level does.
fn is_attribute(condition: &Question) -> bool {
    match condition {
        Question::Line(Condition::Field { name, .. }) => {
            crate::query::names::well_known(&crate::query::names::normalised(name)).is_some()
        }
        _ => false,
    }
}
