//! One request as every technique looks at it: what each line speaks of, who called whom,
//! how long each took, and which other requests there are to compare with.
//!
//! It is worked out once, so that a technique is only its question.

use crate::analysis::call::{Call, calls};
use crate::analysis::critical_path::CriticalPath;
use crate::analysis::said::{Said, Topic};
use crate::analysis::silence::Silence;
use crate::analysis::template;
use crate::model::finding::Evidence;
use crate::model::span::{ExtentBasis, Span, SpanIndex, SpanKind, SpanStatus};
use crate::model::time::Timestamp;
use crate::model::trace::Trace;

/// Other requests that a diagnosis may look at. Without any, it says less.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Surroundings {
    /// Requests with the same root operation, from before and beside this one.
    pub peers: Vec<Trace>,
    /// Requests that name a message or business key which this one names too.
    pub related: Vec<Trace>,
}

/// One request, looked at.
#[derive(Debug)]
pub struct Case<'a> {
    /// The request.
    pub trace: &'a Trace,
    /// Other requests.
    pub around: &'a Surroundings,
    /// Which spans decided how long it took.
    pub path: &'a CriticalPath,
    /// Where nothing was logged for long.
    pub silences: &'a [Silence],
    /// The children of each span.
    pub children: Vec<Vec<SpanIndex>>,
    /// The entries of each span, in causal order.
    pub entries: Vec<Vec<usize>>,
    /// What each entry speaks of.
    pub said: Vec<Said>,
    /// The template of each entry.
    pub templates: Vec<u64>,
    /// The calls of all spans, by who made them, then by when they began.
    pub calls: Vec<Call>,
}

impl<'a> Case<'a> {
    /// Looks at a request.
    pub fn new(
        trace: &'a Trace,
        path: &'a CriticalPath,
        silences: &'a [Silence],
        around: &'a Surroundings,
    ) -> Self {
        let mut entries = vec![Vec::new(); trace.spans.len()];
        for (index, placed) in trace.entries.iter().enumerate() {
            entries[placed.span.0].push(index);
        }
        let said = trace.entries.iter().map(|placed| Said::of(&placed.entry)).collect();
        let templates =
            trace.entries.iter().map(|placed| template::template(&placed.entry)).collect();
        let children = trace.children();
        let mut case = Self {
            trace,
            around,
            path,
            silences,
            children,
            entries,
            said,
            templates,
            calls: Vec::new(),
        };
        case.calls = calls(&case);
        case
    }

    /// The span at this place.
    pub fn span(&self, index: SpanIndex) -> &'a Span {
        self.trace.span(index)
    }

    /// All spans.
    pub fn spans(&self) -> impl Iterator<Item = SpanIndex> + use<'a> {
        (0..self.trace.spans.len()).map(SpanIndex)
    }

    /// The service of a span.
    pub fn service(&self, index: SpanIndex) -> &'a str {
        &self.span(index).service
    }

    /// A span's start and end.
    pub fn extent(&self, index: SpanIndex) -> Option<(Timestamp, Timestamp)> {
        let span = self.span(index);
        span.start.zip(span.end)
    }

    /// How long a span was open, in nanoseconds.
    pub fn length(&self, index: SpanIndex) -> i64 {
        self.extent(index).map_or(0, |(start, end)| end - start)
    }

    /// The root that is measured: the first with times.
    pub fn root(&self) -> Option<SpanIndex> {
        self.trace.roots().find(|root| self.span(*root).start.is_some())
    }

    /// The root's duration in nanoseconds; at least 1, for it is divided by.
    pub fn whole(&self) -> i64 {
        self.root().map_or(1, |root| self.length(root)).max(1)
    }

    /// Which part of the root's duration a length of time is, 0 to 1 (or more).
    pub fn share(&self, length: i64) -> f64 {
        length as f64 / self.whole() as f64
    }

    /// A span's own time: its extent without those of its children and of calls that only its
    /// lines tell of.
    pub fn self_time(&self, index: SpanIndex) -> i64 {
        let Some((start, end)) = self.extent(index) else { return 0 };
        let mut inside: Vec<(Timestamp, Timestamp)> = self.children[index.0]
            .iter()
            .filter_map(|child| self.extent(*child))
            .map(|(from, to)| (from.max(start), to.min(end)))
            .filter(|(from, to)| from < to)
            .collect();
        let by_lines = self.calls_of(index).iter().filter(|call| call.span.is_none());
        inside.extend(by_lines.map(|call| (call.start.max(start), call.end.min(end))));
        inside.sort_unstable();
        let mut covered = 0;
        let mut until = start;
        for (from, to) in inside {
            covered += (to - from.max(until)).max(0);
            until = until.max(to);
        }
        end - start - covered
    }

    /// Whether the logs say that a span failed: by how they say it ended, else by an error of
    /// its own. A span that states success has not failed, whatever it logged before.
    pub fn has_failed(&self, index: SpanIndex) -> bool {
        self.stated_failure(index).unwrap_or_else(|| {
            self.entries[index.0].iter().any(|entry| self.said[*entry].is_error())
        })
    }

    /// Whether a span states that it failed, or that it did not: by its status, else by the
    /// last HTTP status that its lines name.
    pub fn stated_failure(&self, index: SpanIndex) -> Option<bool> {
        let by_status = self.span(index).status.map(|status| status == SpanStatus::Error);
        let last = || self.entries[index.0].last().and_then(|entry| self.said[*entry].status);
        by_status.or_else(|| last().map(|status| status >= 400))
    }

    /// Whether the request failed: what its root, or the span of the root's service nearest
    /// to it, answered.
    pub fn request_has_failed(&self) -> bool {
        let first = self.spans().find(|span| self.span(*span).extent != ExtentBasis::Children);
        first.is_some_and(|first| self.has_failed(first))
    }

    /// The entries of a span that speak of a topic.
    pub fn speaking(&self, span: SpanIndex, topic: Topic) -> impl Iterator<Item = usize> + '_ {
        self.entries[span.0].iter().copied().filter(move |entry| self.said[*entry].of_topic(topic))
    }

    /// Whether a span is another or lies below it.
    pub fn is_within(&self, span: SpanIndex, above: SpanIndex) -> bool {
        let mut at = Some(span);
        while let Some(index) = at {
            if index == above {
                return true;
            }
            at = self.span(index).parent.parent;
        }
        false
    }

    /// A span and all below it, a parent before its children.
    pub fn within(&self, span: SpanIndex) -> Vec<SpanIndex> {
        let mut found = vec![span];
        let mut next = 0;
        while let Some(at) = found.get(next) {
            found.extend(self.children[at.0].iter().copied());
            next += 1;
        }
        found
    }

    /// The calls that a span made, by when they began.
    pub fn calls_of(&self, span: SpanIndex) -> &[Call] {
        let start = self.calls.partition_point(|call| call.by < span);
        let end = self.calls.partition_point(|call| call.by <= span);
        &self.calls[start..end]
    }

    /// How sure the edges above these spans are, 0 to 1: the least sure of them decides.
    pub fn certainty(&self, spans: &[SpanIndex]) -> f32 {
        let least = |sure: f32, span: &SpanIndex| sure.min(self.span(*span).parent.confidence);
        spans.iter().fold(1.0, least)
    }

    /// Entries as evidence.
    pub fn evidence(&self, entries: &[usize]) -> Vec<Evidence> {
        entries.iter().map(|entry| Evidence::of(&self.trace.entries[*entry].entry)).collect()
    }

    /// Whether a service logged anything in this request.
    pub fn speaks(&self, service: &str) -> bool {
        self.spans().any(|span| self.service(span) == service && !self.entries[span.0].is_empty())
    }

    /// Whether a span is somebody's receipt of a message.
    pub fn is_consumer(&self, span: SpanIndex) -> bool {
        self.span(span).kind == Some(SpanKind::Consumer)
            || self.entries[span.0]
                .first()
                .is_some_and(|first| self.said[*first].of_topic(Topic::Received))
    }
}
