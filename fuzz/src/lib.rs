//! What is thrown bytes at, and what must hold whatever they are.
//!
//! Each function is one target, for cargo-fuzz (`fuzz_targets/`) and for the driver that needs
//! no other compiler (`src/main.rs`). A target panics where a promise is broken.

use std::sync::Arc;

use logloom::context::attributor::Attributor;
use logloom::decode::decoder::Decoder;
use logloom::decode::definition::Definitions;
use logloom::decode::proof;
use logloom::model::line::{Line, Position};
use logloom::model::record::Record;
use logloom::query::matching::fulfils;
use logloom::query::necessary::Necessary;
use logloom::query::parse::parse;

/// The files are read as if last modified at 2026-11-21T12:00:00Z.
const MODIFIED: i64 = 1_795_262_400_000_000_000;

/// The targets by their names.
pub const TARGETS: [(&str, fn(&[u8])); 6] = [
    ("decoder", decoder),
    ("envelopes", envelopes),
    ("context", context),
    ("timestamp", timestamp),
    ("definitions", definitions),
    ("query", query),
];

/// Any bytes are lines; none is lost, each record gives its bytes back.
pub fn decoder(bytes: &[u8]) {
    decode(bytes);
}

/// Any bytes inside each envelope that is known, and one envelope inside another.
pub fn envelopes(bytes: &[u8]) {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let mut text = String::from_utf8_lossy(rest).replace(['\n', '\r'], " ");
    for layer in [choice % 16, choice / 16] {
        text = wrapped(layer, &text);
    }
    decode(text.as_bytes());
}

/// Any bytes are read for ids, services, keys and operations, as text and as fields.
pub fn context(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let quoted = quoted(&text.replace('\n', " "));
    let (name, value) = text.split_at(text.char_indices().nth(8).map_or(text.len(), |at| at.0));
    let field = format!("{{\"time\":1795253415250,\"msg\":\"m\",{}:{quoted}}}", self::quoted(name));
    let value = format!("level=info msg={quoted} trace_id={} a=1", value.replace(['\n', ' '], "_"));
    let mut attributor = Attributor::new(&Arc::from("pods/shop_a-1_0/app/0.log"));
    for line in [text.as_bytes(), field.as_bytes(), value.as_bytes()] {
        for record in decode(line) {
            let entry = attributor.attribute(record);
            assert!(!entry.context.service.is_empty(), "an entry has a service");
            if let Some(attribution) = entry.context.attribution {
                assert!((0.0..=1.0).contains(&attribution.confidence));
            }
        }
    }
}

/// Any text where a time stands: at the front, in brackets, in a field, among words.
pub fn timestamp(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).replace('\n', " ");
    let lines = [
        format!("{text} INFO up"),
        format!("[{text}] up"),
        format!("{{\"time\":{},\"msg\":\"up\"}}", quoted(&text)),
        format!("{{\"ts\":{text},\"msg\":\"up\"}}"),
        format!("time=\"{text}\" level=info msg=up"),
        format!("it was {text} when it came up"),
    ];
    decode(lines.join("\n").as_bytes());
}

/// Any text is a definition: it is refused with a reason, or it proves itself.
pub fn definitions(bytes: &[u8]) {
    let file = tempfile::Builder::new().suffix(".toml").tempfile().expect("a temporary file");
    std::fs::write(file.path(), bytes).expect("a temporary file is writable");
    match proof::check_file(file.path()) {
        Ok(report) => assert!(report.failures.iter().all(|failure| !failure.to_string().is_empty())),
        Err(error) => assert!(!error.to_string().is_empty() && error.hint() != Some(String::new())),
    }
}

/// Any text is a query or is refused at a place of it; a query prints itself so that it is read
/// the same again, and any line can be held against it.
pub fn query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match parse(&text) {
        Ok(question) => {
            let printed = question.to_string();
            assert_eq!(parse(&printed).as_ref(), Ok(&question), "printed as {printed}");
            let _ = Necessary::of(&question);
            if let Ok(condition) = question.of_a_line() {
                let mut attributor = Attributor::new(&Arc::from("shop.log"));
                for record in decode(text.replace('\n', " ").as_bytes()) {
                    let _ = fulfils(&attributor.attribute(record), &condition);
                }
            }
        }
        Err(error) => {
            assert!(error.span.start <= error.span.end && error.span.end <= text.len());
            assert!(text.is_char_boundary(error.span.start) && text.is_char_boundary(error.span.end));
            assert!(!error.kind.to_string().is_empty() && !error.expected.is_empty());
        }
    }
}

/// Decodes lines and holds that every byte of them is in exactly one record.
fn decode(bytes: &[u8]) -> Vec<Record> {
    let mut decoder = Decoder::new(Definitions::embedded(), Some(MODIFIED));
    let mut records = Vec::new();
    let mut position = Position::START;
    let mut lines = 0;
    for line in bytes.split(|byte| *byte == b'\n') {
        decoder.push(Line { bytes: line, position, cut: 0, terminated: true }, &mut records);
        position.line += 1;
        position.offset += line.len() as u64 + 1;
        lines += 1;
    }
    decoder.finish(&mut records);
    assert_eq!(decoder.open_since(), None, "nothing stays open");
    let counted: u64 = records.iter().map(|record| u64::from(record.lines)).sum();
    assert_eq!(counted, lines, "lines are lost or doubled");
    let kept: usize = records.iter().map(|record| record.raw.len() + usize::from(record.lines > 0)).sum();
    assert_eq!(kept, bytes.len() + 1, "bytes are lost or doubled");
    records
}

/// A text inside one of the envelopes.
fn wrapped(layer: u8, text: &str) -> String {
    let quoted = quoted(text);
    match layer {
        0 => format!("{{\"log\":{quoted},\"stream\":\"stdout\",\"time\":\"2026-11-21T09:30:15.25Z\"}}"),
        1 => format!("2026-11-21T09:30:15.250482113Z stderr F {text}"),
        2 => format!("2026-11-21T09:30:15.250482113Z stdout P {text}"),
        3 => format!("inventory-1  | {text}"),
        4 => format!("[pod/payments-7c5d9b6f48-q8zvn/app] {text}"),
        5 => format!("<27>Nov 21 09:30:15 n1 payments[71]: {text}"),
        6 => format!("<12>1 2026-11-21T09:30:15.250Z n1 payments 71 CHG [a b=\"c\"] {text}"),
        7 => format!("{{\"__REALTIME_TIMESTAMP\":\"1795253415250000\",\"PRIORITY\":\"4\",\"MESSAGE\":{quoted}}}"),
        8 => format!("{{\"logGroup\":\"/aws/lambda/a\",\"logStream\":\"s\",\"logEvents\":[{{\"timestamp\":1795253415250,\"message\":{quoted}}},{{\"timestamp\":1,\"message\":\"x\"}}]}}"),
        9 => format!("{{\"textPayload\":{quoted},\"timestamp\":\"2026-11-21T09:30:15Z\",\"resource\":{{\"type\":\"t\"}}}}"),
        10 => format!("2026-11-21T09:30:15.250000+00:00 app[web.1]: {text}"),
        11 => format!("Timestamp,Level,Log\n2026-11-21T09:30:15Z,INFO,\"{}\"", text.replace('"', "\"\"")),
        12 => format!("payments-7c5d9b6f48-q8zvn app {text}"),
        13 => format!("{{\"line\":{quoted},\"timestamp\":\"2026-11-21T09:30:15Z\",\"labels\":{{}}}}"),
        14 => format!("{{\"log\":{quoted},\"kubernetes\":{{\"pod_name\":\"a-1\"}},\"date\":1795253415.25}}"),
        _ => text.to_owned(),
    }
}

/// A text as JSON writes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            letter if letter < ' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
