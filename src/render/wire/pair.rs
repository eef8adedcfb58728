//! Two requests side by side: `logloom.pair/1`.

use std::io;

use serde::Serialize;

use super::json;
use crate::analysis::pair::{Row, Side};
use crate::model::trace::Trace;
use crate::render::path::PathView;

#[derive(Serialize)]
struct Answer<'a> {
    schema: &'static str,
    first: String,
    second: String,
    rows: Vec<WireRow<'a>>,
}

#[derive(Serialize)]
struct WireRow<'a> {
    depth: usize,
    kind: &'static str,
    service: &'a str,
    /// The operation of a span, the message of a line.
    name: &'a str,
    moved: bool,
    ratio: Option<f64>,
    first: Option<WireSide>,
    second: Option<WireSide>,
    values: Vec<WireValue<'a>>,
}

#[derive(Serialize)]
struct WireSide {
    span_id: String,
    took_nano: Option<i64>,
    path: String,
    line: u64,
}

#[derive(Serialize)]
struct WireValue<'a> {
    name: &'a str,
    first: Option<&'a str>,
    second: Option<&'a str>,
}

/// Writes the comparison of two requests.
///
/// # Errors
/// When the writer fails.
pub fn json(
    out: &mut dyn io::Write,
    traces: [&Trace; 2],
    rows: &[Row],
    paths: &PathView,
) -> io::Result<()> {
    let answer = Answer {
        schema: "logloom.pair/1",
        first: traces[0].id.to_string(),
        second: traces[1].id.to_string(),
        rows: rows.iter().filter_map(|row| wire_row(row, traces, paths)).collect(),
    };
    json::write_line(out, &answer)
}

fn wire_row<'a>(row: &'a Row, traces: [&'a Trace; 2], paths: &PathView) -> Option<WireRow<'a>> {
    let (trace, side) = match (&row.left, &row.right) {
        (Some(side), _) => (traces[0], side),
        (None, side) => (traces[1], side.as_ref()?),
    };
    let placed = trace.entries.get(side.entry)?;
    let span = trace.span(placed.span);
    let side = |trace: &Trace, side: &Option<Side>| wire_side(trace, side.as_ref()?, paths);
    Some(WireRow {
        depth: row.depth,
        kind: if row.is_span { "span" } else { "line" },
        service: &span.service,
        name: if row.is_span { &span.name } else { &placed.entry.record.message },
        moved: row.moved,
        ratio: row.ratio(),
        first: side(traces[0], &row.left),
        second: side(traces[1], &row.right),
        values: row
            .values
            .iter()
            .map(|(name, first, second)| WireValue {
                name,
                first: first.as_deref(),
                second: second.as_deref(),
            })
            .collect(),
    })
}

fn wire_side(trace: &Trace, side: &Side, paths: &PathView) -> Option<WireSide> {
    let placed = trace.entries.get(side.entry)?;
    Some(WireSide {
        span_id: trace.span(placed.span).id.to_string(),
        took_nano: side.took,
        path: paths.show(&placed.entry.path).into_owned(),
        line: placed.entry.record.position.line,
    })
}
