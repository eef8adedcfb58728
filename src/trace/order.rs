//! One causal order of all entries of a request.
//!
//! Entries of a span keep their own order, a parent that is stated speaks before its child, and
//! a message is sent before it is received; what these leave open is decided by time, then by
//! path and position.
//!
//! All of these lead down the tree, so that they never contradict each other.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::Arc;

use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::notice::Notice;
use crate::model::span::{EdgeBasis, ExtentBasis, SpanIndex};
use crate::model::time::Timestamp;
use crate::model::trace::{Link, LinkKind, Linked, PlacedEntry, Trace};
use crate::trace::clocks::clock_of;
use crate::trace::draft::{Draft, TiedTo};

/// Sorts entries by path and position, so that the answer does not depend on the order of reading.
///
/// Of a large request the places are sorted, and each entry is moved once: an entry is some
/// hundred bytes, and sorting a million of them takes as much memory again.
pub(super) fn by_position(mut entries: Vec<Entry>) -> Vec<Entry> {
    let compare = |one: &Entry, other: &Entry| {
        let same = Arc::ptr_eq(&one.path, &other.path);
        let paths = if same { Ordering::Equal } else { one.path.cmp(&other.path) };
        paths.then_with(|| one.record.position.cmp(&other.record.position))
    };
    if entries.is_sorted_by(|one, other| compare(one, other).is_le()) {
        return entries;
    }
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by(|one, other| compare(&entries[*one], &entries[*other]));
    arrange(&mut entries, order);
    entries
}

/// Puts in each place what stands in the place that `order` names for it, which names each once.
fn arrange<T>(items: &mut [T], mut order: Vec<usize>) {
    for first in 0..order.len() {
        let mut place = first;
        loop {
            let from = std::mem::replace(&mut order[place], place);
            if from == first {
                break;
            }
            items.swap(place, from);
            place = from;
        }
    }
}

/// Tells how many entries have no time.
pub(super) fn undated(entries: &[Entry]) -> Option<Notice> {
    let count = entries.iter().filter(|entry| entry.time().is_none()).count();
    (count > 0).then_some(Notice::Undated { count })
}

/// Puts everything in causal order and names spans by their place in it.
pub(super) fn causal(
    id: TraceId,
    mut drafts: Vec<Draft>,
    mut entries: Vec<Entry>,
    times: &[Option<Timestamp>],
    mut notices: Vec<Notice>,
) -> Trace {
    let span_of = span_of(&drafts, entries.len());
    let entry_order = entry_order(&drafts, (&entries, times), &span_of);
    let draft_order = draft_order(&drafts, &entry_order, &span_of);
    let new_entry = inverse(&entry_order);
    let new_span = inverse(&draft_order);

    let links = links(&drafts, &new_span, &new_entry);
    for line in notices.iter_mut().flat_map(Notice::lines_mut) {
        *line = new_entry[*line];
    }
    arrange(&mut drafts, draft_order);
    let spans = drafts
        .into_iter()
        .map(|draft| {
            let mut span = draft.span;
            span.parent = draft.parent;
            span.parent.parent = span.parent.parent.map(|parent| SpanIndex(new_span[parent.0]));
            for entry in &mut span.parent.evidence {
                *entry = new_entry[*entry];
            }
            span
        })
        .collect();
    let homes: Vec<SpanIndex> =
        entry_order.iter().map(|index| SpanIndex(new_span[span_of[*index]])).collect();
    arrange(&mut entries, entry_order);
    let placed = entries.into_iter().zip(homes);
    let entries = placed.map(|(entry, span)| PlacedEntry { entry, span }).collect();
    Trace { id, spans, entries, links, notices }
}

/// The links of all drafts, by the new places of spans and entries.
fn links(drafts: &[Draft], new_span: &[usize], new_entry: &[usize]) -> Vec<Link> {
    let mut links = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        links.extend(draft.links.iter().map(|tie| Link {
            span: SpanIndex(new_span[index]),
            kind: LinkKind::StemsFrom,
            linked: match tie.from {
                TiedTo::Draft(from) => Linked::Here(SpanIndex(new_span[from])),
                TiedTo::Elsewhere(trace, span) => Linked::Elsewhere { trace, span, service: None },
            },
            key: tie.key.clone(),
            later: None,
            confidence: tie.confidence,
            evidence: tie.evidence.iter().map(|entry| new_entry[*entry]).collect(),
            far: Vec::new(),
        }));
    }
    links.sort_by_key(|link| link.span);
    links
}

fn span_of(drafts: &[Draft], entries: usize) -> Vec<usize> {
    let mut span_of = vec![0; entries];
    for (index, draft) in drafts.iter().enumerate() {
        for entry in &draft.entries {
            span_of[*entry] = index;
        }
    }
    span_of
}

/// Entries by time, held back until what must stand before them has been placed.
fn entry_order(
    drafts: &[Draft],
    (entries, times): (&[Entry], &[Option<Timestamp>]),
    span_of: &[usize],
) -> Vec<usize> {
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); times.len()];
    let mut waiting = vec![0usize; times.len()];
    let mut before = |first: usize, second: usize| {
        followers[first].push(second);
        waiting[second] += 1;
    };
    for draft in drafts {
        for pair in draft.entries.windows(2) {
            before(pair[0], pair[1]);
        }
        if let Some((first, second)) = parent_speaks_first(drafts, draft, (entries, times), span_of)
        {
            before(first, second);
        }
    }
    let times = inherited(drafts, times);
    let mut ready: BinaryHeap<Reverse<(Option<Timestamp>, usize)>> = (0..times.len())
        .filter(|index| waiting[*index] == 0)
        .map(|index| Reverse((times[index], index)))
        .collect();
    let mut order = Vec::with_capacity(times.len());
    while let Some(Reverse((_, index))) = ready.pop() {
        order.push(index);
        for follower in &followers[index] {
            waiting[*follower] -= 1;
            if waiting[*follower] == 0 {
                ready.push(Reverse((times[*follower], *follower)));
            }
        }
    }
    order
}

/// What an edge says of two lines of parent and child: the first comes before the second. One
/// clock is believed against it, for lines of one host are never put in another order.
fn parent_speaks_first(
    drafts: &[Draft],
    child: &Draft,
    (entries, times): (&[Entry], &[Option<Timestamp>]),
    span_of: &[usize],
) -> Option<(usize, usize)> {
    let parent = &drafts[child.parent.parent?.0];
    let (first, second) = match child.parent.basis {
        EdgeBasis::Stated | EdgeBasis::Header => first_lines(parent, child)?,
        EdgeBasis::Handoff => sent_and_received(child, span_of)?,
        EdgeBasis::Root
        | EdgeBasis::CallPair
        | EdgeBasis::Flow
        | EdgeBasis::Nesting
        | EdgeBasis::Guess => return None,
    };
    let clock = |entry: usize| clock_of(&entries[entry].context);
    let one_clock = clock(first) == clock(second);
    let is_denied = one_clock && times[first].zip(times[second]).is_some_and(|(a, b)| a > b);
    (!is_denied).then_some((first, second))
}

/// The first lines of parent and child, where the parent is known by its lines alone: what such
/// a parent says first, it says before it calls. A parent that says only one thing may say it
/// when all is done; then time decides.
fn first_lines(parent: &Draft, child: &Draft) -> Option<(usize, usize)> {
    if parent.span.extent != ExtentBasis::Entries || parent.entries.len() < 2 {
        return None;
    }
    Some((*parent.entries.first()?, *child.entries.first()?))
}

/// The lines that name a message which a span got from its parent, by the spans of all lines.
fn sent_and_received(child: &Draft, span_of: &[usize]) -> Option<(usize, usize)> {
    let [sent, received] = child.parent.evidence[..] else { return None };
    let own = child.entries.first().map(|first| span_of[*first]);
    let is_between = Some(span_of[sent]) == child.parent.parent.map(|parent| parent.0);
    (is_between && Some(span_of[received]) == own).then_some((sent, received))
}

/// The time that orders each entry: its own, else that of the entry before it in its span.
fn inherited(drafts: &[Draft], own: &[Option<Timestamp>]) -> Vec<Option<Timestamp>> {
    let mut times = own.to_vec();
    for draft in drafts {
        let mut last = None;
        for index in &draft.entries {
            last = own[*index].or(last);
            times[*index] = last;
        }
    }
    times
}

/// Spans in the order in which they or their descendants first speak, parents before children.
fn draft_order(drafts: &[Draft], entry_order: &[usize], span_of: &[usize]) -> Vec<usize> {
    let mut placed = vec![false; drafts.len()];
    let mut order = Vec::with_capacity(drafts.len());
    let mut above = Vec::new();
    // A span without entries comes with its first child; that each has one is not relied on.
    let speaking = entry_order.iter().map(|entry| span_of[*entry]);
    for span in speaking.chain(0..drafts.len()) {
        let mut at = Some(span);
        while let Some(index) = at.filter(|index| !placed[*index]) {
            placed[index] = true;
            above.push(index);
            at = drafts[index].parent.parent.map(|parent| parent.0);
        }
        order.extend(above.drain(..).rev());
    }
    order
}

fn inverse(order: &[usize]) -> Vec<usize> {
    let mut inverse = vec![0; order.len()];
    for (place, index) in order.iter().enumerate() {
        inverse[*index] = place;
    }
    inverse
}
