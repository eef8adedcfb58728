//! Lines as programs write them, each with what must be understood of it.
//!
//! The files in `tests/formats/` hold pairs: `in` a line (`⏎` parts physical lines, `⇥` is a
//! tab), `out` what it says. A name that is not listed must not be found: a span id that is
//! made up is as wrong as one that is missed. `T`, `S`, `P`, `t0` and their like stand for the
//! values named in [`shorthand`]; what stands in round brackets is a remark.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use logloom::context::attributor::Attributor;
use logloom::decode::decoder::Decoder;
use logloom::decode::definition::Definitions;
use logloom::model::entry::Entry;
use logloom::model::line::{Line, Position};
use logloom::model::severity::Severity;
use logloom::model::span::Mark;
use logloom::model::time::Timestamp;

/// The files are read as if last modified at 2026-11-21T12:00:00Z.
const MODIFIED: i64 = 1_795_262_400_000_000_000;

/// What stands for a value in the pairs.
fn shorthand(text: &str) -> &str {
    match text {
        "T" => "7b2f9c41d05e83a6194cbe70f2a85d13",
        "T64" => "0000000000000000194cbe70f2a85d13",
        "S" => "c19f04a7e6b35d28",
        "P" => "3e80d1b76a92f54c",
        "t0" => "2026-11-21T09:30:15.250Z",
        "t0s" => "2026-11-21T09:30:15Z",
        other => other,
    }
}

/// A line and what must be found in it.
struct Pair {
    place: String,
    /// The file it is read from.
    path: String,
    line: String,
    expected: BTreeMap<String, String>,
}

fn pairs(file: &str) -> Vec<Pair> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats").join(file);
    let text = std::fs::read_to_string(&path).expect("the pairs are readable");
    let mut pairs = Vec::new();
    let mut line = None;
    let mut path = None;
    for (number, text) in text.lines().enumerate() {
        if let Some(text) = text.strip_prefix("at  ") {
            path = Some(text.to_owned());
        } else if let Some(text) = text.strip_prefix("in  ") {
            line = Some(text.replace('⏎', "\n").replace('⇥', "\t"));
        } else if let Some(text) = text.strip_prefix("out ") {
            let line = line.take().expect("an `in` stands before each `out`");
            let place = format!("{file}:{}", number + 1);
            let path = path.take().unwrap_or_else(|| "logs/app.log".to_owned());
            pairs.push(Pair { place, path, line, expected: expected(text) });
        }
    }
    pairs
}

/// `name=value name="a value"(remark)`.
fn expected(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = text;
    while let Some((name, value)) = rest.split_once('=') {
        let name = name.rsplit(' ').next().unwrap_or(name);
        let (value, after) = match value.strip_prefix('"').and_then(|open| open.split_once('"')) {
            Some((quoted, after)) => (quoted, after),
            None => value.split_once(' ').unwrap_or((value, "")),
        };
        let value =
            if value.starts_with('"') { value } else { value.split('(').next().unwrap_or(value) };
        found.insert(name.to_owned(), shorthand(value).to_owned());
        rest = after;
    }
    found
}

/// Decodes and attributes a text; the entries it gives.
fn entries(text: &str, path: &str) -> Vec<Entry> {
    let mut decoder = Decoder::new(Definitions::embedded(), Some(MODIFIED));
    let mut records = Vec::new();
    let mut position = Position::START;
    for line in text.split('\n') {
        let bytes = line.as_bytes();
        decoder.push(Line { bytes, position, cut: 0, terminated: true }, &mut records);
        position.line += 1;
        position.offset += bytes.len() as u64 + 1;
    }
    decoder.finish(&mut records);
    let mut attributor = Attributor::new(&Arc::from(path));
    records.into_iter().map(|record| attributor.attribute(record)).collect()
}

/// What an entry says under a name of the pairs; none if nothing.
fn found(entry: &Entry, name: &str) -> Option<String> {
    let (record, context) = (&entry.record, &entry.context);
    let operation = context.operation.as_deref();
    let duration = operation.and_then(|operation| operation.duration);
    let at = entry.time().map(Timestamp::nanoseconds);
    let moved = |mark: Mark, sign: i64| {
        let (at, own) = (at?, operation?.mark?);
        if own == mark { Some(at) } else { Some(at + sign * duration? as i64) }
    };
    Some(match name {
        "ts" => time(at?),
        "start" => time(moved(Mark::Start, -1)?),
        "end" => time(moved(Mark::End, 1)?),
        "dur" => duration?.to_string(),
        "sev" => record.severity.map_or(0, Severity::number).to_string(),
        "service" => context.service.clone(),
        "trace" => context.trace_id?.to_string(),
        "span" => context.span_id?.to_string(),
        "parent" => context.parent_span_id?.to_string(),
        "name" => operation?.name.clone()?,
        "kind" => operation?.kind?.name().to_owned(),
        "status" => operation?.status?.name().to_owned(),
        "peer" => operation?.peer.clone()?,
        "msg" => record.message.clone(),
        "host.name" => context.host.clone()?,
        "k8s.pod.name" => context.instance.clone()?,
        "keys" => keys(entry),
        "flags" => found(entry, "trace_flags")?,
        "logger" => record.logger.clone()?,
        "thread" => record.thread.clone()?,
        other => {
            // A container's name is no part of what a value is called.
            let is_named = |name: &str| {
                name.strip_suffix(other).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            };
            let fields = record.fields.iter().filter(|field| is_named(&field.name));
            let keys = context.keys.iter().filter(|key| key.name == other);
            let values = fields.map(|field| field.value.to_string());
            values.chain(keys.map(|key| key.value.clone())).next()?
        }
    })
}

/// All keys as `name:value`, by their names; `-` if there are none.
fn keys(entry: &Entry) -> String {
    let keys = entry.context.keys.iter().map(|key| format!("{}:{}", key.name, key.value));
    let keys: std::collections::BTreeSet<String> = keys.collect();
    if keys.is_empty() { "-".to_owned() } else { keys.into_iter().collect::<Vec<_>>().join(",") }
}

fn time(nanoseconds: i64) -> String {
    Timestamp::from_nanoseconds(nanoseconds).to_string()
}

/// Whether what was found is what was expected: times as points in time, durations by length.
fn holds(name: &str, expected: &str, found: Option<&str>) -> bool {
    let Some(found) = found else { return false };
    match name {
        "ts" | "start" | "end" => {
            let wanted: Result<jiff::Timestamp, _> = expected.parse();
            let found: Result<jiff::Timestamp, _> = found.parse();
            matches!((wanted, found), (Ok(wanted), Ok(found)) if wanted == found)
        }
        "dur" => {
            let (number, unit) = expected.split_at(expected.len() - 2);
            let worth = match unit {
                "ms" => 1e6,
                "µs" => 1e3,
                _ => panic!("{expected}: a duration in another unit"),
            };
            number.parse::<f64>().is_ok_and(|number| (number * worth).round().to_string() == found)
        }
        _ => found == expected,
    }
}

/// What a pair may leave out only if the line does not say it.
const TOLD: [&str; 3] = ["trace", "span", "parent"];

/// What is wrong with a pair; empty if nothing.
fn faults(pair: &Pair) -> Vec<String> {
    let entries = entries(&pair.line, &pair.path);
    let [entry] = entries.as_slice() else {
        return vec![format!("{}: {} records, not one", pair.place, entries.len())];
    };
    let mut faults = Vec::new();
    for (name, expected) in &pair.expected {
        let found = found(entry, name);
        if !holds(name, expected, found.as_deref()) {
            faults.push(format!("{}: {name}: expected {expected}, found {found:?}", pair.place));
        }
    }
    for name in TOLD.iter().filter(|name| !pair.expected.contains_key(**name)) {
        // A request id may stand for a trace id with doubt, which the entry says.
        let sure = entry.context.attribution.is_some_and(|known| known.confidence >= 1.0);
        if let Some(found) = found(entry, name).filter(|_| sure) {
            faults.push(format!("{}: {name}: expected none, found {found}", pair.place));
        }
    }
    faults
}

#[track_caller]
fn check(file: &str) {
    let pairs = pairs(file);
    assert!(!pairs.is_empty(), "{file} has no pairs");
    let faults: Vec<String> = pairs.iter().flat_map(faults).collect();
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn conventions_of_trace_context_are_understood() {
    check("trace-context.txt");
}

#[test]
fn records_and_lines_that_speak_of_spans_are_understood() {
    check("spans.txt");
}

#[test]
fn whose_a_line_is_is_understood() {
    check("services.txt");
}

#[test]
fn business_identifiers_are_found_and_nothing_else() {
    check("keys.txt");
}
