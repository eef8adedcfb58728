//! Where a request said nothing for long.
//!
//! What is usual for a pair of lines is learned elsewhere; here a silence is what a person
//! would stop at: long by itself, or long for this request.

use crate::model::span::SpanIndex;
use crate::model::time::Timestamp;
use crate::model::trace::Trace;

/// Shorter gaps are never told: networks and garbage collectors make them every second.
const SHORTEST: i64 = 100_000_000;

/// A gap of at least one part in this many of the request's duration is told.
const SHARE_OF_REQUEST: i64 = 10;

/// A gap this long is told whatever the request's duration.
const LONG: i64 = 1_000_000_000;

/// A stretch of time in which nothing at all was logged for the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// The entry (by its index) before which it lies.
    pub before: usize,
    /// The deepest span that was open all the while; if none was, that of the entry before.
    pub span: SpanIndex,
    /// From here.
    pub start: Timestamp,
    /// To here.
    pub end: Timestamp,
}

/// Finds the silences of a request, in time order.
pub fn silences(trace: &Trace) -> Vec<Silence> {
    let mut silences = Vec::new();
    let mut last: Option<(Timestamp, usize)> = None;
    let shortest = shortest_told(trace);
    for index in 0..trace.entries.len() {
        let Some(time) = trace.time(index) else { continue };
        if let Some((since, speaker)) = last
            && time - since >= shortest
        {
            let span = silent_span(trace, speaker, since, time);
            silences.push(Silence { before: index, span, start: since, end: time });
        }
        // Causal order may step back in time where clocks disagree: only what is later counts.
        if last.is_none_or(|(since, _)| time >= since) {
            last = Some((time, index));
        }
    }
    silences
}

fn shortest_told(trace: &Trace) -> i64 {
    let times = || (0..trace.entries.len()).filter_map(|index| trace.time(index));
    let duration = times().max().zip(times().min()).map_or(0, |(end, start)| end - start);
    (duration / SHARE_OF_REQUEST).clamp(SHORTEST, LONG)
}

/// Who held the request: walks down from the speaker's root through the spans that were
/// open, so that its cost is that of one branch.
fn silent_span(trace: &Trace, speaker: usize, since: Timestamp, until: Timestamp) -> SpanIndex {
    let spoke = trace.entries[speaker].span;
    let open = |index: SpanIndex| {
        let span = trace.span(index);
        span.start.is_some_and(|start| start <= since) && span.end.is_some_and(|end| end >= until)
    };
    let mut at = Some(spoke);
    while let Some(index) = at {
        if open(index) {
            return index;
        }
        at = trace.span(index).parent.parent;
    }
    spoke
}
