//! What stands first, and by which line.

use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use super::*;
use crate::model::entry::Key;
use crate::model::fixture::{Fixture, entry};
use crate::store::embedded::StoreWriter;
use crate::store::{Batch, Intake};

/// A store of these requests, numbered from 1.
fn store(requests: Vec<Vec<Fixture>>) -> (TempDir, StoreReader) {
    let scratch = TempDir::new().expect("scratch space");
    let writer = StoreWriter::open_or_create(scratch.path()).expect("a new store");
    let mut entries = Vec::new();
    for (number, lines) in (1..).zip(requests) {
        for line in lines {
            let mut entry = line.line(entries.len() as u64 + 1).done();
            entry.context.trace_id = TraceId::new(number);
            entries.push(entry);
        }
    }
    writer.submit(&mut Batch { entries, ..Batch::default() }).expect("a submit");
    writer.close().expect("a commit");
    let reader = StoreReader::open(scratch.path()).expect("the store");
    (scratch, reader)
}

fn answer(reader: &StoreReader, text: &str, order: Order, limit: usize) -> Answer {
    let question = parse(text).expect("a query");
    let window = Window::default();
    let wanted = Search { question: &question, window, order, limit, is_over: &|| false };
    let source = Source { reader, knowledge: &Recalled::default() };
    search(&source, &wanted).expect("an answer")
}

#[track_caller]
fn check(requests: Vec<Vec<Fixture>>, text: &str, order: Order, expected: &[u128]) {
    let (_scratch, reader) = store(requests);
    let answer = answer(&reader, text, order, 50);
    let ids: Vec<u128> = answer.matches.iter().map(|found| found.trace.id.value()).collect();
    assert_eq!(ids, expected, "query: {text}");
}

#[test]
fn errors_then_slowness_then_newness_decide_between_equals() {
    let requests = || {
        vec![
            vec![entry("a", "paid").at(0), entry("a", "done").at(10)],
            vec![entry("a", "paid").at(100), entry("a", "done").at(900)],
            vec![entry("a", "paid").at(200).error(), entry("a", "done").at(210)],
            vec![entry("a", "paid").at(300), entry("a", "done").at(310)],
        ]
    };
    check(requests(), "paid", Order::Best, &[3, 2, 4, 1]);
    check(requests(), "paid", Order::Time, &[4, 3, 2, 1]);
    check(requests(), "paid", Order::Duration, &[2, 4, 3, 1]);
    check(requests(), "paid", Order::Errors, &[3, 4, 2, 1]);
}

#[test]
fn whole_identifiers_count_before_words() {
    let mut with_key = entry("a", "order ORD-7").at(0).done();
    with_key.context.keys.push(Key { name: "order_id".to_owned(), value: "ORD-7".to_owned() });
    let scratch = TempDir::new().expect("scratch space");
    let writer = StoreWriter::open_or_create(scratch.path()).expect("a new store");
    with_key.context.trace_id = TraceId::new(1);
    let mut other = entry("a", "not ORD-7 but ORD-8").at(100).error().line(2).done();
    other.context.trace_id = TraceId::new(2);
    let entries = vec![with_key, other];
    writer.submit(&mut Batch { entries, ..Batch::default() }).expect("a submit");
    writer.close().expect("a commit");
    let reader = StoreReader::open(scratch.path()).expect("the store");
    let answer = answer(&reader, "ORD-7", Order::Best, 50);
    assert_eq!(answer.matches[0].trace.id.value(), 1);
}

#[test]
fn rare_alternatives_are_judged_first() {
    let mut requests: Vec<Vec<Fixture>> =
        (0..200).map(|at| vec![entry("a", "frequent").at(at * 10)]).collect();
    requests.push(vec![entry("a", "rare").at(5)]);
    let (_scratch, reader) = store(requests);
    let answer = answer(&reader, "frequent OR rare", Order::Best, 1);
    assert!(!answer.exact);
    assert_eq!(answer.total, 1);
    assert!(answer.plan.read < 100, "read: {}", answer.plan.read);
}

#[test]
fn the_line_that_says_most_is_shown_with_every_reason() {
    let lines = vec![
        entry("gateway", "request received").at(0),
        entry("payment", "card declined").at(10).error(),
    ];
    let (_scratch, reader) = store(vec![lines]);
    let answer = answer(&reader, "level:info \"card declined\" errors:1", Order::Best, 50);
    let found = &answer.matches[0];
    assert_eq!(found.entry().record.message, "card declined");
    let reasons: Vec<&str> = found.reasons.iter().map(|reason| reason.condition.as_str()).collect();
    assert_eq!(reasons, ["level:info", "\"card declined\"", "errors:1"]);
}

#[test]
fn what_is_asked_of_the_whole_counts_lines_outside_the_window() {
    let lines = vec![entry("a", "begun").at(0), entry("a", "failed").at(5_000).error()];
    let (_scratch, reader) = store(vec![lines]);
    let question = parse("errors:1").expect("a query");
    let window = Window { since: None, until: entry("a", "").at(1_000).done().time() };
    let wanted =
        Search { question: &question, window, order: Order::Best, limit: 9, is_over: &|| false };
    let source = Source { reader: &reader, knowledge: &Recalled::default() };
    assert_eq!(search(&source, &wanted).expect("an answer").matches.len(), 1);
}

#[test]
fn when_time_is_up_the_answer_is_given_in_part() {
    let requests = (0..120).map(|at| vec![entry("a", "paid").at(at)]).collect();
    let (_scratch, reader) = store(requests);
    let question = parse("paid").expect("a query");
    let asked = AtomicUsize::new(0);
    let is_over = || asked.fetch_add(1, Ordering::Relaxed) >= 5;
    let wanted = Search {
        question: &question,
        window: Window::default(),
        order: Order::Time,
        limit: 200,
        is_over: &is_over,
    };
    let source = Source { reader: &reader, knowledge: &Recalled::default() };
    let answer = search(&source, &wanted).expect("an answer");
    assert_eq!(answer.partial, Some(Partial::Deadline));
    assert!(!answer.exact);
    assert!((90..120).contains(&answer.matches.len()), "found: {}", answer.matches.len());
}
