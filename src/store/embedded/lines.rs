//! The entries that fulfil a query.
//!
//! Groups are read in the order of their last times, newest first. Once there are enough
//! entries and none of them is older than what remains, the rest need not be read.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::model::entry::Entry;
use crate::model::line::Position;
use crate::model::time::Timestamp;
use crate::query::condition::Query;
use crate::query::matching::fulfils;
use crate::store::embedded::index::guarded;
use crate::store::embedded::narrowing;
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};
use crate::store::error::StoreError;
use crate::store::{Found, Page, Window};

/// An entry by its place in the answer: newest first, then by path and position; entries
/// without a time last.
struct Ranked {
    rank: (Reverse<Option<Timestamp>>, Arc<str>, Position),
    entry: Entry,
}

impl Ranked {
    fn new(entry: Entry) -> Self {
        let rank = (Reverse(entry.time()), entry.path.clone(), entry.record.position);
        Self { rank, entry }
    }

    fn time(&self) -> Option<Timestamp> {
        self.rank.0.0
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Ranked {}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank)
    }
}

/// The best entries so far. The worst of them is at the top of the heap.
struct Best {
    heap: BinaryHeap<Ranked>,
    limit: usize,
}

impl Best {
    fn add(&mut self, entry: Entry) {
        if self.heap.len() < self.limit {
            return self.heap.push(Ranked::new(entry));
        }
        let Some(mut worst) = self.heap.peek_mut() else { return };
        let ranked = Ranked::new(entry);
        if ranked < *worst {
            *worst = ranked;
        }
    }

    /// Whether nothing in groups that end at `last` or earlier can be among the best.
    fn is_sure(&self, last: Option<Timestamp>) -> bool {
        self.heap.len() == self.limit && self.heap.peek().is_none_or(|worst| worst.time() > last)
    }
}

/// Answers [`Reader::lines`](crate::store::Reader::lines).
pub(super) fn find(
    snapshot: &Snapshot,
    query: &Query,
    page: &Page,
) -> Result<Found<Entry>, StoreError> {
    let mut groups = candidates(snapshot, query, &page.window)?;
    groups.sort_by_cached_key(|group| Reverse(snapshot.last_at_most(*group)));
    let mut best = Best { heap: BinaryHeap::new(), limit: page.limit };
    let mut total = 0;
    let mut rest = groups.iter();
    while let Some(group) = rest.next() {
        if best.is_sure(snapshot.last_at_most(*group)) {
            total += std::iter::once(group)
                .chain(rest)
                .map(|group| snapshot.entries_at_most(*group))
                .sum::<u64>();
            return Ok(answer(best, total, false));
        }
        for entry in snapshot.entries(*group)? {
            if fulfils_all(&entry, query, &page.window) {
                total += 1;
                best.add(entry);
            }
        }
    }
    Ok(answer(best, total, true))
}

/// Answers [`Reader::each_line`](crate::store::Reader::each_line), group by group in the
/// order of the blocks, which tidying the index does not change.
pub(super) fn each(
    snapshot: &Snapshot,
    query: &Query,
    window: &Window,
    visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let groups = guarded(snapshot.folder(), || {
        let mut groups = candidates(snapshot, query, window)?;
        // By time and request: which of two streams was stored first is up to chance.
        groups.sort_by_cached_key(|group| {
            let (first, id) = (snapshot.first_at_least(*group), snapshot.trace_of(*group));
            (first.is_none(), first, id, snapshot.stored_at(*group))
        });
        Ok(groups)
    })?;
    for group in groups {
        // The visitor's own panics are its own: only the reading is guarded.
        let entries = guarded(snapshot.folder(), || snapshot.entries(group))?;
        for entry in entries {
            if fulfils_all(&entry, query, window) && visit(entry).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The groups in which there may be entries that fulfil a query.
fn candidates(
    snapshot: &Snapshot,
    query: &Query,
    window: &Window,
) -> Result<Vec<GroupAddress>, StoreError> {
    let conditions = query.conditions.iter();
    let narrowed = narrowing::all(
        conditions.filter_map(|condition| narrowing::of(condition, &snapshot.fields)),
    );
    snapshot.groups(narrowed.as_deref(), window)
}

fn fulfils_all(entry: &Entry, query: &Query, window: &Window) -> bool {
    window.admits(entry.time())
        && query.conditions.iter().all(|condition| fulfils(entry, condition))
}

fn answer(best: Best, total: u64, exact: bool) -> Found<Entry> {
    let ranked = best.heap.into_sorted_vec();
    Found { items: ranked.into_iter().map(|ranked| ranked.entry).collect(), total, exact }
}
