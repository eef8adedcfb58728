//! Candidates judged side by side, and taken in one after the other.
//!
//! Several threads read requests and put them together, some ahead of the one that is taken in;
//! what is judged in vain because enough was found does not count. So the answer does not
//! depend on how many threads there are, nor do the numbers of a plan.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use super::{Plan, surroundings};
use crate::analysis::overview::Overview;
use crate::engine::answer::{ENTRIES_MAX, Source};
use crate::engine::many::put_together;
use crate::engine::search::matches;
use crate::model::id::TraceId;
use crate::model::trace::Trace;
use crate::query::judge::{Doubt, Surroundings};
use crate::query::necessary::Necessary;
use crate::query::question::Question;
use crate::query::truth::Truth;
use crate::store::{StoreError, Window};

/// Candidates that are judged together at first: mostly few are left, and no thread is worth it.
const FIRST_TOGETHER: usize = 4;

/// Candidates that are judged together at most, and held in memory.
const TOGETHER_MAX: usize = 128;

/// More threads than this wait for the disk.
const THREADS_MAX: usize = 8;

/// So much is read in a moment, in entries: only from then on is it asked whether time is up.
const UNINTERRUPTED: u64 = 10_000;

/// What it takes to read a request, in entries, beside its own.
const ENTRIES_PER_REQUEST: u64 = 100;

/// A request and what was found of it.
pub(super) struct JudgedRequest {
    pub(super) trace: Trace,
    pub(super) overview: Overview,
    pub(super) truth: Truth,
    pub(super) doubts: Vec<Doubt>,
}

/// What became of one candidate.
enum Judged {
    /// Its lines do not have what is necessary.
    OnlyRead,
    /// It does not fulfil the question.
    Refused,
    /// It does, or it cannot be told.
    Found(Box<JudgedRequest>),
    /// Time was up before.
    NotReached,
}

/// How a row of candidates ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// All were judged.
    All,
    /// Whoever took them in had enough.
    Enough,
    /// Time was up.
    Over,
}

/// What requests are judged by.
pub(super) struct Judging<'a> {
    source: &'a Source<'a>,
    question: &'a Question,
    window: Window,
    necessary: Necessary,
    surroundings: Surroundings,
    is_over: &'a (dyn Fn() -> bool + Sync),
    /// What was read so far, in entries.
    done: AtomicU64,
    pub(super) plan: Plan,
}

impl<'a> Judging<'a> {
    pub(super) fn new(
        source: &'a Source<'a>,
        question: &'a Question,
        window: Window,
        is_over: &'a (dyn Fn() -> bool + Sync),
    ) -> Result<Self, StoreError> {
        Ok(Self {
            source,
            question,
            window,
            necessary: Necessary::of(question),
            surroundings: surroundings::of(source.reader, question)?,
            is_over,
            done: AtomicU64::new(0),
            plan: Plan::default(),
        })
    }

    /// What a request's lines must have.
    pub(super) const fn necessary(&self) -> &Necessary {
        &self.necessary
    }

    /// Judges candidates in this order and calls `take` with each that fulfils the question,
    /// or of which it cannot be told, until it has had enough; `take` is told the plan so far.
    /// Says how that ended, and how many were judged.
    pub(super) fn each(
        &mut self,
        candidates: &[TraceId],
        take: &mut dyn FnMut(JudgedRequest, &Plan) -> ControlFlow<()>,
    ) -> Result<(End, usize), StoreError> {
        let (mut from, mut together) = (0, FIRST_TOGETHER);
        while from < candidates.len() {
            let some = &candidates[from..candidates.len().min(from + together)];
            for (at, judged) in (from..).zip(self.side_by_side(some)) {
                let judged = judged?;
                if matches!(judged, Judged::NotReached) {
                    return Ok((End::Over, at));
                }
                if let Some(found) = self.count(judged)
                    && take(found, &self.plan).is_break()
                {
                    return Ok((End::Enough, at + 1));
                }
            }
            from += some.len();
            together = (together * 2).min(TOGETHER_MAX);
        }
        Ok((End::All, candidates.len()))
    }

    fn count(&mut self, judged: Judged) -> Option<JudgedRequest> {
        self.plan.read += 1;
        let found = match judged {
            Judged::OnlyRead | Judged::NotReached => return None,
            Judged::Refused => None,
            Judged::Found(found) => Some(*found),
        };
        self.plan.assembled += 1;
        match found.as_ref().map(|found| found.truth) {
            Some(Truth::Yes) => self.plan.yes += 1,
            Some(Truth::CannotTell) => self.plan.cannot_tell += 1,
            Some(Truth::No) | None => {}
        }
        found
    }

    /// Judges some candidates in several threads; the answers are in the candidates' order.
    fn side_by_side(&self, candidates: &[TraceId]) -> Vec<Result<Judged, StoreError>> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let threads = threads.min(THREADS_MAX).min(candidates.len() / 2);
        if threads < 2 {
            return candidates.iter().map(|id| self.judge(*id)).collect();
        }
        let next = AtomicUsize::new(0);
        let work = || {
            let mut judged = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(id) = candidates.get(at) else { return judged };
                judged.push((at, self.judge(*id)));
            }
        };
        let mut judged = thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut judged = work();
            for other in others {
                let found = other.join();
                judged.extend(found.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            judged
        });
        judged.sort_unstable_by_key(|(at, _)| *at);
        judged.into_iter().map(|(_, judged)| judged).collect()
    }

    fn judge(&self, id: TraceId) -> Result<Judged, StoreError> {
        let done = self.done.load(Ordering::Relaxed);
        if done >= UNINTERRUPTED && (self.is_over)() {
            return Ok(Judged::NotReached);
        }
        let found = self.source.reader.trace(id, ENTRIES_MAX)?;
        self.done.fetch_add(ENTRIES_PER_REQUEST + found.items.len() as u64, Ordering::Relaxed);
        let window = self.window;
        let admits = move |time| window.admits(time);
        let is_whole = found.total == found.items.len() as u64;
        let is_inside = found.items.iter().any(|entry| window.admits(entry.time()));
        if !is_inside || (is_whole && !self.necessary.holds(&found.items, &admits)) {
            return Ok(Judged::OnlyRead);
        }
        let trace = put_together(id, found, self.source.knowledge);
        let overview = Overview::of(&trace);
        let judged = matches::judged(&trace, &overview, &admits, &self.surroundings);
        let (truth, doubts) = judged.verdict(self.question);
        if truth == Truth::No {
            return Ok(Judged::Refused);
        }
        Ok(Judged::Found(Box::new(JudgedRequest { trace, overview, truth, doubts })))
    }
}
