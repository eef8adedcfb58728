//! A request as groups are compared by it: which steps each span took, one after the other.
//!
//! A step is a line, or a call of another span. A span that logged nothing is looked through:
//! its children count as called by its parent. Steps stand in causal order.

use crate::analysis::group::statement::{Statement, statement};
use crate::analysis::group::values::{Named, named_values};
use crate::model::id::TraceId;
use crate::model::masking::masked;
use crate::model::span::{ExtentBasis, SpanIndex, SpanStatus};
use crate::model::time::Timestamp;
use crate::model::trace::Trace;

/// Steps of one request that are looked at: a runaway request says no more than its beginning.
const STEPS_MAX: usize = 20_000;

/// A request in steps.
#[derive(Debug)]
pub struct Observed {
    /// Its id.
    pub id: TraceId,
    /// When it began, in nanoseconds since the epoch, if known.
    pub start: Option<i64>,
    /// How long it took, in nanoseconds.
    pub duration: i64,
    /// Spans that logged, each behind its parent.
    pub(in crate::analysis) spans: Vec<ObservedSpan>,
    /// Values that its lines name.
    pub(in crate::analysis) values: Vec<Named>,
}

/// A span in steps.
#[derive(Debug)]
pub(in crate::analysis) struct ObservedSpan {
    pub(in crate::analysis) service: String,
    pub(in crate::analysis) operation: String,
    pub(in crate::analysis) steps: Vec<Taken>,
    /// When it began and ended, in nanoseconds, if known.
    pub(in crate::analysis) extent: Option<(i64, i64)>,
    /// The same, if that is stated and not read off its lines.
    pub(in crate::analysis) stated: Option<(i64, i64)>,
    pub(in crate::analysis) failed: bool,
}

/// A step that was taken.
#[derive(Debug)]
pub(in crate::analysis) struct Taken {
    pub(in crate::analysis) what: What,
    /// When it began and ended, in nanoseconds; for a line the same.
    pub(in crate::analysis) time: Option<(i64, i64)>,
    /// The line, or the first one of the call: an index of the trace's entries.
    pub(in crate::analysis) entry: usize,
}

/// What a step is.
#[derive(Debug)]
pub(in crate::analysis) enum What {
    /// A line.
    Line(Statement),
    /// A call of the span with this number.
    Call(usize),
}

impl Observed {
    /// Where it entered, as service and operation, if anything of it logged.
    pub fn root(&self) -> Option<(String, String)> {
        self.spans.first().map(|span| (span.service.clone(), span.operation.clone()))
    }

    /// Looks at a request.
    pub fn of(trace: &Trace) -> Self {
        let mut observer = Observer::new(trace);
        let mut values = Vec::new();
        for (index, placed) in trace.entries.iter().enumerate().take(STEPS_MAX) {
            let time = trace.time(index).map(Timestamp::nanoseconds);
            let span = observer.started(placed.span, index);
            let what = What::Line(statement(&placed.entry));
            let time = time.map(|time| (time, time));
            observer.spans[span].steps.push(Taken { what, time, entry: index });
            named_values(&placed.entry, index, &mut values);
        }
        // The same value is named by many lines of a request: the first one shows it.
        values.sort();
        values.dedup_by(|one, first| {
            (&one.service, &one.name, &one.value) == (&first.service, &first.name, &first.value)
        });
        let (start, duration) = extent(trace);
        Self { id: trace.id, start, duration, spans: observer.spans, values }
    }
}

struct Observer<'a> {
    trace: &'a Trace,
    spans: Vec<ObservedSpan>,
    /// Where each span of the trace stands in `spans`, once its first line was seen.
    places: Vec<Option<usize>>,
}

impl<'a> Observer<'a> {
    fn new(trace: &'a Trace) -> Self {
        Self { trace, spans: Vec::new(), places: vec![None; trace.spans.len()] }
    }

    /// The place of the span, which has this entry: its callers take a step with its first.
    fn started(&mut self, index: SpanIndex, entry: usize) -> usize {
        // A caller may speak only after its callee: it begins with the call then.
        let mut unknown = Vec::new();
        let mut above = Some(index);
        let mut caller = None;
        while let Some(span) = above {
            caller = self.places[span.0];
            if caller.is_some() {
                break;
            }
            unknown.push(span);
            above = self.caller(span);
        }
        while let Some(span) = unknown.pop() {
            caller = Some(self.start(span, caller, entry));
        }
        caller.unwrap_or_default()
    }

    /// Begins a span with its first entry, as a call of its caller.
    fn start(&mut self, index: SpanIndex, caller: Option<usize>, entry: usize) -> usize {
        let span = self.trace.span(index);
        let place = self.spans.len();
        self.places[index.0] = Some(place);
        let ends = span.start.zip(span.end);
        let extent = ends.map(|(start, end)| (start.nanoseconds(), end.nanoseconds()));
        self.spans.push(ObservedSpan {
            service: span.service.clone(),
            operation: masked(&span.name).into_owned(),
            steps: Vec::new(),
            extent,
            stated: extent.filter(|_| span.extent == ExtentBasis::Stated),
            failed: span.status == Some(SpanStatus::Error),
        });
        if let Some(caller) = caller {
            let call = Taken { what: What::Call(place), time: extent, entry };
            self.spans[caller].steps.push(call);
        }
        place
    }

    /// The nearest span above that logged.
    fn caller(&self, index: SpanIndex) -> Option<SpanIndex> {
        let mut above = self.trace.span(index).parent.parent;
        while let Some(parent) = above {
            if self.trace.span(parent).extent != ExtentBasis::Children {
                break;
            }
            above = self.trace.span(parent).parent.parent;
        }
        above
    }
}

/// When the request began, and how long it took.
fn extent(trace: &Trace) -> (Option<i64>, i64) {
    let starts = trace.spans.iter().filter_map(|span| span.start);
    let ends = trace.spans.iter().filter_map(|span| span.end);
    match (starts.min(), ends.max()) {
        (Some(start), Some(end)) => (Some(start.nanoseconds()), (end - start).max(0)),
        _ => (None, 0),
    }
}
