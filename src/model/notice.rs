//! What was mended while a request was put together. Nothing is repaired in silence.

use std::fmt;

use crate::model::id::{SpanId, TraceId};

/// One repair of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A stated parent appears in no entry; a span without entries stands in its place.
    ParentMissing {
        /// The parent's id.
        parent: SpanId,
    },
    /// A span states itself as its parent; the statement was dropped.
    SelfParent {
        /// The span.
        span: SpanId,
    },
    /// Stated parents form a circle; it was cut above this span.
    ParentCycle {
        /// The span that became a root.
        span: SpanId,
    },
    /// Two services used one span id; the callee's half was made a child of the caller's.
    SpanIdShared {
        /// The id.
        span: SpanId,
        /// The services, in alphabetical order.
        services: Vec<String>,
    },
    /// Entries of one span state different parents; the first in time was kept.
    ParentContradiction {
        /// The span.
        span: SpanId,
    },
    /// An id of 64 bits is the low half of several whole ids; its lines were joined to none.
    AmbiguousHalf {
        /// The 64 bits.
        half: TraceId,
        /// The whole ids.
        wholes: Vec<TraceId>,
    },
    /// Several spans have no parent.
    SeveralRoots {
        /// How many.
        count: usize,
    },
    /// Entries without any time were placed by their order in the file.
    Undated {
        /// How many.
        count: usize,
    },
    /// The request has more entries than one answer holds.
    Truncated {
        /// Entries shown.
        shown: u64,
        /// Entries there are.
        total: u64,
    },
}

impl Notice {
    /// The kind's name in machine-readable answers.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ParentMissing { .. } => "parent_missing",
            Self::SelfParent { .. } => "self_parent",
            Self::ParentCycle { .. } => "parent_cycle",
            Self::SpanIdShared { .. } => "span_id_shared",
            Self::ParentContradiction { .. } => "parent_contradiction",
            Self::AmbiguousHalf { .. } => "ambiguous_half",
            Self::SeveralRoots { .. } => "several_roots",
            Self::Undated { .. } => "undated",
            Self::Truncated { .. } => "truncated",
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ParentMissing { parent } => {
                write!(formatter, "parent span {parent} is named but logged nothing")
            }
            Self::SelfParent { span } => {
                write!(formatter, "span {span} named itself as its parent")
            }
            Self::ParentCycle { span } => {
                write!(formatter, "stated parents form a circle, cut above span {span}")
            }
            Self::SpanIdShared { span, services } => {
                write!(formatter, "span id {span} is used by {}", services.join(" and "))
            }
            Self::ParentContradiction { span } => {
                write!(formatter, "entries of span {span} name different parents")
            }
            Self::AmbiguousHalf { half, wholes } => {
                let count = wholes.len();
                write!(formatter, "id {half} is the low half of {count} requests, joined to none")
            }
            Self::SeveralRoots { count } => write!(formatter, "{count} spans have no parent"),
            Self::Undated { count } => {
                write!(formatter, "{count} lines without a time, placed by their order in the file")
            }
            Self::Truncated { shown, total } => write!(formatter, "{shown} of {total} lines shown"),
        }
    }
}
