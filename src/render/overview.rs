//! A request in numbers: when, how long, how many, and how sure its tree is.

use crate::model::span::{EdgeBasis, SpanIndex};
use crate::model::time::Timestamp;
use crate::model::trace::{PlacedEntry, Trace};

/// A request in numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// The earliest time of any span or entry, by corrected clocks.
    pub start: Option<Timestamp>,
    /// Nanoseconds from there to the latest time of any span or entry.
    pub duration: Option<i64>,
    /// The first span that has no parent.
    pub root: Option<SpanIndex>,
    /// Services that have a span.
    pub services: usize,
    /// Spans.
    pub spans: usize,
    /// Entries.
    pub entries: usize,
    /// Physical lines of those entries.
    pub lines: u64,
    /// Entries of level ERROR or worse.
    pub errors: usize,
    /// How the edges of the tree are known.
    pub edges: Edges,
}

/// How the edges of a tree are known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Edges {
    /// Edges that the logs state.
    pub stated: usize,
    /// Edges that were inferred, by their basis, surest basis first.
    pub inferred: Vec<(EdgeBasis, usize)>,
    /// The lowest confidence of any inferred edge.
    pub least_sure: Option<f32>,
}

impl Overview {
    /// Counts a request.
    pub fn of(trace: &Trace) -> Self {
        let extent = extent(trace);
        Self {
            start: extent.map(|(start, _)| start),
            duration: extent.map(|(start, end)| end - start),
            root: trace.roots().next(),
            services: count_services(trace),
            spans: trace.spans.len(),
            entries: trace.entries.len(),
            lines: trace.entries.iter().map(|placed| u64::from(placed.entry.record.lines)).sum(),
            errors: trace.entries.iter().filter(|placed| placed.entry.is_error()).count(),
            edges: Edges::of(trace),
        }
    }
}

impl Edges {
    fn of(trace: &Trace) -> Self {
        let mut edges = Self::default();
        for span in &trace.spans {
            let edge = &span.parent;
            if edge.basis == EdgeBasis::Root {
                continue;
            }
            if !edge.basis.is_inferred() {
                edges.stated += 1;
                continue;
            }
            edges.count_inferred(edge.basis);
            let least = edges.least_sure.unwrap_or(1.0);
            edges.least_sure = Some(least.min(edge.confidence));
        }
        edges.inferred.sort_unstable_by_key(|(basis, _)| *basis);
        edges
    }

    fn count_inferred(&mut self, basis: EdgeBasis) {
        match self.inferred.iter_mut().find(|(known, _)| *known == basis) {
            Some((_, count)) => *count += 1,
            None => self.inferred.push((basis, 1)),
        }
    }

    /// All edges.
    pub fn total(&self) -> usize {
        self.stated + self.total_inferred()
    }

    /// Edges that were inferred.
    pub fn total_inferred(&self) -> usize {
        self.inferred.iter().map(|(_, count)| count).sum()
    }
}

/// When an entry was written, by its span's corrected clock.
pub fn corrected_time(trace: &Trace, placed: &PlacedEntry) -> Option<Timestamp> {
    Some(placed.entry.time()?.plus(trace.span(placed.span).clock_offset))
}

/// The earliest and latest time that anything in the request has.
fn extent(trace: &Trace) -> Option<(Timestamp, Timestamp)> {
    let spans = trace.spans.iter().flat_map(|span| [span.start, span.end]);
    let entries = trace.entries.iter().map(|placed| corrected_time(trace, placed));
    spans.chain(entries).flatten().fold(None, |extent, time| match extent {
        None => Some((time, time)),
        Some((start, end)) => Some((time.min(start), time.max(end))),
    })
}

fn count_services(trace: &Trace) -> usize {
    let mut services: Vec<&str> = trace.spans.iter().map(|span| span.service.as_str()).collect();
    services.sort_unstable();
    services.dedup();
    services.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture;

    #[test]
    fn a_request_is_counted() {
        let overview = Overview::of(&fixture::checkout().trace);
        assert_eq!((overview.services, overview.spans, overview.errors), (5, 7, 4));
        assert_eq!(overview.duration, Some(3_420_000_000));
        assert_eq!(overview.edges.stated, 4);
        assert_eq!(overview.edges.inferred, [(EdgeBasis::CallPair, 1), (EdgeBasis::Flow, 1)]);
        assert_eq!(overview.edges.least_sure, Some(0.62));
    }

    #[test]
    fn a_request_without_any_time_has_no_start() {
        let overview = Overview::of(&fixture::undated().trace);
        assert_eq!((overview.start, overview.duration), (None, None));
    }
}
