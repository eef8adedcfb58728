//! How well each service of a request logs, and which line or id to add first.

use std::collections::BTreeMap;

use crate::analysis::case::Case;
use crate::model::entry::AttributionBasis;
use crate::model::record::TimeBasis;
use crate::model::span::EdgeBasis;
use crate::model::trace::Trace;

/// Counts over the entries of one service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// The service.
    pub service: String,
    /// Its spans.
    pub spans: usize,
    /// Its entries.
    pub lines: usize,
    /// Of those, entries with a time of their own.
    pub with_time: usize,
    /// With a severity.
    pub with_severity: usize,
    /// With a trace id, or what stands for one, of their own.
    pub with_trace_id: usize,
    /// With a span id.
    pub with_span_id: usize,
}

/// The coverage of every service that has a span or an entry, by name.
pub fn coverage(trace: &Trace) -> Vec<Coverage> {
    let mut services: BTreeMap<&str, Coverage> = BTreeMap::new();
    for span in &trace.spans {
        services.entry(&span.service).or_default().spans += 1;
    }
    for placed in &trace.entries {
        let (record, context) = (&placed.entry.record, &placed.entry.context);
        let counts = services.entry(&context.service).or_default();
        let has_time = record.time.as_ref().is_some_and(|time| time.basis != TimeBasis::Inherited);
        let is_stated =
            context.attribution.is_some_and(|known| known.basis == AttributionBasis::Stated);
        counts.lines += 1;
        counts.with_time += usize::from(has_time);
        counts.with_severity += usize::from(record.severity.is_some());
        counts.with_trace_id += usize::from(is_stated);
        counts.with_span_id += usize::from(context.span_id.is_some());
    }
    let named =
        |(service, counts): (&str, Coverage)| Coverage { service: service.to_owned(), ..counts };
    services.into_iter().map(named).collect()
}

/// What a service should log so that more can be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Advice {
    /// What it lacks, the gravest first.
    pub lacks: Lack,
    /// The service.
    pub service: String,
    /// What to do, one sentence without a full stop.
    pub sentence: String,
}

/// What a service's lines may lack, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lack {
    /// Lines: it is called and silent.
    Lines,
    /// Times.
    Times,
    /// Ids of requests.
    TraceIds,
    /// Ids of spans.
    SpanIds,
    /// The caller's span.
    Parents,
    /// The end of its work.
    Ends,
    /// Levels.
    Levels,
}

impl Lack {
    /// The name in machine-readable answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Times => "times",
            Self::TraceIds => "trace_ids",
            Self::SpanIds => "span_ids",
            Self::Parents => "parents",
            Self::Ends => "ends",
            Self::Levels => "levels",
        }
    }
}

/// What to log so that more can be told of a request like this, the gravest first.
pub fn advice(case: &Case<'_>) -> Vec<Advice> {
    let mut advice: Vec<Advice> = coverage(case.trace)
        .into_iter()
        .filter(|counts| counts.lines > 0)
        .flat_map(|counts| of_counts(&counts))
        .collect();
    advice.extend(of_silent(case));
    advice.extend(of_edges(case));
    advice.sort();
    advice.dedup();
    advice
}

fn of_counts(counts: &Coverage) -> Vec<Advice> {
    let service = &counts.service;
    let lines = counts.lines;
    let lacking = [
        (Lack::Times, counts.with_time, "write the time, with its zone, on every line"),
        (Lack::TraceIds, counts.with_trace_id, "write the trace id on every line"),
        (Lack::SpanIds, counts.with_span_id, "write the span id beside the trace id"),
        (Lack::Levels, counts.with_severity, "write a level, so that errors are known as such"),
    ];
    lacking
        .into_iter()
        .filter(|(_, with, _)| *with < lines)
        .map(|(lacks, with, what)| Advice {
            lacks,
            service: service.clone(),
            sentence: format!("{service}: {what} ({} of {lines} lines lack it)", lines - with),
        })
        .collect()
}

/// Services that are called and silent.
fn of_silent(case: &Case<'_>) -> Vec<Advice> {
    let silent =
        case.calls.iter().filter(|call| call.server.is_none() && !case.speaks(&call.callee));
    silent
        .map(|call| Advice {
            lacks: Lack::Lines,
            service: call.callee.clone(),
            sentence: format!(
                "{}: log the start and the end of each request from {} with its trace and span id",
                call.callee,
                case.service(call.by),
            ),
        })
        .collect()
}

/// Services whose callers are inferred, and those that say only one thing.
fn of_edges(case: &Case<'_>) -> Vec<Advice> {
    let mut advice = Vec::new();
    for index in case.spans() {
        let span = case.span(index);
        if matches!(span.parent.basis, EdgeBasis::Nesting | EdgeBasis::Guess | EdgeBasis::Flow) {
            advice.push(Advice {
                lacks: Lack::Parents,
                service: span.service.clone(),
                sentence: format!(
                    "{}: log the traceparent that a request came with; who called is inferred",
                    span.service
                ),
            });
        }
        if span.start == span.end && case.entries[index.0].len() == 1 {
            advice.push(Advice {
                lacks: Lack::Ends,
                service: span.service.clone(),
                sentence: format!(
                    "{}: log the end of its work with status and duration; one line tells no time",
                    span.service
                ),
            });
        }
    }
    advice
}
