//! The requests that fulfil a question, best first.
//!
//! The store narrows down which requests may; of these, in an order that guesses at the best,
//! each is read, put together and judged, until there are enough. Time and memory follow what
//! is read, not what is stored.

mod judging;
pub mod matches;
mod order;
pub mod surroundings;

use std::collections::HashSet;
use std::ops::ControlFlow;

use crate::engine::answer::Source;
use crate::model::id::TraceId;
use crate::model::trace::Trace;
use crate::query::necessary::Necessary;
use crate::query::question::Question;
use crate::query::truth::Truth;
use crate::store::{Narrowed, Reader, Step, StoreError, Window};

use judging::{End, Judging};

pub use matches::{Match, Reason};
pub use order::Order;

/// Candidates that are put together at most when the order can only be known from all of
/// them (by errors, by spans): more take minutes.
const SORTED_MAX: usize = 10_000;

/// While there are so few candidates, all of them are judged before the best are chosen.
const JUDGED_MIN: usize = 50;

/// From so many candidates on it takes long to put all of them in order.
const MANY: usize = 5_000;

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
    pub is_over: &'a (dyn Fn() -> bool + Sync),
}

/// The requests that were found.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The requests: those that fulfil the question, then those of which it cannot be told.
    pub matches: Vec<Match>,
    /// How many there are in all, if that is `exact`; else there are at least so many.
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
    let judging = Judging::new(source, search.question, search.window, search.is_over)?;
    let (reader, window) = (source.reader, &search.window);
    let mut finding =
        Finding { search, judging, matches: Vec::new(), judged: HashSet::new(), partial: None };
    let mut wanted = match search.order {
        Order::Best => search.limit.max(JUDGED_MIN),
        Order::Time | Order::Duration => search.limit,
        Order::Errors | Order::Spans => usize::MAX,
    };
    let mut end = End::All;
    if finding.is_failed_first(reader)? {
        let failed = finding.judging.necessary().clone().and(Necessary::failed());
        end = finding.judge(reader, reader.candidates(&failed, window)?, wanted)?;
        // All that did not fail stand behind these.
        wanted = search.limit.max(JUDGED_MIN);
        if end == End::All && finding.has_enough(wanted) {
            end = End::Enough;
        }
    }
    if end == End::All {
        let narrowed = reader.candidates(finding.judging.necessary(), window)?;
        end = finding.judge(reader, narrowed, wanted)?;
    }
    let Finding { judging, mut matches, partial, .. } = finding;
    order::sort(&mut matches, search.order);
    matches.truncate(search.limit);
    let (plan, exact) = (judging.plan, end == End::All);
    let total = if exact { plan.yes + plan.cannot_tell } else { matches.len() as u64 };
    Ok(Answer { matches, total, exact, partial, plan })
}

/// An answer in the making.
struct Finding<'a> {
    search: &'a Search<'a>,
    judging: Judging<'a>,
    matches: Vec<Match>,
    judged: HashSet<TraceId>,
    partial: Option<Partial>,
}

impl Finding<'_> {
    /// Whether requests with errors are looked for first: they stand first, and to put all
    /// candidates in order would take long.
    fn is_failed_first(&self, reader: &dyn Reader) -> Result<bool, StoreError> {
        let stand_first = match self.search.order {
            Order::Best => !order::has_alternatives(self.search.question),
            Order::Errors => true,
            Order::Time | Order::Duration | Order::Spans => false,
        };
        Ok(stand_first
            && self.search.limit < MANY
            && reader.at_most(self.judging.necessary())? >= MANY as u64)
    }

    fn has_enough(&self, wanted: usize) -> bool {
        self.judging.plan.yes as usize >= wanted
    }

    /// Judges candidates until so many fulfil the question, or none is left.
    fn judge(
        &mut self,
        reader: &dyn Reader,
        narrowed: Narrowed,
        wanted: usize,
    ) -> Result<End, StoreError> {
        let Narrowed { mut requests, steps } = narrowed;
        requests.retain(|candidate| !self.judged.contains(&candidate.id));
        self.judging.plan.steps.extend(steps);
        self.judging.plan.candidates += requests.len() as u64;
        let candidates = order::guessed(reader, self.search, requests)?;
        let mut ids: Vec<TraceId> = candidates.iter().map(|candidate| candidate.id).collect();
        let is_cut = wanted == usize::MAX && ids.len() > SORTED_MAX.max(self.search.limit);
        if is_cut {
            ids.truncate(SORTED_MAX.max(self.search.limit));
        }
        let (search, matches) = (self.search, &mut self.matches);
        let (end, judged) = self.judging.each(&ids, &mut |found, plan| {
            matches.push(Match::of(found, search));
            let is_enough = plan.yes as usize >= wanted;
            if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        self.judged.extend(&ids[..judged]);
        self.partial = match end {
            End::Over => Some(Partial::Deadline),
            End::All | End::Enough => is_cut.then_some(Partial::TooMany),
        };
        Ok(match end {
            End::All if is_cut => End::Over,
            End::Enough if judged == ids.len() => End::All,
            end => end,
        })
    }
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
    visit: &mut dyn FnMut(Trace) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let mut judging = Judging::new(source, question, window, &|| false)?;
    let mut candidates = source.reader.candidates(judging.necessary(), &window)?.requests;
    candidates.sort_unstable_by_key(|candidate| {
        (candidate.start.is_none(), candidate.start, candidate.id)
    });
    let ids: Vec<TraceId> = candidates.iter().map(|candidate| candidate.id).collect();
    judging.each(&ids, &mut |found, _| match found.truth {
        Truth::Yes => visit(found.trace),
        Truth::No | Truth::CannotTell => ControlFlow::Continue(()),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests;
