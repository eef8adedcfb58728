//! What was mended while a request was put together. Nothing is repaired in silence.

use std::fmt;

use crate::model::id::{SpanId, TraceId};

/// One repair of a trace. `lines` are the entries that show what was mended, as indexes into
/// the trace's entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A stated parent appears in no entry; a span without entries stands in its place.
    ParentMissing {
        /// The parent's id.
        parent: SpanId,
        /// The first that names it.
        lines: Vec<usize>,
    },
    /// A span states itself as its parent; the statement was dropped.
    SelfParent {
        /// The span.
        span: SpanId,
        /// The first that does.
        lines: Vec<usize>,
    },
    /// Stated parents form a circle; it was cut above this span.
    ParentCycle {
        /// The span that became a root.
        span: SpanId,
        /// What stated the parent that it lost.
        lines: Vec<usize>,
    },
    /// Two services used one span id for the two sides of a call; the callee's half was made a
    /// child of the caller's and has an id of its own.
    SpanIdShared {
        /// The id.
        span: SpanId,
        /// The services, in alphabetical order.
        services: Vec<String>,
        /// The first of each.
        lines: Vec<usize>,
    },
    /// Two services used one span id for spans that have nothing to do with each other; all but
    /// the first got an id of its own.
    SpanIdDuplicated {
        /// The id.
        span: SpanId,
        /// The services, in alphabetical order.
        services: Vec<String>,
        /// The first of each.
        lines: Vec<usize>,
    },
    /// Entries of one span state different parents; the first in order was kept.
    ParentContradiction {
        /// The span.
        span: SpanId,
        /// The parents, the one that was kept first.
        parents: Vec<SpanId>,
        /// The first entry that names each.
        lines: Vec<usize>,
    },
    /// A span received a header of another span than the parent it states; the statement was
    /// kept.
    HeaderContradiction {
        /// The span.
        span: SpanId,
        /// The parent it states.
        parent: SpanId,
        /// The span that the header names.
        header: SpanId,
        /// The entry with both.
        lines: Vec<usize>,
    },
    /// A span was at work when its stated parent was not, by the clocks; the statement was kept.
    OutsideParent {
        /// The span for which that is so most.
        span: SpanId,
        /// Its parent.
        parent: SpanId,
        /// By how many nanoseconds it began too early or too late.
        by: i64,
        /// Too early or too late.
        side: Outside,
        /// How many spans there are between these two hosts of which the same is true.
        count: usize,
        /// What both said first.
        lines: Vec<usize>,
    },
    /// The id was used again after everything had been silent for long; each stretch was put
    /// together on its own.
    IdReused {
        /// How many stretches there are.
        stretches: usize,
        /// The longest silence between two, in nanoseconds.
        silence: i64,
        /// The first entry of each.
        lines: Vec<usize>,
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

/// Where a span lies that is not within its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outside {
    /// It began before its parent did.
    Before,
    /// It began after its parent, a call, had its answer.
    After,
}

impl Notice {
    /// The kind's name in machine-readable answers.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ParentMissing { .. } => "parent_missing",
            Self::SelfParent { .. } => "self_parent",
            Self::ParentCycle { .. } => "parent_cycle",
            Self::SpanIdShared { .. } => "span_id_shared",
            Self::SpanIdDuplicated { .. } => "span_id_duplicated",
            Self::ParentContradiction { .. } => "parent_contradiction",
            Self::HeaderContradiction { .. } => "header_contradiction",
            Self::OutsideParent { .. } => "outside_parent",
            Self::IdReused { .. } => "id_reused",
            Self::AmbiguousHalf { .. } => "ambiguous_half",
            Self::SeveralRoots { .. } => "several_roots",
            Self::Undated { .. } => "undated",
            Self::Truncated { .. } => "truncated",
        }
    }

    /// The span it is about, if it is about one.
    pub const fn span(&self) -> Option<SpanId> {
        match self {
            Self::ParentMissing { parent, .. } => Some(*parent),
            Self::SelfParent { span, .. }
            | Self::ParentCycle { span, .. }
            | Self::SpanIdShared { span, .. }
            | Self::SpanIdDuplicated { span, .. }
            | Self::ParentContradiction { span, .. }
            | Self::HeaderContradiction { span, .. }
            | Self::OutsideParent { span, .. } => Some(*span),
            Self::IdReused { .. }
            | Self::AmbiguousHalf { .. }
            | Self::SeveralRoots { .. }
            | Self::Undated { .. }
            | Self::Truncated { .. } => None,
        }
    }

    /// The entries that show it, as indexes into the trace's entries.
    pub fn lines(&self) -> &[usize] {
        match self {
            Self::ParentMissing { lines, .. }
            | Self::SelfParent { lines, .. }
            | Self::ParentCycle { lines, .. }
            | Self::SpanIdShared { lines, .. }
            | Self::SpanIdDuplicated { lines, .. }
            | Self::ParentContradiction { lines, .. }
            | Self::HeaderContradiction { lines, .. }
            | Self::OutsideParent { lines, .. }
            | Self::IdReused { lines, .. } => lines,
            Self::AmbiguousHalf { .. }
            | Self::SeveralRoots { .. }
            | Self::Undated { .. }
            | Self::Truncated { .. } => &[],
        }
    }

    /// The same, to be changed as entries take other places.
    pub fn lines_mut(&mut self) -> &mut [usize] {
        match self {
            Self::ParentMissing { lines, .. }
            | Self::SelfParent { lines, .. }
            | Self::ParentCycle { lines, .. }
            | Self::SpanIdShared { lines, .. }
            | Self::SpanIdDuplicated { lines, .. }
            | Self::ParentContradiction { lines, .. }
            | Self::HeaderContradiction { lines, .. }
            | Self::OutsideParent { lines, .. }
            | Self::IdReused { lines, .. } => lines,
            Self::AmbiguousHalf { .. }
            | Self::SeveralRoots { .. }
            | Self::Undated { .. }
            | Self::Truncated { .. } => &mut [],
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ParentMissing { parent, .. } => {
                write!(formatter, "parent span {parent} is named but logged nothing")
            }
            Self::SelfParent { span, .. } => {
                write!(formatter, "span {span} named itself as its parent")
            }
            Self::ParentCycle { span, .. } => {
                write!(formatter, "stated parents form a circle, cut above span {span}")
            }
            Self::SpanIdShared { span, services, .. } => {
                let services = services.join(" and ");
                write!(formatter, "span id {span} is used by {services} for the sides of a call")
            }
            Self::SpanIdDuplicated { span, services, .. } => {
                let services = services.join(" and ");
                write!(formatter, "span id {span} is used by {services} for different spans")
            }
            Self::ParentContradiction { span, parents, .. } => {
                let parents: Vec<String> = parents.iter().map(SpanId::to_string).collect();
                let parents = parents.join(" and ");
                write!(formatter, "lines of span {span} name different parents: {parents}")
            }
            Self::HeaderContradiction { span, parent, header, .. } => {
                write!(
                    formatter,
                    "span {span} states parent {parent}, and got a header of {header}"
                )
            }
            Self::OutsideParent { span, parent, by, side, count, .. } => {
                let by = *by as f64 / 1e6;
                let side = match side {
                    Outside::Before => "before its stated parent",
                    Outside::After => "after the answer to its stated parent",
                };
                write!(formatter, "span {span} began {by:.1} ms {side} {parent}")?;
                match count - 1 {
                    0 => Ok(()),
                    1 => formatter.write_str(", as did 1 other by less"),
                    others => write!(formatter, ", as did {others} others by less"),
                }
            }
            Self::IdReused { stretches, silence, .. } => {
                let minutes = silence / 60_000_000_000;
                write!(
                    formatter,
                    "the id was used in {stretches} stretches, up to {minutes} min apart; each \
                     is a tree of its own"
                )
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
