//! Logs of a small shop in which much is missing: times, spans' lines, ids, whole services.

use std::sync::Arc;

use tempfile::TempDir;

use super::Chance;
use crate::model::entry::{Entry, Key};
use crate::model::field::{Field, Value};
use crate::model::fixture::entry;
use crate::model::id::{SpanId, TraceId};
use crate::model::line::Position;
use crate::model::severity::Severity;
use crate::model::span::{Operation, SpanKind, SpanStatus};
use crate::store::embedded::{StoreReader, StoreWriter};
use crate::store::{Batch, Intake};

const REQUESTS: u64 = 60;
const SERVICES: [&str; 4] = ["gateway", "checkout", "payment", "Cart"];
const WORDS: [&str; 9] =
    ["card", "declined", "order", "received", "timed", "out", "retry", "ORD-7", "u-77"];
const LEVELS: [Severity; 4] = [Severity::INFO, Severity::WARN, Severity::ERROR, Severity::DEBUG];

/// A store of them, written in several batches.
pub(super) fn store(chance: &mut Chance) -> (TempDir, StoreReader) {
    let scratch = TempDir::new().expect("scratch space");
    let writer = StoreWriter::open_or_create(scratch.path()).expect("a new store");
    let mut entries = entries(chance);
    while !entries.is_empty() {
        let rest = entries.split_off(entries.len().min(150));
        writer.submit(&mut Batch { entries, ..Batch::default() }).expect("a submit");
        if chance.once_in(2) {
            writer.commit().expect("a commit");
        }
        entries = rest;
    }
    writer.close().expect("a commit");
    let reader = StoreReader::open(scratch.path()).expect("the store");
    (scratch, reader)
}

fn entries(chance: &mut Chance) -> Vec<Entry> {
    let mut entries = Vec::new();
    for request in 0..REQUESTS {
        let id = TraceId::new(u128::from(request) << 64 | u128::from(chance.next() | 1));
        let begins = (request as i64) * 700 + chance.below(500) as i64;
        let spans = 1 + chance.below(6);
        for span in 0..spans {
            // Some spans are named by their children alone.
            let lines = if chance.once_in(6) { 0 } else { 1 + chance.below(3) };
            let service = *chance.of(&SERVICES);
            for _ in 0..lines {
                let at = begins + chance.below(4_000) as i64;
                let mut line = line(chance, service, at);
                line.context.trace_id = id;
                line.context.span_id = SpanId::new(request * 100 + span as u64 + 1);
                if span > 0 && !chance.once_in(5) {
                    let parent = chance_parent(request, span, chance);
                    line.context.parent_span_id = SpanId::new(parent);
                }
                entries.push(line);
            }
        }
        for _ in 0..chance.below(3) {
            let service = *chance.of(&SERVICES);
            let mut stray = line(chance, service, begins);
            stray.context.trace_id = None;
            stray.context.attribution = None;
            entries.push(stray);
        }
    }
    for (number, entry) in entries.iter_mut().enumerate() {
        entry.record.position = Position { line: number as u64 + 1, offset: number as u64 * 100 };
    }
    entries
}

/// Mostly the span before, so that trees are deep.
fn chance_parent(request: u64, span: usize, chance: &mut Chance) -> u64 {
    let parent = if chance.once_in(3) { chance.below(span) } else { span - 1 };
    request * 100 + parent as u64 + 1
}

fn line(chance: &mut Chance, service: &str, at: i64) -> Entry {
    let words: Vec<&str> = (0..=chance.below(4)).map(|_| *chance.of(&WORDS)).collect();
    let mut made = entry(service, &words.join(" "));
    if !chance.once_in(6) {
        made = made.at(at);
    }
    let mut line = made.done();
    line.path = Arc::from(format!("/logs/{service}.log"));
    line.record.severity = (!chance.once_in(8)).then(|| *chance.of(&LEVELS));
    if chance.once_in(3) {
        let status = [200, 404, 503][chance.below(3)].to_string();
        let value = Value::Number(status);
        line.record.fields.push(Field { name: "http.status_code".to_owned(), value });
    }
    if chance.once_in(4) {
        line.record.fields.push(Field::text("took", format!("{}ms", chance.below(3_000))));
    }
    if chance.once_in(4) {
        let value = format!("ORD-{}", chance.below(9));
        line.context.keys.push(Key { name: "order_id".to_owned(), value });
    }
    if chance.once_in(4) {
        line.context.operation = Some(Box::new(operation(chance)));
    }
    line
}

fn operation(chance: &mut Chance) -> Operation {
    Operation {
        name: chance.once_in(2).then(|| "POST /orders".to_owned()),
        kind: chance.once_in(2).then(|| *chance.of(&[SpanKind::Client, SpanKind::Server])),
        status: chance.once_in(3).then_some(SpanStatus::Error),
        peer: chance.once_in(2).then(|| (*chance.of(&["payment", "bank"])).to_owned()),
        duration: chance.once_in(2).then(|| chance.below(3_000) as u64 * 1_000_000),
        mark: None,
    }
}
