//! Where a request first went wrong, and who only echoed it.
//!
//! The origin is the first error, by when it was known, below which no span had reported one
//! before. Later errors of its span and of those above are its echoes.

use std::cmp::Reverse;

use crate::model::span::{Mark, SpanIndex, SpanStatus};
use crate::model::time::Timestamp;
use crate::model::trace::Trace;

/// The first failure and its echoes, as indexes of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The entry of the first failure.
    pub origin: usize,
    /// Later errors of the origin's own span and of those above it.
    pub echoes: Vec<usize>,
}

/// Finds the first failure of a request; none if no entry is an error.
pub fn failure(trace: &Trace) -> Option<Failure> {
    first_of(trace, &errors(trace))
}

/// The entries that report failures, in the order in which they were known.
pub(super) fn errors(trace: &Trace) -> Vec<usize> {
    let mut errors: Vec<usize> =
        (0..trace.entries.len()).filter(|index| is_failure(trace, *index)).collect();
    let depths = trace.depths();
    // What is known at one moment was known below before it was known above.
    errors.sort_by_key(|index| {
        (known_at(trace, *index), Reverse(depths[trace.entries[*index].span.0]), *index)
    });
    errors
}

/// The first of these failures, and those of the others that echo it.
pub(super) fn first_of(trace: &Trace, errors: &[usize]) -> Option<Failure> {
    let (origin, later) = errors.split_first()?;
    let above = line_of_descent(trace, trace.entries[*origin].span);
    let mut echoes: Vec<usize> =
        later.iter().copied().filter(|index| above[trace.entries[*index].span.0]).collect();
    echoes.sort_unstable();
    Some(Failure { origin: *origin, echoes })
}

/// Whether an entry says that something failed: by its level, or by the status it gives its span.
fn is_failure(trace: &Trace, index: usize) -> bool {
    let entry = &trace.entries[index].entry;
    let status = entry.context.operation.as_deref().and_then(|operation| operation.status);
    entry.is_error() || status == Some(SpanStatus::Error)
}

/// When an error was known: a line that is dated by its span's start was written at its end.
/// Errors without a time come last.
fn known_at(trace: &Trace, index: usize) -> (bool, Option<Timestamp>) {
    let operation = trace.entries[index].entry.context.operation.as_deref();
    let length = operation
        .filter(|operation| operation.mark == Some(Mark::Start))
        .and_then(|operation| i64::try_from(operation.duration?).ok());
    let time = trace.time(index).map(|time| time.plus(length.unwrap_or(0)));
    (time.is_none(), time)
}

fn line_of_descent(trace: &Trace, span: SpanIndex) -> Vec<bool> {
    let mut above = vec![false; trace.spans.len()];
    let mut at = Some(span);
    while let Some(index) = at {
        above[index.0] = true;
        at = trace.span(index).parent.parent;
    }
    above
}
