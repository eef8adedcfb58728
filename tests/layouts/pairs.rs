//! Runs `pairs.txt`: lines of every format, each with what is to be read from it.
//!
//! What a pair does not name is not compared. An attribute may be found under its own name or
//! under the one that the line gives it: its value must be there.

use std::fmt::Write as _;
use std::sync::Arc;

use logloom::context::attributor::Attributor;
use logloom::decode::decoder::Decoder;
use logloom::decode::definition::Definitions;
use logloom::model::entry::Entry;
use logloom::model::line::{Line, Position};
use logloom::model::record::TimeBasis;

const PAIRS: &str = include_str!("pairs.txt");

/// What the short names stand for.
const SHORTHANDS: [(&str, &str); 6] = [
    ("T", "7b2f9c41d05e83a6194cbe70f2a85d13"),
    ("T64", "0000000000000000194cbe70f2a85d13"),
    ("S", "c19f04a7e6b35d28"),
    ("P", "3e80d1b76a92f54c"),
    ("t0", "2026-11-21T09:30:15.250000000Z"),
    ("t0s", "2026-11-21T09:30:15.000000000Z"),
];

/// The lines are read as if from a file that was modified at 2026-11-21T12:00:00Z.
const MODIFIED: i64 = 1_795_262_400_000_000_000;

/// The entries of some lines, read as a file of this name.
pub(super) fn entries(text: &str, path: &str) -> Vec<Entry> {
    let mut decoder = Decoder::new(Definitions::embedded(), Some(MODIFIED));
    let mut attributor = Attributor::new(&Arc::from(path));
    let mut records = Vec::new();
    let mut position = Position::START;
    for line in text.split('\n') {
        let bytes = line.as_bytes();
        decoder.push(Line { bytes, position, cut: 0, terminated: true }, &mut records);
        position =
            Position { line: position.line + 1, offset: position.offset + bytes.len() as u64 + 1 };
    }
    decoder.finish(&mut records);
    records.into_iter().map(|record| attributor.attribute(record)).collect()
}

/// `key=value key="some words"`, remarks in brackets left out.
fn expectations(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.rsplit(' ').next().unwrap_or(key);
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => match after.find([' ', '(', '→']) {
                Some(place) => after.split_at(place),
                None => (after, ""),
            },
        };
        found.push((key.to_owned(), value.to_owned()));
        rest = left;
        if let Some(remark) = rest.trim_start().strip_prefix('(') {
            let (remark, left) = remark.split_once(')').unwrap_or((remark, ""));
            found.push((format!("{key} remark"), remark.to_owned()));
            rest = left;
        }
    }
    found
}

fn long(value: &str) -> &str {
    SHORTHANDS.iter().find(|(short, _)| *short == value).map_or(value, |(_, long)| long)
}

/// A duration such as `12.3ms` in nanoseconds.
fn nanoseconds(text: &str) -> Option<u64> {
    let place = text.find(|letter: char| letter.is_alphabetic())?;
    let (number, unit) = text.split_at(place);
    let factor = match unit {
        "ms" => 1e6,
        "s" => 1e9,
        _ => return None,
    };
    Some((number.parse::<f64>().ok()? * factor).round() as u64)
}

/// What an entry has under a name, as a pair spells it.
fn found(entry: &Entry, key: &str, expected: &str) -> String {
    let record = &entry.record;
    let operation = entry.context.operation.as_deref();
    let time = record.time.as_ref();
    let marked = |mark| operation.filter(|operation| operation.mark == Some(mark)).and(time);
    let show = |text: Option<String>| text.unwrap_or_else(|| "nothing".to_owned());
    match key {
        "flags" => flags(entry),
        "ts" => show(time.map(|time| time.at.to_string())),
        "end" => show(marked(logloom::model::span::Mark::End).map(|time| time.at.to_string())),
        "start" => show(start(entry).map(|time| time.to_string())),
        "ts remark" | "start remark" => show(time.map(|time| format!("{:?}", time.basis))),
        "sev" => record.severity.map_or(0, logloom::model::severity::Severity::number).to_string(),
        "service" => entry.context.service.clone(),
        "trace" => show(entry.context.trace_id.map(|id| id.to_string())),
        "span" => show(entry.context.span_id.map(|id| id.to_string())),
        "parent" => show(entry.context.parent_span_id.map(|id| id.to_string())),
        "msg" => record.message.clone(),
        "name" => show(operation.and_then(|operation| operation.name.clone())),
        "kind" => {
            show(operation.and_then(|operation| operation.kind).map(|kind| kind.name().to_owned()))
        }
        "peer" => show(operation.and_then(|operation| operation.peer.clone())),
        "dur" => {
            let duration = operation.and_then(|operation| operation.duration);
            match (duration, nanoseconds(expected)) {
                (Some(found), Some(wanted)) if found == wanted => expected.to_owned(),
                (found, _) => format!("{found:?}"),
            }
        }
        "host.name" => show(entry.context.host.clone()),
        "k8s.pod.name" => show(entry.context.instance.clone()),
        key => attribute(entry, key, expected),
    }
}

/// Whether the trace is sampled, as trace flags.
fn flags(entry: &Entry) -> String {
    let sampled = entry.record.fields.iter().find(|field| {
        field.name.to_ascii_lowercase().ends_with("sampled") || field.name.ends_with("flags")
    });
    let value = sampled.map(|field| field.value.to_string().to_ascii_lowercase());
    match value.as_deref() {
        Some("true" | "1" | "01") => "01".to_owned(),
        other => format!("{other:?}"),
    }
}

/// When the span began: the entry's time, or that less the duration.
fn start(entry: &Entry) -> Option<logloom::model::time::Timestamp> {
    let time = entry.time()?;
    let operation = entry.context.operation.as_deref()?;
    match operation.mark? {
        logloom::model::span::Mark::Start => Some(time),
        logloom::model::span::Mark::End => {
            Some(time.plus(-i64::try_from(operation.duration?).ok()?))
        }
    }
}

fn attribute(entry: &Entry, key: &str, expected: &str) -> String {
    let fields = &entry.record.fields;
    if let Some(field) = fields.iter().find(|field| field.name == key) {
        let value = field.value.to_string();
        let same = nanoseconds(expected).is_some_and(|wanted| value.parse() == Ok(wanted));
        return if same { expected.to_owned() } else { value };
    }
    let by_value = fields.iter().map(|field| field.value.to_string());
    let keys = entry.context.keys.iter().map(|key| key.value.clone());
    let words = [entry.record.message.clone()].into_iter();
    by_value
        .chain(keys)
        .chain(words)
        .find(|value| {
            value.split([' ', ',', '?', '"', '|', '=']).any(|part| part == expected)
                || value == expected
        })
        .map_or_else(|| format!("nothing in {:?}", entry.record.fields), |_| expected.to_owned())
}

/// How a time is known, by the remark behind it.
fn basis(remark: &str) -> Option<TimeBasis> {
    Some(match remark {
        "zone assumed" => TimeBasis::ZoneAssumed,
        "envelope" => TimeBasis::Envelope,
        "year+zone assumed" | "date,zone assumed" => TimeBasis::DateAssumed,
        _ => return None,
    })
}

fn check(input: &str, output: &str, failures: &mut String) {
    let text = input.replace('⏎', "\n").replace('⇥', "\t");
    let entries = entries(&text, "sample.log");
    // A line of names before the entry is a record of its own.
    let Some(entry) = entries.last() else {
        let _ = writeln!(failures, "{input}\n    no entry");
        return;
    };
    let mut wrong = Vec::new();
    for (key, value) in expectations(output) {
        let expected = match key.as_str() {
            "ts remark" | "start remark" => match basis(&value) {
                Some(basis) => format!("{basis:?}"),
                None => continue,
            },
            key if key.ends_with(" remark") => continue,
            "ts" if value == "envelope" => continue,
            "ts" if value == "absent" => "nothing".to_owned(),
            "ts" | "start" | "end" if value.ends_with('Z') => {
                value.parse::<jiff::Timestamp>().map_or(value, |time| format!("{time:.9}"))
            }
            _ => long(&value).to_owned(),
        };
        let found = found(entry, &key, &expected);
        if found != expected {
            wrong.push(format!("{key}: expected {expected}, found {found}"));
        }
    }
    if !wrong.is_empty() {
        let _ =
            writeln!(failures, "{input}\n  [{}] {} entries", entry.record.format, entries.len());
        for wrong in wrong {
            let _ = writeln!(failures, "    {wrong}");
        }
    }
}

#[test]
fn every_pair_is_read_as_it_says() {
    let mut failures = String::new();
    let mut input = None;
    for line in PAIRS.lines() {
        if let Some(text) = line.strip_prefix("in  ") {
            input = Some(text);
        } else if let (Some(text), Some(output)) = (input, line.strip_prefix("out ")) {
            check(text, output, &mut failures);
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}
