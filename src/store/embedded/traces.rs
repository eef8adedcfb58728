//! Which groups form a request.
//!
//! An id of 64 bits and one of 128 bits with the same low half name one request, as some
//! libraries log only the low half. Where several long ids share a low half, nobody knows
//! which of them a short id means, and it stays a request of its own.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use hashbrown::HashMap;

use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::time::Timestamp;
use crate::store::embedded::index::guarded;
use crate::store::embedded::requests::groups_of_half;
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};
use crate::store::error::StoreError;
use crate::store::{Found, Window};

/// A request and its groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    /// Its id; the long one, if it has two.
    pub(super) id: TraceId,
    /// When its first entry was written, if known.
    pub(super) start: Option<Timestamp>,
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
        let new = || Request { id, start: None, groups: Vec::new() };
        let request: &mut Request = requests.entry(id).or_insert_with(new);
        request.groups.push(group);
        request.start = earlier(request.start, facts.first);
    }
    let mut requests: Vec<Request> = requests.into_values().collect();
    // Ids are in order, so a short one stands first.
    if requests.len() == 2 && requests[0].id.is_short() {
        let short = requests.remove(0);
        requests[0].start = earlier(requests[0].start, short.start);
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
///
/// However many there are, at most twice the limit and one group are held at a time.
pub(super) fn entries_of(
    snapshot: &Snapshot,
    request: &Request,
    limit: usize,
) -> Result<Found<Entry>, StoreError> {
    let mut items = Vec::new();
    let mut total = 0;
    for group in &request.groups {
        let entries = snapshot.entries(*group)?;
        total += entries.len() as u64;
        items.extend(entries);
        if items.len() > limit.saturating_mul(2) {
            keep_first(&mut items, limit);
        }
    }
    keep_first(&mut items, limit);
    Ok(Found { items, total, exact: true })
}

fn keep_first(entries: &mut Vec<Entry>, limit: usize) {
    entries.sort_by(|left, right| {
        let key = |entry: &Entry| entry.record.position;
        left.path.cmp(&right.path).then_with(|| key(left).cmp(&key(right)))
    });
    entries.truncate(limit);
}

/// Calls `visit` with each of these requests that has an entry in the window.
pub(super) fn visit(
    snapshot: &Snapshot,
    requests: &[Request],
    window: &Window,
    limit: usize,
    visit: &mut dyn FnMut(TraceId, Found<Entry>) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    for request in requests {
        // The visitor's own panics are its own: only the reading is guarded.
        let found = guarded(snapshot.folder(), || {
            let wanted = is_open(window) || touches(snapshot, request, window)?;
            wanted.then(|| entries_of(snapshot, request, limit)).transpose()
        })?;
        if found.is_some_and(|found| visit(request.id, found).is_break()) {
            break;
        }
    }
    snapshot.sound()
}

/// Whether a window leaves nothing out.
pub(super) const fn is_open(window: &Window) -> bool {
    window.since.is_none() && window.until.is_none()
}

/// Whether some entry of the request is in the window.
fn touches(snapshot: &Snapshot, request: &Request, window: &Window) -> Result<bool, StoreError> {
    for group in &request.groups {
        if !snapshot.touches(*group, window) {
            continue;
        }
        let entries = snapshot.entries(*group)?;
        if entries.iter().any(|entry| window.admits(entry.time())) {
            return Ok(true);
        }
    }
    Ok(false)
}
