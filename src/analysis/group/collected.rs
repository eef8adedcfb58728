//! Two groups of requests with everything named by number, so that it can be counted.
//!
//! Statements that differ in one word only, where that word takes many values, are one
//! statement: the word is a value that no other sign gave away.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use crate::analysis::group::observed::{Observed, What};
use crate::analysis::group::statement::Statement;
use crate::analysis::group::values::Named;
use crate::model::id::TraceId;
use crate::model::masking::MASK;

/// So many different words at one place of a statement are values: code has fewer branches.
const WORDS_OF_A_VALUE: usize = 8;

/// Statements that are told apart; more come from values that nothing gave away.
const STATEMENTS_MAX: usize = 50_000;

/// A step of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Step {
    /// Before its first line.
    Start,
    /// A line of this statement.
    Line(u32),
    /// A call of this place.
    Call(u32),
    /// After its last line; whether it is stated to have failed.
    End(bool),
}

/// A request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) id: TraceId,
    pub(super) start: Option<i64>,
    pub(super) duration: i64,
    pub(super) spans: Vec<Span>,
    pub(super) values: Vec<Named>,
}

impl Request {
    /// The place where it entered, if anything of it logged.
    pub(super) fn root(&self) -> Option<u32> {
        self.spans.first().map(|span| span.place)
    }
}

/// A span; callees stand behind their callers.
#[derive(Debug)]
pub(super) struct Span {
    pub(super) place: u32,
    pub(super) failed: bool,
    /// When it began and ended, in nanoseconds, if that is stated.
    pub(super) stated: Option<(i64, i64)>,
    pub(super) steps: Vec<Pass>,
}

/// A step that was taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    pub(super) step: Step,
    /// When it began and ended, in nanoseconds.
    pub(super) time: Option<(i64, i64)>,
    /// Its line, as an index of the trace's entries.
    pub(super) entry: usize,
    /// The callee, as an index of the request's spans.
    pub(super) callee: Option<usize>,
}

/// An operation of a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) service: String,
    pub(super) operation: String,
}

/// Both groups.
#[derive(Debug, Default)]
pub struct Groups {
    pub(super) bad: Vec<Request>,
    pub(super) good: Vec<Request>,
    pub(super) places: Vec<Place>,
    pub(super) statements: Vec<Statement>,
    place_numbers: HashMap<Place, u32>,
    statement_numbers: HashMap<Statement, u32>,
}

impl Groups {
    /// Takes a request in that is to be explained.
    pub fn add_bad(&mut self, seen: Observed) {
        let request = self.numbered(seen);
        self.bad.push(request);
    }

    /// Takes a request in that shows what is usual.
    pub fn add_good(&mut self, seen: Observed) {
        let request = self.numbered(seen);
        self.good.push(request);
    }

    /// How many requests there are: to be explained, and to compare with.
    pub const fn sizes(&self) -> (usize, usize) {
        (self.bad.len(), self.good.len())
    }

    /// The service of a place.
    pub(super) fn service(&self, place: u32) -> &str {
        &self.places[place as usize].service
    }

    fn numbered(&mut self, seen: Observed) -> Request {
        let places: Vec<u32> =
            seen.spans.iter().map(|span| self.place(&span.service, &span.operation)).collect();
        let mut spans = Vec::with_capacity(seen.spans.len());
        for (span, place) in seen.spans.into_iter().zip(&places) {
            let steps = span.steps.into_iter().map(|taken| {
                let (step, callee) = match taken.what {
                    What::Line(statement) => (Step::Line(self.statement(statement)), None),
                    What::Call(callee) => (Step::Call(places[callee]), Some(callee)),
                };
                Pass { step, time: taken.time, entry: taken.entry, callee }
            });
            let steps = steps.collect();
            spans.push(Span { place: *place, failed: span.failed, stated: span.stated, steps });
        }
        Request {
            id: seen.id,
            start: seen.start,
            duration: seen.duration,
            spans,
            values: seen.values,
        }
    }

    fn place(&mut self, service: &str, operation: &str) -> u32 {
        let place = Place { service: service.to_owned(), operation: operation.to_owned() };
        let next = self.places.len() as u32;
        *self.place_numbers.entry(place).or_insert_with_key(|place| {
            self.places.push(place.clone());
            next
        })
    }

    fn statement(&mut self, statement: Statement) -> u32 {
        if let Some(number) = self.statement_numbers.get(&statement) {
            return *number;
        }
        let statement = if self.statements.len() < STATEMENTS_MAX {
            statement
        } else {
            Statement { text: MASK.to_owned(), logger: String::new(), ..statement }
        };
        let next = self.statements.len() as u32;
        *self.statement_numbers.entry(statement).or_insert_with_key(|statement| {
            self.statements.push(statement.clone());
            next
        })
    }

    /// Makes statements one that differ in values alone. To be called when both groups are
    /// whole: only then it can be told how many values a word takes.
    pub(super) fn merge_statements(&mut self) {
        let merged = merged(&self.statements);
        for request in self.bad.iter_mut().chain(&mut self.good) {
            for pass in request.spans.iter_mut().flat_map(|span| &mut span.steps) {
                if let Step::Line(statement) = &mut pass.step {
                    *statement = merged[*statement as usize];
                }
            }
        }
    }
}

/// For each statement the first that is the same but for values.
fn merged(statements: &[Statement]) -> Vec<u32> {
    let mut shapes: BTreeMap<(&str, &str, u8, &str, usize), Vec<usize>> = BTreeMap::new();
    for (number, statement) in statements.iter().enumerate() {
        let words = statement.text.split(' ').count();
        let Statement { service, logger, severity, exception, .. } = statement;
        shapes.entry((service, logger, *severity, exception, words)).or_default().push(number);
    }
    let mut merged: Vec<u32> = (0..statements.len() as u32).collect();
    for numbers in shapes.values().filter(|numbers| numbers.len() > WORDS_OF_A_VALUE) {
        let texts: Vec<Vec<&str>> =
            numbers.iter().map(|number| statements[*number].text.split(' ').collect()).collect();
        let mut firsts: HashMap<Vec<&str>, u32> = HashMap::new();
        for (number, text) in numbers.iter().zip(without_values(&texts)) {
            merged[*number] = *firsts.entry(text).or_insert(*number as u32);
        }
    }
    merged
}

/// Texts of equal length with a mask wherever they have many different words, given that all
/// the words before that place are the same.
fn without_values<'a>(texts: &[Vec<&'a str>]) -> Vec<Vec<&'a str>> {
    let mut masked: Vec<Vec<&'a str>> = texts.to_vec();
    for place in 0..texts.first().map_or(0, Vec::len) {
        let mut words: BTreeMap<Vec<&str>, BTreeSet<&str>> = BTreeMap::new();
        for text in &masked {
            words.entry(text[..place].to_vec()).or_default().insert(text[place]);
        }
        let is_value =
            |before: &[&str]| words.get(before).is_some_and(|words| words.len() > WORDS_OF_A_VALUE);
        for text in &mut masked {
            if is_value(&text[..place]) {
                text[place] = MASK;
            }
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(text: &str) -> Statement {
        Statement {
            service: "cart".to_owned(),
            logger: String::new(),
            severity: 9,
            exception: String::new(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_word_with_many_values_is_one() {
        let names = ["ada", "bob", "cleo", "dora", "emil", "finn", "gus", "hal", "ida", "jo"];
        let mut statements: Vec<Statement> =
            names.map(|name| statement(&format!("user {name} logged in"))).to_vec();
        statements.push(statement("cart of user loaded"));
        let merged = merged(&statements);
        assert!(merged[..10].iter().all(|number| *number == 0), "{merged:?}");
        assert_eq!(merged[10], 10);
    }

    #[test]
    fn a_word_with_few_values_is_what_the_code_says() {
        let statements = ["card accepted", "card declined", "card expired"].map(statement);
        assert_eq!(merged(&statements), [0, 1, 2]);
    }
}
