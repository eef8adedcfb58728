//! What must hold on single lines for a question to be fulfilled: the part of a question
//! that an index can help with.
//!
//! Always: a request that fulfils the question, or of which it cannot be told, fulfils this.

use crate::model::entry::Entry;
use crate::model::time::Timestamp;
use crate::query::boolean::{Boolean, Shape, all_of, any_of};
use crate::query::condition::{Comparison, Condition, Test};
use crate::query::judge::is_of_a_span;
use crate::query::matching::fulfils;
use crate::query::question::{Quantity, Question, Whole};

/// What must hold on lines of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Necessary {
    /// Nothing: any request will do.
    Nothing,
    /// Some line of the window fulfils this.
    Line(Condition),
    /// Some line fulfils this, in the window or not.
    Anywhere(Condition),
    /// All of these; at least two.
    All(Vec<Necessary>),
    /// One of these; at least two.
    Any(Vec<Necessary>),
}

impl Necessary {
    /// What a question needs.
    pub fn of(question: &Question) -> Self {
        match question {
            Question::All(parts) => Self::all(parts.iter().map(Self::of)),
            Question::Any(parts) => Self::any(parts.iter().map(Self::of).collect()),
            Question::Not(_) | Question::Absent(_) => Self::Nothing,
            Question::Line(condition) => Self::line(condition.clone()),
            Question::Whole(whole) => Self::of_whole(whole),
            Question::Pattern(pattern) => {
                Self::all(pattern.groups().map(|group| Self::line(of_line(group))))
            }
        }
    }

    /// What every request with an error has.
    pub fn failed() -> Self {
        let test = Test::Compare(Comparison::GreaterOrEqual, "error".to_owned());
        Self::Anywhere(Condition::Field { name: "level".to_owned(), test })
    }

    /// This and that.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::all([self, other].into_iter())
    }

    /// Whether these lines have what is needed.
    pub fn holds(&self, entries: &[Entry], admits: &dyn Fn(Option<Timestamp>) -> bool) -> bool {
        match self {
            Self::Nothing => true,
            Self::Line(condition) => {
                entries.iter().any(|entry| admits(entry.time()) && fulfils(entry, condition))
            }
            Self::Anywhere(condition) => entries.iter().any(|entry| fulfils(entry, condition)),
            Self::All(parts) => parts.iter().all(|part| part.holds(entries, admits)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(entries, admits)),
        }
    }

    fn line(condition: Condition) -> Self {
        if condition == Condition::EVERYTHING { Self::Nothing } else { Self::Line(condition) }
    }

    fn all(parts: impl Iterator<Item = Self>) -> Self {
        let mut needed: Vec<Self> = Vec::new();
        for part in parts {
            match part {
                Self::Nothing => {}
                Self::All(inner) => needed.extend(inner),
                part => needed.push(part),
            }
        }
        match needed.len() {
            0 => Self::Nothing,
            1 => needed.remove(0),
            _ => Self::All(needed),
        }
    }

    fn any(mut parts: Vec<Self>) -> Self {
        if parts.contains(&Self::Nothing) {
            return Self::Nothing;
        }
        if parts.len() == 1 { parts.remove(0) } else { Self::Any(parts) }
    }

    fn of_whole(whole: &Whole) -> Self {
        let field = |name: &str, test: &Test| {
            Self::Anywhere(Condition::Field { name: name.to_owned(), test: test.clone() })
        };
        match whole {
            Whole::Count(Quantity::Errors, test) if !test.passes(0) => Self::failed(),
            Whole::RootService(test) => field("service", test),
            Whole::Count(..) | Whole::Duration(..) | Whole::RootOperation(_) => Self::Nothing,
        }
    }
}

/// What a group needs of a line alone: a line's span may answer the rest.
pub fn of_line(group: &Condition) -> Condition {
    match group.shape() {
        Shape::All(parts) => all_of(parts.iter().map(of_line).collect()),
        Shape::Any(parts) => {
            let parts: Vec<_> = parts.iter().map(of_line).collect();
            if parts.contains(&Condition::EVERYTHING) {
                Condition::EVERYTHING
            } else {
                any_of(parts)
            }
        }
        Shape::Not(inner) if asks_spans(inner) => Condition::EVERYTHING,
        Shape::Atom if asks_spans(group) => Condition::EVERYTHING,
        Shape::Not(_) | Shape::Atom => group.clone(),
    }
}

fn asks_spans(condition: &Condition) -> bool {
    match condition.shape() {
        Shape::All(parts) | Shape::Any(parts) => parts.iter().any(asks_spans),
        Shape::Not(inner) => asks_spans(inner),
        Shape::Atom => matches!(condition, Condition::Field { name, .. } if is_of_a_span(name)),
    }
}
