//! Which spans decided how long a request took.

use crate::model::span::SpanIndex;
use crate::model::time::Timestamp;
use crate::model::trace::Trace;

/// The steps that decided the request's duration, from its start to its end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CriticalPath {
    /// The steps in time order, without gaps: their sum is the root's duration.
    pub segments: Vec<Segment>,
}

/// A stretch of time for which one span held the request up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// The span.
    pub span: SpanIndex,
    /// From here.
    pub start: Timestamp,
    /// To here.
    pub end: Timestamp,
}

impl CriticalPath {
    /// Whether the span is on the path.
    pub fn contains(&self, span: SpanIndex) -> bool {
        self.segments.iter().any(|segment| segment.span == span)
    }
}

/// Walks back from the end of the first root.
pub fn critical_path(_trace: &Trace) -> CriticalPath {
    CriticalPath::default()
}
