//! Log lines: `logloom.lines/1`, and one object a line.

use std::io;

use serde::Serialize;

use super::fields::Fields;
use super::json;
use crate::model::entry::{AttributionBasis, Entry};
use crate::model::record::TimeBasis;
use crate::model::severity::Severity;
use crate::render::path::PathView;

/// An entry.
#[derive(Serialize)]
pub(super) struct WireLine<'a> {
    path: String,
    line: u64,
    offset: u64,
    time: Option<String>,
    time_raw: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_assumed: Option<&'static str>,
    severity: Option<&'static str>,
    severity_number: Option<u8>,
    service: &'a str,
    trace_id: Option<String>,
    span_id: Option<String>,
    attributed_by: Option<&'static str>,
    confidence: Option<f32>,
    message: &'a str,
    fields: Fields<'a>,
}

impl<'a> WireLine<'a> {
    pub(super) fn of(entry: &'a Entry, paths: &PathView) -> Self {
        let (record, context) = (&entry.record, &entry.context);
        Self {
            path: paths.show(&entry.path).into_owned(),
            line: record.position.line,
            offset: record.position.offset,
            time: entry.time().map(|time| time.to_string()),
            time_raw: time_raw(entry),
            time_assumed: time_assumed(entry),
            severity: record.severity.map(Severity::name),
            severity_number: record.severity.map(Severity::number),
            service: &context.service,
            trace_id: context.trace_id.map(|id| id.to_string()),
            span_id: context.span_id.map(|id| id.to_string()),
            attributed_by: context.attribution.map(|known| attributed_by(known.basis)),
            confidence: context.attribution.map(|known| known.confidence),
            message: &record.message,
            fields: Fields(&record.fields),
        }
    }
}

/// The text that a time was read from; none where it was inherited.
pub(super) fn time_raw(entry: &Entry) -> Option<&str> {
    let time = entry.record.time.as_ref()?;
    (!time.text.is_empty()).then_some(&time.text)
}

/// What was learned or assumed to know a time; none where line or envelope state all of it.
pub(super) fn time_assumed(entry: &Entry) -> Option<&'static str> {
    match entry.record.time.as_ref()?.basis {
        TimeBasis::Line | TimeBasis::Envelope => None,
        TimeBasis::ZoneLearned => Some("zone_learned"),
        TimeBasis::ZoneGiven => Some("zone_given"),
        TimeBasis::ZoneAssumed => Some("zone_assumed"),
        TimeBasis::DateAssumed => Some("date_assumed"),
        TimeBasis::Mentioned => Some("mentioned"),
        TimeBasis::Inherited => Some("inherited"),
    }
}

/// How an entry came to its request, in machine-readable answers.
pub const fn attributed_by(basis: AttributionBasis) -> &'static str {
    match basis {
        AttributionBasis::Stated => "stated",
        AttributionBasis::Inferred => "inferred",
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    schema: &'static str,
    total: u64,
    exact: bool,
    lines: Vec<WireLine<'a>>,
}

/// Writes entries as one answer, with how many match in all and whether that
/// is exact; else there are at least so many.
///
/// # Errors
/// When the writer fails.
pub fn json(
    out: &mut dyn io::Write,
    entries: &[Entry],
    (total, exact): (u64, bool),
    paths: &PathView,
) -> io::Result<()> {
    let lines = entries.iter().map(|entry| WireLine::of(entry, paths)).collect();
    json::write_line(out, &Answer { schema: "logloom.lines/1", total, exact, lines })
}

/// Writes entries, one object a line.
///
/// # Errors
/// When the writer fails.
pub fn ndjson<'a>(
    out: &mut dyn io::Write,
    entries: impl IntoIterator<Item = &'a Entry>,
    paths: &PathView,
) -> io::Result<()> {
    entries.into_iter().try_for_each(|entry| json::write_line(out, &WireLine::of(entry, paths)))
}
