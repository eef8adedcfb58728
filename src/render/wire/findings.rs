//! Findings, the critical path and advice on the wire.

use serde::Serialize;

use crate::analysis::coverage::Advice;
use crate::analysis::critical_path::CriticalPath;
use crate::model::finding::{Evidence, Finding, Level, Measure};
use crate::model::trace::Trace;
use crate::render::path::PathView;

/// Something found out.
#[derive(Serialize)]
pub(super) struct WireFinding<'a> {
    name: &'a str,
    level: &'static str,
    service: Option<&'a str>,
    sentence: &'a str,
    measures: Vec<WireMeasure>,
    span_ids: Vec<String>,
    evidence: Vec<WireEvidence<'a>>,
    confidence: f32,
    confirm: &'a str,
    refute: &'a str,
    innocent: &'a [String],
    symptom_of: Option<usize>,
}

/// A number with its unit.
#[derive(Serialize)]
struct WireMeasure {
    name: &'static str,
    value: f64,
    unit: &'static str,
}

/// A line that proves a finding.
#[derive(Serialize)]
struct WireEvidence<'a> {
    trace_id: Option<String>,
    path: String,
    line: u64,
    offset: u64,
    service: &'a str,
    excerpt: &'a str,
}

/// A step of the critical path.
#[derive(Serialize)]
pub(super) struct WireStep<'a> {
    span_id: String,
    service: &'a str,
    start_unix_nano: i64,
    end_unix_nano: i64,
    duration_nano: i64,
}

/// What to log so that more could be told.
#[derive(Serialize)]
pub(super) struct WireAdvice<'a> {
    service: &'a str,
    lacks: &'static str,
    sentence: &'a str,
}

/// Findings in their order.
pub(super) fn wire_findings<'a>(findings: &'a [Finding], paths: &PathView) -> Vec<WireFinding<'a>> {
    findings.iter().map(|finding| wire_finding(finding, paths)).collect()
}

/// A finding.
pub(super) fn wire_finding<'a>(finding: &'a Finding, paths: &PathView) -> WireFinding<'a> {
    let level: Level = finding.level;
    WireFinding {
        name: finding.name,
        level: level.name(),
        service: finding.service.as_deref(),
        sentence: &finding.sentence,
        measures: finding.measures.iter().map(wire_measure).collect(),
        span_ids: finding.spans.iter().map(ToString::to_string).collect(),
        evidence: finding.evidence.iter().map(|line| wire_evidence(line, paths)).collect(),
        confidence: finding.confidence,
        confirm: &finding.confirm,
        refute: &finding.refute,
        innocent: &finding.innocent,
        symptom_of: finding.symptom_of,
    }
}

const fn wire_measure(measure: &Measure) -> WireMeasure {
    WireMeasure { name: measure.name, value: measure.value, unit: measure.unit }
}

fn wire_evidence<'a>(line: &'a Evidence, paths: &PathView) -> WireEvidence<'a> {
    WireEvidence {
        trace_id: line.trace.map(|trace| trace.to_string()),
        path: paths.show(&line.path).into_owned(),
        line: line.position.line,
        offset: line.position.offset,
        service: &line.service,
        excerpt: &line.excerpt,
    }
}

/// The steps of the critical path in time order; their durations sum up to the root's.
pub(super) fn wire_path<'a>(trace: &'a Trace, path: &CriticalPath) -> Vec<WireStep<'a>> {
    let step = |segment: &crate::analysis::critical_path::Segment| {
        let span = trace.span(segment.span);
        WireStep {
            span_id: span.id.to_string(),
            service: &span.service,
            start_unix_nano: segment.start.nanoseconds(),
            end_unix_nano: segment.end.nanoseconds(),
            duration_nano: segment.end - segment.start,
        }
    };
    path.segments.iter().map(step).collect()
}

/// What to log, the gravest lack first.
pub(super) fn wire_advice(advice: &[Advice]) -> Vec<WireAdvice<'_>> {
    advice
        .iter()
        .map(|advice| WireAdvice {
            service: &advice.service,
            lacks: advice.lacks.name(),
            sentence: &advice.sentence,
        })
        .collect()
}
