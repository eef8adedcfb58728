//! The diagnosis of one request: `logloom.diagnosis/1`.

use std::io;

use serde::Serialize;

use super::coverage::{Coverage, coverage};
use super::findings::{WireAdvice, WireFinding, WireStep, wire_advice, wire_findings, wire_path};
use super::json;
use crate::analysis::Analysis;
use crate::analysis::overview::Overview;
use crate::analysis::verdict::Verdict;
use crate::model::trace::Trace;
use crate::render::path::PathView;

#[derive(Serialize)]
struct Answer<'a> {
    schema: &'static str,
    trace_id: String,
    start: Option<String>,
    duration_nano: Option<i64>,
    root_service: Option<&'a str>,
    root_operation: Option<&'a str>,
    verdict: WireVerdict<'a>,
    findings: Vec<WireFinding<'a>>,
    critical_path: Vec<WireStep<'a>>,
    coverage: Vec<Coverage>,
    advice: Vec<WireAdvice<'a>>,
}

/// What the diagnosis comes to.
#[derive(Serialize)]
struct WireVerdict<'a> {
    kind: &'static str,
    /// The place of the cause among the findings.
    finding: Option<usize>,
    /// Why it cannot be told.
    reasons: &'a [String],
}

/// Writes the diagnosis of a request as one answer.
///
/// # Errors
/// When the writer fails.
pub fn diagnosis(
    out: &mut dyn io::Write,
    trace: &Trace,
    analysis: &Analysis,
    paths: &PathView,
) -> io::Result<()> {
    let overview = Overview::of(trace);
    let root = overview.root.map(|root| trace.span(root));
    let answer = Answer {
        schema: "logloom.diagnosis/1",
        trace_id: trace.id.to_string(),
        start: overview.start.map(|start| start.to_string()),
        duration_nano: overview.duration,
        root_service: root.map(|root| root.service.as_str()),
        root_operation: root.map(|root| root.name.as_str()),
        verdict: wire_verdict(&analysis.verdict),
        findings: wire_findings(&analysis.findings, paths),
        critical_path: wire_path(trace, &analysis.critical_path),
        coverage: coverage(trace),
        advice: wire_advice(&analysis.advice),
    };
    json::write_line(out, &answer)
}

fn wire_verdict(verdict: &Verdict) -> WireVerdict<'_> {
    let (finding, reasons): (_, &[String]) = match verdict {
        Verdict::Cause(finding) => (Some(*finding), &[]),
        Verdict::Nothing => (None, &[]),
        Verdict::CannotTell(reasons) => (None, reasons),
    };
    WireVerdict { kind: verdict.name(), finding, reasons }
}
