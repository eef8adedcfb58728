//! How often was it tried?
//!
//! Calls to one callee and operation that follow each other, each but the last failed, are
//! attempts; so are lines of one span that number them. The pauses between them say whether
//! somebody backs off, and the attempts of callers above multiply those below.

use std::collections::BTreeMap;

use crate::analysis::call::Call;
use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::said::Topic;
use crate::analysis::wording::time;
use crate::model::finding::{Level, Measure};
use crate::model::span::SpanIndex;
use crate::model::time::Timestamp;

/// One repetition is what a retry is for; from the third attempt on it is load.
const ATTEMPTS_MIN: usize = 3;

/// Pauses shorter than this are no pauses.
const PAUSE_MIN: i64 = 5_000_000;

/// A pause so many tenths of the one before or longer is a growing one.
const GROWTH_TENTHS: i64 = 14;

/// Pauses that are named one by one.
const NAMED_MAX: usize = 5;

/// Attempts at one thing.
struct Attempts {
    callee: String,
    what: String,
    /// The start and end of each, in order.
    extents: Vec<(Timestamp, Timestamp)>,
    failures: usize,
    succeeded: bool,
    spans: Vec<SpanIndex>,
    entries: Vec<usize>,
}

/// Who tried again and again.
pub(super) fn clues(case: &Case<'_>) -> Vec<Clue> {
    let mut found: Vec<(SpanIndex, Attempts)> = Vec::new();
    for span in case.spans() {
        let by_calls = attempts_of_calls(case, span);
        let by_lines = if by_calls.is_empty() { attempts_of_lines(case, span) } else { None };
        found.extend(by_calls.into_iter().chain(by_lines).map(|attempts| (span, attempts)));
    }
    let spans: Vec<(SpanIndex, usize)> =
        found.iter().map(|(span, attempts)| (*span, attempts.extents.len())).collect();
    found.iter().map(|(span, attempts)| clue(case, *span, attempts, &spans)).collect()
}

fn attempts_of_calls(case: &Case<'_>, span: SpanIndex) -> Vec<Attempts> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Call>> = BTreeMap::new();
    for call in case.calls_of(span).iter().filter(|call| call.awaited) {
        groups.entry((&call.callee, &call.operation)).or_default().push(call);
    }
    groups.into_values().filter_map(|calls| attempts(case, &calls)).collect()
}

/// Calls that are attempts at one thing: in order, and each but perhaps the last failed.
fn attempts(case: &Case<'_>, calls: &[&Call]) -> Option<Attempts> {
    let failures = calls.iter().filter(|call| call.failure.is_some()).count();
    let (last, earlier) = calls.split_last()?;
    let in_order = calls.windows(2).all(|pair| pair[1].start >= pair[0].end.plus(-PAUSE_MIN));
    if earlier.is_empty() || !in_order || earlier.iter().any(|call| call.failure.is_none()) {
        return None;
    }
    let entries = calls.iter().flat_map(|call| {
        let first = call.entries.first().copied();
        first.into_iter().chain(call.failure)
    });
    Some(Attempts {
        callee: last.callee.clone(),
        what: last.operation.clone(),
        extents: calls.iter().map(|call| (call.start, call.end)).collect(),
        failures,
        succeeded: last.failure.is_none(),
        spans: calls.iter().flat_map(|call| call.spans()).filter(|span| *span != last.by).collect(),
        entries: entries.chain(retry_lines(case, last.by)).collect(),
    })
}

/// What the caller itself says of trying again.
fn retry_lines(case: &Case<'_>, span: SpanIndex) -> Vec<usize> {
    case.speaking(span, Topic::Retry).collect()
}

/// Attempts that one span numbers in its own lines.
fn attempts_of_lines(case: &Case<'_>, span: SpanIndex) -> Option<Attempts> {
    let numbered: Vec<(usize, u32, Timestamp)> = case.entries[span.0]
        .iter()
        .filter_map(|entry| Some((*entry, case.said[*entry].attempt?, case.trace.time(*entry)?)))
        .collect();
    let most = numbered.iter().map(|(_, number, _)| *number).max()?;
    let mut extents: Vec<(Timestamp, Timestamp)> = Vec::new();
    let mut last_number = None;
    for (_, number, at) in &numbered {
        match extents.last_mut() {
            Some(extent) if last_number == Some(*number) => extent.1 = *at,
            _ => extents.push((*at, *at)),
        }
        last_number = Some(*number);
    }
    let failed: Vec<usize> = numbered
        .iter()
        .map(|(entry, _, _)| *entry)
        .filter(|entry| case.said[*entry].is_failure())
        .collect();
    let rises = numbered.windows(2).all(|pair| pair[1].1 >= pair[0].1);
    let worst = failed.last().copied();
    if !rises || most < 2 || extents.len() < 2 || failed.is_empty() {
        return None;
    }
    // What is said after the last failure decides whether the last attempt succeeded.
    let after = case.entries[span.0].iter().filter(|entry| Some(**entry) > worst);
    let succeeded = case.said[worst?].attempt < Some(most) || after.count() > 0;
    Some(Attempts {
        callee: case.span(span).peer.clone().unwrap_or_else(|| case.service(span).to_owned()),
        what: case.span(span).name.clone(),
        failures: failed.len(),
        succeeded: succeeded && !case.has_failed(span),
        extents,
        spans: Vec::new(),
        entries: numbered.iter().map(|(entry, _, _)| *entry).collect(),
    })
}

fn clue(
    case: &Case<'_>,
    by: SpanIndex,
    attempts: &Attempts,
    others: &[(SpanIndex, usize)],
) -> Clue {
    let count = attempts.extents.len();
    let pauses: Vec<i64> =
        attempts.extents.windows(2).map(|pair| (pair[1].0 - pair[0].1).max(0)).collect();
    // Attempts of callers above repeat all of these.
    let above = |(span, _): &&(SpanIndex, usize)| *span != by && case.is_within(by, *span);
    let multiplied: usize =
        others.iter().filter(above).map(|(_, above)| *above).fold(count, usize::saturating_mul);
    let level = match (count >= ATTEMPTS_MIN, attempts.succeeded) {
        (false, _) => Level::Note,
        (true, false) if case.request_has_failed() => Level::Error,
        (true, _) => Level::Warning,
    };
    let outcome = if attempts.succeeded { "the last succeeded" } else { "none succeeded" };
    let total = attempts.extents[count - 1].1 - attempts.extents[0].0;
    let own = attempts.callee == case.service(by);
    let callee = if own { String::new() } else { format!("{} ", attempts.callee) };
    let sentence = format!(
        "{} tried {callee}{} {count} times in {}: {}; {outcome}",
        case.service(by),
        attempts.what.replace('*', "…"),
        time(total),
        told(&pauses),
    );
    let measures = vec![
        Measure::count("attempts", count as f64),
        Measure::count("failures", attempts.failures as f64),
        Measure::time("total", total),
        Measure::time("longest_pause", pauses.iter().copied().max().unwrap_or(0)),
        Measure::count("load_multiplier", multiplied as f64),
    ];
    let mut spans = vec![by];
    spans.extend(&attempts.spans);
    Clue::new(case, "retry_storm", level, spans)
        .proved_by(attempts.entries.iter().copied())
        .saying(sentence, measures)
        .tested_by(
            "the callee's lines show as many requests with the same content",
            "each call asks for something else, or was meant to be repeated (polling)",
        )
        .at_most(0.95)
}

/// `pauses of 250 ms, 500 ms (growing)`.
fn told(pauses: &[i64]) -> String {
    if pauses.iter().all(|pause| *pause < PAUSE_MIN) {
        return "without a pause".to_owned();
    }
    let grows = pauses.windows(2).all(|pair| pair[1] * 10 >= pair[0].saturating_mul(GROWTH_TENTHS));
    let form = match (pauses.len(), grows) {
        (1, _) => "",
        (_, true) => " (growing)",
        (_, false) => " (not growing)",
    };
    let named: Vec<String> = pauses.iter().take(NAMED_MAX).map(|pause| time(*pause)).collect();
    let more = if pauses.len() > NAMED_MAX { ", …" } else { "" };
    format!("pauses of {}{more}{form}", named.join(", "))
}
