//! The requests that fulfil a question, best first.
//!
//! The store narrows down which requests may; of these, in an order that guesses at the best,
//! each is read, put together and judged, until there are enough. Time and memory follow what
//! is read, not what is stored.

pub mod matches;
mod order;
pub mod surroundings;

use std::ops::ControlFlow;

use crate::engine::answer::{ENTRIES_MAX, Request, Source};
use crate::model::id::TraceId;
use crate::query::judge::{Doubt, Surroundings};
use crate::query::necessary::Necessary;
use crate::query::question::Question;
use crate::query::truth::Truth;
use crate::store::{Candidate, Step, StoreError, Window};

pub use matches::{Match, Reason};
pub use order::Order;

/// Candidates that are put together at most when the order can only be known from all of
/// them (by errors, by spans): more take minutes.
const SORTED_MAX: usize = 10_000;

/// While there are so few candidates, all of them are judged before the best are chosen.
const JUDGED_MIN: usize = 50;

/// So many candidates are judged in a moment: only from then on is it asked whether time is up.
const UNINTERRUPTED: usize = 100;

/// What is wanted.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// What a request must fulfil.
    pub question: &'a Question,
    /// Only lines in this window are looked at.
    pub window: Window,
    /// In which order.
    pub order: Order,
    /// At most so many.
    pub limit: usize,
    /// Whether time is up: the answer is then given in part.
    pub is_over: &'a dyn Fn() -> bool,
}

/// The requests that were found.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The requests: those that fulfil the question, then those of which it cannot be told.
    pub matches: Vec<Match>,
    /// How many there are in all, if that is `exact`; else there are at most so many.
    pub total: u64,
    /// Whether every candidate was judged.
    pub exact: bool,
    /// Why the answer may lack better requests than those shown, if it may.
    pub partial: Option<Partial>,
    /// How it was come by.
    pub plan: Plan,
}

/// Why an answer is not the whole one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partial {
    /// Time was up.
    Deadline,
    /// There are too many to sort them all.
    TooMany,
}

/// How an answer was come by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// What was looked up in the index.
    pub steps: Vec<Step>,
    /// Requests that were left by that.
    pub candidates: u64,
    /// Requests that were read.
    pub read: u64,
    /// Requests that were put together.
    pub assembled: u64,
    /// Requests that fulfil the question.
    pub yes: u64,
    /// Requests of which it cannot be told.
    pub cannot_tell: u64,
}

/// The requests that fulfil a question, best first.
///
/// # Errors
/// When the store cannot be read.
pub fn search(source: &Source<'_>, search: &Search<'_>) -> Result<Answer, StoreError> {
    let mut judging = Judging::new(source, search.question, search.window)?;
    let candidates = order::guessed(source.reader, search, judging.candidates()?)?;
    let wanted = match search.order {
        Order::Best => search.limit.max(JUDGED_MIN),
        Order::Time | Order::Duration => search.limit,
        Order::Errors | Order::Spans => usize::MAX,
    };
    let mut matches = Vec::new();
    let (mut judged, mut partial) = (0, None);
    for candidate in &candidates {
        if judged >= UNINTERRUPTED && (search.is_over)() {
            partial = Some(Partial::Deadline);
            break;
        }
        let is_enough = judging.plan.yes as usize >= wanted;
        let is_too_many = wanted == usize::MAX && judged == SORTED_MAX.max(search.limit);
        if is_enough || is_too_many {
            partial = is_too_many.then_some(Partial::TooMany);
            break;
        }
        judged += 1;
        if let Some(judged) = judging.judge(candidate.id)? {
            matches.push(Match::of(judged, search));
        }
    }
    order::sort(&mut matches, search.order);
    matches.truncate(search.limit);
    let plan = judging.plan;
    let exact = judged == candidates.len();
    let rest = (candidates.len() - judged) as u64;
    Ok(Answer { matches, total: plan.yes + plan.cannot_tell + rest, exact, partial, plan })
}

/// Calls `visit` with every request that fulfils a question in the window, put together,
/// oldest first (by the first entry's time, then by id); those without a time last. Requests
/// of which it cannot be told are left out. Stops when told to.
///
/// # Errors
/// When the store cannot be read.
pub fn each_match(
    source: &Source<'_>,
    question: &Question,
    window: Window,
    visit: &mut dyn FnMut(Request) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let mut judging = Judging::new(source, question, window)?;
    let mut candidates = judging.candidates()?;
    candidates.sort_unstable_by_key(|candidate| {
        (candidate.start.is_none(), candidate.start, candidate.id)
    });
    for candidate in candidates {
        let judged = judging.judge(candidate.id)?.filter(|judged| judged.truth == Truth::Yes);
        if judged.is_some_and(|judged| visit(judged.request).is_break()) {
            break;
        }
    }
    Ok(())
}

/// A request and what was found of it.
pub(super) struct JudgedRequest {
    request: Request,
    truth: Truth,
    doubts: Vec<Doubt>,
}

/// Requests judged one after the other.
struct Judging<'a> {
    source: &'a Source<'a>,
    question: &'a Question,
    window: Window,
    necessary: Necessary,
    surroundings: Surroundings,
    plan: Plan,
}

impl<'a> Judging<'a> {
    fn new(
        source: &'a Source<'a>,
        question: &'a Question,
        window: Window,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            source,
            question,
            window,
            necessary: Necessary::of(question),
            surroundings: surroundings::of(source.reader, question)?,
            plan: Plan::default(),
        })
    }

    fn candidates(&mut self) -> Result<Vec<Candidate>, StoreError> {
        let narrowed = self.source.reader.candidates(&self.necessary, &self.window)?;
        self.plan.candidates = narrowed.requests.len() as u64;
        self.plan.steps = narrowed.steps;
        Ok(narrowed.requests)
    }

    /// The request if it fulfils the question, or if it cannot be told.
    fn judge(&mut self, id: TraceId) -> Result<Option<JudgedRequest>, StoreError> {
        let found = self.source.reader.trace(id, ENTRIES_MAX)?;
        self.plan.read += 1;
        let window = self.window;
        let admits = move |time| window.admits(time);
        let is_whole = found.total == found.items.len() as u64;
        let is_inside = found.items.iter().any(|entry| window.admits(entry.time()));
        if !is_inside || (is_whole && !self.necessary.holds(&found.items, &admits)) {
            return Ok(None);
        }
        self.plan.assembled += 1;
        let request = Request::whole_or_part(id, found, self.source.knowledge);
        let judged = matches::judged(&request, &admits, &self.surroundings);
        let (truth, doubts) = judged.verdict(self.question);
        match truth {
            Truth::No => return Ok(None),
            Truth::Yes => self.plan.yes += 1,
            Truth::CannotTell => self.plan.cannot_tell += 1,
        }
        Ok(Some(JudgedRequest { request, truth, doubts }))
    }
}

#[cfg(test)]
mod tests;
