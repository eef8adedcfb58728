//! Is one thing asked many times? The N+1 problem: one question for a list, then one for each
//! of its parts.
//!
//! It shows as calls to one callee and operation, or lines of one template, one after another,
//! each with another value. Calls beside each other are a batch, failures that are repeated a
//! storm of retries, a value that stays the same is polling, and pages are turned on purpose.

use std::collections::BTreeMap;

use crate::analysis::call::Call;
use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::template::values;
use crate::analysis::wording::{share, time};
use crate::model::finding::{Level, Measure};
use crate::model::span::SpanIndex;
use crate::model::time::Timestamp;

/// Fewer repetitions than this are a loop over a few parts, as in any order.
const COUNT_MIN: usize = 5;

/// Repetitions that take less of the request than this are not worth a warning.
const SHARE_MIN: f64 = 0.1;

/// At most one repetition in this many may begin before the one before it has ended.
const OVERLAP_SHARE: usize = 5;

/// At least so many values in ten must differ.
const DIFFERENT_TENTHS: usize = 6;

/// Values that count repetitions instead of naming what is asked for.
const COUNTERS: [&str; 20] = [
    "progress",
    "percent",
    "done",
    "remaining",
    "index",
    "count",
    "total",
    "line",
    "page",
    "offset",
    "cursor",
    "attempt",
    "retry",
    "try",
    "poll",
    "batch",
    "chunk",
    "part",
    "iteration",
    "step",
];

/// Values that every repetition has anew, whatever it asks for.
const MEASUREMENTS: [&str; 14] = [
    "duration",
    "took",
    "elapsed",
    "latency",
    "ms",
    "time",
    "timestamp",
    "span",
    "trace",
    "parent",
    "request",
    "in",
    "bytes",
    "seq",
];

/// Something that is done again and again.
struct Repeated {
    spans: Vec<SpanIndex>,
    /// The lines of each repetition, the one that tells it first.
    asked: Vec<Vec<usize>>,
    extents: Vec<(Timestamp, Timestamp)>,
    callee: String,
    what: String,
}

/// What was asked one at a time.
pub(super) fn clues(case: &Case<'_>) -> Vec<Clue> {
    let mut clues = Vec::new();
    for span in case.spans() {
        let by_calls: Vec<Clue> = repeated_calls(case, span)
            .into_iter()
            .filter_map(|repeated| clue(case, span, &repeated))
            .collect();
        if by_calls.is_empty() {
            let lines = repeated_lines(case, span);
            // Of statements that alternate in a loop, one stands for all.
            let by = asker(case, span);
            clues.extend(lines.iter().find_map(|repeated| clue(case, by, repeated)));
        }
        clues.extend(by_calls);
    }
    clues
}

fn repeated_calls(case: &Case<'_>, span: SpanIndex) -> Vec<Repeated> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Call>> = BTreeMap::new();
    for call in case.calls_of(span).iter().filter(|call| call.failure.is_none()) {
        groups.entry((&call.callee, &call.operation)).or_default().push(call);
    }
    let made = |((callee, operation), calls): ((&str, &str), Vec<&Call>)| Repeated {
        spans: calls.iter().filter_map(|call| call.server.or(call.span)).collect(),
        asked: calls.iter().map(|call| lines_of(case, call)).collect(),
        extents: calls.iter().map(|call| (call.start, call.end)).collect(),
        callee: callee.to_owned(),
        what: operation.to_owned(),
    };
    groups.into_iter().filter(|(_, calls)| calls.len() >= COUNT_MIN).map(made).collect()
}

/// Lines of one call that are looked at for what it asked: it is said at the beginning.
const LINES_MAX: usize = 6;

/// The lines that say what a call asked for, on both sides.
fn lines_of(case: &Case<'_>, call: &Call) -> Vec<usize> {
    let of_server = call.server.map_or(&[][..], |server| &case.entries[server.0]);
    let mut lines: Vec<usize> = call.entries.iter().chain(of_server).copied().collect();
    lines.sort_unstable();
    lines.dedup();
    lines.truncate(LINES_MAX);
    lines
}

/// Whether lines of this span ask for something, rather than tell how work goes on: those of a
/// service whose calls cannot be told apart, and those that speak of a query.
fn asks(case: &Case<'_>, span: SpanIndex, line: usize) -> bool {
    const WORDS: [&str; 10] = [
        "select ", "query", "fetch", "load", "look", "find ", "get ", "request", "execute", "call",
    ];
    let entry = &case.trace.entries[line].entry;
    let message = entry.record.message.to_ascii_lowercase();
    case.span(span).synthetic
        || entry.context.operation.is_some()
        || WORDS.iter().any(|word| message.contains(word))
}

fn repeated_lines(case: &Case<'_>, span: SpanIndex) -> Vec<Repeated> {
    let mut groups: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for entry in &case.entries[span.0] {
        let is_dated = case.trace.time(*entry).is_some();
        if is_dated && !case.said[*entry].is_failure() && asks(case, span, *entry) {
            groups.entry(case.templates[*entry]).or_default().push(*entry);
        }
    }
    let mut found: Vec<Vec<usize>> =
        groups.into_values().filter(|entries| entries.len() >= COUNT_MIN).collect();
    found.sort();
    let made = |entries: Vec<usize>| {
        let times: Vec<Timestamp> =
            entries.iter().filter_map(|entry| case.trace.time(*entry)).collect();
        let message = &case.trace.entries[entries[0]].entry.record.message;
        Repeated {
            spans: vec![span],
            extents: times.windows(2).map(|pair| (pair[0], pair[1])).collect(),
            callee: case.service(span).to_owned(),
            what: crate::analysis::wording::quoted(message),
            asked: entries.into_iter().map(|entry| vec![entry]).collect(),
        }
    };
    found.into_iter().map(made).collect()
}

/// Who asked for what a span's lines tell again and again: its caller, if the span is the work
/// of another service whose calls cannot be told apart; else the span itself.
fn asker(case: &Case<'_>, span: SpanIndex) -> SpanIndex {
    let above = case.span(span).parent.parent;
    let is_elsewhere = |above: &SpanIndex| case.service(*above) != case.service(span);
    above.filter(is_elsewhere).filter(|_| case.span(span).synthetic).unwrap_or(span)
}

fn clue(case: &Case<'_>, by: SpanIndex, repeated: &Repeated) -> Option<Clue> {
    let count = repeated.asked.len();
    let overlapping =
        repeated.extents.windows(2).filter(|pair| pair[1].0 < pair[0].1).count() * OVERLAP_SHARE;
    if count < COUNT_MIN || overlapping > repeated.extents.len() {
        return None;
    }
    let parameter = match parameter(case, &repeated.asked) {
        Parameter::Named(name) => format!("each with another {name}"),
        Parameter::Unlogged if is_unbroken(&repeated.extents) => "the values not logged".to_owned(),
        Parameter::Unlogged | Parameter::Same => return None,
    };
    let from = repeated.extents.iter().map(|extent| extent.0).min()?;
    let to = repeated.extents.iter().map(|extent| extent.1).max()?;
    let part = case.share(to - from);
    let level = if part >= SHARE_MIN { Level::Warning } else { Level::Note };
    let own = repeated.callee == case.service(by);
    let asked = if own { "did".to_owned() } else { format!("asked {}", repeated.callee) };
    let sentence = format!(
        "{} {asked} {} {} times, one after another, {}: {} from first to last ({} of the request)",
        case.service(by),
        repeated.what,
        count,
        parameter,
        time(to - from),
        share(part),
    );
    let measures = vec![
        Measure::count("count", count as f64),
        Measure::time("sum", to - from),
        Measure::share("share", part),
    ];
    let mut spans = vec![by];
    spans.extend(&repeated.spans);
    let clue = Clue::new(case, "n_plus_one", level, spans)
        .proved_by(repeated.asked.iter().filter_map(|lines| lines.first().copied()))
        .saying(sentence, measures)
        .tested_by(
            "the number of calls grows with the number of parts in the request",
            "each call depends on the answer of the one before",
        )
        .at_most(0.9);
    Some(clue)
}

/// What the repetitions differ in.
enum Parameter {
    /// The value of this name.
    Named(String),
    /// Nothing that would tell is logged.
    Unlogged,
    /// They do not, or only in what counts them.
    Same,
}

/// Whether each repetition begins as soon as the one before has ended: who polls, pauses.
fn is_unbroken(extents: &[(Timestamp, Timestamp)]) -> bool {
    let busy: i64 = extents.iter().map(|(start, end)| *end - *start).sum();
    let first_to_last = extents.first().zip(extents.last()).map(|(first, last)| last.1 - first.0);
    first_to_last.is_some_and(|length| busy > length / 2)
}

fn parameter(case: &Case<'_>, asked: &[Vec<usize>]) -> Parameter {
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for entry in asked.iter().flatten() {
        for (name, value) in values(&case.trace.entries[*entry].entry) {
            let known = seen.entry(name.to_owned()).or_default();
            if known.is_empty() {
                order.push(name.to_owned());
            }
            known.push(value);
        }
    }
    let differs = |name: &String| {
        let mut values = seen[name].clone();
        values.sort_unstable();
        values.dedup();
        values.len() * 10 >= asked.len() * DIFFERENT_TENTHS
    };
    let differing: Vec<&String> = order.iter().filter(|name| differs(name)).collect();
    let counts = |name: &&&String| words(name).any(|word| COUNTERS.contains(&word.as_str()));
    if differing.iter().any(|name| counts(&name)) {
        return Parameter::Same;
    }
    let measures = |name: &&&String| words(name).any(|word| MEASUREMENTS.contains(&word.as_str()));
    let is_named = |name: &&String| !words(name).any(|word| MEASUREMENTS.contains(&word.as_str()));
    match differing.iter().find(|name| !measures(name)) {
        Some(name) => Parameter::Named((*name).clone()),
        None if asked.iter().flatten().any(|line| has_placeholder(case, *line)) => {
            Parameter::Unlogged
        }
        None if order.iter().any(|name| is_named(&name)) => Parameter::Same,
        None => Parameter::Unlogged,
    }
}

/// Whether a line shows a statement whose values are elsewhere: `WHERE id = $1`, `id = ?`.
fn has_placeholder(case: &Case<'_>, line: usize) -> bool {
    let message = &case.trace.entries[line].entry.record.message;
    message.split_whitespace().any(|word| {
        let value = word.rsplit('=').next().unwrap_or(word);
        let value = value.trim_matches(['(', ')', ',', ';']);
        value == "?" || value == "%s" || value.strip_prefix('$').is_some_and(is_number)
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The words of a name: `userId`, `http.page_no`.
fn words(name: &str) -> impl Iterator<Item = String> {
    let mut spaced = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_uppercase() {
            spaced.push(' ');
        }
        spaced.push(if letter.is_alphanumeric() { letter.to_ascii_lowercase() } else { ' ' });
    }
    spaced.split_whitespace().map(str::to_owned).collect::<Vec<_>>().into_iter()
}
