//! What spans are called, which side of a call they are, and how they ended.

use crate::model::entry::Entry;
use crate::model::span::{Span, SpanKind};
use crate::trace::call::is_one_call;
use crate::trace::draft::Draft;

/// A name longer than this is cut: it heads a line of the story.
const NAME_CHARACTERS_MAX: usize = 60;

/// What a span without entries is called.
const SILENT: &str = "(nothing logged)";

/// Names every draft and sets its kind, peer and status from what its entries say.
pub(super) fn name(drafts: &mut [Draft], entries: &[Entry]) {
    for draft in drafts {
        let is_call = is_one_call(&draft.entries, entries);
        for index in &draft.entries {
            take_operation(&mut draft.span, &entries[*index], is_call);
        }
        if draft.span.name.is_empty() {
            draft.span.name = words_of_first_entry(&draft.entries, entries);
        }
    }
}

/// Takes over what an entry says of its span. The calls that a span makes are not the span:
/// what a client side says counts only where the span is that call.
fn take_operation(span: &mut Span, entry: &Entry, is_call: bool) {
    let Some(operation) = entry.context.operation.as_deref() else { return };
    if !is_call && matches!(operation.kind, Some(SpanKind::Client | SpanKind::Producer)) {
        return;
    }
    if span.name.is_empty()
        && let Some(name) = &operation.name
    {
        span.name = cut(name);
    }
    span.kind = span.kind.or(operation.kind);
    span.status = operation.status.or(span.status);
    if span.peer.is_none() {
        span.peer.clone_from(&operation.peer);
    }
}

/// The code location or first words of the span's first entry: the best name that is left.
fn words_of_first_entry(indexes: &[usize], entries: &[Entry]) -> String {
    let Some(entry) = indexes.first().map(|index| &entries[*index]) else {
        return SILENT.to_owned();
    };
    if let Some(logger) = entry.record.logger.as_deref().filter(|logger| !logger.is_empty()) {
        return cut(logger);
    }
    let line = entry.record.message.lines().next().unwrap_or_default().trim();
    if line.is_empty() { entry.context.service.clone() } else { cut(line) }
}

fn cut(name: &str) -> String {
    match name.char_indices().nth(NAME_CHARACTERS_MAX) {
        None => name.to_owned(),
        Some((end, _)) => format!("{}…", &name[..end]),
    }
}
