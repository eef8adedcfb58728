//! Whether one request, put together, fulfils a question: yes, no, or cannot tell.
//!
//! Conditions on lines look at lines of the window alone; what is asked of the request as a
//! whole looks at all of it. This is the meaning of the language: whoever narrows down
//! which requests to look at must not leave out one that is judged `yes` here.

mod gaps;
mod pattern;
mod spans;

use crate::model::notice::Notice;
use crate::model::span::SpanIndex;
use crate::model::time::Timestamp;
use crate::model::trace::Trace;
use crate::query::boolean::{self, Shape};
use crate::query::condition::Condition;
use crate::query::matching::{fulfils, passes};
use crate::query::question::{Quantity, Question, Whole};
use crate::query::truth::Truth;

pub use gaps::{Doubt, Extent, Surroundings};
pub use spans::is_of_a_span;

use boolean::Boolean;

/// Conditions of which it is told by which line they are fulfilled; nobody reads more.
const EVIDENCE_MAX: usize = 64;

/// A request as it is judged.
#[derive(Clone, Copy)]
pub struct Judged<'a> {
    /// The request, put together.
    pub trace: &'a Trace,
    /// It in numbers.
    pub numbers: Numbers,
    /// Which times are looked at.
    pub admits: &'a dyn Fn(Option<Timestamp>) -> bool,
    /// What is known beside the request.
    pub surroundings: &'a Surroundings,
}

/// A request in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Numbers {
    /// How many nanoseconds it took, if known.
    pub duration: Option<i64>,
    /// Entries of level ERROR or worse.
    pub errors: u64,
    /// Spans.
    pub spans: u64,
    /// Services that logged.
    pub services: u64,
    /// The first span that logged anything.
    pub root: Option<SpanIndex>,
}

/// By what a request fulfils one condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence<'a> {
    /// The condition.
    pub condition: &'a Question,
    /// The lines that fulfil it, as indexes into the trace's entries; of a pattern, the line
    /// that its last group is fulfilled by. None for what is asked of the whole.
    pub entry: Option<usize>,
}

impl Judged<'_> {
    /// The answer, and what it is in doubt for if it cannot be told.
    pub fn verdict(&self, question: &Question) -> (Truth, Vec<Doubt>) {
        let mut doubts = Vec::new();
        let truth = boolean::judge(question, &mut |atom| self.atom(atom, &mut doubts));
        if truth != Truth::CannotTell {
            doubts.clear();
        }
        doubts.dedup();
        (truth, doubts)
    }

    /// By which lines the conditions that must hold are fulfilled, in the question's order.
    pub fn evidence<'q>(&self, question: &'q Question) -> Vec<Evidence<'q>> {
        let mut found = Vec::new();
        self.gather(question, &mut found);
        found
    }

    fn gather<'q>(&self, question: &'q Question, found: &mut Vec<Evidence<'q>>) {
        if found.len() >= EVIDENCE_MAX {
            return;
        }
        match question.shape() {
            Shape::Not(_) => {}
            Shape::All(parts) | Shape::Any(parts) => {
                for part in parts {
                    self.gather(part, found);
                }
            }
            Shape::Atom => {
                let entry = match question {
                    Question::Line(condition) => self.first(condition),
                    Question::Pattern(pattern) => pattern::last_line(self, pattern),
                    _ => None,
                };
                let holds = entry.is_some()
                    || (matches!(question, Question::Whole(_) | Question::Absent(_))
                        && self.atom(question, &mut Vec::new()) == Truth::Yes);
                if holds {
                    found.push(Evidence { condition: question, entry });
                }
            }
        }
    }

    fn atom(&self, question: &Question, doubts: &mut Vec<Doubt>) -> Truth {
        match question {
            Question::Line(condition) => self.found(self.first(condition).is_some()),
            Question::Whole(whole) => self.whole(whole, doubts),
            Question::Pattern(pattern) => {
                let truth = pattern::judge(self, pattern);
                if truth == Truth::CannotTell {
                    doubts.push(Doubt::TimeUnknown);
                }
                self.complete(truth)
            }
            Question::Absent(condition) => {
                if self.lines(condition).next().is_some() {
                    return Truth::No;
                }
                let found = gaps::doubts(self, condition);
                let truth = if found.is_empty() { Truth::Yes } else { Truth::CannotTell };
                doubts.extend(found);
                truth
            }
            Question::All(_) | Question::Any(_) | Question::Not(_) => {
                boolean::judge(question, &mut |atom| self.atom(atom, doubts))
            }
        }
    }

    fn found(&self, is_found: bool) -> Truth {
        self.complete(is_found.into())
    }

    /// Lines that were left out of a request may say what the others do not.
    fn complete(&self, truth: Truth) -> Truth {
        if truth == Truth::No && self.is_cut() { Truth::CannotTell } else { truth }
    }

    fn is_cut(&self) -> bool {
        self.trace.notices.iter().any(|notice| matches!(notice, Notice::Truncated { .. }))
    }

    /// The first line in causal order that fulfils a condition.
    fn first(&self, condition: &Condition) -> Option<usize> {
        self.admitted().find(|index| fulfils(&self.trace.entries[*index].entry, condition))
    }

    /// The lines that fulfil a group, in causal order.
    fn lines<'b>(&'b self, group: &'b Condition) -> impl Iterator<Item = usize> + 'b {
        self.admitted().filter(|index| {
            let placed = &self.trace.entries[*index];
            spans::fulfils(&placed.entry, self.trace.span(placed.span), group)
        })
    }

    fn admitted(&self) -> impl Iterator<Item = usize> + '_ {
        let entries = self.trace.entries.iter().enumerate();
        entries.filter(|(_, placed)| (self.admits)(placed.entry.time())).map(|(index, _)| index)
    }

    fn whole(&self, whole: &Whole, doubts: &mut Vec<Doubt>) -> Truth {
        let root = self.numbers.root.map(|root| self.trace.span(root));
        match whole {
            Whole::Duration(comparison, length) => {
                let Some(duration) = self.numbers.duration else {
                    doubts.push(Doubt::TimeUnknown);
                    return Truth::CannotTell;
                };
                let duration = u64::try_from(duration).unwrap_or(0);
                comparison.admits(duration.cmp(&length.0)).into()
            }
            Whole::Count(quantity, test) => {
                let count = match quantity {
                    Quantity::Errors => self.numbers.errors,
                    Quantity::Spans => self.numbers.spans,
                    Quantity::Services => self.numbers.services,
                };
                test.passes(count).into()
            }
            Whole::RootService(test) => root.is_some_and(|root| passes(&root.service, test)).into(),
            Whole::RootOperation(test) => root.is_some_and(|root| passes(&root.name, test)).into(),
        }
    }
}

#[cfg(test)]
mod tests;
