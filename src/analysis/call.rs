//! Who called whom in a request, whichever way the logs show it.
//!
//! A call is seen from the caller: as a span of the callee, as a span of the caller's side
//! around it, or only as lines of the caller that say it called. Where a callee logs no span
//! ids, all its work is one span; the caller's lines then tell the calls apart.

use std::collections::BTreeMap;

use crate::analysis::case::Case;
use crate::model::masking::masked;
use crate::model::span::{EdgeBasis, Mark, Operation, SpanIndex, SpanKind};
use crate::model::time::Timestamp;

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Who made it.
    pub by: SpanIndex,
    /// The topmost span of the call, if it has one of its own.
    pub span: Option<SpanIndex>,
    /// The callee's span, if it logged one.
    pub server: Option<SpanIndex>,
    /// The callee's service, as it calls itself or as the caller names it.
    pub callee: String,
    /// What was asked of it, with values taken out.
    pub operation: String,
    /// When it began.
    pub start: Timestamp,
    /// When it ended, as far as is known.
    pub end: Timestamp,
    /// The entry that says the call failed.
    pub failure: Option<usize>,
    /// Whether the caller waited for it.
    pub awaited: bool,
    /// Its entries on the caller's side or, if there are none, on the callee's.
    pub entries: Vec<usize>,
}

impl Call {
    /// How long it took, in nanoseconds.
    pub fn length(&self) -> i64 {
        self.end - self.start
    }

    /// The spans of the call, the callee's first.
    pub fn spans(&self) -> Vec<SpanIndex> {
        let mut spans: Vec<SpanIndex> = self.server.into_iter().chain(self.span).collect();
        spans.dedup();
        if spans.is_empty() {
            spans.push(self.by);
        }
        spans
    }

    /// Whether it ran beside another.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// All calls of a request, by who made them, then by when they began.
pub(super) fn calls(case: &Case<'_>) -> Vec<Call> {
    let mut calls = Vec::new();
    for by in case.spans().filter(|by| !is_own_side(case, *by)) {
        let of_lines = calls_of_lines(case, by);
        let mut by_callee: BTreeMap<String, (Vec<Call>, Vec<Call>)> = BTreeMap::new();
        for child in &case.children[by.0] {
            if let Some(call) = call_of_span(case, by, *child) {
                by_callee.entry(call.callee.clone()).or_default().0.push(call);
            }
        }
        for call in of_lines {
            by_callee.entry(call.callee.clone()).or_default().1.push(call);
        }
        // Lines tell more only where they tell more calls apart.
        let mut made: Vec<Call> = by_callee
            .into_values()
            .flat_map(|(spans, lines)| if lines.len() > spans.len() { lines } else { spans })
            .collect();
        made.sort_by_key(|call| (call.start, call.end));
        calls.extend(made);
    }
    calls
}

/// The call that a child span stands for.
fn call_of_span(case: &Case<'_>, by: SpanIndex, child: SpanIndex) -> Option<Call> {
    let span = case.span(child);
    let (start, end) = case.extent(child)?;
    let elsewhere = |index: &&SpanIndex| case.service(**index) != span.service;
    let server = if span.service != case.service(by) {
        Some(child)
    } else if is_own_side(case, child) {
        case.children[child.0].iter().find(elsewhere).copied()
    } else {
        None
    };
    let callee = match (server, &span.peer) {
        (Some(server), _) => case.service(server),
        (None, Some(peer)) => peer,
        (None, None) => &span.service,
    };
    let name = server.map_or(&span.name, |server| &case.span(server).name);
    let spans = [Some(child), server.filter(|server| *server != child)];
    let failure = spans.into_iter().flatten().find_map(|span| failure_in(case, span));
    let waits = span.kind != Some(SpanKind::Consumer)
        && span.kind != Some(SpanKind::Producer)
        && span.parent.basis != EdgeBasis::Handoff
        && !case.is_consumer(child)
        && server.is_none_or(|server| case.span(server).kind != Some(SpanKind::Consumer));
    Some(Call {
        by,
        span: Some(child),
        server,
        callee: callee.to_owned(),
        operation: masked(name).into_owned(),
        start,
        end,
        failure,
        awaited: waits,
        entries: case.entries[child.0].clone(),
    })
}

/// Whether a span is its service's own side of a call, made by a span of the same service: it
/// says so, or all it has is one child in another service.
pub(super) fn is_own_side(case: &Case<'_>, index: SpanIndex) -> bool {
    let span = case.span(index);
    let of_own = span.parent.parent.is_some_and(|above| case.service(above) == span.service);
    let calls_once = || match case.children[index.0][..] {
        [child] => case.service(child) != span.service,
        _ => false,
    };
    of_own && (matches!(span.kind, Some(SpanKind::Client | SpanKind::Producer)) || calls_once())
}

/// The entry that says that a span failed, if its status does not say otherwise.
fn failure_in(case: &Case<'_>, span: SpanIndex) -> Option<usize> {
    let entries = &case.entries[span.0];
    let is_failure = |entry: &usize| case.said[*entry].is_failure();
    match case.stated_failure(span) {
        Some(false) => None,
        Some(true) => entries.iter().copied().find(is_failure).or(entries.last().copied()),
        // A warning in the midst of its work was dealt with there.
        None => {
            let error = entries.iter().copied().find(|entry| case.said[*entry].is_error());
            error.or_else(|| entries.last().copied().filter(is_failure))
        }
    }
}

/// The calls that a span's own lines tell of: a beginning with its end, or an end that states
/// how long the call took.
fn calls_of_lines<'t>(case: &Case<'t>, by: SpanIndex) -> Vec<Call> {
    if matches!(case.span(by).kind, Some(SpanKind::Client | SpanKind::Producer)) {
        return Vec::new();
    }
    let mut calls: Vec<Call> = Vec::new();
    let mut open: Vec<(usize, &'t Operation)> = Vec::new();
    for index in case.entries[by.0].iter().copied() {
        let operation = case.trace.entries[index].entry.context.operation.as_deref();
        let Some(operation) = operation.filter(|told| told.kind == Some(SpanKind::Client)) else {
            continue;
        };
        match operation.mark {
            Some(Mark::Start) if operation.duration.is_none() => open.push((index, operation)),
            Some(_) => {
                let same = |(_, begun): &(usize, &Operation)| begun.peer == operation.peer;
                let begun = open.iter().position(same).map(|at| open.remove(at).0);
                calls.extend(call_of_lines(case, by, begun, index, operation));
            }
            None => {}
        }
    }
    // Of a call whose answer is not told the next line is the latest end.
    calls.extend(open.into_iter().filter_map(|(begun, operation)| {
        let next = case.entries[by.0].iter().copied().find(|entry| *entry > begun)?;
        let call = call_of_lines(case, by, Some(begun), next, operation)?;
        Some(Call { failure: None, ..call })
    }));
    calls
}

fn call_of_lines(
    case: &Case<'_>,
    by: SpanIndex,
    begun: Option<usize>,
    ended: usize,
    operation: &Operation,
) -> Option<Call> {
    let end = case.trace.time(ended)?;
    let length = i64::try_from(operation.duration.unwrap_or(0)).unwrap_or(i64::MAX);
    let start = begun.and_then(|begun| case.trace.time(begun)).unwrap_or(end.plus(-length));
    let callee = operation.peer.clone()?;
    let server = case.children[by.0].iter().copied().find(|child| case.service(*child) == callee);
    Some(Call {
        by,
        span: None,
        server,
        callee,
        operation: masked(operation.name.as_deref().unwrap_or_default()).into_owned(),
        start,
        end,
        failure: Some(ended).filter(|ended| case.said[*ended].is_failure()),
        awaited: true,
        entries: begun.into_iter().chain([ended]).collect(),
    })
}
