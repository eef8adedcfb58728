//! A trace: one request, all its entries and the tree of its spans.

use crate::model::entry::{Entry, Key};
use crate::model::field;
use crate::model::finding::Evidence;
use crate::model::id::{SpanId, TraceId};
use crate::model::notice::Notice;
use crate::model::span::{Span, SpanIndex};
use crate::model::time::Timestamp;

/// One request, put together.
///
/// Invariants: every entry of the request is in `entries` exactly once; edges form a
/// forest (no cycle); `entries` are in causal order, and `spans` in the order in which
/// they appear there, a parent before its children.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Its id.
    pub id: TraceId,
    /// Its spans.
    pub spans: Vec<Span>,
    /// Its entries, each in its span.
    pub entries: Vec<PlacedEntry>,
    /// Ties between spans beside the tree.
    pub links: Vec<Link>,
    /// What was mended.
    pub notices: Vec<Notice>,
}

/// What a span is tied to beside its parent: a batch has one parent and many messages, and work
/// may go on under another trace id.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The span.
    pub span: SpanIndex,
    /// How it is tied.
    pub kind: LinkKind,
    /// What it is tied to.
    pub linked: Linked,
    /// What both name, where that is how it is known.
    pub key: Option<Key>,
    /// Nanoseconds from the sending to the receipt; below zero where clocks differ.
    pub later: Option<i64>,
    /// How sure it is, 0 to 1.
    pub confidence: f32,
    /// Entries that show it, as indexes into the trace's entries.
    pub evidence: Vec<usize>,
    /// Lines of the other request that show it.
    pub far: Vec<Evidence>,
}

/// How a span is tied to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkKind {
    /// It stems from it as well as from its parent.
    StemsFrom,
    /// Its work goes on there, in another request.
    ContinuedIn,
    /// It goes on with what was begun there, in another request.
    Continues,
}

impl LinkKind {
    /// The name in machine-readable answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StemsFrom => "stems_from",
            Self::ContinuedIn => "continued_in",
            Self::Continues => "continues",
        }
    }
}

/// What a span is tied to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Linked {
    /// A span of the same request.
    Here(SpanIndex),
    /// Another request, or a span of this one that logged nothing.
    Elsewhere {
        /// The request.
        trace: TraceId,
        /// The span, if it is named.
        span: Option<SpanId>,
        /// Its service, if it is known.
        service: Option<String>,
    },
}

/// An entry and the span it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedEntry {
    /// The entry.
    pub entry: Entry,
    /// Its span.
    pub span: SpanIndex,
}

impl Trace {
    /// How its lines spell its id, where that is no number and the id is derived from it.
    pub fn raw_id(&self) -> Option<&str> {
        let mut raw = self.entries.iter().filter_map(|placed| {
            field::find(&placed.entry.record.fields, field::RAW_TRACE_ID)?.as_text()
        });
        raw.next()
    }

    /// The span at this place.
    pub fn span(&self, index: SpanIndex) -> &Span {
        &self.spans[index.0]
    }

    /// When an entry (by its index) happened, by its host's corrected clock.
    pub fn time(&self, entry: usize) -> Option<Timestamp> {
        let placed = &self.entries[entry];
        Some(placed.entry.time()?.plus(self.span(placed.span).clock_offset))
    }

    /// The spans that have no parent.
    pub fn roots(&self) -> impl Iterator<Item = SpanIndex> + '_ {
        (0..self.spans.len())
            .map(SpanIndex)
            .filter(|index| self.span(*index).parent.parent.is_none())
    }

    /// How deep each span is, by its index: 0 for a root.
    pub fn depths(&self) -> Vec<usize> {
        let mut depths = vec![0; self.spans.len()];
        for (index, span) in self.spans.iter().enumerate() {
            // A parent stands before its children.
            depths[index] = span.parent.parent.map_or(0, |parent| depths[parent.0] + 1);
        }
        depths
    }

    /// The children of each span, by the span's index, in the order of `spans`.
    pub fn children(&self) -> Vec<Vec<SpanIndex>> {
        let mut children = vec![Vec::new(); self.spans.len()];
        for (index, span) in self.spans.iter().enumerate() {
            if let Some(parent) = span.parent.parent {
                children[parent.0].push(SpanIndex(index));
            }
        }
        children
    }
}
