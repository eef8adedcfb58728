//! Where a request first went wrong, and who only echoed it.
//!
//! The origin is the first error in causal order that no span below its own reports as
//! well; errors of the spans above it, later, are its echoes.

use crate::model::span::{SpanIndex, SpanStatus};
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
    let errors: Vec<usize> =
        (0..trace.entries.len()).filter(|index| is_failure(trace, *index)).collect();
    let erring_below = spans_with_errors_below(trace, &errors);
    let origin = errors
        .iter()
        .copied()
        .find(|index| !erring_below[trace.entries[*index].span.0])
        .or_else(|| errors.first().copied())?;
    let above = line_of_descent(trace, trace.entries[origin].span);
    let echoes = errors
        .into_iter()
        .filter(|index| *index > origin && above[trace.entries[*index].span.0])
        .collect();
    Some(Failure { origin, echoes })
}

/// Whether an entry says that something failed: by its level, or by the status it gives its span.
fn is_failure(trace: &Trace, index: usize) -> bool {
    let entry = &trace.entries[index].entry;
    let status = entry.context.operation.as_deref().and_then(|operation| operation.status);
    entry.is_error() || status == Some(SpanStatus::Error)
}

/// For each span, whether some span below it has an error. Parents stand before their
/// children in a trace, so one pass from the back reaches every ancestor.
fn spans_with_errors_below(trace: &Trace, errors: &[usize]) -> Vec<bool> {
    let mut erring = vec![false; trace.spans.len()];
    for index in errors {
        erring[trace.entries[*index].span.0] = true;
    }
    let mut below = vec![false; trace.spans.len()];
    for index in (0..trace.spans.len()).rev() {
        if let Some(parent) = trace.spans[index].parent.parent
            && (erring[index] || below[index])
        {
            below[parent.0] = true;
        }
    }
    below
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
