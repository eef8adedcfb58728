//! Statements that print an object whole: a span that was reported, a message with its headers.
//!
//! Each is known by words that nothing else begins with, wherever in the message they stand.

use crate::context::carrier::{self, Carried, Whose};
use crate::context::identifier::whole_hex;
use crate::context::statement::Said;
use crate::context::{http, operation_part};
use crate::model::field::{Field, Value};
use crate::model::id::SpanId;
use crate::model::span::{Mark, SpanKind};

/// More values than this of one object are not attributes.
const VALUES_MAX: usize = 64;

/// What a printed object says of an operation, if there is one.
pub(super) fn read(message: &str) -> Option<Said> {
    match message.as_bytes().first()? {
        b'\'' => exported_span(message),
        b'S' | b'R' => reported_span(message),
        _ => None,
    }
    .or_else(|| consumed_message(message))
}

/// OpenTelemetry's `LoggingSpanExporter`: `'GET /orders' : TRACE SPAN SERVER [tracer: …]
/// AttributesMap{data={k=v, …}, capacity=…}`; it prints a span when it has ended.
fn exported_span(message: &str) -> Option<Said> {
    let (name, rest) = message.strip_prefix('\'')?.split_once("' : ")?;
    let mut words = rest.split(' ');
    let trace = whole_hex(words.next()?)?;
    let span = SpanId::from_hex(words.next().filter(|word| word.len() == 16)?)?;
    let kind = operation_part::kind(words.next()?)?;
    let data = rest.split_once("data={").and_then(|(_, data)| data.split_once('}'));
    let attributes: Vec<Field> = data.map(|(data, _)| pairs(data)).unwrap_or_default();
    let code = attributes.iter().find(|field| field.name == "http.response.status_code");
    let code = code.and_then(|field| http::status_code(field.value.as_text()?));
    Some(Said {
        name: Some(name.to_owned()),
        kind: Some(kind),
        status: code.and_then(|code| http::outcome(code, Some(kind))),
        mark: Some(Mark::End),
        carried: Some(Carried {
            trace,
            span: Some(span),
            parent: None,
            whose: Whose::Own,
            flags: None,
        }),
        attributes,
        ..Said::default()
    })
}

/// Jaeger's `LoggingReporter`: `Span reported: t:s:p:f - reserveStock`, when it has ended.
fn reported_span(message: &str) -> Option<Said> {
    let rest = message
        .strip_prefix("Span reported: ")
        .or_else(|| message.strip_prefix("Reporting span "))?;
    let (ids, name) = rest.split_once(" - ").unwrap_or((rest, ""));
    let carried = carrier::uber(ids.trim())?;
    Some(Said {
        name: Some(name.trim().to_owned()).filter(|name| !name.is_empty()),
        mark: Some(Mark::End),
        carried: Some(Carried { whose: Whose::Own, ..carried }),
        ..Said::default()
    })
}

/// Kafka's `ConsumerRecord(topic = orders, partition = 3, …, key = ORD-1, value = …)`.
fn consumed_message(message: &str) -> Option<Said> {
    const BEGINNING: &str = "ConsumerRecord(topic = ";
    let (_, inside) = message.split_once(BEGINNING)?;
    let topic = inside.split(',').next()?.trim();
    let value = |name: &str| {
        let (_, rest) = inside.split_once(&format!(", {name} = "))?;
        Some(rest.split([',', ')']).next()?.trim()).filter(|value| !value.is_empty())
    };
    let mut attributes = vec![
        Field::text("messaging.system", "kafka"),
        Field::text("messaging.destination.name", topic),
    ];
    for (name, target) in
        [("partition", "messaging.destination.partition.id"), ("offset", "messaging.kafka.offset")]
    {
        if let Some(number) = value(name).filter(|text| text.bytes().all(|b| b.is_ascii_digit())) {
            let value = Value::Number(number.to_owned());
            attributes.push(Field { name: name.to_owned(), value: value.clone() });
            attributes.push(Field { name: target.to_owned(), value });
        }
    }
    // The headers before it may have keys of their own.
    let key = inside.rsplit_once("isReadOnly").map_or(inside, |(_, rest)| rest);
    let key = key.split_once(", key = ").and_then(|(_, rest)| rest.split(", value =").next());
    if let Some(key) = key.map(str::trim).filter(|key| !key.is_empty() && *key != "null") {
        attributes.push(Field::text("messaging.kafka.message.key", key));
    }
    Some(Said {
        name: Some(format!("process {topic}")),
        kind: Some(SpanKind::Consumer),
        attributes,
        ..Said::default()
    })
}

/// `k=v, k=v` as a Java map prints itself.
fn pairs(data: &str) -> Vec<Field> {
    let pairs = data.split(", ").filter_map(|pair| pair.split_once('=')).take(VALUES_MAX);
    pairs.map(|(name, value)| Field::text(name.trim(), value)).collect()
}
