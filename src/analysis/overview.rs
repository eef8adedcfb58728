//! A request in numbers: what heads its story and makes its row among others.

use std::collections::BTreeMap;

use crate::model::span::{EdgeBasis, ExtentBasis, SpanIndex};
use crate::model::time::Timestamp;
use crate::model::trace::Trace;

/// A request in numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// The first span that logged anything, nearest to the root.
    pub root: Option<SpanIndex>,
    /// When the request began.
    pub start: Option<Timestamp>,
    /// When its last span ended.
    pub end: Option<Timestamp>,
    /// How many services logged for it.
    pub services: usize,
    /// How many spans it has, also those that logged nothing.
    pub spans: usize,
    /// How many lines it has.
    pub lines: u64,
    /// How many of its entries are of level ERROR or worse.
    pub errors: usize,
    /// How many edges of each basis the tree has, surest first; roots are no edges.
    pub edges: BTreeMap<EdgeBasis, usize>,
    /// The confidence of the least sure edge, 0 to 1; 1 without edges.
    pub least_sure: f32,
}

impl Overview {
    /// Nanoseconds from start to end, if there are times.
    pub fn duration(&self) -> Option<i64> {
        Some(self.end? - self.start?)
    }
}

/// Sums a request up.
pub fn overview(trace: &Trace) -> Overview {
    let mut edges = BTreeMap::new();
    let mut least_sure = 1.0_f32;
    for span in trace.spans.iter().filter(|span| span.parent.parent.is_some()) {
        *edges.entry(span.parent.basis).or_insert(0) += 1;
        least_sure = least_sure.min(span.parent.confidence);
    }
    let logged = |index: &usize| trace.spans[*index].extent != ExtentBasis::Children;
    let mut services: Vec<&str> =
        trace.entries.iter().map(|placed| placed.entry.context.service.as_str()).collect();
    services.sort_unstable();
    services.dedup();
    Overview {
        root: (0..trace.spans.len()).find(logged).map(SpanIndex),
        start: trace.spans.iter().filter_map(|span| span.start).min(),
        end: trace.spans.iter().filter_map(|span| span.end).max(),
        services: services.len(),
        spans: trace.spans.len(),
        lines: trace.entries.iter().map(|placed| u64::from(placed.entry.record.lines)).sum(),
        errors: trace.entries.iter().filter(|placed| placed.entry.is_error()).count(),
        edges,
        least_sure,
    }
}
