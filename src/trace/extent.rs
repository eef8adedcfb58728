//! When spans began and ended: what their entries show, widened by what their children prove.

use crate::model::entry::Entry;
use crate::model::span::{EdgeBasis, ExtentBasis, Mark, Operation, SpanKind};
use crate::model::time::Timestamp;
use crate::trace::call::is_one_call;
use crate::trace::draft::Draft;
use crate::trace::forest;

/// No request takes a year: a longer duration is a counter that ran over, or no duration.
const DURATION_MAX: u64 = 365 * 86_400 * 1_000_000_000;

/// How many nanoseconds an operation took, if what is stated can be a duration.
pub(super) fn took(operation: &Operation) -> Option<i64> {
    let duration = operation.duration.filter(|duration| *duration <= DURATION_MAX)?;
    i64::try_from(duration).ok()
}

/// Sets a draft's extent from its own entries: their spread, and what they say of durations.
pub(super) fn from_entries(draft: &mut Draft, entries: &[Entry], times: &[Option<Timestamp>]) {
    let is_call = is_one_call(&draft.entries, entries);
    for index in &draft.entries {
        let entry = &entries[*index];
        let Some(time) = times[*index] else { continue };
        let (start, end, stated) = reach(entry, time, is_call);
        draft.span.start = Some(draft.span.start.map_or(start, |earlier| earlier.min(start)));
        draft.span.end = Some(draft.span.end.map_or(end, |later| later.max(end)));
        if stated {
            draft.span.extent = ExtentBasis::Stated;
        } else if draft.span.extent == ExtentBasis::Children {
            draft.span.extent = ExtentBasis::Entries;
        }
    }
    // The call began and ended with these entries, whatever its callee did after that.
    if is_call && draft.entries.len() > 1 && draft.span.start.is_some() {
        draft.span.extent = ExtentBasis::Stated;
    }
}

/// What one entry says of its span's extent, and whether it states a duration.
///
/// A duration of a client side is that of a call which the span made, not of the span, unless
/// the span is that call.
fn reach(entry: &Entry, time: Timestamp, is_call: bool) -> (Timestamp, Timestamp, bool) {
    let operation = entry.context.operation.as_deref();
    let Some((duration, mark)) =
        operation.and_then(|operation| took(operation).zip(operation.mark))
    else {
        return (time, time, false);
    };
    let outgoing = operation.is_some_and(|operation| {
        matches!(operation.kind, Some(SpanKind::Client | SpanKind::Producer))
    });
    if outgoing && !is_call {
        return (time, time, false);
    }
    match mark {
        Mark::Start => (time, time.plus(duration), true),
        Mark::End => (time.plus(-duration), time, true),
    }
}

/// Gives spans without entries the extent of their stated children.
pub(super) fn cover_stated_children(drafts: &mut [Draft]) {
    for index in forest::children_first(drafts) {
        let Some(parent) = drafts[index].parent.parent else { continue };
        if drafts[parent.0].span.extent == ExtentBasis::Children {
            widen(drafts, parent.0, index, true);
        }
    }
}

/// Widens spans to hold their children. A span whose duration is stated stays as it is.
///
/// A parent began before its child. It also ended after it, unless the child went on by
/// itself: a consumer, or one that began after everything the parent logged.
pub(super) fn cover_children(drafts: &mut [Draft]) {
    for index in forest::children_first(drafts) {
        let Some(parent) = drafts[index].parent.parent else { continue };
        if drafts[parent.0].span.extent == ExtentBasis::Stated {
            continue;
        }
        let child = &drafts[index].span;
        let began_after = child.start > drafts[parent.0].span.end;
        let handed_on = child.kind == Some(SpanKind::Consumer)
            || drafts[index].parent.basis == EdgeBasis::Handoff;
        let waits = !handed_on && !began_after;
        let silent = drafts[parent.0].span.extent == ExtentBasis::Children;
        widen(drafts, parent.0, index, waits || silent);
    }
}

fn widen(drafts: &mut [Draft], parent: usize, child: usize, to_end: bool) {
    let (Some(start), Some(end)) = (drafts[child].span.start, drafts[child].span.end) else {
        return;
    };
    let span = &mut drafts[parent].span;
    span.start = Some(span.start.map_or(start, |own| own.min(start)));
    if to_end || span.end.is_none() {
        span.end = Some(span.end.map_or(end, |own| own.max(end)));
    }
}
