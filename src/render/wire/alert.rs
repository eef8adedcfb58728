//! What standing queries found, one object a line: for files, pipes and webhooks.

use std::io;

use serde::Serialize;
use twox_hash::XxHash3_64;

use super::json;
use super::live::{WireLive, wire};
use crate::render::alert::AlertRow;

/// An alert.
#[derive(Serialize)]
struct WireAlert<'a> {
    alert: &'a str,
    /// The same for the same rule and request, so that a receiver can tell what it has seen.
    id: String,
    /// One sentence: what chat rooms show of a webhook.
    text: String,
    about: &'a str,
    runbook: Option<&'a str>,
    query: &'a str,
    time: String,
    matched: Option<u64>,
    of: Option<u64>,
    within_nano: Option<i64>,
    request: WireLive<'a>,
}

/// Writes alerts, one object a line.
///
/// # Errors
/// When the writer fails.
pub fn ndjson(out: &mut dyn io::Write, rows: &[AlertRow]) -> io::Result<()> {
    rows.iter().try_for_each(|row| json::write_line(out, &wired(row)))
}

/// One alert as a document, without a line end.
pub fn document(row: &AlertRow) -> Vec<u8> {
    let mut document = Vec::new();
    json::write_line(&mut document, &wired(row)).expect("a Vec takes all bytes");
    document.pop();
    document
}

fn wired(row: &AlertRow) -> WireAlert<'_> {
    let text = row.runbook.as_ref().map_or_else(
        || row.sentence(),
        |runbook| format!("{}; runbook: {runbook}", row.sentence()),
    );
    let named = format!("{}\n{}", row.rule, row.request.brief.id);
    WireAlert {
        alert: &row.rule,
        id: format!("{:016x}", XxHash3_64::oneshot(named.as_bytes())),
        text: format!("{text}; request {}", row.request.brief.id),
        about: &row.about,
        runbook: row.runbook.as_deref(),
        query: &row.query,
        time: row.time.to_string(),
        matched: row.counted.map(|counted| counted.matched),
        of: row.counted.and_then(|counted| counted.of),
        within_nano: row.counted.map(|counted| counted.within),
        request: wire(&row.request),
    }
}
