//! Two groups of requests, fetched and compared, with the lines that prove what is said.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::ControlFlow;

use crate::analysis::group::{Blocks, Comparison, Groups, Observed, Suspect, Told, compare};
use crate::engine::answer::{ENTRIES_MAX, Source};
use crate::engine::chosen::{Group, Judge};
use crate::engine::many::{Wanted, each};
use crate::model::finding::Evidence;
use crate::model::id::TraceId;
use crate::model::trace::Trace;
use crate::query;
use crate::store::{StoreError, Window};
use crate::trace::assemble;

/// Requests of one group that are looked at: more would not make an effect clearer, but take
/// memory.
pub const REQUESTS_MAX: usize = 10_000;

/// How many windows before the window its reference reaches back, if none is given.
const WINDOWS_BEFORE: i64 = 20;

/// Lines that prove one finding.
const EVIDENCE_MAX: usize = 4;

/// Which requests are compared with which.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// Those to be explained.
    pub bad: Group,
    /// Those that show what is usual.
    pub good: Reference,
}

/// Which requests show what is usual. One that is to be explained never does.
#[derive(Debug, Clone, Default)]
pub enum Reference {
    /// Those that enter by the same root operations, before the window and beside it.
    #[default]
    Chosen,
    /// All in these stretches of time.
    Ranges(Vec<Window>),
    /// Those in the same window that fulfil this.
    Requests(query::question::Question),
}

/// Fetches both groups and compares them.
///
/// # Errors
/// When the store cannot be read.
pub fn compared(source: &Source<'_>, question: &Question) -> Result<Comparison, StoreError> {
    let mut gathering = Gathering::default();
    match &question.good {
        Reference::Requests(good) => {
            let good = Group { window: question.bad.window, question: Some(good.clone()) };
            gathering.both(source, &question.bad, &good)?;
        }
        Reference::Chosen => {
            gathering.bad(source, &question.bad)?;
            gathering.chosen(source, &question.bad)?;
        }
        Reference::Ranges(ranges) => {
            gathering.bad(source, &question.bad)?;
            for window in ranges {
                gathering.good(source, *window, None)?;
            }
        }
    }
    let window = question.bad.window;
    let length = window.until.zip(window.since).map(|(until, since)| until - since);
    // Requests that were told apart by what they are, not by when, have no blocks.
    let by_time =
        !matches!(question.good, Reference::Requests(_)) && question.bad.question.is_none();
    let blocks = Blocks { length: length.filter(|_| by_time) };
    let comparison = compare(gathering.groups, blocks);
    Proof::new(source).of(comparison)
}

/// The groups while they are fetched.
#[derive(Default)]
struct Gathering {
    groups: Groups,
    known: HashSet<TraceId>,
    roots: BTreeSet<(String, String)>,
}

impl Gathering {
    fn bad(&mut self, source: &Source<'_>, bad: &Group) -> Result<(), StoreError> {
        let judge = Judge::new(source, bad)?;
        let wanted = Wanted { window: bad.window, ids: judge.candidates().cloned() };
        let look = |trace: Trace| judge.admits(&trace).then(|| Observed::of(&trace));
        each(source, &wanted, &look, &mut |seen: Option<Observed>| {
            if let Some(seen) = seen {
                self.add_bad(seen);
            }
            go_on(self.groups.sizes().0)
        })
    }

    fn add_bad(&mut self, seen: Observed) {
        if self.groups.sizes().0 < REQUESTS_MAX && self.known.insert(seen.id) {
            self.roots.extend(seen.root());
            self.groups.add_bad(seen);
        }
    }

    /// Takes in two groups of one window at once, so that no request is read twice.
    fn both(&mut self, source: &Source<'_>, bad: &Group, good: &Group) -> Result<(), StoreError> {
        let (is_bad, is_good) = (Judge::new(source, bad)?, Judge::new(source, good)?);
        let look = |trace: Trace| {
            let of_bad = is_bad.admits(&trace);
            (of_bad || is_good.admits(&trace)).then(|| (of_bad, Observed::of(&trace)))
        };
        let ids = is_bad.candidates().zip(is_good.candidates());
        let ids = ids.map(|(bad, good)| bad.union(good).copied().collect());
        let wanted = Wanted { window: bad.window, ids };
        each(source, &wanted, &look, &mut |seen: Option<(bool, Observed)>| {
            match seen {
                Some((true, seen)) => self.add_bad(seen),
                Some((false, seen)) if self.groups.sizes().1 < REQUESTS_MAX => {
                    self.groups.add_good(seen);
                }
                _ => {}
            }
            let (bad, good) = self.groups.sizes();
            go_on(bad.min(good))
        })
    }

    /// Takes in the wanted requests that are new; if roots are given, only such as enter there.
    fn good(
        &mut self,
        source: &Source<'_>,
        window: Window,
        roots: Option<&BTreeSet<(String, String)>>,
    ) -> Result<(), StoreError> {
        let wanted = Wanted { window, ids: None };
        each(source, &wanted, &|trace: Trace| Observed::of(&trace), &mut |seen: Observed| {
            let is_alike =
                roots.is_none_or(|roots| seen.root().is_some_and(|root| roots.contains(&root)));
            if is_alike && self.known.insert(seen.id) {
                self.groups.add_good(seen);
            }
            go_on(self.groups.sizes().1)
        })
    }

    /// Requests like those to be explained: what came shortly before the window, else all that
    /// came before; and where a query chose within the window, what it did not choose.
    fn chosen(&mut self, source: &Source<'_>, bad: &Group) -> Result<(), StoreError> {
        let roots = self.roots.clone();
        let take = |gathering: &mut Self, window| gathering.good(source, window, Some(&roots));
        if let Some(since) = bad.window.since {
            let length = bad.window.until.map(|until| until - since);
            let back = length.map(|length| length.saturating_mul(-WINDOWS_BEFORE));
            let near = back.map(|back| since.plus(back));
            take(self, Window { since: near, until: Some(since) })?;
            if self.groups.sizes().1 < self.groups.sizes().0 {
                take(self, Window { since: None, until: Some(since) })?;
            }
        }
        if bad.question.is_some() {
            take(self, bad.window)?;
        }
        Ok(())
    }
}

const fn go_on(requests: usize) -> ControlFlow<()> {
    if requests < REQUESTS_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

/// Fetches the lines that prove findings; a request only once.
struct Proof<'a> {
    source: &'a Source<'a>,
    traces: BTreeMap<TraceId, Trace>,
}

impl<'a> Proof<'a> {
    const fn new(source: &'a Source<'a>) -> Self {
        Self { source, traces: BTreeMap::new() }
    }

    fn of(mut self, mut comparison: Comparison) -> Result<Comparison, StoreError> {
        for Suspect { findings, .. } in &mut comparison.suspects {
            self.prove_all(findings)?;
        }
        self.prove_all(&mut comparison.values)?;
        Ok(comparison)
    }

    /// Nothing is said that no line proves.
    fn prove_all(&mut self, findings: &mut Vec<Told>) -> Result<(), StoreError> {
        for told in findings.iter_mut() {
            self.prove(told)?;
        }
        findings.retain(|told| !told.finding.evidence.is_empty());
        Ok(())
    }

    fn prove(&mut self, told: &mut Told) -> Result<(), StoreError> {
        for (id, lines) in &told.shown_by {
            if !self.traces.contains_key(id) {
                let found = self.source.reader.trace(*id, ENTRIES_MAX)?;
                let trace = assemble(*id, found.items, self.source.knowledge);
                self.traces.insert(*id, trace);
            }
            let Some(trace) = self.traces.get(id) else { continue };
            let room = EVIDENCE_MAX.saturating_sub(told.finding.evidence.len());
            for placed in lines.iter().filter_map(|line| trace.entries.get(*line)).take(room) {
                told.finding.spans.push(trace.span(placed.span).id);
                told.finding.evidence.push(Evidence::of(&placed.entry));
            }
        }
        told.finding.spans.dedup();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
