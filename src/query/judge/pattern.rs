//! Lines that stand to each other as a pattern wants it.
//!
//! A pattern is a chain, so it is enough to know which lines its first part can end with:
//! from these the lines that the next group can be fulfilled by follow in one pass.

use super::Judged;
use crate::model::time::Timestamp;
use crate::model::trace::Trace;
use crate::query::length::Length;
use crate::query::question::{Pattern, Relation};
use crate::query::truth::Truth;

/// What is taken for a line whose time is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Undated {
    /// It is within no bound.
    Outside,
    /// It is within every bound.
    Within,
}

/// Whether the request has such lines. Where a bound is set and the lines that stand in
/// order have no times, it cannot be told.
pub(super) fn judge(judged: &Judged<'_>, pattern: &Pattern) -> Truth {
    if !ends(judged, pattern, Undated::Outside).is_empty() {
        return Truth::Yes;
    }
    let is_bounded =
        pattern.rest.iter().any(|(relation, _)| matches!(relation, Relation::Before(Some(_))));
    let may_be = is_bounded && !ends(judged, pattern, Undated::Within).is_empty();
    if may_be { Truth::CannotTell } else { Truth::No }
}

/// The first line that the pattern can end with.
pub(super) fn last_line(judged: &Judged<'_>, pattern: &Pattern) -> Option<usize> {
    ends(judged, pattern, Undated::Outside).first().copied()
}

/// The lines that the pattern can end with, in causal order.
fn ends(judged: &Judged<'_>, pattern: &Pattern, undated: Undated) -> Vec<usize> {
    let mut ends: Vec<usize> = judged.lines(&pattern.first).collect();
    for (relation, group) in &pattern.rest {
        if ends.is_empty() {
            break;
        }
        let next = judged.lines(group);
        ends = match relation {
            Relation::Parent | Relation::Ancestor => {
                let below = below(judged.trace, &ends, *relation);
                next.filter(|line| below[judged.trace.entries[*line].span.0]).collect()
            }
            Relation::Before(None) => {
                let first = ends[0];
                next.filter(|line| *line > first).collect()
            }
            Relation::Before(Some(bound)) => after(judged.trace, &ends, next, (*bound, undated)),
        };
    }
    ends
}

/// For each span whether it is a child (or a descendant) of a span of these lines.
fn below(trace: &Trace, lines: &[usize], relation: Relation) -> Vec<bool> {
    let mut is_above = vec![false; trace.spans.len()];
    for line in lines {
        is_above[trace.entries[*line].span.0] = true;
    }
    let mut below = vec![false; trace.spans.len()];
    // A parent stands before its children.
    for (index, span) in trace.spans.iter().enumerate() {
        let Some(parent) = span.parent.parent else { continue };
        below[index] = is_above[parent.0] || (relation == Relation::Ancestor && below[parent.0]);
    }
    below
}

/// Those of `next` before which one of `earlier` stands within the bound. Both are in causal
/// order. A clock that runs back keeps within every bound.
fn after(
    trace: &Trace,
    earlier: &[usize],
    next: impl Iterator<Item = usize>,
    (bound, undated): (Length, Undated),
) -> Vec<usize> {
    let mut earlier = earlier.iter().copied().peekable();
    let mut latest: Option<Timestamp> = None;
    let (mut any, mut any_undated) = (false, false);
    let mut found = Vec::new();
    for line in next {
        while let Some(before) = earlier.next_if(|before| *before < line) {
            any = true;
            match trace.time(before) {
                Some(time) => latest = latest.max(Some(time)),
                None => any_undated = true,
            }
        }
        let is_close = match (trace.time(line), latest) {
            (Some(time), Some(latest)) => u64::try_from(time - latest).unwrap_or(0) <= bound.0,
            _ => false,
        };
        let may_be_close =
            undated == Undated::Within && any && (any_undated || trace.time(line).is_none());
        if is_close || may_be_close {
            found.push(line);
        }
    }
    found
}
