//! A request in brief: what every row that stands for a request says of it, whether it was
//! searched for or is followed.

use crate::analysis::overview::Overview;
use crate::model::id::TraceId;
use crate::model::time::Timestamp;
use crate::model::trace::Trace;

/// A request in brief.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// Its id.
    pub id: TraceId,
    /// When it began, if known.
    pub start: Option<Timestamp>,
    /// How many nanoseconds it took so far, if known.
    pub duration: Option<i64>,
    /// The service of its first root; empty if it has none.
    pub root_service: String,
    /// What that service did.
    pub root_operation: String,
    /// Services that logged.
    pub services: usize,
    /// Spans.
    pub spans: usize,
    /// Entries.
    pub lines: usize,
    /// Entries of level ERROR or worse.
    pub errors: usize,
}

impl Brief {
    /// What there is to say of a request.
    pub fn of(trace: &Trace) -> Self {
        let overview = Overview::of(trace);
        let root = overview.root.map(|root| trace.span(root));
        Self {
            id: trace.id,
            start: overview.start,
            duration: overview.duration,
            root_service: root.map(|root| root.service.clone()).unwrap_or_default(),
            root_operation: root.map(|root| root.name.clone()).unwrap_or_default(),
            services: overview.services,
            spans: overview.spans,
            lines: overview.entries,
            errors: overview.errors,
        }
    }
}
