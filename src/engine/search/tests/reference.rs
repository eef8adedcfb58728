//! The meaning of the language once more, as plainly as it can be said: every request is in
//! memory, every pair of lines is tried.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::*;
use crate::analysis::overview::Overview;
use crate::model::span::{ExtentBasis, Span};
use crate::model::time::Timestamp;
use crate::model::trace::Trace;
use crate::query::condition::{Condition, Test};
use crate::query::length::Length;
use crate::query::question::{Pattern, Quantity, Relation, Whole};
use crate::store::Services;

pub(super) struct Reference<'a> {
    requests: Vec<Trace>,
    entries: &'a [Entry],
    services: Services,
}

impl<'a> Reference<'a> {
    pub(super) fn new(source: &Source<'_>, entries: &'a [Entry]) -> Self {
        let mut requests = Vec::new();
        let all = Window::default();
        let each = &mut |id, found: crate::store::Found<Entry>| {
            requests.push(crate::trace::assemble(id, found.items, source.knowledge));
            ControlFlow::Continue(())
        };
        source.reader.each_trace(&all, ENTRIES_MAX, each).expect("all requests");
        Self { requests, entries, services: source.reader.services().expect("all services") }
    }

    /// The requests that fulfil a question, or of which it cannot be told.
    pub(super) fn answer(&self, question: &Question, window: Window) -> BTreeMap<TraceId, Truth> {
        let asked = self.requests.iter().map(|trace| {
            let asked = Asked { reference: self, trace, window };
            let is_inside = trace.entries.iter().any(|placed| window.admits(placed.entry.time()));
            (trace.id, if is_inside { asked.question(question) } else { Truth::No })
        });
        asked.filter(|(_, truth)| *truth != Truth::No).collect()
    }
}

/// One request.
struct Asked<'a> {
    reference: &'a Reference<'a>,
    trace: &'a Trace,
    window: Window,
}

impl Asked<'_> {
    fn question(&self, question: &Question) -> Truth {
        match question {
            Question::All(parts) => {
                parts.iter().map(|part| self.question(part)).min().unwrap_or(Truth::Yes)
            }
            Question::Any(parts) => {
                parts.iter().map(|part| self.question(part)).max().unwrap_or(Truth::No)
            }
            Question::Not(inner) => match self.question(inner) {
                Truth::Yes => Truth::No,
                Truth::No => Truth::Yes,
                Truth::CannotTell => Truth::CannotTell,
            },
            Question::Line(condition) => {
                let says = |line: &usize| holds(self.entry(*line), None, condition);
                self.lines().iter().any(says).into()
            }
            Question::Whole(whole) => self.whole(whole),
            Question::Pattern(pattern) => {
                if self.chain(None, Relation::Before(None), &pattern.first, &pattern.rest, false) {
                    Truth::Yes
                } else if self.chain(
                    None,
                    Relation::Before(None),
                    &pattern.first,
                    &pattern.rest,
                    true,
                ) {
                    Truth::CannotTell
                } else {
                    Truth::No
                }
            }
            Question::Absent(condition) => {
                let pattern = Pattern { first: condition.clone(), rest: Vec::new() };
                match self.question(&Question::Pattern(pattern)) {
                    Truth::Yes => Truth::No,
                    _ if self.may_be_missing(condition) => Truth::CannotTell,
                    _ => Truth::Yes,
                }
            }
        }
    }

    fn entry(&self, line: usize) -> &Entry {
        &self.trace.entries[line].entry
    }

    fn span(&self, line: usize) -> &Span {
        self.trace.span(self.trace.entries[line].span)
    }

    fn lines(&self) -> Vec<usize> {
        let admits = |line: &usize| self.window.admits(self.entry(*line).time());
        (0..self.trace.entries.len()).filter(admits).collect()
    }

    /// Whether some line after `before` fulfils the group, and so on to the end.
    fn chain(
        &self,
        before: Option<usize>,
        relation: Relation,
        group: &Condition,
        rest: &[(Relation, Condition)],
        undated_counts: bool,
    ) -> bool {
        self.lines().into_iter().any(|line| {
            holds(self.entry(line), Some(self.span(line)), group)
                && before.is_none_or(|before| self.relates(before, relation, line, undated_counts))
                && rest.split_first().is_none_or(|((relation, group), rest)| {
                    self.chain(Some(line), *relation, group, rest, undated_counts)
                })
        })
    }

    fn relates(&self, one: usize, relation: Relation, other: usize, undated_counts: bool) -> bool {
        let span = |line: usize| self.trace.entries[line].span;
        let mut above = self.trace.span(span(other)).parent.parent;
        match relation {
            Relation::Parent => above == Some(span(one)),
            Relation::Ancestor => {
                while let Some(ancestor) = above {
                    if ancestor == span(one) {
                        return true;
                    }
                    above = self.trace.span(ancestor).parent.parent;
                }
                false
            }
            Relation::Before(None) => one < other,
            Relation::Before(Some(bound)) => {
                let close = match (self.trace.time(one), self.trace.time(other)) {
                    (Some(first), Some(second)) => {
                        i128::from(second - first) <= i128::from(bound.0)
                    }
                    _ => undated_counts,
                };
                one < other && close
            }
        }
    }

    fn whole(&self, whole: &Whole) -> Truth {
        let overview = Overview::of(self.trace);
        let root = overview.root.map(|root| self.trace.span(root));
        match whole {
            Whole::Duration(comparison, length) => match overview.duration {
                None => Truth::CannotTell,
                Some(took) => comparison.admits(took.cmp(&(length.0 as i64))).into(),
            },
            Whole::Count(of, test) => test
                .passes(match of {
                    Quantity::Errors => overview.errors as u64,
                    Quantity::Spans => overview.spans as u64,
                    Quantity::Services => overview.services as u64,
                })
                .into(),
            Whole::RootService(test) => root.is_some_and(|root| passes(&root.service, test)).into(),
            Whole::RootOperation(test) => root.is_some_and(|root| passes(&root.name, test)).into(),
        }
    }

    /// Whether a line that fulfils this and is not there may have been there.
    fn may_be_missing(&self, condition: &Condition) -> bool {
        let spans = &self.trace.spans;
        let named = services(condition);
        let concerns = |service: &str| {
            named.as_ref().is_none_or(|named| named.iter().any(|test| passes(service, test)))
        };
        let logs = |service: &str| {
            self.reference.services.keys().any(|known| known.eq_ignore_ascii_case(service))
        };
        let called_in_vain = spans.iter().enumerate().any(|(index, span)| {
            let Some(peer) = &span.peer else { return false };
            let answered = spans.iter().any(|child| {
                child.parent.parent.is_some_and(|parent| parent.0 == index)
                    && child.service.eq_ignore_ascii_case(peer)
            });
            !answered
                && !peer.eq_ignore_ascii_case(&span.service)
                && concerns(peer)
                && (named.is_some() || logs(peer))
        });
        let silent = |span: &Span| span.extent == ExtentBasis::Children;
        let roots = spans.iter().filter(|span| span.parent.parent.is_none()).count();
        let lost =
            spans.iter().any(|span| silent(span) && (span.parent.parent.is_some() || roots > 1));
        let all_here = named.as_ref().is_some_and(|named| {
            named
                .iter()
                .all(|test| spans.iter().any(|span| !silent(span) && passes(&span.service, test)))
        });
        called_in_vain
            || (lost && !all_here)
            || named.is_some_and(|named| named.iter().any(|test| self.is_beyond(test)))
            || self.has_stray(condition)
    }

    fn times(&self) -> Option<(Timestamp, Timestamp)> {
        let times = || self.trace.entries.iter().filter_map(|placed| placed.entry.time());
        Some((times().min()?, times().max()?))
    }

    fn is_beyond(&self, test: &Test) -> bool {
        let known: Vec<_> =
            self.reference.services.iter().filter(|(service, _)| passes(service, test)).collect();
        let here =
            self.trace.entries.iter().any(|placed| passes(&placed.entry.context.service, test));
        if known.is_empty() && !here {
            return matches!(test, Test::Equals(_));
        }
        known.iter().any(|(_, logged)| match (logged, self.times()) {
            (Some((first, last)), Some((start, end))) => end < *first || start > *last,
            _ => false,
        })
    }

    fn has_stray(&self, condition: &Condition) -> bool {
        let Some((start, end)) = self.times() else { return false };
        let needed = crate::query::necessary::of_line(condition);
        self.reference.entries.iter().any(|entry| {
            entry.context.trace_id.is_none()
                && entry.time().is_some_and(|time| time >= start && time <= end)
                && holds(entry, None, &needed)
        })
    }
}

/// The services that could have written it, if the condition says which.
fn services(condition: &Condition) -> Option<Vec<Test>> {
    match condition {
        Condition::All(parts) => parts.iter().find_map(services),
        Condition::Any(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(services(part)?);
            }
            Some(all)
        }
        Condition::Field { name, test } if name == "service" => Some(vec![test.clone()]),
        _ => None,
    }
}

fn holds(entry: &Entry, span: Option<&Span>, condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| holds(entry, span, part)),
        Condition::Any(parts) => parts.iter().any(|part| holds(entry, span, part)),
        Condition::Not(inner) => !holds(entry, span, inner),
        Condition::Field { name, test } if span.is_some_and(|span| has(span, name, test)) => true,
        single => fulfils(entry, single),
    }
}

fn has(span: &Span, name: &str, test: &Test) -> bool {
    let value = match name {
        "operation" if span.name.is_empty() => None,
        "operation" => Some(span.name.clone()),
        "kind" => span.kind.map(|kind| kind.name().to_owned()),
        "status" => span.status.map(|status| status.name().to_owned()),
        "peer" => span.peer.clone(),
        "duration" => {
            let took = span.start.zip(span.end).map(|(start, end)| (end - start) as u64);
            return match (took, test) {
                (Some(took), Test::Compare(comparison, bound)) => {
                    Length::parse(bound).is_some_and(|bound| comparison.admits(took.cmp(&bound.0)))
                }
                (took, Test::Exists) => took.is_some(),
                _ => false,
            };
        }
        _ => None,
    };
    value.is_some_and(|value| passes(&value, test))
}

fn passes(value: &str, test: &Test) -> bool {
    let (value, lower) = (value.to_lowercase(), |text: &String| text.to_lowercase());
    match test {
        Test::Equals(wanted) => value == lower(wanted),
        Test::Prefix(wanted) => value.starts_with(&lower(wanted)),
        Test::Exists => true,
        Test::Compare(comparison, wanted) => crate::query::length::compare(&value, wanted)
            .is_some_and(|order| comparison.admits(order)),
    }
}
