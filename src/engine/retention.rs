//! What of a store is worth keeping: recent requests, and of those all that failed or were
//! slow, and a share of the rest.
//!
//! A request is kept or let go as a whole: half a story misleads. Slow is what took longer
//! than 95 in 100 requests of the same operation that began before it. Lines of no request
//! are judged alone: warnings and worse are kept, and the same share of the rest.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;

use crate::engine::answer::Source;
use crate::engine::many::{Wanted, each};
use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::severity::Severity;
use crate::model::span::SpanStatus;
use crate::model::time::Timestamp;
use crate::model::trace::Trace;
use crate::store::StoreError;

/// What shall stay.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Retention {
    /// What ended before this goes, whatever it is worth.
    pub before: Option<Timestamp>,
    /// Of what neither failed nor was slow this share stays, 0 to 1; all if none is named.
    pub share: Option<f64>,
}

/// What a store lets go.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verdict {
    retention: Retention,
    /// Requests that go.
    dropped: HashSet<TraceId>,
    /// How the requests were judged.
    pub counts: Counts,
}

/// How many requests were judged in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Kept because an error stands in them.
    pub failed: u64,
    /// Kept because they took longer than is usual.
    pub slow: u64,
    /// Kept by chance, or because nothing of the rest goes.
    pub usual: u64,
    /// Let go because they are old.
    pub old: u64,
    /// Let go by chance.
    pub dropped: u64,
}

/// Operations of which the usual durations are known; requests of further ones share one.
const OPERATIONS_MAX: usize = 10_000;

/// Fewer requests of an operation say nothing of what is usual: all of them stay.
const REQUESTS_MIN: u64 = 20;

/// Judges every request.
///
/// # Errors
/// When the store cannot be read.
pub fn judge(source: &Source<'_>, retention: &Retention) -> Result<Verdict, StoreError> {
    let mut verdict = Verdict { retention: *retention, ..Verdict::default() };
    let mut usual: HashMap<String, Durations> = HashMap::new();
    each(source, &Wanted::default(), &|trace| Seen::of(&trace), &mut |seen: Seen| {
        let is_known = usual.contains_key(&seen.operation) || usual.len() < OPERATIONS_MAX;
        let operation = if is_known { seen.operation.clone() } else { String::new() };
        let is_slow = usual.entry(operation).or_default().is_slow(seen.duration);
        verdict.take(&seen, is_slow);
        ControlFlow::Continue(())
    })?;
    Ok(verdict)
}

impl Verdict {
    fn take(&mut self, seen: &Seen, is_slow: bool) {
        let Retention { before, share } = self.retention;
        let counts = &mut self.counts;
        let is_old = before.is_some_and(|before| seen.last.is_some_and(|last| last < before));
        let count = match () {
            () if is_old => &mut counts.old,
            () if seen.failed => &mut counts.failed,
            () if is_slow => &mut counts.slow,
            () if is_in_share(seen.id.low_half(), share) => &mut counts.usual,
            () => &mut counts.dropped,
        };
        *count += 1;
        if counts.old + counts.dropped > self.dropped.len() as u64 {
            self.dropped.insert(seen.id);
        }
    }

    /// Whether an entry stays.
    pub fn keeps(&self, entry: &Entry) -> bool {
        if let Some(id) = entry.context.trace_id {
            return !self.dropped.contains(&id);
        }
        let Retention { before, share } = self.retention;
        if before.is_some_and(|before| entry.time().is_some_and(|time| time < before)) {
            return false;
        }
        entry.record.severity.is_some_and(|level| level >= Severity::WARN)
            || is_in_share(entry.record.position.offset, share)
    }
}

/// Whether chance keeps something. The same number has the same fate each time.
fn is_in_share(number: u64, share: Option<f64>) -> bool {
    let mixed = (number ^ number >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    share.is_none_or(|share| ((mixed >> 11) as f64) < share * (1_u64 << 53) as f64)
}

/// What is looked at of a request.
struct Seen {
    id: TraceId,
    last: Option<Timestamp>,
    failed: bool,
    /// Service and name of its root.
    operation: String,
    /// From its first to its last line, in nanoseconds.
    duration: Option<i64>,
}

impl Seen {
    fn of(trace: &Trace) -> Self {
        let times = || trace.entries.iter().filter_map(|placed| placed.entry.time());
        let is_error = |level: Severity| level.is_error();
        let failed =
            trace.entries.iter().any(|placed| placed.entry.record.severity.is_some_and(is_error))
                || trace.spans.iter().any(|span| span.status == Some(SpanStatus::Error));
        let root = trace.roots().next().map(|root| trace.span(root));
        let (first, last) = (times().min(), times().max());
        let duration = first.zip(last);
        Self {
            id: trace.id,
            last,
            failed,
            operation: root
                .map_or_else(String::new, |root| root.service.clone() + "\0" + &root.name),
            duration: duration.map(|(first, last)| last.nanoseconds() - first.nanoseconds()),
        }
    }
}

/// How long the requests of an operation took so far, in steps of a twentieth.
#[derive(Debug, Default)]
struct Durations {
    counts: BTreeMap<i32, u64>,
    all: u64,
}

impl Durations {
    /// Whether a duration is beyond 95 in 100 of those before it; remembers it.
    fn is_slow(&mut self, duration: Option<i64>) -> bool {
        let Some(duration) = duration else { return false };
        let step = ((duration.max(1) as f64).ln() / 1.05_f64.ln()) as i32;
        let above: u64 = self.counts.range(step..).map(|(_, count)| count).sum();
        let is_slow = self.all < REQUESTS_MIN || above * 20 < self.all;
        *self.counts.entry(step).or_default() += 1;
        self.all += 1;
        is_slow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(id: u128, last: i64, failed: bool) -> Seen {
        let last = Some(Timestamp::from_nanoseconds(last));
        let id = TraceId::new(id).expect("an id");
        Seen { id, last, failed, operation: String::new(), duration: Some(1) }
    }

    #[test]
    fn slow_is_what_took_longer_than_nearly_all_before_it() {
        let mut durations = Durations::default();
        for _ in 0..REQUESTS_MIN {
            assert!(durations.is_slow(Some(1_000)), "nothing is usual yet");
        }
        for _ in 0..100 {
            assert!(!durations.is_slow(Some(1_000)));
        }
        assert!(durations.is_slow(Some(2_000)));
        assert!(!durations.is_slow(None));
        // What becomes usual is slow no more.
        let slow = (0..100).filter(|_| durations.is_slow(Some(2_000))).count();
        assert!((3..15).contains(&slow), "{slow}");
    }

    #[test]
    fn a_share_of_the_rest_stays_and_the_same_share_each_time() {
        for share in [0.0, 0.1, 0.5, 1.0] {
            let kept = (0..10_000u64).filter(|number| is_in_share(*number, Some(share))).count();
            assert!((kept as f64 - share * 10_000.0).abs() < 300.0, "{share}: {kept}");
        }
        assert!(is_in_share(7, None));
    }

    #[test]
    fn old_goes_first_then_failures_and_slowness_keep_then_chance_decides() {
        let retention =
            Retention { before: Some(Timestamp::from_nanoseconds(100)), share: Some(0.0) };
        let mut verdict = Verdict { retention, ..Verdict::default() };
        verdict.take(&seen(1, 99, true), true);
        verdict.take(&seen(2, 100, true), false);
        verdict.take(&seen(3, 100, false), true);
        verdict.take(&seen(4, 100, false), false);
        let expected = Counts { old: 1, failed: 1, slow: 1, dropped: 1, usual: 0 };
        assert_eq!(verdict.counts, expected);
        let ids: HashSet<TraceId> = [1, 4].into_iter().filter_map(TraceId::new).collect();
        assert_eq!(verdict.dropped, ids);
    }
}
