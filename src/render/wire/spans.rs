//! Spans, one object a line: `logloom export --format spans`, and `spans[]` of a trace.

use std::io;

use serde::Serialize;

use super::json;
use super::sequence::Sequence;
use crate::model::span::{SpanKind, SpanStatus};
use crate::model::time::Timestamp;
use crate::model::trace::Trace;
use crate::render::path::PathView;
use crate::timeline::Row;

/// A span.
#[derive(Serialize)]
pub(super) struct WireSpan<'a> {
    trace_id: String,
    span_id: String,
    parent_span_id: Option<String>,
    service: &'a str,
    name: &'a str,
    kind: Option<&'static str>,
    status: Option<&'static str>,
    start_unix_nano: Option<i64>,
    end_unix_nano: Option<i64>,
    clock_offset_nano: i64,
    basis: &'static str,
    confidence: f32,
    evidence: Vec<Evidence>,
    seq: usize,
}

/// A line that proves something.
#[derive(Serialize)]
pub(super) struct Evidence {
    path: String,
    line: u64,
}

impl Evidence {
    /// A line of a file, as the user knows it.
    pub(super) fn of(path: &str, line: u64, paths: &PathView) -> Self {
        Self { path: paths.show(path).into_owned(), line }
    }
}

/// Writes the spans of a request, one object a line.
///
/// # Errors
/// When the writer fails.
pub fn spans(
    out: &mut dyn io::Write,
    trace: &Trace,
    rows: &[Row],
    paths: &PathView,
) -> io::Result<()> {
    let sequence = Sequence::of(trace, rows);
    wire_spans(trace, &sequence, paths).try_for_each(|span| json::write_line(out, &span))
}

/// The spans in the order of the trace.
pub(super) fn wire_spans<'a>(
    trace: &'a Trace,
    sequence: &'a Sequence,
    paths: &'a PathView,
) -> impl Iterator<Item = WireSpan<'a>> {
    trace.spans.iter().zip(&sequence.spans).map(move |(span, seq)| WireSpan {
        trace_id: trace.id.to_string(),
        span_id: span.id.to_string(),
        parent_span_id: span.parent.parent.map(|parent| trace.span(parent).id.to_string()),
        service: &span.service,
        name: &span.name,
        kind: span.kind.map(SpanKind::name),
        status: span.status.map(SpanStatus::name),
        start_unix_nano: span.start.map(Timestamp::nanoseconds),
        end_unix_nano: span.end.map(Timestamp::nanoseconds),
        clock_offset_nano: span.clock_offset,
        basis: span.parent.basis.name(),
        confidence: span.parent.confidence,
        evidence: evidence(trace, &span.parent.evidence, paths),
        seq: *seq,
    })
}

pub(super) fn evidence(trace: &Trace, entries: &[usize], paths: &PathView) -> Vec<Evidence> {
    let proof = entries.iter().filter_map(|index| trace.entries.get(*index));
    proof
        .map(|placed| Evidence::of(&placed.entry.path, placed.entry.record.position.line, paths))
        .collect()
}
