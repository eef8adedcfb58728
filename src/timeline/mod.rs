//! Spans, entries, links and silences of a request in one causal order of rows.
//!
//! Never: formats.

use crate::analysis::Analysis;
use crate::model::span::SpanIndex;
use crate::model::trace::{Link, Trace};

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
    /// A link to another span or request, by its index in the trace.
    Link(usize),
}

/// Puts a request in rows.
///
/// A span's head stands before its first entry and before its children; a silence stands
/// before the entry that ended it, at the depth of the span that was silent; a link stands
/// behind the entry of its span that shows it, else behind the span's last one.
pub fn rows(trace: &Trace, analysis: &Analysis) -> Vec<Row> {
    let depths = trace.depths();
    let mut rows = Vec::with_capacity(trace.entries.len() + trace.spans.len());
    let mut links = links(trace).into_iter().peekable();
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
        while let Some((_, link)) = links.next_if(|(behind, _)| *behind == index) {
            rows.push(Row { depth: depths[placed.span.0], content: Content::Link(link) });
        }
    }
    rows
}

/// The links of a request, each by the entry behind which it stands. That of a span without
/// entries stands nowhere.
fn links(trace: &Trace) -> Vec<(usize, usize)> {
    if trace.links.is_empty() {
        return Vec::new();
    }
    let mut last: Vec<Option<usize>> = vec![None; trace.spans.len()];
    for (index, placed) in trace.entries.iter().enumerate() {
        last[placed.span.0] = Some(index);
    }
    let place = |(index, link): (usize, &Link)| {
        let own = |entry: &usize| trace.entries[*entry].span == link.span;
        let shown = link.evidence.iter().copied().filter(own).max();
        Some((shown.or(last[link.span.0])?, index))
    };
    let mut links: Vec<(usize, usize)> = trace.links.iter().enumerate().filter_map(place).collect();
    links.sort_unstable();
    links
}

#[cfg(test)]
mod tests;
