//! Requests that match: `logloom.search/1`, and one object a line.

use std::io;

use serde::Serialize;

use super::json;
use super::lines::WireLine;
use crate::render::path::PathView;
use crate::render::requests::RequestRow;

/// A request.
#[derive(Serialize)]
struct WireRequest<'a> {
    trace_id: String,
    start: Option<String>,
    duration_nano: Option<i64>,
    root_service: Option<&'a str>,
    root_operation: Option<&'a str>,
    services: usize,
    spans: usize,
    lines: usize,
    errors: usize,
    matched: WireLine<'a>,
}

impl<'a> WireRequest<'a> {
    fn of(row: &'a RequestRow, paths: &PathView) -> Self {
        let known = |text: &'a str| (!text.is_empty()).then_some(text);
        Self {
            trace_id: row.id.to_string(),
            start: row.start.map(|start| start.to_string()),
            duration_nano: row.duration,
            root_service: known(&row.root_service),
            root_operation: known(&row.root_operation),
            services: row.services,
            spans: row.spans,
            lines: row.lines,
            errors: row.errors,
            matched: WireLine::of(&row.matched, paths),
        }
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    schema: &'static str,
    total: u64,
    requests: Vec<WireRequest<'a>>,
}

/// Writes requests as one answer; `total` says how many match in all.
///
/// # Errors
/// When the writer fails.
pub fn json(
    out: &mut dyn io::Write,
    rows: &[RequestRow],
    total: u64,
    paths: &PathView,
) -> io::Result<()> {
    let requests = rows.iter().map(|row| WireRequest::of(row, paths)).collect();
    json::write_line(out, &Answer { schema: "logloom.search/1", total, requests })
}

/// Writes requests, one object a line.
///
/// # Errors
/// When the writer fails.
pub fn ndjson(out: &mut dyn io::Write, rows: &[RequestRow], paths: &PathView) -> io::Result<()> {
    rows.iter().try_for_each(|row| json::write_line(out, &WireRequest::of(row, paths)))
}
