//! A request in numbers: when, how long, how many, and how sure its tree is.

use crate::model::span::{EdgeBasis, ExtentBasis, Span, SpanIndex};
use crate::model::time::Timestamp;
use crate::model::trace::Trace;

/// A request in numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// The earliest time of any span or entry, by corrected clocks.
    pub start: Option<Timestamp>,
    /// Nanoseconds from there to the latest time of any span or entry.
    pub duration: Option<i64>,
    /// The first span that logged anything: the root, or the nearest to it that is known.
    pub root: Option<SpanIndex>,
    /// Services that logged.
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
            root: first_that_logged(trace),
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

/// The earliest and latest time that anything in the request has.
fn extent(trace: &Trace) -> Option<(Timestamp, Timestamp)> {
    let spans = trace.spans.iter().flat_map(|span| [span.start, span.end]);
    let entries = (0..trace.entries.len()).map(|entry| trace.time(entry));
    spans.chain(entries).flatten().fold(None, |extent, time| match extent {
        None => Some((time, time)),
        Some((start, end)) => Some((time.min(start), time.max(end))),
    })
}

fn count_services(trace: &Trace) -> usize {
    let logged = trace.spans.iter().filter(|span| span.extent != ExtentBasis::Children);
    let mut services: Vec<&str> = logged.map(|span| span.service.as_str()).collect();
    services.sort_unstable();
    services.dedup();
    services.len()
}

fn first_that_logged(trace: &Trace) -> Option<SpanIndex> {
    let logged = |span: &Span| span.extent != ExtentBasis::Children;
    trace.spans.iter().position(logged).map(SpanIndex)
}
