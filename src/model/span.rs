//! A span: one operation of one service in a request, with its place in the call tree.

use crate::model::id::SpanId;
use crate::model::time::Timestamp;

/// What one entry says about the whole of its span.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Operation {
    /// The span's name: `POST /orders`, `SELECT orders`, `reserve`.
    pub name: Option<String>,
    /// Which side of a call it is.
    pub kind: Option<SpanKind>,
    /// How it ended.
    pub status: Option<SpanStatus>,
    /// The service on the other side of a call.
    pub peer: Option<String>,
    /// How long it took, in nanoseconds.
    pub duration: Option<u64>,
    /// Which end of the span the entry's own time marks.
    pub mark: Option<Mark>,
}

/// Which end of its span an entry's time marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// The entry was written (or is dated) when the span began.
    Start,
    /// The entry was written (or is dated) when the span ended.
    End,
}

/// OpenTelemetry's span kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpanKind {
    /// Work inside a service.
    Internal,
    /// The answering side of a call.
    Server,
    /// The asking side of a call.
    Client,
    /// The sender of a message.
    Producer,
    /// The receiver of a message.
    Consumer,
}

impl SpanKind {
    /// The name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

/// OpenTelemetry's span status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpanStatus {
    /// Stated to have succeeded.
    Ok,
    /// Stated to have failed.
    Error,
}

impl SpanStatus {
    /// The name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }
}

/// The place of a span in its trace's list of spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanIndex(pub usize);

/// One operation of one service.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Its id; where logs have none, a stable synthetic one.
    pub id: SpanId,
    /// Whether the id was made up because the logs have none.
    pub synthetic: bool,
    /// The service it ran in.
    pub service: String,
    /// The instance of the service, if known.
    pub instance: Option<String>,
    /// The host whose clock its times are from, if known.
    pub host: Option<String>,
    /// What it did, in the best words the logs have.
    pub name: String,
    /// Which side of a call it is, if known.
    pub kind: Option<SpanKind>,
    /// How it ended, if known.
    pub status: Option<SpanStatus>,
    /// The service on the other side, if named.
    pub peer: Option<String>,
    /// When it began, by corrected clocks; none when no entry of it has a time.
    pub start: Option<Timestamp>,
    /// When it ended, by corrected clocks; never before `start`.
    pub end: Option<Timestamp>,
    /// Nanoseconds that were added to the host's clock.
    pub clock_offset: i64,
    /// Whether start and end are stated, or only the spread of its entries.
    pub extent: ExtentBasis,
    /// Its place in the tree and how that is known.
    pub parent: Edge,
}

/// How a span's start and end are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExtentBasis {
    /// A record states a duration or both ends.
    Stated,
    /// From its first to its last entry: the truth may be wider.
    Entries,
    /// It has no entry of its own; its children are all that is known.
    Children,
}

/// The edge from a span to its parent.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// The parent; none for a root.
    pub parent: Option<SpanIndex>,
    /// How it is known.
    pub basis: EdgeBasis,
    /// How sure it is, 0 to 1: of edges said to be 0.9 sure, nine in ten should be right.
    pub confidence: f32,
    /// Entries that prove it, as indexes into the trace's entries.
    pub evidence: Vec<usize>,
}

/// How an edge of the call tree is known, surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeBasis {
    /// A root: nothing is above it.
    Root,
    /// An entry states the parent's id.
    Stated,
    /// The callee logged the caller's propagation header.
    Header,
    /// A line of the caller that names the callee matches a line of the callee.
    CallPair,
    /// A message or job id joins producer and consumer.
    Handoff,
    /// The same operations call each other in other traces.
    Flow,
    /// The parent was open all the while.
    Nesting,
    /// Nothing better was found.
    Guess,
}

impl EdgeBasis {
    /// The name in machine-readable answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Stated => "stated",
            Self::Header => "header",
            Self::CallPair => "call_pair",
            Self::Handoff => "handoff",
            Self::Flow => "flow",
            Self::Nesting => "nesting",
            Self::Guess => "guess",
        }
    }

    /// Whether the edge was inferred rather than read from the logs.
    pub const fn is_inferred(self) -> bool {
        matches!(self, Self::Flow | Self::Nesting | Self::Guess | Self::CallPair)
    }
}
