//! Requests as they begin and settle, one object a line.

use std::io;

use serde::Serialize;

use super::brief::WireBrief;
use super::json;
use crate::render::live::LiveRequest;

/// A request.
#[derive(Serialize)]
pub(super) struct WireLive<'a> {
    trace_id: String,
    state: &'static str,
    #[serde(flatten)]
    brief: WireBrief<'a>,
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
    WireLive {
        trace_id: row.brief.id.to_string(),
        state: row.state.name(),
        brief: WireBrief::of(&row.brief),
        slow: row.is_slow,
    }
}
