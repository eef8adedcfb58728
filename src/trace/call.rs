//! Whether a span is the caller's side of a single call.
//!
//! What a client side says of itself (name, peer, duration) is said of the call, and a
//! service that makes calls is more than they are. Only a span that begins with a call and
//! ends with its answer is that call.

use crate::model::entry::Entry;
use crate::model::span::{Mark, SpanKind};

/// Whether the span with these entries begins by calling another: it is the caller's side,
/// and what called it is its own service.
pub(super) fn goes_out(indexes: &[usize], entries: &[Entry]) -> bool {
    let operation = indexes.first().and_then(|first| entries[*first].context.operation.as_deref());
    operation.is_some_and(|operation| {
        matches!(operation.kind, Some(SpanKind::Client | SpanKind::Producer))
    })
}

/// Whether the span with these entries, in their order, is nothing but one call.
pub(super) fn is_one_call(indexes: &[usize], entries: &[Entry]) -> bool {
    if indexes.len() == 1 {
        return true;
    }
    let mark = |index: &usize| {
        let operation = entries[*index].context.operation.as_deref()?;
        matches!(operation.kind, Some(SpanKind::Client | SpanKind::Producer))
            .then_some(operation.mark)?
    };
    let speaks = |index: &&usize| entries[**index].context.operation.is_some();
    let (Some(first), Some(last)) = (indexes.first(), indexes.last()) else { return false };
    mark(first) == Some(Mark::Start)
        && mark(last) == Some(Mark::End)
        && indexes.iter().filter(speaks).count() == 2
}
