//! Spans, entries and silences of a request in one causal order of rows.
//!
//! Never: formats.

use crate::analysis::Analysis;
use crate::model::span::SpanIndex;
use crate::model::trace::Trace;

/// One row of the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// How deep in the call tree its span is: 0 for a root.
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

/// Puts a request in rows.
///
/// A span's head stands before its first entry and before its children; a silence stands
/// before the entry that ended it, at the depth of the span that was silent.
pub fn rows(trace: &Trace, analysis: &Analysis) -> Vec<Row> {
    let depths = trace.depths();
    let mut rows = Vec::with_capacity(trace.entries.len() + trace.spans.len());
    let mut silences = analysis.silences.iter().enumerate().peekable();
    // Spans stand in the order in which they appear, so the heads due are always the next ones.
    let mut next_span = 0;
    for (index, placed) in trace.entries.iter().enumerate() {
        while let Some((place, silence)) = silences.next_if(|(_, found)| found.before == index) {
            rows.push(Row { depth: depths[silence.span.0], content: Content::Silence(place) });
        }
        while next_span <= placed.span.0 {
            let content = Content::Span(SpanIndex(next_span));
            rows.push(Row { depth: depths[next_span], content });
            next_span += 1;
        }
        rows.push(Row { depth: depths[placed.span.0], content: Content::Entry(index) });
    }
    rows
}

#[cfg(test)]
mod tests;
