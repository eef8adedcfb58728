//! Edges that nothing states, inferred from time and from what other requests taught.
//!
//! A caller waits for its callee: it was open before the callee began and is open after
//! it ended, and of all spans that were, it is the one that spoke last before the callee's
//! first line. A call that goes out belongs to its own service. A span that nothing accounts
//! for hangs on the latest span of the root's service.
//!
//! This is what one request shows alone; what many have taught corrects it afterwards
//! (`flow`).

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use crate::model::entry::Entry;
use crate::model::span::{Edge, EdgeBasis, SpanIndex};
use crate::model::time::Timestamp;
use crate::trace::call;
use crate::trace::draft::Draft;
use crate::trace::forest::Roots;

/// How many open spans are looked at for one parent: a request has rarely a dozen open at
/// once, and past this a choice by time would mean nothing.
const CANDIDATES_MAX: usize = 1024;

/// The shares of right edges among those found so, on a day of Train-Ticket logs.
mod confidence {
    /// The parent encloses the child and spoke last before it.
    pub(super) const ENCLOSED: f32 = 0.99;
    /// The latest span of the root's service.
    pub(super) const GUESS: f32 = 0.85;
    /// Not even a time is known.
    pub(super) const UNDATED: f32 = 0.1;
}

/// Gives every draft without a parent an inferred one, but for the earliest, the root.
pub(super) fn link(drafts: &mut [Draft], entries: &[Entry], times: &[Option<Timestamp>]) {
    let mut order: Vec<usize> =
        (0..drafts.len()).filter(|index| drafts[*index].span.start.is_some()).collect();
    order.sort_by_key(|index| {
        let span = &drafts[*index].span;
        (span.start, Reverse(span.end), *index)
    });
    let mut roots = Roots::of(drafts);
    let Some(root) = order.iter().copied().find(|index| roots.above(*index) == *index) else {
        return link_undated(drafts, &mut roots, 0);
    };
    let first = order.iter().copied().find(|index| !drafts[*index].entries.is_empty());
    let root_service = first.map_or_else(String::new, |first| drafts[first].span.service.clone());
    let mut sweep = Sweep::new(drafts, entries, times, (root, root_service));
    for index in order {
        let start = drafts[index].span.start.expect("undated spans are not in the order");
        sweep.advance(start);
        if index != root && drafts[index].parent.parent.is_none() {
            // An edge to a span below would close a circle.
            let edge = sweep.parent(drafts, index, start, &mut |span| roots.above(span) != index);
            if let Some(parent) = edge.parent {
                roots.hang(index, parent.0);
            }
            drafts[index].parent = edge;
        }
        sweep.open(drafts, index, start);
    }
    link_undated(drafts, &mut roots, root);
}

/// Hangs what has no time on the root: it belongs to the request, and no more can be told.
fn link_undated(drafts: &mut [Draft], roots: &mut Roots, root: usize) {
    for (index, draft) in drafts.iter_mut().enumerate() {
        let undated = draft.span.start.is_none() && roots.above(index) == index;
        if undated && index != root && roots.above(root) != index {
            draft.parent = edge(root, EdgeBasis::Guess, confidence::UNDATED, None);
            roots.hang(index, root);
        }
    }
}

/// A walk through the request in time that knows which spans are open and who spoke last.
struct Sweep<'a> {
    times: &'a [Option<Timestamp>],
    /// All dated entries: time, draft, entry.
    spoken: Vec<(Timestamp, usize, usize)>,
    next: usize,
    /// Open spans by when they last spoke.
    recent: BTreeMap<usize, usize>,
    /// For each draft its key in `recent`, if it is open.
    key_of: Vec<Option<usize>>,
    /// For each draft what it said last, if it has begun.
    said: Vec<Option<usize>>,
    clock: usize,
    root: usize,
    root_service: String,
    /// For each service its latest span that is not just a call to another.
    latest: HashMap<String, usize>,
    /// For each draft whether it is a call to another service.
    goes_out: Vec<bool>,
}

impl<'a> Sweep<'a> {
    fn new(
        drafts: &[Draft],
        entries: &[Entry],
        times: &'a [Option<Timestamp>],
        (root, root_service): (usize, String),
    ) -> Self {
        let mut spoken: Vec<(Timestamp, usize, usize)> = drafts
            .iter()
            .enumerate()
            .flat_map(|(draft, value)| value.entries.iter().map(move |entry| (draft, *entry)))
            .filter_map(|(draft, entry)| Some((times[entry]?, draft, entry)))
            .collect();
        spoken.sort_unstable();
        let goes_out = drafts.iter().map(|draft| call::goes_out(&draft.entries, entries)).collect();
        Self {
            times,
            spoken,
            next: 0,
            recent: BTreeMap::new(),
            key_of: vec![None; drafts.len()],
            said: vec![None; drafts.len()],
            clock: 0,
            root,
            root_service,
            latest: HashMap::new(),
            goes_out,
        }
    }

    /// Moves to a point in time: spans that spoke until then become the most recent.
    fn advance(&mut self, to: Timestamp) {
        while let Some((time, draft, entry)) = self.spoken.get(self.next).copied() {
            if time > to {
                return;
            }
            self.next += 1;
            if self.said[draft].is_some() {
                self.say(draft, entry);
            }
        }
    }

    fn say(&mut self, draft: usize, entry: usize) {
        self.said[draft] = Some(entry);
        self.touch(draft);
    }

    fn open(&mut self, drafts: &[Draft], draft: usize, start: Timestamp) {
        self.touch(draft);
        let first = drafts[draft].entries.first();
        if let Some(first) = first.filter(|first| self.times[**first] == Some(start)) {
            self.say(draft, *first);
        }
        // A span whose start is stated or proved by its children speaks later.
        self.said[draft] = self.said[draft].or(first.copied());
        if !self.goes_out[draft] {
            self.latest.insert(drafts[draft].span.service.clone(), draft);
        }
    }

    fn touch(&mut self, draft: usize) {
        if let Some(key) = self.key_of[draft].take() {
            self.recent.remove(&key);
        }
        self.clock += 1;
        self.recent.insert(self.clock, draft);
        self.key_of[draft] = Some(self.clock);
    }

    /// The parent of a span that begins now.
    fn parent(
        &mut self,
        drafts: &[Draft],
        child: usize,
        start: Timestamp,
        allowed: &mut dyn FnMut(usize) -> bool,
    ) -> Edge {
        if let Some(edge) = self.own_service(drafts, child, start, allowed) {
            return edge;
        }
        if let Some(parent) = self.enclosing(drafts, child, start, allowed) {
            return edge(parent, EdgeBasis::Nesting, confidence::ENCLOSED, self.evidence(parent));
        }
        let fallback = self.latest.get(&self.root_service).copied().filter(|span| allowed(*span));
        let parent = fallback.unwrap_or(self.root);
        edge(parent, EdgeBasis::Guess, confidence::GUESS, None)
    }

    /// The parent of a call that goes out: a span of its own service that encloses it, else
    /// the latest of them.
    fn own_service(
        &mut self,
        drafts: &[Draft],
        child: usize,
        start: Timestamp,
        allowed: &mut dyn FnMut(usize) -> bool,
    ) -> Option<Edge> {
        if !self.goes_out[child] {
            return None;
        }
        let service = &drafts[child].span.service;
        let latest = *self.latest.get(service)?;
        let own = &mut |span: usize| drafts[span].span.service == *service && allowed(span);
        if let Some(parent) = self.enclosing(drafts, child, start, own) {
            let said = self.evidence(parent);
            return Some(edge(parent, EdgeBasis::Nesting, confidence::ENCLOSED, said));
        }
        own(latest).then(|| edge(latest, EdgeBasis::Guess, confidence::GUESS, None))
    }

    /// What a span said last: the line after which it called.
    fn evidence(&self, draft: usize) -> Option<usize> {
        self.said[draft]
    }

    /// The open span that spoke last and encloses the child.
    fn enclosing(
        &mut self,
        drafts: &[Draft],
        child: usize,
        start: Timestamp,
        allowed: &mut dyn FnMut(usize) -> bool,
    ) -> Option<usize> {
        let end = drafts[child].span.end;
        let mut closed = Vec::new();
        let (mut found, mut at_once) = (None, None);
        for (key, draft) in self.recent.iter().rev().take(CANDIDATES_MAX) {
            let candidate = &drafts[*draft].span;
            if candidate.end < Some(start) {
                closed.push((*key, *draft));
            } else if candidate.end >= end && allowed(*draft) {
                if candidate.end > Some(start) {
                    found = Some(*draft);
                    break;
                }
                // By a coarse clock both may be over at once: nothing shows that it was open.
                at_once = at_once.or(Some(*draft));
            }
        }
        for (key, draft) in closed {
            self.recent.remove(&key);
            self.key_of[draft] = None;
        }
        found.or(at_once)
    }
}

fn edge(parent: usize, basis: EdgeBasis, confidence: f32, evidence: Option<usize>) -> Edge {
    Edge {
        parent: Some(SpanIndex(parent)),
        basis,
        confidence,
        evidence: evidence.into_iter().collect(),
    }
}
