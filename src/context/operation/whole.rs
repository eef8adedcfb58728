//! Records that are whole spans: what an exporter wrote, and what `tracing` says of a span
//! that it closes.
//!
//! The names alone (`start_time`, `duration`) would not do: a timetable has them too. So the
//! record must be of a format that holds nothing but spans, or state the start under a name
//! that only spans have.

use crate::context::operation::Facts;
use crate::context::operation_part::kind;
use crate::model::record::Record;
use crate::model::span::{Mark, Operation, SpanKind, SpanStatus};
use crate::model::time::Timestamp;

/// Formats of which each record is a span, dated by its start.
const SPAN_FORMATS: [&str; 12] = [
    "otlp-span",
    "zipkin",
    "jaeger",
    "otel-python-span",
    "otel-go-span",
    JAVASCRIPT,
    "otel-dotnet-span",
    "otel-debug-span",
    "xray",
    "app-insights",
    "honeycomb",
    "elastic-apm",
];

/// OpenTelemetry for JavaScript counts the kinds of spans from 0, others from 1.
const JAVASCRIPT: &str = "otel-js-span";

/// What `tracing` writes when a span ends.
const CLOSED: &str = "close";

impl Facts<'_> {
    /// A span that tracing-subscriber closes: what it was busy and idle is all its time.
    pub(super) fn closed_span(&self, record: &Record) -> Option<Operation> {
        let duration = self.busy?.checked_add(self.idle?)?;
        let innermost = || self.chain?.rsplit(':').next();
        (record.message == CLOSED).then(|| Operation {
            name: self.span_name.or_else(innermost).map(str::to_owned),
            kind: self.kind,
            status: self.span_status,
            duration: Some(duration),
            mark: Some(Mark::End),
            ..Operation::default()
        })
    }

    /// The name of the span around the one that wrote the record, as `tracing` lists them.
    /// When a span begins or closes, JSON lists only those around it; else its own is the last.
    pub(super) fn parent_name(&self, record: &Record) -> Option<String> {
        let around = match (self.spans.as_slice(), self.chain) {
            ([.., last], _) if matches!(record.message.as_str(), CLOSED | "new") => Some(*last),
            ([.., parent, _], _) => Some(*parent),
            (_, Some(chain)) => chain.rsplit(':').nth(1),
            _ => None,
        };
        around.filter(|name| !name.is_empty()).map(str::to_owned)
    }

    fn kind_from_zero(&self) -> Option<SpanKind> {
        match self.kind_text?.parse::<u8>() {
            Ok(number) => kind(&(number + 1).to_string()),
            Err(_) => self.kind,
        }
    }

    /// A record of a whole span: both of its ends are stated, or one and how long it took.
    pub(super) fn span_record(&self, record: &Record) -> Option<Operation> {
        let at = record.time.as_ref().map(|time| time.at);
        let is_span = SPAN_FORMATS.contains(&&*record.format);
        let stated = self.start.or_else(|| self.start_text.and_then(instant));
        let start = stated.or(at.filter(|_| is_span))?;
        let end = self.end.or_else(|| self.end_text.filter(|_| is_span).and_then(instant));
        let by_length = || {
            let length = i64::try_from(self.duration(record)?).ok()?;
            Some(start.plus(length)).filter(|_| is_span)
        };
        // Serilog dates the record by the span's end and states its start beside.
        let is_named = self.kind.is_some() || self.start.is_some();
        let end = end.or_else(by_length).or(at.filter(|_| stated.is_some() && is_named))?;
        let duration = u64::try_from(end - start).ok()?;
        let mark = if at == Some(start) && start != end { Mark::Start } else { Mark::End };
        let failed = match self.failed {
            Some(failed) => failed,
            None => is_span && self.failure.is_some(),
        };
        let message = || Some(record.message.as_str()).filter(|message| !message.is_empty());
        Some(Operation {
            name: self.span_name.or(self.name).or_else(message).map(str::to_owned),
            kind: if *record.format == *JAVASCRIPT { self.kind_from_zero() } else { self.kind },
            status: self.span_status.or(failed.then_some(SpanStatus::Error)),
            peer: self.peer.or(self.span_peer.filter(|_| is_span)).map(str::to_owned),
            duration: Some(duration),
            mark: Some(mark),
        })
    }
}

/// A point in time: RFC 3339, or seconds to nanoseconds since the epoch by their magnitude.
fn instant(text: &str) -> Option<Timestamp> {
    // Go prints `2026-11-21 09:30:15.25 +0000 UTC`, Rust the same without a zone.
    let in_words = text.strip_suffix(" +0000 UTC").or_else(|| text.strip_suffix(" UTC"));
    let bare = in_words.or_else(|| text.contains(' ').then_some(text));
    let spelled = bare.map(|bare| format!("{}Z", bare.replacen(' ', "T", 1)));
    let text = spelled.as_deref().unwrap_or(text);
    if let Ok(parsed) = text.parse::<jiff::Timestamp>() {
        return i64::try_from(parsed.as_nanosecond()).ok().map(Timestamp::from_nanoseconds);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let unit: i64 = match whole.len() {
        9..=11 => 1_000_000_000,
        12..=14 => 1_000_000,
        15..=17 => 1_000,
        18..=19 => 1,
        _ => return None,
    };
    let nanoseconds = whole.parse::<i64>().ok()?.checked_mul(unit)?;
    let mut worth = unit;
    let parts = fraction.bytes().map(|digit| {
        worth /= 10;
        i64::from(digit - b'0') * worth
    });
    nanoseconds.checked_add(parts.sum()).map(Timestamp::from_nanoseconds)
}
