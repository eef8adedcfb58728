//! Entries for tests, with only what a test is about spelled out.

use std::sync::Arc;

use crate::model::entry::{Attribution, AttributionBasis, Context, Entry};
use crate::model::id::{SpanId, TraceId};
use crate::model::line::Position;
use crate::model::record::{Record, RecordTime, TimeBasis};
use crate::model::severity::Severity;
use crate::model::span::Operation;
use crate::model::time::Timestamp;

/// The request that fixture entries belong to.
pub(crate) fn trace_id() -> TraceId {
    TraceId::new(0x7b2f_9c41_d05e_83a6_194c_be70_f2a8_5d13).expect("not zero")
}

/// An entry in the making.
#[derive(Clone)]
pub(crate) struct Fixture(Entry);

/// An entry of this service, of instance `<service>-0`, in a file of its own.
pub(crate) fn entry(service: &str, message: &str) -> Fixture {
    Fixture(Entry {
        path: Arc::from(format!("/logs/{service}.log")),
        record: Record {
            position: Position::START,
            lines: 1,
            raw: message.as_bytes().to_vec(),
            time: None,
            severity: Some(Severity::INFO),
            service: None,
            instance: None,
            host: None,
            logger: None,
            thread: None,
            message: message.to_owned(),
            fields: Vec::new(),
            format: Arc::from("plain"),
        },
        context: Context {
            trace_id: Some(trace_id()),
            span_id: None,
            parent_span_id: None,
            attribution: Some(Attribution { basis: AttributionBasis::Stated, confidence: 1.0 }),
            service: service.to_owned(),
            instance: Some(format!("{service}-0")),
            host: None,
            keys: Vec::new(),
            operation: None,
        },
    })
}

impl From<Entry> for Fixture {
    /// One made elsewhere.
    fn from(entry: Entry) -> Self {
        Self(entry)
    }
}

impl Fixture {
    /// Written this many milliseconds after 2026-11-21T09:30:00Z.
    pub(crate) fn at(self, milliseconds: i64) -> Self {
        self.at_microseconds(milliseconds.saturating_mul(1_000))
    }

    /// Written this many microseconds after 2026-11-21T09:30:00Z.
    pub(crate) fn at_microseconds(mut self, microseconds: i64) -> Self {
        let at = Timestamp::from_nanoseconds(
            1_795_253_400_000_000_000_i64.saturating_add(microseconds.saturating_mul(1_000)),
        );
        self.0.record.time = Some(RecordTime { at, text: String::new(), basis: TimeBasis::Line });
        self
    }

    /// On this line of its file.
    pub(crate) fn line(mut self, line: u64) -> Self {
        self.0.record.position = Position { line, offset: line.saturating_sub(1) * 100 };
        self
    }

    /// In this span.
    pub(crate) fn span(mut self, id: u64) -> Self {
        self.0.context.span_id = SpanId::new(id);
        self
    }

    /// Stating this parent.
    pub(crate) fn parent(mut self, id: u64) -> Self {
        self.0.context.parent_span_id = SpanId::new(id);
        self
    }

    /// Stamped by this host's clock.
    pub(crate) fn host(mut self, host: &str) -> Self {
        self.0.context.host = Some(host.to_owned());
        self
    }

    /// Of level ERROR.
    pub(crate) fn error(mut self) -> Self {
        self.0.record.severity = Some(Severity::ERROR);
        self
    }

    /// Saying this of its span.
    pub(crate) fn operation(mut self, operation: Operation) -> Self {
        self.0.context.operation = Some(Box::new(operation));
        self
    }

    /// Naming a key.
    pub(crate) fn key(mut self, name: &str, value: &str) -> Self {
        let key = crate::model::entry::Key { name: name.to_owned(), value: value.to_owned() };
        self.0.context.keys.push(key);
        self
    }

    /// The entry.
    pub(crate) fn done(self) -> Entry {
        self.0
    }
}
