//! An entry: a record with its context, that is, which request and which span it belongs to.

use std::sync::Arc;

use crate::model::id::{SpanId, TraceId};
use crate::model::record::Record;
use crate::model::severity::Severity;
use crate::model::span::Operation;
use crate::model::time::Timestamp;

/// One log statement in its request.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The file, archive member or stream it was read from, as shown to people.
    pub path: Arc<str>,
    /// The statement.
    pub record: Record,
    /// Where it belongs.
    pub context: Context,
}

impl Entry {
    /// When it happened, if that is known.
    pub fn time(&self) -> Option<Timestamp> {
        self.record.time.as_ref().map(|time| time.at)
    }

    /// Whether it is of level ERROR or worse.
    pub fn is_error(&self) -> bool {
        self.record.severity.is_some_and(Severity::is_error)
    }
}

/// Which request and span a record belongs to, and who wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// The request.
    pub trace_id: Option<TraceId>,
    /// The span that wrote it.
    pub span_id: Option<SpanId>,
    /// That span's parent, where the record states it.
    pub parent_span_id: Option<SpanId>,
    /// How the trace id is known; none when there is no trace id.
    pub attribution: Option<Attribution>,
    /// The service, normalised; `unknown:<file stem>` at worst.
    pub service: String,
    /// The instance of the service (pod, container, process).
    pub instance: Option<String>,
    /// The host whose clock stamped it.
    pub host: Option<String>,
    /// Identifiers of the business (order, user, trip) that it names.
    pub keys: Vec<Key>,
    /// What it says about the whole span it belongs to (duration, kind, status), if anything.
    pub operation: Option<Box<Operation>>,
}

/// How an entry came to its trace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attribution {
    /// The kind of evidence.
    pub basis: AttributionBasis,
    /// How sure it is, 0 to 1.
    pub confidence: f32,
}

/// The kinds of evidence that join an entry to a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttributionBasis {
    /// The entry states the trace id, or a request id that stands for it.
    Stated,
    /// It was joined by the thread, connection or neighbours it shares with stated entries.
    Inferred,
}

/// An identifier of the business, such as `order_id` = `ORD-20417`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Lower snake case: `order_id`.
    pub name: String,
    /// The value as it is spelled in the log.
    pub value: String,
}
