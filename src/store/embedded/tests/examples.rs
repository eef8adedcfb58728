//! Questions whose answers chance would seldom try.

use tempfile::TempDir;

use crate::model::entry::Entry;
use crate::model::field::Field;
use crate::model::id::TraceId;
use crate::query::condition::{Condition, Query, Test};
use crate::store::embedded::tests::samples::plain_entry;
use crate::store::embedded::{StoreReader, StoreWriter};
use crate::store::{Ability, Batch, Intake, Page, Reader, Window};

const ALL: Page = Page { limit: usize::MAX, window: Window { since: None, until: None } };

/// A store of these entries, in one batch.
fn store(entries: Vec<Entry>) -> (TempDir, StoreReader) {
    let scratch = TempDir::new().expect("scratch space");
    let writer = StoreWriter::open_or_create(scratch.path()).expect("a new store");
    writer.submit(&mut Batch { entries, ..Batch::default() }).expect("a submit");
    writer.close().expect("a commit");
    let reader = StoreReader::open(scratch.path()).expect("the store");
    (scratch, reader)
}

fn saying(message: &str) -> Entry {
    let mut entry = plain_entry("a.log", 1);
    entry.record.message = message.to_owned();
    entry
}

#[track_caller]
fn check_found(message: &str, condition: Condition) {
    let (_scratch, reader) = store(vec![saying(message)]);
    let query = Query { conditions: vec![condition] };
    assert_eq!(reader.lines(&query, &ALL).expect("lines").total, 1, "{query:?}");
}

#[test]
fn values_are_equal_without_regard_to_case_in_every_script() {
    check_found("\u{130}zmir", Condition::Value("i\u{307}zmir".to_owned()));
    let begins = Test::Prefix("i\u{307}z".to_owned());
    check_found("\u{130}zmir", Condition::Field { name: "message".to_owned(), test: begins });
    check_found("GRÖSSE 4", Condition::Value("grösse 4".to_owned()));
}

#[test]
fn a_word_longer_than_a_term_is_found_whole_and_by_its_beginning() {
    let word = "0123456789abcdef".repeat(40);
    check_found(&word, Condition::Words(vec![word.clone()]));
    check_found(&word, Condition::Prefix(word[..600].to_owned()));
    check_found(&word, Condition::Prefix(word[..200].to_owned()));
}

#[test]
fn a_request_of_many_entries_is_whole_and_its_limit_takes_the_first() {
    let id = TraceId::new(7).expect("an id");
    let traced = |line| {
        let mut entry = plain_entry("a.log", line);
        entry.context.trace_id = Some(id);
        entry
    };
    let (_scratch, reader) = store((1..=10_000).rev().map(traced).collect());
    let found = reader.trace(id, 3).expect("a trace");
    let lines: Vec<u64> = found.items.iter().map(|entry| entry.record.position.line).collect();
    assert_eq!((lines, found.total), (vec![1, 2, 3], 10_000));
    let mut visited = Vec::new();
    let visits = reader.each_trace(&ALL.window, 2, &mut |id, found| {
        visited.push((id, found.items.len(), found.total));
        std::ops::ControlFlow::Continue(())
    });
    visits.expect("each trace");
    assert_eq!(visited, [(id, 2, 10_000)]);
}

#[test]
fn batches_of_many_threads_are_all_there() {
    let scratch = TempDir::new().expect("scratch space");
    let writer = StoreWriter::open_or_create(scratch.path()).expect("a new store");
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let writer = &writer;
            scope.spawn(move || {
                for round in 0..5 {
                    let path = format!("{thread}.log");
                    let lines = round * 100 + 1..=round * 100 + 100;
                    let entries = lines.map(|line| plain_entry(&path, line)).collect();
                    writer.submit(&mut Batch { entries, ..Batch::default() }).expect("a submit");
                    writer.commit().expect("a commit");
                }
            });
        }
    });
    let reader = StoreReader::open(scratch.path()).expect("the store");
    assert_eq!(reader.summary().expect("a summary").entries, 2000);
}

#[test]
fn names_of_fields_are_given_for_suggestions() {
    let mut entry = saying("paid");
    entry.record.fields = vec![Field::text("http.status_code", "200")];
    let (_scratch, reader) = store(vec![entry]);
    assert_eq!(reader.field_names().expect("names"), ["httpstatuscode", "statuscode"]);
}

#[test]
fn the_store_says_what_it_can_answer_by_the_index() {
    let (_scratch, reader) = store(Vec::new());
    let ability = |condition| reader.ability(&condition);
    assert_eq!(ability(Condition::Words(vec!["card".to_owned()])), Ability::Narrows);
    assert_eq!(ability(Condition::Value("--".to_owned())), Ability::Scans);
}
