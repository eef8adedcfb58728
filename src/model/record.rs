//! A record: one log statement, understood. It may span several physical lines.

use std::sync::Arc;

use crate::model::field::Field;
use crate::model::line::Position;
use crate::model::severity::Severity;
use crate::model::time::Timestamp;

/// One log statement and what its format says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where its first line begins.
    pub position: Position,
    /// How many physical lines it is made of; 0 where it stands in one line with others and is
    /// not the first of them.
    pub lines: u32,
    /// The original bytes, its lines joined by `\n`, without the last line's end. Records that
    /// stand in one line share its bytes out.
    pub raw: Vec<u8>,
    /// When it happened, if anything says so.
    pub time: Option<RecordTime>,
    /// How bad it is, if the format says so.
    pub severity: Option<Severity>,
    /// Which service wrote it, if the record or its envelope says so.
    pub service: Option<String>,
    /// Which instance (pod, container) wrote it, if the record or its envelope says so.
    pub instance: Option<String>,
    /// Which host it was written on, if the record or its envelope says so.
    pub host: Option<String>,
    /// The logger, category or code location.
    pub logger: Option<String>,
    /// The thread, task or goroutine.
    pub thread: Option<String>,
    /// What it says, without the parts named above.
    pub message: String,
    /// Everything else that it names, in the log's own spelling and order. Trace context
    /// and exceptions are here too (`exception.type`, `exception.message`,
    /// `exception.stacktrace`).
    pub fields: Vec<Field>,
    /// The definition that understood it; `plain` if none did.
    pub format: Arc<str>,
}

/// A record's time and how it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordTime {
    /// The time, in UTC.
    pub at: Timestamp,
    /// The text it was read from; empty when it was inherited.
    pub text: String,
    /// How it is known.
    pub basis: TimeBasis,
}

/// How a record's time is known, surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeBasis {
    /// The line states date, time and zone.
    Line,
    /// The envelope (container runtime, journal, syslog) states it.
    Envelope,
    /// The line states it without a zone; the stream shows elsewhere which one it is.
    ZoneLearned,
    /// The line states it without a zone; the user says which one it is.
    ZoneGiven,
    /// The line states it without a zone; UTC is assumed.
    ZoneAssumed,
    /// The line states it without a date or year; taken from its neighbours or the file's name
    /// or age.
    DateAssumed,
    /// The message mentions it among its words, and nothing else states one.
    Mentioned,
    /// Nothing states it; it is that of the record before in the same stream.
    Inherited,
}
