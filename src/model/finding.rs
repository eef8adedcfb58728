//! A finding: one thing that is said of a request, or of many, with the lines that prove it.
//!
//! Whoever makes a finding proves it: without evidence there is none. What cannot be
//! decided is a finding as well, of level [`Level::Unknown`], and says what is missing.

use std::sync::Arc;

use crate::model::entry::Entry;
use crate::model::id::{SpanId, TraceId};
use crate::model::line::Position;

/// Something found out, and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What kind of thing it is, in lower snake case: `retry_storm`.
    pub name: &'static str,
    /// How much it matters.
    pub level: Level,
    /// The service it is about, if it is about one.
    pub service: Option<String>,
    /// One sentence for a person, with numbers and their units, without a full stop.
    pub sentence: String,
    /// The numbers of the sentence, for programs.
    pub measures: Vec<Measure>,
    /// The spans it is about, the one that matters most first.
    pub spans: Vec<SpanId>,
    /// The lines that prove it, in causal order; at least one.
    pub evidence: Vec<Evidence>,
    /// How sure it is, 0 to 1: of findings said to be 0.9 sure, nine in ten should be right.
    pub confidence: f32,
    /// What else would make it certain.
    pub confirm: String,
    /// What would prove it wrong.
    pub refute: String,
    /// What was looked at and found innocent, one clause each.
    pub innocent: Vec<String>,
    /// The finding that this one is a symptom of, by its place in the same list.
    pub symptom_of: Option<usize>,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It describes the request and is no cause for alarm.
    Note,
    /// It cannot be told from these lines: the sentence says why.
    Unknown,
    /// It costs time or is about to fail.
    Warning,
    /// It failed the request or a part of it.
    Error,
}

impl Level {
    /// The name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A number with its name and unit: `gap`, 3.2, `s`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// What was measured, in lower snake case.
    pub name: &'static str,
    /// How much of it.
    pub value: f64,
    /// `ms`, `1` for counts and factors, `%` for shares.
    pub unit: &'static str,
}

impl Measure {
    /// A count or a factor.
    pub const fn count(name: &'static str, value: f64) -> Self {
        Self { name, value, unit: "1" }
    }

    /// A length of time, given in nanoseconds and told in milliseconds.
    pub fn time(name: &'static str, nanoseconds: i64) -> Self {
        // Beyond 104 days the last nanosecond is lost, which no finding turns on.
        Self { name, value: nanoseconds as f64 / 1_000_000.0, unit: "ms" }
    }

    /// A share of a whole, given as 0 to 1 and told in per cent.
    pub fn share(name: &'static str, part: f64) -> Self {
        Self { name, value: part * 100.0, unit: "%" }
    }
}

/// A line that proves a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The request it belongs to; none for lines outside requests.
    pub trace: Option<TraceId>,
    /// The file, archive member or stream it was read from.
    pub path: Arc<str>,
    /// Where it begins there.
    pub position: Position,
    /// Who wrote it.
    pub service: String,
    /// What it says: the first line of its message, cut to [`EXCERPT_CHARS_MAX`].
    pub excerpt: String,
}

/// An excerpt is a row of a report, not the line itself, which may be a megabyte long.
pub const EXCERPT_CHARS_MAX: usize = 200;

impl Evidence {
    /// An entry as evidence.
    pub fn of(entry: &Entry) -> Self {
        let message = entry.record.message.trim();
        let first = message.lines().next().unwrap_or_default();
        let raw = || {
            let line = entry.record.raw.split(|byte| *byte == b'\n').next().unwrap_or_default();
            // Twice four bytes a character is enough to cut from.
            String::from_utf8_lossy(&line[..line.len().min(EXCERPT_CHARS_MAX * 8)]).into_owned()
        };
        let text = if first.is_empty() { raw() } else { first.to_owned() };
        Self {
            trace: entry.context.trace_id,
            path: Arc::clone(&entry.path),
            position: entry.record.position,
            service: entry.context.service.clone(),
            excerpt: text.chars().take(EXCERPT_CHARS_MAX).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::entry;

    #[test]
    fn an_excerpt_is_the_first_line_of_the_message_and_of_the_raw_line_if_there_is_none() {
        let said = |message: &str| Evidence::of(&entry("cart", message).done()).excerpt;
        assert_eq!(said("no stock\n\tat Cart.java:7"), "no stock");
        assert_eq!(said(&"a".repeat(1_000)).len(), EXCERPT_CHARS_MAX);
        let mut silent = entry("cart", "").done();
        silent.record.raw = b"\xff raw\nand more".to_vec();
        assert_eq!(Evidence::of(&silent).excerpt, "\u{fffd} raw");
    }

    #[test]
    fn levels_rise_from_a_note_to_an_error() {
        assert!(Level::Note < Level::Unknown && Level::Unknown < Level::Warning);
        assert!(Level::Warning < Level::Error);
    }
}
