//! Lines of known templates in the store: as if they had come as entries.

use std::sync::Arc;

use tempfile::TempDir;

use crate::context::attributor::Attributor;
use crate::decode::decoder::Decoder;
use crate::decode::definition::Definitions;
use crate::model::entry::Entry;
use crate::model::line::Position;
use crate::model::template::Filled;
use crate::model::templated::TemplatedLines;
use crate::query::condition::Query;
use crate::query::parse;
use crate::query::question::Question;
use crate::store::embedded::{StoreReader, StoreWriter};
use crate::store::{Batch, Intake, Page, Reader, Window};
use crate::template::table::Table;
use crate::template::{Lesson, Teacher};

/// Understands lines the general way, and teaches templates.
pub(super) struct General {
    decoder: Decoder,
    attributor: Attributor,
}

impl General {
    pub(super) fn new(path: &Arc<str>) -> Self {
        let decoder = Decoder::new(Definitions::embedded(), None);
        Self { decoder, attributor: Attributor::new(path) }
    }
}

impl Teacher for General {
    fn lesson(&mut self, line: &[u8]) -> Option<Lesson> {
        let alone = self.decoder.read_alone(line)?;
        let entry = self.attributor.attribute(alone.record);
        Some(Lesson { entry, lane: alone.lane })
    }
}

/// Lines of a shop: requests of several services, orders, errors.
pub(super) fn lines() -> impl Iterator<Item = String> {
    (0..600u64).map(|number| {
        let trace = u128::from(number / 6 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        let span = number.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let order = number / 6 * 37 % 9000 + 1000;
        match number % 3 {
            0 => format!(
                r#"{{"level":30,"time":{},"name":"cart","trace_id":"{trace:032x}","span_id":"{span:016x}","order_id":"ORD-{order}","msg":"order ORD-{order} opened from 10.0.0.{}"}}"#,
                1_772_438_400_000 + number * 7, number % 200 + 1,
            ),
            1 => format!(
                "2026-03-02T08:00:{:02}.{:03}Z ERROR [pay,{trace:032x},{span:016x}] 1 --- [exec-{}] com.example.Pay : charge of ORD-{order} failed in {}.5 ms",
                number / 30, number % 1000, number % 7 + 1, number % 90 + 10,
            ),
            _ => format!(
                r#"{{"level":"info","ts":{}.{:06},"msg":"swept {} carts","service":"stock"}}"#,
                1_772_438_400 + number / 30, number * 13, number % 50 + 2,
            ),
        }
    })
}

/// The lines as entries, and as lines of known templates as far as they are.
fn both() -> (Vec<Entry>, Batch) {
    let path: Arc<str> = Arc::from("shop.log");
    let (mut teacher, mut table) = (General::new(&path), Table::default());
    let (mut entries, mut rest, mut templated) =
        (Vec::new(), Vec::new(), TemplatedLines::default());
    let mut position = Position::START;
    for line in lines() {
        let mut entry = teacher.lesson(line.as_bytes()).expect("it is understood").entry;
        entry.record.position = position;
        entries.push(entry.clone());
        match table.take(line.as_bytes(), &mut teacher) {
            Some(taken) => {
                let filled = Filled { line: line.as_bytes(), slots: taken.slots };
                templated.push(taken.template, &filled, position, taken.time);
            }
            None => rest.push(entry),
        }
        position =
            Position { line: position.line + 1, offset: position.offset + line.len() as u64 + 1 };
    }
    assert!(templated.lines().len() > 400, "{} lines of known templates", templated.lines().len());
    (entries, Batch { entries: rest, templated, ..Batch::default() })
}

fn store(batches: Vec<Batch>) -> (TempDir, StoreReader) {
    let directory = tempfile::tempdir().expect("scratch space");
    for mut batch in batches {
        let writer = StoreWriter::open_or_create(directory.path()).expect("a store");
        writer.submit(&mut batch).expect("a submit");
        writer.commit().expect("a commit");
        writer.close().expect("a close");
    }
    let reader = StoreReader::open(directory.path()).expect("a store");
    (directory, reader)
}

/// The query of a question that asks of lines alone.
fn query(text: &str) -> Query {
    let of_line = |question: Question| match question {
        Question::Line(condition) => condition,
        other => panic!("{text} asks for more than lines: {other:?}"),
    };
    let conditions = match parse::parse(text).expect("a query") {
        Question::All(parts) => parts.into_iter().map(of_line).collect(),
        question => vec![of_line(question)],
    };
    Query { conditions }
}

#[test]
fn questions_are_answered_as_if_all_lines_had_come_as_entries() {
    let (entries, batch) = both();
    let (_one, plain) = store(vec![Batch { entries: entries.clone(), ..Batch::default() }]);
    let (_other, short) = store(vec![batch]);
    let page = Page { limit: 1000, window: Window::default() };
    for text in [
        "opened",
        "failed",
        "ORD-1037",
        "order_id:ORD-1037",
        "level:error",
        "service:stock carts",
        "service:cart failed",
        "10.0.0.7",
        "level:>=warn service:pay",
        "sw*",
        "message:*",
        "1037",
        "exec",
        "thread:exec-3",
    ] {
        let query = query(text);
        assert_eq!(
            short.lines(&query, &page).unwrap(),
            plain.lines(&query, &page).unwrap(),
            "{text}"
        );
        let (found, expected) = (short.requests(&query, &page), plain.requests(&query, &page));
        assert_eq!(found.unwrap().items, expected.unwrap().items, "query: {text}");
    }
    for entry in &entries {
        let Some(id) = entry.context.trace_id else { continue };
        assert_eq!(short.trace(id, 100).unwrap(), plain.trace(id, 100).unwrap());
    }
    assert_eq!(short.field_names().unwrap(), plain.field_names().unwrap());
    assert_eq!(short.service_names().unwrap(), plain.service_names().unwrap());
    assert_eq!(short.summary().unwrap().entries, plain.summary().unwrap().entries);
}

#[test]
fn templates_of_earlier_commits_are_read_after_later_ones() {
    let batches = vec![both().1, both().1, both().1];
    let count: usize =
        batches.iter().map(|batch| batch.entries.len() + batch.templated.lines().len()).sum();
    let (_directory, reader) = store(batches);
    let page = Page { limit: 10_000, window: Window::default() };
    let found = reader.lines(&Query::default(), &page).expect("an answer");
    assert_eq!(found.items.len(), count);
}

#[test]
fn a_store_of_lines_is_smaller_than_one_of_entries() {
    let (entries, batch) = both();
    let (_one, plain) = store(vec![Batch { entries, ..Batch::default() }]);
    let (_other, short) = store(vec![batch]);
    let bytes = |reader: &StoreReader| reader.summary().expect("sums").bytes;
    assert!(bytes(&short) < bytes(&plain), "{} {}", bytes(&short), bytes(&plain));
}
