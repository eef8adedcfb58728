//! Where what is stated and what is seen disagree.
//!
//! A stated parent is kept whatever speaks against it; that something does is told.

use std::collections::BTreeMap;

use crate::model::entry::Entry;
use crate::model::field;
use crate::model::id::SpanId;
use crate::model::notice::{Notice, Outside};
use crate::model::record::TimeBasis;
use crate::model::span::{EdgeBasis, Mark, SpanKind};
use crate::model::time::Timestamp;
use crate::trace::call::is_one_call;
use crate::trace::clocks::{Clocks, clock_of};
use crate::trace::draft::Draft;
use crate::trace::extent::took;

/// The span that a header names where another parent is stated, or that a proxy let pass.
const REMOTE_SPAN: &str = "remote_span";

/// Loggers that print milliseconds cut the rest off, and a start that is reckoned back from a
/// duration in milliseconds is as coarse.
const MILLISECONDS: i64 = 2_000_000;

/// The same of loggers that print whole seconds.
const SECONDS: i64 = 2_000_000_000;

/// Tells of spans that received another header than the parent they state.
pub(super) fn tell_headers(drafts: &[Draft], entries: &[Entry], notices: &mut Vec<Notice>) {
    for draft in drafts {
        let found = draft.entries.iter().find_map(|line| {
            let entry = &entries[*line];
            let is_receipt = matches!(kind(entry), Some(SpanKind::Server | SpanKind::Consumer));
            let parent = entry.context.parent_span_id.filter(|_| is_receipt)?;
            let header = field::find(&entry.record.fields, REMOTE_SPAN)?.as_text()?;
            let header = SpanId::from_hex(header)?;
            (header != parent && header != draft.span.id).then_some((parent, header, *line))
        });
        if let Some((parent, header, line)) = found {
            let (span, lines) = (draft.span.id, vec![line]);
            notices.push(Notice::HeaderContradiction { span, parent, header, lines });
        }
    }
}

/// Tells of spans that were at work when their stated parent was not: one notice for each pair
/// of clocks, for one clock that is off moves all spans of its host.
pub(super) fn tell_times(
    drafts: &[Draft],
    entries: &[Entry],
    clocks: &Clocks,
    notices: &mut Vec<Notice>,
) {
    let mut found: BTreeMap<(&str, &str, bool), Outlier> = BTreeMap::new();
    for (child, draft) in drafts.iter().enumerate() {
        let is_stated = matches!(draft.parent.basis, EdgeBasis::Stated | EdgeBasis::Header);
        let Some(parent) = draft.parent.parent.filter(|_| is_stated) else { continue };
        let (one, other) = (&drafts[parent.0], draft);
        let Some((by, side)) = outside(one, other, entries, clocks) else { continue };
        let clock = |draft: &Draft| clock_of(&entries[draft.entries[0]].context);
        let worst = found.entry((clock(one), clock(other), side == Outside::Before));
        let worst = worst.or_insert(Outlier { by, side, child, count: 0 });
        worst.count += 1;
        if by > worst.by {
            (worst.by, worst.child) = (by, child);
        }
    }
    for Outlier { by, side, child, count } in found.into_values() {
        let draft = &drafts[child];
        let Some(parent) = draft.parent.parent.map(|parent| &drafts[parent.0]) else { continue };
        let lines = [parent, draft].into_iter().filter_map(|one| one.entries.first().copied());
        notices.push(Notice::OutsideParent {
            span: draft.span.id,
            parent: parent.span.id,
            by,
            side,
            count,
            lines: lines.collect(),
        });
    }
}

/// Of the spans on one host that lie outside their parents on another, the worst.
struct Outlier {
    by: i64,
    side: Outside,
    child: usize,
    count: usize,
}

/// By how much a span lies outside its parent, as far as the parent's ends are known: where
/// they are only the spread of its lines, it may have begun earlier.
fn outside(
    parent: &Draft,
    child: &Draft,
    entries: &[Entry],
    clocks: &Clocks,
) -> Option<(i64, Outside)> {
    let (first, began) = (child.entries.first()?, child.span.start?);
    let own = parent.entries.first()?;
    let allowed = grain(&entries[*first]).max(grain(&entries[*own]))
        + clocks.error(&entries[*first].context)
        + clocks.error(&entries[*own].context);
    let (start, end) = known_ends(parent, entries);
    let early = start.map(|start| (start - began, Outside::Before));
    let waits = child.span.kind != Some(SpanKind::Consumer);
    let late = end.filter(|_| waits).map(|end| (began - end, Outside::After));
    early.into_iter().chain(late).find(|(by, _)| *by > allowed)
}

/// When a span began and ended, if its lines say so: it answers and tells that it begins, it
/// states how long it took, or it is a single call.
fn known_ends(draft: &Draft, entries: &[Entry]) -> (Option<Timestamp>, Option<Timestamp>) {
    let is_call = is_one_call(&draft.entries, entries);
    let (mut begins, mut ends) = (false, false);
    for line in &draft.entries {
        let entry = &entries[*line];
        let Some(operation) = entry.context.operation.as_deref().filter(|_| has_own_time(entry))
        else {
            continue;
        };
        let is_timed = took(operation).is_some();
        let has_start = operation.mark == Some(Mark::Start) || is_timed;
        let has_end = operation.mark == Some(Mark::End) || is_timed;
        match operation.kind {
            Some(SpanKind::Server | SpanKind::Consumer) => begins |= has_start,
            Some(SpanKind::Client) if is_call => {
                begins |= has_start;
                // A server may go on after its answer; only a call is over with it.
                ends |= has_end;
            }
            Some(SpanKind::Client | SpanKind::Producer | SpanKind::Internal) | None => {}
        }
    }
    (draft.span.start.filter(|_| begins), draft.span.end.filter(|_| ends))
}

/// How coarse the time of an entry may be.
fn grain(entry: &Entry) -> i64 {
    let whole = entry.time().is_some_and(|time| time.nanoseconds() % 1_000_000_000 == 0);
    if whole { SECONDS } else { MILLISECONDS }
}

fn has_own_time(entry: &Entry) -> bool {
    entry.record.time.as_ref().is_some_and(|time| time.basis != TimeBasis::Inherited)
}

fn kind(entry: &Entry) -> Option<SpanKind> {
    entry.context.operation.as_deref().and_then(|operation| operation.kind)
}
