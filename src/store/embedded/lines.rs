//! The entries that fulfil a query.
//!
//! Groups are read in the order of their last times, newest first. Once there are enough
//! entries and none of them is older than what remains, the rest need not be read.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::line::Position;
use crate::model::time::Timestamp;
use crate::query::condition::{Condition, Query, Test};
use crate::query::matching::fulfils;
use crate::query::names::{WellKnown, normalised, well_known};
use crate::store::embedded::index::guarded;
use crate::store::embedded::lookup::Lookup;
use crate::store::embedded::narrowing;
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};
use crate::store::embedded::sought::Sought;
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
    for group in &groups {
        // How many were counted so far depends on which of them share a group.
        if total > page.limit as u64 && best.is_sure(snapshot.last_at_most(*group)) {
            return Ok(answer(best, page.limit as u64 + 1, false));
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

/// Answers [`Reader::each_line`](crate::store::Reader::each_line), request by request.
///
/// Which entries of a request share a group, and which group was stored first, is up to
/// chance where several streams are read at once; so its groups are taken together.
pub(super) fn each(
    snapshot: &Snapshot,
    query: &Query,
    window: &Window,
    visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let requests = guarded(snapshot.folder(), || {
        Ok(by_request(snapshot, candidates(snapshot, query, window)?))
    })?;
    for groups in requests {
        // The visitor's own panics are its own: only the reading is guarded.
        let mut entries = guarded(snapshot.folder(), || {
            groups.iter().map(|group| snapshot.entries(*group)).collect::<Result<Vec<_>, _>>()
        })?
        .concat();
        entries.retain(|entry| fulfils_all(entry, query, window));
        entries.sort_by(|one, other| {
            (&one.path, one.record.position).cmp(&(&other.path, other.record.position))
        });
        if entries.into_iter().try_for_each(&mut *visit).is_break() {
            return Ok(());
        }
    }
    snapshot.sound()
}

/// Groups of one request together, requests by the time of their first entry; groups of no
/// request each for itself.
fn by_request(snapshot: &Snapshot, groups: Vec<GroupAddress>) -> Vec<Vec<GroupAddress>> {
    let mut requests: BTreeMap<TraceId, Vec<GroupAddress>> = BTreeMap::new();
    let mut all = Vec::new();
    for group in groups {
        match snapshot.trace_of(group) {
            Some(id) => requests.entry(id).or_default().push(group),
            None => all.push(vec![group]),
        }
    }
    all.extend(requests.into_values());
    all.sort_by_cached_key(|groups| {
        let first = groups.iter().filter_map(|group| snapshot.first_at_least(*group)).min();
        let id = groups.first().and_then(|group| snapshot.trace_of(*group));
        let place = groups.first().map(|group| snapshot.stored_at(*group));
        (first.is_none(), first, id, place)
    });
    all
}

/// The groups in which there may be entries that fulfil a query.
fn candidates(
    snapshot: &Snapshot,
    query: &Query,
    window: &Window,
) -> Result<Vec<GroupAddress>, StoreError> {
    let conditions = query.conditions.iter();
    let sought =
        Sought::all(conditions.filter_map(|condition| narrowing::of(condition, &snapshot.fields)));
    let lookup = sought.map(|sought| Lookup::of(&sought, snapshot)).transpose()?.flatten();
    let mut groups = snapshot.groups(lookup.as_ref(), window)?;
    // A group's entries are all of one request or all of none.
    if query.conditions.iter().any(is_of_no_request) {
        groups.retain(|group| snapshot.half_of(*group).is_none());
    }
    Ok(groups)
}

/// Whether a condition asks for entries that belong to no request.
fn is_of_no_request(condition: &Condition) -> bool {
    let Condition::Not(inner) = condition else { return false };
    let Condition::Field { name, test: Test::Exists } = &**inner else { return false };
    well_known(&normalised(name)) == Some(WellKnown::TraceId)
}

fn fulfils_all(entry: &Entry, query: &Query, window: &Window) -> bool {
    window.admits(entry.time())
        && query.conditions.iter().all(|condition| fulfils(entry, condition))
}

fn answer(best: Best, total: u64, exact: bool) -> Found<Entry> {
    let ranked = best.heap.into_sorted_vec();
    Found { items: ranked.into_iter().map(|ranked| ranked.entry).collect(), total, exact }
}
