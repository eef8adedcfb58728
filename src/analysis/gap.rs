//! The stretches of a span's own time in which it logged nothing.
//!
//! A span's time is cut at its own lines and where its children begin and end; what children
//! cover is theirs. What is left between two cuts is a gap.

use crate::analysis::case::Case;
use crate::model::span::SpanIndex;
use crate::model::time::Timestamp;

/// A stretch of a span's own time without a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The span.
    pub span: SpanIndex,
    /// From here.
    pub start: Timestamp,
    /// To here.
    pub end: Timestamp,
    /// The span's own line that it follows, if a child did not end later.
    pub before: Option<usize>,
    /// The span's own line that ends it, if no child began first.
    pub after: Option<usize>,
    /// The child that ended right before it.
    pub child_before: Option<SpanIndex>,
    /// The child that began right after it.
    pub child_after: Option<SpanIndex>,
    /// What stands for both ends in requests of the same kind.
    pub key: (u64, u64),
}

impl Gap {
    /// How long it is, in nanoseconds.
    pub fn length(&self) -> i64 {
        self.end - self.start
    }
}

/// Something that happens in a span, in time.
#[derive(Debug, Clone, Copy)]
enum Cut {
    Line(usize),
    Began(SpanIndex),
    Ended(SpanIndex),
}

/// All gaps of a request longer than nothing, by span, then by time.
pub fn gaps(case: &Case<'_>) -> Vec<Gap> {
    case.spans().flat_map(|span| gaps_of(case, span)).collect()
}

fn gaps_of(case: &Case<'_>, span: SpanIndex) -> Vec<Gap> {
    let mut cuts: Vec<(Timestamp, u8, Cut)> = case.entries[span.0]
        .iter()
        .filter_map(|entry| Some((case.trace.time(*entry)?, 1, Cut::Line(*entry))))
        .collect();
    for child in &case.children[span.0] {
        if let Some((start, end)) = case.extent(*child) {
            // At one moment what ended stands before the line that tells, and what begins after.
            cuts.push((start, 2, Cut::Began(*child)));
            cuts.push((end, if start < end { 0 } else { 3 }, Cut::Ended(*child)));
        }
    }
    cuts.sort_by_key(|(time, order, _)| (*time, *order));
    let mut open = 0_usize;
    let mut found = Vec::new();
    for pair in cuts.windows(2) {
        let ((start, _, before), (end, _, after)) = (pair[0], pair[1]);
        match before {
            Cut::Began(_) => open += 1,
            Cut::Ended(_) => open = open.saturating_sub(1),
            Cut::Line(_) => {}
        }
        if open == 0 && start < end && !is_call(case, span, start, end) {
            found.push(gap(case, span, (start, before), (end, after)));
        }
    }
    found
}

/// Whether the span was in a call that only its lines tell of: the time is the callee's.
fn is_call(case: &Case<'_>, span: SpanIndex, start: Timestamp, end: Timestamp) -> bool {
    let by_lines = case.calls_of(span).iter().filter(|call| call.span.is_none());
    // A duration is rounded, a line takes a moment to write: most of the gap is enough.
    let mut shared = by_lines.map(|call| call.end.min(end) - call.start.max(start));
    shared.any(|shared| shared > (end - start) / 2)
}

fn gap(
    case: &Case<'_>,
    span: SpanIndex,
    (start, first): (Timestamp, Cut),
    (end, second): (Timestamp, Cut),
) -> Gap {
    let line = |cut: Cut| if let Cut::Line(entry) = cut { Some(entry) } else { None };
    let child = |cut: Cut| match cut {
        Cut::Line(_) => None,
        Cut::Began(child) | Cut::Ended(child) => Some(child),
    };
    Gap {
        span,
        start,
        end,
        before: line(first),
        after: line(second),
        child_before: child(first),
        child_after: child(second),
        key: (stands_for(case, first), stands_for(case, second)),
    }
}

fn stands_for(case: &Case<'_>, cut: Cut) -> u64 {
    let of_child =
        |child: SpanIndex| case.entries[child.0].first().map(|entry| case.templates[*entry]);
    match cut {
        Cut::Line(entry) => case.templates[entry],
        // Where a child begins and where it ends are told apart by one bit.
        Cut::Began(child) => of_child(child).unwrap_or_default() | 1,
        Cut::Ended(child) => of_child(child).unwrap_or_default() & !1,
    }
}
