//! Which spans decided how long a request took.
//!
//! The walk is that of the literature (Yang and Miller, 1988; CRISP, 2022): from the root's
//! end back to its start, always through the child that ended last before the cursor. What
//! no child covers is the span's own time. Children that outlive their parent did not hold
//! it up and do not count, but for one case: a caller that gave up had waited for its callee
//! until then. What the callee did so long was waited for, however long it went on.
//!
//! Invariant: the segments follow each other without gap or overlap, and their sum is the
//! root's duration.

use crate::model::span::{SpanIndex, SpanKind};
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

/// A span whose time is being walked, from `cursor` back to `start`.
struct Frame {
    span: SpanIndex,
    start: Timestamp,
    cursor: Timestamp,
    /// When the caller gave up, for a callee that went on and for the call itself.
    given_up: Option<Timestamp>,
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
        let child = top.children.pop();
        let next = child.and_then(|child| {
            let end = top.waited_until(trace.span(child).end?);
            let start = trace.span(child).start?.max(top.start);
            (start < end && end <= top.cursor).then_some((child, start, end))
        });
        match (child, next) {
            (_, Some((child, start, end))) => {
                push(&mut segments, top.span, end, top.cursor);
                top.cursor = start;
                stack.extend(frame(trace, child, &mut children, Some((start, end))));
            }
            (Some(_), None) => {}
            (None, _) => {
                push(&mut segments, top.span, top.start, top.cursor);
                stack.pop();
            }
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
    let is_call = trace.span(span).kind == Some(SpanKind::Client);
    let goes_on = trace.span(span).end.is_some_and(|end| end > cursor);
    let given_up = (is_call || goes_on).then_some(cursor);
    let mut frame = Frame { span, start, cursor, given_up, children: Vec::new() };
    let mut inside = std::mem::take(&mut children[span.0]);
    inside.sort_by_key(|child| {
        let child_span = trace.span(*child);
        (child_span.end.map(|end| frame.waited_until(end)), child_span.start, *child)
    });
    frame.children = inside;
    Some(frame)
}

impl Frame {
    /// Until when a child that ended then was waited for, if it was at all.
    fn waited_until(&self, end: Timestamp) -> Timestamp {
        self.given_up.map_or(end, |limit| end.min(limit))
    }
}

fn push(segments: &mut Vec<Segment>, span: SpanIndex, start: Timestamp, end: Timestamp) {
    if start < end {
        segments.push(Segment { span, start, end });
    }
}
