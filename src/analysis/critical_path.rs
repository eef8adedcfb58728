//! Which spans decided how long a request took.
//!
//! The walk is that of the literature (Yang and Miller, 1988; CRISP, 2022): from the root's
//! end back to its start, always through the child that ended last before the cursor, then on
//! from that child's start. What no child covers is the span's own time.
//!
//! - A child that reaches beyond its parent, by a clock's error or because the caller gave up,
//!   counts for as long as the parent was open.
//! - Work that was handed on was not waited for and never counts.
//! - A child that ran beside one on the path and ended after the cursor does not count, but for
//!   an overlap so small that it is the error of two clocks.
//!
//! Invariant: the segments follow each other without gap or overlap, and their sum is the
//! root's duration.

use std::cmp::Reverse;

use crate::model::span::{EdgeBasis, Span, SpanIndex, SpanKind};
use crate::model::time::Timestamp;
use crate::model::trace::Trace;

/// The steps that decided the request's duration, from its start to its end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CriticalPath {
    /// The steps in time order; empty if the root has no times.
    pub segments: Vec<Segment>,
}

/// A stretch of time for which one span held the request up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// The span.
    pub span: SpanIndex,
    /// From here.
    pub start: Timestamp,
    /// To here.
    pub end: Timestamp,
}

impl CriticalPath {
    /// Whether the span is on the path.
    pub fn contains(&self, span: SpanIndex) -> bool {
        self.segments.iter().any(|segment| segment.span == span)
    }

    /// Nanoseconds for which the span held the request up.
    pub fn share(&self, span: SpanIndex) -> i64 {
        self.segments
            .iter()
            .filter(|segment| segment.span == span)
            .map(|segment| segment.end - segment.start)
            .sum()
    }
}

/// Clocks that agree within this many nanoseconds are not corrected, so that neighbours may
/// seem to overlap by as much.
const CLOCK_ERROR: i64 = 3_000_000;

/// An overlap of more than one part in this many of a child is no error of a clock.
const OVERLAP_SHARE: i64 = 10;

/// A span whose time is being walked, from `cursor` back to `start`.
struct Frame {
    span: SpanIndex,
    start: Timestamp,
    cursor: Timestamp,
    /// The child from whose start the walk goes on.
    after: Option<SpanIndex>,
    /// Its children, those that end last at the end.
    children: Vec<SpanIndex>,
}

/// Walks back from the end of the first root that has times.
pub fn critical_path(trace: &Trace) -> CriticalPath {
    let Some(root) = trace.roots().find(|root| trace.span(*root).start.is_some()) else {
        return CriticalPath::default();
    };
    let mut children = trace.children();
    let mut segments = Vec::new();
    let mut stack: Vec<Frame> = frame(trace, root, &mut children, None).into_iter().collect();
    while let Some(top) = stack.last_mut() {
        let Some(child) = top.children.pop() else {
            push(&mut segments, top.span, top.start, top.cursor);
            stack.pop();
            continue;
        };
        if let Some((start, end)) = top.waited_for(trace, child) {
            push(&mut segments, top.span, end, top.cursor);
            top.cursor = start;
            top.after = Some(child);
            stack.extend(frame(trace, child, &mut children, Some((start, end))));
        }
    }
    segments.reverse();
    CriticalPath { segments }
}

/// The walk of one span within `bounds` (its own extent, if none are given).
fn frame(
    trace: &Trace,
    span: SpanIndex,
    children: &mut [Vec<SpanIndex>],
    bounds: Option<(Timestamp, Timestamp)>,
) -> Option<Frame> {
    let own = || Some((trace.span(span).start?, trace.span(span).end?));
    let (start, cursor) = bounds.or_else(own)?;
    let mut inside = std::mem::take(&mut children[span.0]);
    inside.retain(|child| is_waited_for(trace.span(*child)));
    // Of children that end together the one that began first decided: it is the longest.
    inside.sort_by_key(|child| {
        let child_span = trace.span(*child);
        (child_span.end.map(|end| end.min(cursor)), Reverse(child_span.start), Reverse(*child))
    });
    Some(Frame { span, start, cursor, after: None, children: inside })
}

/// Whether whoever began a span waits for it: not for the receiver of a message, and not for
/// work that was handed on.
fn is_waited_for(span: &Span) -> bool {
    span.kind != Some(SpanKind::Consumer) && span.parent.basis != EdgeBasis::Handoff
}

impl Frame {
    /// The part of a child that lies before the cursor, if the walk goes through it.
    fn waited_for(&self, trace: &Trace, child: SpanIndex) -> Option<(Timestamp, Timestamp)> {
        let span = trace.span(child);
        let start = span.start?.max(self.start);
        let mut end = span.end?;
        let is_beside = end > self.cursor && self.after.is_some();
        if is_beside && !self.overlaps_by_error(trace, child, end - self.cursor) {
            return None;
        }
        end = end.min(self.cursor);
        (start < end).then_some((start, end))
    }

    /// Whether a child that ended so long after the cursor ended before it, in truth: two
    /// clocks stamped it and its successor, and they differ by no more.
    fn overlaps_by_error(&self, trace: &Trace, child: SpanIndex, overlap: i64) -> bool {
        let (Some(after), span) = (self.after, trace.span(child)) else { return false };
        let length = span.end.zip(span.start).map_or(0, |(end, start)| end - start);
        clock(span) != clock(trace.span(after))
            && overlap <= CLOCK_ERROR.min(length / OVERLAP_SHARE)
    }
}

/// Whose clock stamped a span, as far as that is known.
fn clock(span: &Span) -> (&str, Option<&str>) {
    let owner = span.host.as_deref().or(span.instance.as_deref());
    (if owner.is_some() { "" } else { &span.service }, owner)
}

fn push(segments: &mut Vec<Segment>, span: SpanIndex, start: Timestamp, end: Timestamp) {
    if start < end {
        segments.push(Segment { span, start, end });
    }
}

#[cfg(test)]
mod tests;
