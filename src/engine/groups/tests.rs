use tempfile::TempDir;

use super::*;
use crate::model::entry::Entry;
use crate::model::fixture::{Fixture, entry};
use crate::query::parse::parse;
use crate::store::embedded::{StoreReader, StoreWriter};
use crate::store::{Batch, Intake};
use crate::trace::knowledge::Knowledge;

const MINUTE: i64 = 60_000;

/// A request of so many lines at this millisecond, by this door; it fails or not.
fn request(number: u128, start: i64, door: &str, fails: bool) -> Vec<Entry> {
    let answer = |text| entry(door, text).at(start + 40).span(1).line(2);
    let lines: Vec<Fixture> = vec![
        entry(door, "asked").at(start).span(1),
        entry("stock", "looking up").at(start + 5).span(2).parent(1),
        if fails { answer("refused").error() } else { answer("answered") },
    ];
    let mut entries: Vec<Entry> = lines.into_iter().map(Fixture::done).collect();
    for (line, entry) in entries.iter_mut().enumerate() {
        entry.context.trace_id = TraceId::new(number + 1);
        entry.record.position.line = number as u64 * 10 + line as u64;
        entry.record.position.offset = number as u64 * 1_000 + line as u64 * 100;
    }
    entries
}

/// Requests by two doors every second for ten minutes; from the ninth minute on those by the
/// shop fail.
fn store() -> (TempDir, StoreReader) {
    let scratch = TempDir::new().expect("scratch space");
    let writer = StoreWriter::open_or_create(scratch.path()).expect("a new store");
    let numbers = 0..600_u128;
    let entries = numbers.flat_map(|number| {
        let start = number as i64 * 1_000;
        let door = ["shop", "desk"][number as usize % 2];
        request(number, start, door, door == "shop" && start >= 9 * MINUTE)
    });
    let mut batch = Batch { entries: entries.collect(), ..Batch::default() };
    writer.submit(&mut batch).expect("a submit");
    writer.close().expect("a commit");
    let reader = StoreReader::open(scratch.path()).expect("the store");
    (scratch, reader)
}

fn asked(bad: Group, good: Reference) -> Comparison {
    let (_scratch, reader) = store();
    let knowledge = Knowledge::default().into();
    let source = Source { reader: &reader, knowledge: &knowledge };
    compared(&source, &Question { bad, good }).expect("a comparison")
}

fn minutes(from: i64, until: i64) -> Window {
    let moment = |minute: i64| entry("shop", "").at(minute * MINUTE).done().time();
    Window { since: moment(from), until: moment(until) }
}

fn named(query: &str) -> query::question::Question {
    parse(query).expect("a query")
}

#[test]
fn what_came_before_by_the_same_doors_is_the_reference_if_none_is_named() {
    let found = asked(Group { window: minutes(9, 10), question: None }, Reference::Chosen);
    assert_eq!((found.bad, found.good), (60, 540));
    assert!(found.differs && found.suspects[0].service == "shop", "{found:#?}");
    // The lines that prove it were fetched.
    let told = &found.suspects[0].findings[0].finding;
    assert!(!told.evidence.is_empty() && !told.spans.is_empty());
}

#[test]
fn what_a_query_does_not_name_beside_and_before_it_is_the_reference() {
    let failed = Group { window: minutes(9, 10), question: Some(named("level:error")) };
    // Those that entered by the other door are of another kind.
    let found = asked(failed, Reference::Chosen);
    assert_eq!((found.bad, found.good), (30, 270));
}

#[test]
fn the_reference_is_what_is_named() {
    let window = Group { window: minutes(9, 10), question: None };
    let ranges = Reference::Ranges(vec![minutes(0, 2), minutes(4, 5)]);
    let found = asked(window, ranges);
    assert_eq!((found.bad, found.good), (60, 180));
}

#[test]
fn two_queries_tell_two_groups_apart_and_nothing_is_in_both() {
    let bad = Group { window: Window::default(), question: Some(named("level:error")) };
    let good = Reference::Requests(named("service:stock"));
    let found = asked(bad, good);
    assert_eq!((found.bad, found.good), (30, 570));
}

#[test]
fn minutes_alike_are_said_not_to_differ() {
    let window = Group { window: minutes(5, 6), question: None };
    let found = asked(window, Reference::Ranges(vec![minutes(0, 5)]));
    assert!(!found.differs, "{found:#?}");
}
