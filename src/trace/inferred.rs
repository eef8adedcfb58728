//! Edges that nothing states, inferred from time.
//!
//! A caller waits for its callee: it was open before the callee began and is open after
//! it ended, and of all spans that were, it is the one that spoke last before the callee's
//! first line. A span that no other encloses hangs on the latest span of the root's service.
//!
//! The method trusts clocks; it cannot see a caller that logs nothing after its call.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::model::span::{Edge, EdgeBasis, SpanIndex};
use crate::model::time::Timestamp;
use crate::trace::draft::Draft;
use crate::trace::forest::Roots;

/// How many open spans are looked at for one parent: a request has rarely a dozen open at
/// once, and past this a choice by time would mean nothing.
const CANDIDATES_MAX: usize = 1024;

/// The share of right edges among those found so, on a day of Train-Ticket logs.
const CONFIDENCE_ENCLOSED: f32 = 0.99;
/// The same where no span encloses the child.
const CONFIDENCE_GUESS: f32 = 0.6;
/// For spans of which not even a time is known.
const CONFIDENCE_UNDATED: f32 = 0.1;

/// Gives every draft without a parent an inferred one, but for the earliest, the root.
pub(super) fn link(drafts: &mut [Draft], times: &[Option<Timestamp>]) {
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
    let mut sweep = Sweep::new(drafts, times, root, root_service);
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
            draft.parent = edge(root, EdgeBasis::Guess, CONFIDENCE_UNDATED, None);
            roots.hang(index, root);
        }
    }
}

/// A walk through the request in time that knows which spans are open and who spoke last.
struct Sweep {
    /// All dated entries: time, draft, entry.
    spoken: Vec<(Timestamp, usize, usize)>,
    next: usize,
    /// Open spans by when they last spoke, and what they said.
    recent: BTreeMap<usize, (usize, Option<usize>)>,
    /// For each draft its key in `recent`, if it is open.
    key_of: Vec<Option<usize>>,
    clock: usize,
    root: usize,
    root_service: String,
    /// The latest span of the root's service.
    fallback: usize,
}

impl Sweep {
    fn new(
        drafts: &[Draft],
        times: &[Option<Timestamp>],
        root: usize,
        root_service: String,
    ) -> Self {
        let mut spoken: Vec<(Timestamp, usize, usize)> = drafts
            .iter()
            .enumerate()
            .flat_map(|(draft, value)| value.entries.iter().map(move |entry| (draft, *entry)))
            .filter_map(|(draft, entry)| Some((times[entry]?, draft, entry)))
            .collect();
        spoken.sort_unstable();
        Self {
            spoken,
            next: 0,
            recent: BTreeMap::new(),
            key_of: vec![None; drafts.len()],
            clock: 0,
            root,
            root_service,
            fallback: root,
        }
    }

    /// Moves to a point in time: open spans that spoke until then become the most recent.
    fn advance(&mut self, to: Timestamp) {
        while let Some((time, draft, entry)) = self.spoken.get(self.next).copied() {
            if time > to {
                return;
            }
            self.next += 1;
            if self.key_of[draft].is_some() {
                self.touch(draft, Some(entry));
            }
        }
    }

    fn open(&mut self, drafts: &[Draft], draft: usize, start: Timestamp) {
        let first = drafts[draft].entries.first().copied();
        let spoke = self.next > 0 && self.spoken[self.next - 1].0 == start;
        self.touch(draft, first.filter(|_| spoke));
        if drafts[draft].span.service == self.root_service {
            self.fallback = draft;
        }
    }

    fn touch(&mut self, draft: usize, entry: Option<usize>) {
        if let Some(key) = self.key_of[draft].take() {
            self.recent.remove(&key);
        }
        self.clock += 1;
        self.recent.insert(self.clock, (draft, entry));
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
        let end = drafts[child].span.end;
        let mut closed = Vec::new();
        let mut found = None;
        for (key, (draft, entry)) in self.recent.iter().rev().take(CANDIDATES_MAX) {
            let candidate = &drafts[*draft].span;
            if candidate.end < Some(start) {
                closed.push((*key, *draft));
            } else if candidate.end >= end && allowed(*draft) {
                found = Some((*draft, *entry));
                break;
            }
        }
        for (key, draft) in closed {
            self.recent.remove(&key);
            self.key_of[draft] = None;
        }
        if let Some((parent, entry)) = found {
            return edge(parent, EdgeBasis::Nesting, CONFIDENCE_ENCLOSED, entry);
        }
        let parent = if allowed(self.fallback) { self.fallback } else { self.root };
        edge(parent, EdgeBasis::Guess, CONFIDENCE_GUESS, None)
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
