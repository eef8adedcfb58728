//! What one line says together with what is known of its span.
//!
//! Within braces a line has its span's properties beside its own fields: `operation`,
//! `kind`, `status`, `peer`, and `duration` with a length of time.

use crate::model::entry::Entry;
use crate::model::span::{Span, SpanKind, SpanStatus};
use crate::query::boolean::{Boolean, Shape};
use crate::query::condition::{Condition, Test};
use crate::query::length::Length;
use crate::query::matching::{self, passes};
use crate::query::names::normalised;

/// Whether a line fulfils a group, or its span does, or both together.
pub(super) fn fulfils(entry: &Entry, span: &Span, group: &Condition) -> bool {
    match group.shape() {
        Shape::All(parts) => parts.iter().all(|part| fulfils(entry, span, part)),
        Shape::Any(parts) => parts.iter().any(|part| fulfils(entry, span, part)),
        Shape::Not(inner) => !fulfils(entry, span, inner),
        Shape::Atom => matching::fulfils(entry, group) || span_fulfils(span, group),
    }
}

/// Whether a field of this name may also be answered by the line's span.
pub fn is_of_a_span(name: &str) -> bool {
    Property::of(name).is_some()
}

/// What a span can be asked.
#[derive(Debug, Clone, Copy)]
enum Property {
    Operation,
    Kind,
    Status,
    Peer,
    Duration,
}

impl Property {
    fn of(name: &str) -> Option<Self> {
        Some(match &*normalised(name) {
            "operation" => Self::Operation,
            "kind" => Self::Kind,
            "status" => Self::Status,
            "peer" => Self::Peer,
            "duration" => Self::Duration,
            _ => return None,
        })
    }
}

fn span_fulfils(span: &Span, condition: &Condition) -> bool {
    let Condition::Field { name, test } = condition else { return false };
    let Some(property) = Property::of(name) else { return false };
    let value = match property {
        Property::Operation => Some(span.name.as_str()).filter(|name| !name.is_empty()),
        Property::Kind => span.kind.map(SpanKind::name),
        Property::Status => span.status.map(SpanStatus::name),
        Property::Peer => span.peer.as_deref(),
        Property::Duration => return lasts(span, test),
    };
    value.is_some_and(|value| passes(value, test))
}

fn lasts(span: &Span, test: &Test) -> bool {
    let (Some(start), Some(end)) = (span.start, span.end) else { return false };
    match test {
        Test::Exists => true,
        Test::Compare(comparison, bound) => Length::parse(bound).is_some_and(|bound| {
            comparison.admits((end - start).max(0).unsigned_abs().cmp(&bound.0))
        }),
        Test::Equals(_) | Test::Prefix(_) => false,
    }
}
