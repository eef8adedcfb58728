//! Entries for tests.

use std::sync::Arc;

use proptest::prelude::*;

use crate::model::checkpoint::{Checkpoint, Dropped, Fingerprint, Tally};
use crate::model::coverage::Services;
use crate::model::entry::{Attribution, AttributionBasis, Context, Entry, Key};
use crate::model::field::{Field, Value};
use crate::model::id::{SpanId, TraceId};
use crate::model::line::Position;
use crate::model::record::{Record, RecordTime, TimeBasis};
use crate::model::severity::Severity;
use crate::model::span::{Mark, Operation, SpanKind, SpanStatus};
use crate::model::time::Timestamp;

/// An entry of which only the place is known.
pub(in crate::store::embedded) fn plain_entry(path: &str, line: u64) -> Entry {
    let record = Record {
        position: Position { line, offset: (line - 1) * 100 },
        lines: 1,
        raw: format!("line {line} of {path}").into_bytes(),
        time: None,
        severity: None,
        service: None,
        instance: None,
        host: None,
        logger: None,
        thread: None,
        message: String::new(),
        fields: Vec::new(),
        format: "plain".into(),
    };
    let context = Context {
        trace_id: None,
        span_id: None,
        parent_span_id: None,
        attribution: None,
        service: "unknown".to_owned(),
        instance: None,
        host: None,
        keys: Vec::new(),
        operation: None,
    };
    Entry { path: path.into(), record, context }
}

/// A stream of which so many lines were read.
pub(in crate::store::embedded) fn checkpoint(path: &str, lines: u64) -> Checkpoint {
    Checkpoint {
        path: path.to_owned(),
        read: lines * 100,
        resume: Position { line: lines, offset: lines * 100 },
        fingerprint: Fingerprint { head: lines, tail: 0 },
        size: Some(lines),
        modified: None,
        tally: Tally { lines, ..Tally::default() },
        settled: Tally::default(),
        services: Services::default(),
        settled_services: Services::default(),
        skipped: Vec::new(),
        dropped: Dropped::default(),
        settled_dropped: Dropped::default(),
        followed: None,
    }
}

fn any_name() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[a-zA-Z.é ]{0,8}")
}

/// A piece of the raw bytes, or something that is not in them.
fn any_text(raw: &str) -> impl Strategy<Value = String> + use<> {
    let characters: Vec<char> = raw.chars().collect();
    let piece = (any::<prop::sample::Index>(), any::<prop::sample::Index>());
    let piece = piece.prop_map(move |(start, length)| {
        let start = start.index(characters.len() + 1);
        let length = length.index(characters.len() - start + 1);
        characters[start..start + length].iter().collect()
    });
    prop_oneof![piece, "\\PC{0,12}"]
}

fn any_value(raw: &str) -> impl Strategy<Value = Value> + use<> {
    let scalar = prop_oneof![
        any_text(raw).prop_map(Value::Text),
        any_text(raw).prop_map(Value::Number),
        any::<bool>().prop_map(Value::Boolean),
    ];
    let list = prop::collection::vec(scalar.clone(), 0..3).prop_map(Value::List);
    prop_oneof![scalar, list]
}

fn any_time(raw: &str) -> impl Strategy<Value = RecordTime> + use<> {
    let basis = prop::sample::select(vec![
        TimeBasis::Line,
        TimeBasis::Envelope,
        TimeBasis::ZoneAssumed,
        TimeBasis::DateAssumed,
        TimeBasis::Inherited,
        TimeBasis::ZoneLearned,
        TimeBasis::ZoneGiven,
        TimeBasis::Mentioned,
    ]);
    (any::<i64>(), any_text(raw), basis).prop_map(|(at, text, basis)| RecordTime {
        at: Timestamp::from_nanoseconds(at),
        text,
        basis,
    })
}

prop_compose! {
    fn any_record()(raw in "\\PC{0,60}")(
        line in any::<u64>(), offset in any::<u64>(), lines in any::<u32>(),
        time in prop::option::of(any_time(&raw)),
        severity in 0u8..=24,
        names in prop::array::uniform5(any_name()),
        message in any_text(&raw),
        fields in prop::collection::vec(("[a-z._]{0,8}", any_value(&raw)), 0..4),
        format in "[a-z]{0,6}",
        tail in prop::collection::vec(any::<u8>(), 0..4),
        raw in Just(raw),
    ) -> Record {
        let [service, instance, host, logger, thread] = names;
        let mut raw = raw.into_bytes();
        raw.extend(tail);
        let fields = fields.into_iter().map(|(name, value)| Field { name, value }).collect();
        Record {
            position: Position { line, offset },
            lines, raw, time, severity: Severity::new(severity), service, instance, host,
            logger, thread, message, fields, format: format.into(),
        }
    }
}

prop_compose! {
    fn any_operation()(
        name in any_name(),
        kind in prop::option::of(prop::sample::select(vec![
            SpanKind::Internal, SpanKind::Server, SpanKind::Client, SpanKind::Producer,
            SpanKind::Consumer,
        ])),
        status in prop::option::of(prop::sample::select(vec![SpanStatus::Ok, SpanStatus::Error])),
        peer in any_name(),
        duration: Option<u64>,
        mark in prop::option::of(prop::sample::select(vec![Mark::Start, Mark::End])),
    ) -> Operation {
        Operation { name, kind, status, peer, duration, mark }
    }
}

prop_compose! {
    fn any_context()(
        trace in prop::option::of(any::<u128>()), span in 0u64..3, parent: Option<u64>,
        attribution in prop::option::of((any::<bool>(), prop_oneof![Just(1f32), 0f32..1.0])),
        service in "[a-z-]{0,8}", instance in any_name(), host in any_name(),
        keys in prop::collection::vec(("[a-z_]{1,8}", "\\PC{0,8}"), 0..3),
        operation in prop::option::of(any_operation()),
    ) -> Context {
        let attribution = attribution.map(|(stated, confidence)| Attribution {
            basis: if stated { AttributionBasis::Stated } else { AttributionBasis::Inferred },
            confidence,
        });
        Context {
            trace_id: trace.and_then(TraceId::new),
            span_id: SpanId::new(span),
            parent_span_id: parent.and_then(SpanId::new),
            attribution, service, instance, host,
            keys: keys.into_iter().map(|(name, value)| Key { name, value }).collect(),
            operation: operation.map(Box::new),
        }
    }
}

/// An entry of any content that the types allow.
pub(in crate::store::embedded) fn any_entry() -> impl Strategy<Value = Entry> {
    ("[a-z/.]{0,8}", any_record(), any_context()).prop_map(|(path, record, context)| Entry {
        path: Arc::from(path),
        record,
        context,
    })
}
