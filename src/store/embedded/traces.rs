//! Which groups form a request.
//!
//! An id of 64 bits and one of 128 bits with the same low half name one request, as some
//! libraries log only the low half. Where several long ids share a low half, nobody knows
//! which of them a short id means, and it stays a request of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::time::Timestamp;
use crate::store::embedded::index::guarded;
use crate::store::embedded::requests::groups_of_half;
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};
use crate::store::error::StoreError;
use crate::store::runs::{RUN, Run, Runs};
use crate::store::{Found, Window};

/// A request and its groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    /// Its id; the long one, if it has two.
    pub(super) id: TraceId,
    /// When its first entry was written, if known.
    pub(super) start: Option<Timestamp>,
    /// How many entries it has.
    pub(super) entries: u64,
    /// Its groups; not one without an entry.
    pub(super) groups: Vec<GroupAddress>,
}

/// The requests that groups of one low half form, by id.
pub(super) fn requests_of(
    snapshot: &Snapshot,
    groups: impl IntoIterator<Item = GroupAddress>,
) -> Result<Vec<Request>, StoreError> {
    let mut requests = BTreeMap::new();
    for group in groups {
        let (Some(id), Some(facts)) = (snapshot.trace_of(group), snapshot.facts(group)?) else {
            continue;
        };
        let new = || Request { id, start: None, entries: 0, groups: Vec::new() };
        let request: &mut Request = requests.entry(id).or_insert_with(new);
        request.groups.push(group);
        request.entries += facts.entries;
        request.start = earlier(request.start, facts.first);
    }
    let mut requests: Vec<Request> = requests.into_values().collect();
    // Ids are in order, so a short one stands first.
    if requests.len() == 2 && requests[0].id.is_short() {
        let short = requests.remove(0);
        requests[0].start = earlier(requests[0].start, short.start);
        requests[0].entries += short.entries;
        requests[0].groups.extend(short.groups);
    }
    Ok(requests)
}

/// The earlier of two times that are known.
fn earlier(left: Option<Timestamp>, right: Option<Timestamp>) -> Option<Timestamp> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.min(right)),
        (known, None) | (None, known) => known,
    }
}

/// The requests whose ids have this low half.
pub(super) fn with_low_half(snapshot: &Snapshot, low: u64) -> Result<Vec<Request>, StoreError> {
    requests_of(snapshot, groups_of_half(snapshot, low)?)
}

/// The request that an id means, be it stored by its long or its short id.
pub(super) fn meant_by(snapshot: &Snapshot, id: TraceId) -> Result<Option<Request>, StoreError> {
    let mut requests = with_low_half(snapshot, id.low_half())?;
    if let [only] = &requests[..]
        && (only.id.is_short() || id.is_short())
    {
        return Ok(requests.pop());
    }
    Ok(requests.into_iter().find(|request| request.id == id))
}

/// All requests, by the time of their first entry and by id; those without a time last.
pub(super) fn all(snapshot: &Snapshot) -> Result<Vec<Request>, StoreError> {
    let mut halves: HashMap<u64, Vec<GroupAddress>, foldhash::fast::RandomState> =
        HashMap::default();
    snapshot.each_group(|group| {
        if let Some(half) = snapshot.half_of(group) {
            halves.entry(half).or_default().push(group);
        }
    });
    let mut requests = Vec::with_capacity(halves.len());
    for groups in halves.values() {
        requests.extend(requests_of(snapshot, groups.iter().copied())?);
    }
    requests.sort_unstable_by_key(|request| (request.start.is_none(), request.start, request.id));
    Ok(requests)
}

/// The entries of a request in order of path and position, at most `limit`.
pub(super) fn entries_of(
    snapshot: &Snapshot,
    request: &Request,
    limit: usize,
) -> Result<Found<Entry>, StoreError> {
    let (found, _) = entries_and_window(snapshot, request, limit, &Window::default())?;
    Ok(found)
}

/// The entries of a request as [`entries_of`] gives them, and whether one of them all is in the
/// window.
///
/// However many there are, at most twice the limit and one group are held at a time.
fn entries_and_window(
    snapshot: &Snapshot,
    request: &Request,
    limit: usize,
    window: &Window,
) -> Result<(Found<Entry>, bool), StoreError> {
    let (mut items, mut total) = (Vec::new(), 0);
    let mut inside = is_open(window);
    for group in &request.groups {
        let before = items.len();
        snapshot.append(*group, &mut items)?;
        total += (items.len() - before) as u64;
        inside = inside || items[before..].iter().any(|entry| window.admits(entry.time()));
        if items.len() > limit.saturating_mul(2) {
            keep_first(&mut items, limit);
        }
    }
    keep_first(&mut items, limit);
    Ok((Found { items, total, exact: true }, inside))
}

fn keep_first(entries: &mut Vec<Entry>, limit: usize) {
    let key = |entry: &Entry| (Arc::clone(&entry.path), entry.record.position);
    // Entries are large: they are moved once, when their order is known.
    entries.sort_by_cached_key(key);
    entries.truncate(limit);
}

/// All requests of a commit, in runs.
pub(super) struct AllRuns {
    pub(super) snapshot: Arc<Snapshot>,
    /// In order.
    pub(super) requests: Vec<Request>,
    pub(super) window: Window,
    pub(super) limit: usize,
}

impl Runs for AllRuns {
    fn count(&self) -> usize {
        self.requests.len().div_ceil(RUN)
    }

    fn run(&self, number: usize, wanted: &dyn Fn(TraceId) -> bool) -> Result<Run, StoreError> {
        let of_run = self.requests.chunks(RUN).nth(number).unwrap_or_default();
        let run = guarded(self.snapshot.folder(), || {
            let found = of_run.iter().filter(|request| wanted(request.id));
            found.filter_map(|request| self.in_window(request).transpose()).collect()
        })?;
        self.snapshot.sound()?;
        Ok(run)
    }
}

impl AllRuns {
    /// A request with its entries, if one of them is in the window.
    fn in_window(&self, request: &Request) -> Result<Option<(TraceId, Found<Entry>)>, StoreError> {
        let Self { snapshot, window, limit, .. } = self;
        let may_be = |group: &GroupAddress| snapshot.touches(*group, window);
        if !is_open(window) && !request.groups.iter().any(may_be) {
            return Ok(None);
        }
        let (found, inside) = entries_and_window(snapshot, request, *limit, window)?;
        Ok(inside.then_some((request.id, found)))
    }
}

/// Whether a window leaves nothing out.
pub(super) const fn is_open(window: &Window) -> bool {
    window.since.is_none() && window.until.is_none()
}
