//! Two groups of requests, fetched and compared, with the lines that prove what is said.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::ControlFlow;

use crate::analysis::group::{Blocks, Comparison, Groups, Observed, Suspect, Told, compare};
use crate::engine::answer::{ENTRIES_MAX, Source};
use crate::engine::many::{Wanted, each};
use crate::model::finding::Evidence;
use crate::model::id::TraceId;
use crate::model::trace::Trace;
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
    pub bad: Wanted,
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
    /// These.
    Requests(Wanted),
}

/// Fetches both groups and compares them.
///
/// # Errors
/// When the store cannot be read.
pub fn compared(source: &Source<'_>, question: &Question) -> Result<Comparison, StoreError> {
    let mut gathering = Gathering::default();
    gathering.bad(source, &question.bad)?;
    match &question.good {
        Reference::Chosen => gathering.chosen(source, &question.bad)?,
        Reference::Ranges(ranges) => {
            for window in ranges {
                let wanted = Wanted { window: *window, ids: None };
                gathering.good(source, &wanted, None)?;
            }
        }
        Reference::Requests(wanted) => gathering.good(source, wanted, None)?,
    }
    let window = question.bad.window;
    let length = window.until.zip(window.since).map(|(until, since)| until - since);
    // Requests that were told apart by what they are, not by when, have no blocks.
    let by_time = !matches!(question.good, Reference::Requests(_)) && question.bad.ids.is_none();
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
    fn bad(&mut self, source: &Source<'_>, wanted: &Wanted) -> Result<(), StoreError> {
        each(source, wanted, &|trace| Observed::of(&trace), &mut |seen: Observed| {
            self.known.insert(seen.id);
            self.roots.extend(seen.root());
            self.groups.add_bad(seen);
            go_on(self.groups.sizes().0)
        })
    }

    /// Takes in the wanted requests that are new; if roots are given, only such as enter there.
    fn good(
        &mut self,
        source: &Source<'_>,
        wanted: &Wanted,
        roots: Option<&BTreeSet<(String, String)>>,
    ) -> Result<(), StoreError> {
        each(source, wanted, &|trace| Observed::of(&trace), &mut |seen: Observed| {
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
    fn chosen(&mut self, source: &Source<'_>, bad: &Wanted) -> Result<(), StoreError> {
        let roots = self.roots.clone();
        let take = |gathering: &mut Self, window| {
            gathering.good(source, &Wanted { window, ids: None }, Some(&roots))
        };
        if let Some(since) = bad.window.since {
            let length = bad.window.until.map(|until| until - since);
            let back = length.map(|length| length.saturating_mul(-WINDOWS_BEFORE));
            let near = back.map(|back| since.plus(back));
            take(self, Window { since: near, until: Some(since) })?;
            if self.groups.sizes().1 < self.groups.sizes().0 {
                take(self, Window { since: None, until: Some(since) })?;
            }
        }
        if bad.ids.is_some() {
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
