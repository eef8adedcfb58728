//! Spans and entries of a request in one causal order of rows.
//!
//! Never: formats.

use crate::analysis::Analysis;
use crate::model::span::SpanIndex;
use crate::model::trace::Trace;

/// One row of the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// How deep in the call tree: 0 for a root's own rows.
    pub depth: usize,
    /// What it shows.
    pub content: Content,
}

/// What a row shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A span begins.
    Span(SpanIndex),
    /// An entry, by its index.
    Entry(usize),
    /// A silence, by its index in the analysis.
    Silence(usize),
}

/// Puts a request in rows: a span's head stands before its first entry and before its children.
pub fn rows(_trace: &Trace, _analysis: &Analysis) -> Vec<Row> {
    Vec::new()
}
