//! The requests that fulfil a query.
//!
//! The index gives groups for each condition; a request is a candidate if it has groups
//! for each. Candidates are verified newest first until there are enough.

use std::cmp::Reverse;

use hashbrown::{HashMap, HashSet};

use crate::model::entry::Entry;
use crate::query::condition::{Condition, Query};
use crate::query::matching::fulfils;
use crate::store::embedded::identifiers::key_of_half;
use crate::store::embedded::lookup::Lookup;
use crate::store::embedded::postings::List;
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};
use crate::store::embedded::traces::{self, Request, requests_of};
use crate::store::error::StoreError;
use crate::store::{Found, Page, RequestHit, Window};

/// To look up a request in one segment of the index takes as long as to glance at so many
/// groups.
const GROUPS_PER_LOOKUP: u64 = 200;

/// Low halves of trace ids.
pub(super) type Halves = HashSet<u64, foldhash::fast::RandomState>;

/// Groups by the low half of their trace id.
type ByHalf = HashMap<u64, Vec<GroupAddress>, foldhash::fast::RandomState>;

/// A request that has groups for each condition.
struct Candidate {
    request: Request,
    /// For each condition the groups that may hold an entry fulfilling it.
    groups: Vec<Vec<GroupAddress>>,
}

/// Answers [`Reader::requests`](crate::store::Reader::requests).
pub(super) fn find(
    snapshot: &Snapshot,
    query: &Query,
    page: &Page,
) -> Result<Found<RequestHit>, StoreError> {
    let mut candidates = candidates(snapshot, query, &page.window)?;
    candidates
        .sort_unstable_by_key(|candidate| (Reverse(candidate.request.start), candidate.request.id));
    let mut found = Found { items: Vec::new(), total: 0, exact: true };
    for candidate in candidates {
        let Some(hit) = verified(snapshot, query, &page.window, &candidate)? else { continue };
        found.total += 1;
        if found.items.len() == page.limit {
            found.exact = false;
            break;
        }
        found.items.push(hit);
    }
    Ok(found)
}

fn candidates(
    snapshot: &Snapshot,
    query: &Query,
    window: &Window,
) -> Result<Vec<Candidate>, StoreError> {
    let mut by_condition = Vec::with_capacity(query.conditions.len().max(1));
    for condition in &query.conditions {
        let lookup = Lookup::of_condition(condition, snapshot)?;
        let found = by_half(snapshot, snapshot.groups(lookup.as_ref(), window)?);
        if found.is_empty() {
            return Ok(Vec::new());
        }
        by_condition.push(found);
    }
    if by_condition.is_empty() {
        by_condition.push(by_half(snapshot, snapshot.groups(None, window)?));
    }
    let all_groups = groups_of(snapshot, &common_halves(&by_condition))?;
    let mut candidates = Vec::new();
    for groups in all_groups.chunk_by(|(one, _), (other, _)| one == other) {
        for request in requests_of(snapshot, groups.iter().map(|(_, group)| *group))? {
            candidates.extend(candidate(request, groups[0].0, &by_condition));
        }
    }
    Ok(candidates)
}

fn by_half(snapshot: &Snapshot, groups: Vec<GroupAddress>) -> ByHalf {
    let mut halves = ByHalf::default();
    for group in groups {
        if let Some(half) = snapshot.half_of(group) {
            halves.entry(half).or_default().push(group);
        }
    }
    halves
}

/// The halves that every condition has groups for; begins with the rarest condition.
fn common_halves(by_condition: &[ByHalf]) -> Halves {
    let rarest = by_condition.iter().min_by_key(|halves| halves.len());
    let rarest = rarest.into_iter().flat_map(|halves| halves.keys());
    rarest
        .filter(|half| by_condition.iter().all(|halves| halves.contains_key(*half)))
        .copied()
        .collect()
}

/// All groups of these halves in order, whether they fulfil anything or not: a request begins
/// with its first entry, not with the first that was asked for.
pub(super) fn groups_of(
    snapshot: &Snapshot,
    halves: &Halves,
) -> Result<Vec<(u64, GroupAddress)>, StoreError> {
    let mut found = Vec::new();
    if glances_to_find(snapshot, halves.len() as u64) < snapshot.groups_count() {
        for half in halves {
            found.extend(groups_of_half(snapshot, *half)?.into_iter().map(|group| (*half, group)));
        }
    } else {
        let is_wanted = |half| halves.contains(&half);
        snapshot.each_group_of(is_wanted, |half, group| found.push((half, group)));
    }
    found.sort_unstable();
    Ok(found)
}

/// The groups of so many requests are found in the time of so many glances at a group: by their
/// ids, or by going through all.
pub(super) fn glances_to_find(snapshot: &Snapshot, requests: u64) -> u64 {
    let lookups = requests * snapshot.segments().len() as u64;
    (lookups * GROUPS_PER_LOOKUP).min(snapshot.groups_count())
}

/// All groups of one half, in order.
pub(super) fn groups_of_half(
    snapshot: &Snapshot,
    half: u64,
) -> Result<Vec<GroupAddress>, StoreError> {
    let key = key_of_half(half);
    let mut groups = Vec::new();
    // A key may stand for several halves.
    List::identified(&(key..key + 1), snapshot)?.each(snapshot, &mut |group| {
        if snapshot.half_of(group) == Some(half) {
            groups.push(group);
        }
    })?;
    Ok(groups)
}

/// The request with its groups for each condition, if it has some for each.
fn candidate(request: Request, half: u64, by_condition: &[ByHalf]) -> Option<Candidate> {
    let own: HashSet<GroupAddress> = request.groups.iter().copied().collect();
    let mut groups = Vec::with_capacity(by_condition.len());
    for halves in by_condition {
        let found = halves.get(&half)?.iter().filter(|group| own.contains(*group));
        let found: Vec<GroupAddress> = found.copied().collect();
        if found.is_empty() {
            return None;
        }
        groups.push(found);
    }
    Some(Candidate { request, groups })
}

/// The request as an answer, if entries in the window fulfil each condition.
fn verified(
    snapshot: &Snapshot,
    query: &Query,
    window: &Window,
    candidate: &Candidate,
) -> Result<Option<RequestHit>, StoreError> {
    let mut matched = Vec::with_capacity(query.conditions.len());
    for (condition, groups) in query.conditions.iter().zip(&candidate.groups) {
        match first_fulfilling(snapshot, Some(condition), window, groups)? {
            Some(entry) => matched.push(entry),
            None => return Ok(None),
        }
    }
    let unasked = query.conditions.is_empty() && !traces::is_open(window);
    if unasked && first_fulfilling(snapshot, None, window, &candidate.groups[0])?.is_none() {
        return Ok(None);
    }
    let Request { id, start, .. } = candidate.request;
    Ok(Some(RequestHit { id, start, matched }))
}

/// The first entry in the window that fulfils a condition: by time, then by path and
/// position; entries without a time are last.
fn first_fulfilling(
    snapshot: &Snapshot,
    condition: Option<&Condition>,
    window: &Window,
    groups: &[GroupAddress],
) -> Result<Option<Entry>, StoreError> {
    let mut first: Option<Entry> = None;
    for group in groups {
        let entries = snapshot.entries(*group)?.into_iter();
        let fulfilling = entries.filter(|entry| {
            window.admits(entry.time())
                && condition.is_none_or(|condition| fulfils(entry, condition))
        });
        for entry in fulfilling {
            if first.as_ref().is_none_or(|first| rank(&entry) < rank(first)) {
                first = Some(entry);
            }
        }
    }
    Ok(first)
}

fn rank(entry: &Entry) -> impl Ord + '_ {
    (entry.time().is_none(), entry.time(), &*entry.path, entry.record.position)
}
