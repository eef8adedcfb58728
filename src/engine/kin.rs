//! One request under several ids.
//!
//! Systems that know ids of 64 bits (B3, Datadog) write the low half of what their neighbours
//! write whole, and a service without tracing writes only the request id that others write
//! beside the trace id. Both are joined where there is one way to join them, and left apart
//! where there are several: a half that fits two whole ids, or a request id that stands beside
//! two traces, proves nothing.

use std::collections::BTreeSet;

use crate::context::alias;
use crate::engine::answer::ENTRIES_MAX;
use crate::model::entry::{Attribution, AttributionBasis, Entry};
use crate::model::id::TraceId;
use crate::model::notice::Notice;
use crate::query::condition::{Condition, Query};
use crate::query::words;
use crate::store::{Found, Page, Reader, StoreError, Window};

/// Ids with one low half beyond this many are ambiguous all the same.
const HALVES_MAX: usize = 8;

/// Request ids of one request that are followed: a request has one, a batch some.
const ALIASES_MAX: usize = 8;

/// Lines with one request id that are looked at for the traces they name. A request id of
/// more lines is joined to nothing.
const LINES_MAX: usize = 2_000;

/// How sure a line is that only names a request id which stands beside one trace.
const ALIAS_CONFIDENCE: f32 = 0.9;

/// The ids of one request by their halves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kin {
    /// The id it is known by: the whole one, if there is one.
    pub id: TraceId,
    /// The 64 bits that are its low half, if some lines have only them.
    pub half: Option<TraceId>,
    /// Why a half was not joined.
    pub notice: Option<Notice>,
}

/// A request's lines, under whichever id they know it.
#[derive(Debug)]
pub struct Family {
    /// The id it is known by.
    pub id: TraceId,
    /// Its lines.
    pub lines: Found<Entry>,
    /// Why a half was not joined.
    pub notice: Option<Notice>,
}

/// The ids that are one request with this one.
///
/// # Errors
/// When the store cannot be read.
pub fn of(reader: &dyn Reader, id: TraceId) -> Result<Kin, StoreError> {
    let alone = Kin { id, half: None, notice: None };
    let known = reader.with_low_half(id.low_half(), HALVES_MAX)?;
    let (halves, wholes): (Vec<TraceId>, Vec<TraceId>) =
        known.into_iter().partition(|other| other.is_short());
    let Some(half) = halves.first().copied() else { return Ok(alone) };
    Ok(match wholes.as_slice() {
        [] => alone,
        [whole] => Kin { id: *whole, half: Some(half), notice: None },
        several => {
            let notice = Notice::AmbiguousHalf { half, wholes: several.to_vec() };
            Kin { notice: Some(notice), ..alone }
        }
    })
}

/// All lines of a request, under whichever id; none if there are none.
///
/// # Errors
/// When the store cannot be read.
pub fn lines(reader: &dyn Reader, id: TraceId) -> Result<Option<Family>, StoreError> {
    let mut kin = of(reader, id)?;
    let mut found = joined(reader, &kin)?;
    if let Some(trace) = beside(reader, &found.items, kin.id)? {
        kin = of(reader, trace)?;
        found = joined(reader, &kin)?;
    }
    if found.items.is_empty() {
        return Ok(None);
    }
    for request in aliases(&found.items, kin.id) {
        if traces_beside(reader, request)? == Some(BTreeSet::from([kin.id])) {
            add(reader, &mut found, request, kin.id)?;
        }
    }
    Ok(Some(Family { id: kin.id, lines: found, notice: kin.notice }))
}

/// The lines under a whole id and its half.
///
/// # Errors
/// When the store cannot be read.
pub fn joined(reader: &dyn Reader, kin: &Kin) -> Result<Found<Entry>, StoreError> {
    let mut found = reader.trace(kin.id, ENTRIES_MAX)?;
    if let Some(half) = kin.half {
        let room = ENTRIES_MAX.saturating_sub(found.items.len());
        let more = reader.trace(half, room)?;
        found.total += more.total;
        found.items.extend(more.items.into_iter().map(|mut entry| {
            entry.context.trace_id = Some(kin.id);
            entry
        }));
    }
    Ok(found)
}

/// The one trace beside which a request id stands, for lines that know only the request id.
fn beside(
    reader: &dyn Reader,
    lines: &[Entry],
    id: TraceId,
) -> Result<Option<TraceId>, StoreError> {
    let is_doubtful =
        |entry: &Entry| entry.context.attribution.is_some_and(|known| known.confidence < 1.0);
    if !lines.iter().all(is_doubtful) || lines.is_empty() {
        return Ok(None);
    }
    let traces = traces_beside(reader, id)?.unwrap_or_default();
    let mut traces = traces.into_iter();
    Ok(traces.next().filter(|_| traces.next().is_none()))
}

/// The request ids that the lines of a trace name beside it.
fn aliases(lines: &[Entry], id: TraceId) -> BTreeSet<TraceId> {
    let mut found = BTreeSet::new();
    for entry in lines {
        found.extend(alias::request_ids(entry).into_iter().filter(|request| *request != id));
        if found.len() >= ALIASES_MAX {
            break;
        }
    }
    found
}

/// The traces that lines with this request id state; none if there are too many lines to say.
fn traces_beside(
    reader: &dyn Reader,
    request: TraceId,
) -> Result<Option<BTreeSet<TraceId>>, StoreError> {
    let mut traces = BTreeSet::new();
    for spelling in [alias::dashed(request), request.to_string()] {
        let spelled = words::words(&spelling).map(std::borrow::Cow::into_owned).collect();
        let query = Query { conditions: vec![Condition::Words(spelled)] };
        let page = Page { limit: LINES_MAX, window: Window::default() };
        let found = reader.lines(&query, &page)?;
        if !found.exact {
            return Ok(None);
        }
        for entry in &found.items {
            let is_stated = alias::request_ids(entry).contains(&request);
            if let Some(trace) =
                entry.context.trace_id.filter(|trace| is_stated && *trace != request)
            {
                traces.insert(of(reader, trace)?.id);
            }
        }
    }
    Ok(Some(traces))
}

/// Adds the lines that know only the request id.
fn add(
    reader: &dyn Reader,
    found: &mut Found<Entry>,
    request: TraceId,
    id: TraceId,
) -> Result<(), StoreError> {
    let room = ENTRIES_MAX.saturating_sub(found.items.len());
    let more = reader.trace(request, room)?;
    found.total += more.total;
    found.items.extend(more.items.into_iter().map(|mut entry| {
        entry.context.trace_id = Some(id);
        entry.context.attribution =
            Some(Attribution { basis: AttributionBasis::Inferred, confidence: ALIAS_CONFIDENCE });
        entry
    }));
    Ok(())
}
