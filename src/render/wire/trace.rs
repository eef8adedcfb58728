//! The whole request: `logloom.trace/1`.

use std::io;

use serde::Serialize;

use super::coverage::{Coverage, coverage};
use super::fields::Fields;
use super::findings::{WireFinding, WireStep, wire_findings, wire_path};
use super::json;
use super::lines::{attributed_by, time_assumed, time_raw};
use super::sequence::Sequence;
use super::spans::{Evidence, WireSpan, evidence, wire_spans};
use crate::analysis::Analysis;
use crate::analysis::overview::Overview;
use crate::model::finding;
use crate::model::notice::Notice;
use crate::model::severity::Severity;
use crate::model::trace::{Link, Linked, Trace};
use crate::render::path::PathView;
use crate::timeline::Row;

#[derive(Serialize)]
struct Answer<'a> {
    schema: &'static str,
    trace_id: String,
    start: Option<String>,
    duration_nano: Option<i64>,
    root_service: Option<&'a str>,
    root_operation: Option<&'a str>,
    spans: Vec<WireSpan<'a>>,
    entries: Vec<WireEntry<'a>>,
    links: Vec<WireLink<'a>>,
    notices: Vec<WireNotice>,
    findings: Vec<WireFinding<'a>>,
    critical_path: Vec<WireStep<'a>>,
    coverage: Vec<Coverage>,
}

/// An entry in its place in the request. Its time is by the corrected clock, like its span's.
#[derive(Serialize)]
struct WireEntry<'a> {
    seq: usize,
    span_id: String,
    time: Option<String>,
    time_raw: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_assumed: Option<&'static str>,
    severity: Option<&'static str>,
    severity_number: Option<u8>,
    service: &'a str,
    attributed_by: Option<&'static str>,
    confidence: Option<f32>,
    message: &'a str,
    fields: Fields<'a>,
    source: Source,
}

/// Where an entry stands.
#[derive(Serialize)]
struct Source {
    path: String,
    line: u64,
    offset: u64,
}

/// What a span is tied to beside its parent.
#[derive(Serialize)]
struct WireLink<'a> {
    span_id: String,
    kind: &'static str,
    linked_trace_id: String,
    linked_span_id: Option<String>,
    linked_service: Option<&'a str>,
    key: Option<WireKey<'a>>,
    later_nano: Option<i64>,
    confidence: f32,
    evidence: Vec<Evidence>,
    linked_evidence: Vec<Evidence>,
}

/// What both sides of a link name.
#[derive(Serialize)]
struct WireKey<'a> {
    name: &'a str,
    value: &'a str,
}

/// Something that was mended.
#[derive(Serialize)]
struct WireNotice {
    kind: &'static str,
    message: String,
    span_id: Option<String>,
    evidence: Vec<Evidence>,
}

/// Writes a whole request as one answer.
///
/// # Errors
/// When the writer fails.
pub fn trace(
    out: &mut dyn io::Write,
    trace: &Trace,
    analysis: &Analysis,
    rows: &[Row],
    paths: &PathView,
) -> io::Result<()> {
    let sequence = Sequence::of(trace, rows);
    let overview = Overview::of(trace);
    let root = overview.root.map(|root| trace.span(root));
    let entries = sequence.entries.iter().enumerate();
    let answer = Answer {
        schema: "logloom.trace/1",
        trace_id: trace.id.to_string(),
        start: overview.start.map(|start| start.to_string()),
        duration_nano: overview.duration,
        root_service: root.map(|root| root.service.as_str()),
        root_operation: root.map(|root| root.name.as_str()),
        spans: wire_spans(trace, &sequence, paths).collect(),
        entries: entries.map(|(index, seq)| wire_entry(trace, index, *seq, paths)).collect(),
        links: trace.links.iter().map(|link| wire_link(trace, link, paths)).collect(),
        notices: trace.notices.iter().map(|notice| wire_notice(trace, notice, paths)).collect(),
        findings: wire_findings(&analysis.findings, paths),
        critical_path: wire_path(trace, &analysis.critical_path),
        coverage: coverage(trace),
    };
    json::write_line(out, &answer)
}

fn wire_link<'a>(trace: &'a Trace, link: &'a Link, paths: &PathView) -> WireLink<'a> {
    let (linked_trace, linked_span, linked_service) = match &link.linked {
        Linked::Here(span) => {
            let span = trace.span(*span);
            (trace.id, Some(span.id), Some(span.service.as_str()))
        }
        Linked::Elsewhere { trace, span, service } => (*trace, *span, service.as_deref()),
    };
    let far = |line: &finding::Evidence| Evidence::of(&line.path, line.position.line, paths);
    WireLink {
        span_id: trace.span(link.span).id.to_string(),
        kind: link.kind.name(),
        linked_trace_id: linked_trace.to_string(),
        linked_span_id: linked_span.map(|span| span.to_string()),
        linked_service,
        key: link.key.as_ref().map(|key| WireKey { name: &key.name, value: &key.value }),
        later_nano: link.later,
        confidence: link.confidence,
        evidence: evidence(trace, &link.evidence, paths),
        linked_evidence: link.far.iter().map(far).collect(),
    }
}

fn wire_entry<'a>(trace: &'a Trace, index: usize, seq: usize, paths: &PathView) -> WireEntry<'a> {
    let placed = &trace.entries[index];
    let (record, context) = (&placed.entry.record, &placed.entry.context);
    WireEntry {
        seq,
        span_id: trace.span(placed.span).id.to_string(),
        time: trace.time(index).map(|time| time.to_string()),
        time_raw: time_raw(&placed.entry),
        time_assumed: time_assumed(&placed.entry),
        severity: record.severity.map(Severity::name),
        severity_number: record.severity.map(Severity::number),
        service: &context.service,
        attributed_by: context.attribution.map(|known| attributed_by(known.basis)),
        confidence: context.attribution.map(|known| known.confidence),
        message: &record.message,
        fields: Fields(&record.fields),
        source: Source {
            path: paths.show(&placed.entry.path).into_owned(),
            line: record.position.line,
            offset: record.position.offset,
        },
    }
}

fn wire_notice(trace: &Trace, notice: &Notice, paths: &PathView) -> WireNotice {
    WireNotice {
        kind: notice.name(),
        message: notice.to_string(),
        span_id: notice.span().map(|span| span.to_string()),
        evidence: evidence(trace, notice.lines(), paths),
    }
}
