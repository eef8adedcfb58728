//! How well each service of a request logs, on the wire.

use serde::Serialize;

use crate::analysis::coverage;
use crate::model::trace::Trace;

/// Counts over the entries of one service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Coverage {
    /// The service.
    pub service: String,
    /// Its spans.
    pub spans: usize,
    /// Its entries.
    pub lines: usize,
    /// Of those, entries with a time of their own.
    pub with_time: usize,
    /// With a severity.
    pub with_severity: usize,
    /// With a trace id, or what stands for one, of their own.
    pub with_trace_id: usize,
    /// With a span id.
    pub with_span_id: usize,
}

/// The coverage of every service that has a span or an entry, by name.
pub fn coverage(trace: &Trace) -> Vec<Coverage> {
    let shown = |counts: coverage::Coverage| Coverage {
        service: counts.service,
        spans: counts.spans,
        lines: counts.lines,
        with_time: counts.with_time,
        with_severity: counts.with_severity,
        with_trace_id: counts.with_trace_id,
        with_span_id: counts.with_span_id,
    };
    coverage::coverage(trace).into_iter().map(shown).collect()
}
