//! Requests as they begin and settle, one object a line.

use std::io;

use serde::Serialize;

use super::json;
use crate::render::live::LiveRequest;

/// A request.
#[derive(Serialize)]
pub(super) struct WireLive<'a> {
    trace_id: String,
    state: &'static str,
    start: Option<String>,
    duration_nano: Option<i64>,
    root_service: Option<&'a str>,
    root_operation: Option<&'a str>,
    services: usize,
    spans: usize,
    lines: usize,
    errors: usize,
    slow: bool,
}

/// Writes requests, one object a line.
///
/// # Errors
/// When the writer fails.
pub fn ndjson(out: &mut dyn io::Write, rows: &[LiveRequest]) -> io::Result<()> {
    rows.iter().try_for_each(|row| json::write_line(out, &wire(row)))
}

pub(super) fn wire(row: &LiveRequest) -> WireLive<'_> {
    let known = |text| Some(text).filter(|text: &&str| !text.is_empty());
    WireLive {
        trace_id: row.id.to_string(),
        state: row.state.name(),
        start: row.start.map(|start| start.to_string()),
        duration_nano: row.duration,
        root_service: known(&row.root_service),
        root_operation: known(&row.root_operation),
        services: row.services,
        spans: row.spans,
        lines: row.lines,
        errors: row.errors,
        slow: row.is_slow,
    }
}
