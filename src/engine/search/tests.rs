//! Search against a plain reference that loads everything and tests each request by brute
//! force: the same requests, for random questions of the whole grammar.
//!
//! The full form, over generated logs and over a store of any logs:
//!
//! ```console
//! $ LOGLOOM_QUESTIONS=10000 cargo test --release --lib search::tests
//! $ LOGLOOM_QUESTIONS=10000 LOGLOOM_QUESTIONED=STORE cargo test --release --lib search::tests
//! ```

mod chance;
mod corpus;
mod hostile;
mod questions;
mod ranking;
mod reference;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

use super::*;
use crate::engine::answer::ENTRIES_MAX;
use crate::engine::lesson::{self, Recalled};
use crate::model::entry::Entry;
use crate::query::condition::Query;
use crate::query::matching::fulfils;
use crate::query::parse::parse;
use crate::store::embedded::StoreReader;
use crate::store::{Page, Reader};

use chance::Chance;
use questions::Vocabulary;
use reference::Reference;

/// Questions asked of each generated corpus.
const QUESTIONS: u64 = 400;

/// Corpora that are generated.
const CORPORA: u64 = 4;

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn questions() -> u64 {
    setting("LOGLOOM_QUESTIONS").and_then(|count| count.parse().ok()).unwrap_or(QUESTIONS)
}

/// All entries of a store.
fn entries(reader: &dyn Reader) -> Vec<Entry> {
    let mut entries = Vec::new();
    let all = &mut |entry| {
        entries.push(entry);
        ControlFlow::Continue(())
    };
    reader.each_line(&Query::default(), &Window::default(), all).expect("all lines");
    entries
}

/// What is found, and whether it is certain.
fn found(
    source: &Source<'_>,
    question: &Question,
    window: Window,
    order: Order,
) -> BTreeMap<TraceId, Truth> {
    let wanted = Search { question, window, order, limit: usize::MAX, is_over: &|| false };
    let answer = search(source, &wanted).expect("an answer");
    assert!(answer.exact && answer.partial.is_none());
    assert_eq!(answer.total, answer.matches.len() as u64);
    answer.matches.iter().map(|found| (found.trace.id, found.truth)).collect()
}

/// Asks random questions and compares the answers.
fn compare(reader: &StoreReader, seed: u64, count: u64) {
    let knowledge = lesson::recall(reader).expect("knowledge");
    compare_with(reader, &knowledge, seed, count);
}

fn compare_with(reader: &StoreReader, knowledge: &Recalled, seed: u64, count: u64) {
    let source = Source { reader, knowledge };
    let entries = entries(reader);
    let vocabulary = Vocabulary::of(&entries);
    let reference = Reference::new(&source, &entries);
    let mut chance = Chance::new(seed);
    for number in 0..count {
        let question = questions::question(&vocabulary, &mut chance);
        let text = question.to_string();
        assert_eq!(parse(&text).as_ref(), Ok(&question), "number {number}: {text}");
        let window = questions::window(&vocabulary, &mut chance);
        let order = [Order::Best, Order::Time, Order::Duration, Order::Errors, Order::Spans]
            [chance.below(5)];
        let expected = reference.answer(&question, window);
        let answer = found(&source, &question, window, order);
        assert_eq!(answer, expected, "seed {seed}, number {number}: {text} in {window:?}");
    }
}

#[test]
fn random_questions_find_what_brute_force_finds() {
    if let Some(store) = setting("LOGLOOM_QUESTIONED") {
        let reader = StoreReader::open(&PathBuf::from(store)).expect("a store");
        compare(&reader, 1, questions());
        return;
    }
    for seed in 0..CORPORA {
        let (_scratch, reader) = corpus::store(&mut Chance::new(seed));
        compare(&reader, seed, questions() / CORPORA);
    }
}

#[test]
fn single_entries_as_they_come_in_are_matched_like_stored_ones() {
    let (_scratch, reader) = corpus::store(&mut Chance::new(7));
    let entries = entries(&reader);
    let vocabulary = Vocabulary::of(&entries);
    let mut chance = Chance::new(8);
    for number in 0..questions() {
        let condition = questions::condition(&vocabulary, &mut chance, 3);
        let window = questions::window(&vocabulary, &mut chance);
        let place = |entry: &Entry| (entry.path.to_string(), entry.record.position.offset);
        let live = entries
            .iter()
            .filter(|entry| window.admits(entry.time()) && fulfils(entry, &condition));
        let mut expected: Vec<_> = live.map(place).collect();
        expected.sort_unstable();
        let page = Page { limit: usize::MAX, window };
        let stored = reader.lines(&Query::from(condition.clone()), &page).expect("lines");
        let mut stored: Vec<_> = stored.items.iter().map(place).collect();
        stored.sort_unstable();
        assert_eq!(stored, expected, "number {number}: {condition} in {window:?}");
    }
}

#[test]
fn a_store_that_only_finds_requests_by_single_conditions_gives_the_same_candidates_or_fewer() {
    let (_scratch, reader) = corpus::store(&mut Chance::new(3));
    let entries = entries(&reader);
    let vocabulary = Vocabulary::of(&entries);
    let mut chance = Chance::new(4);
    for _ in 0..50 {
        let question = questions::question(&vocabulary, &mut chance);
        let necessary = Necessary::of(&question);
        let window = Window::default();
        let ids = |narrowed: Narrowed| -> std::collections::BTreeSet<TraceId> {
            narrowed.requests.iter().map(|candidate| candidate.id).collect()
        };
        let own = ids(reader.candidates(&necessary, &window).expect("candidates"));
        let plain = crate::store::candidates::by_requests(&reader, &necessary, &window);
        let plain = ids(plain.expect("candidates"));
        assert!(plain.is_subset(&own), "question: {question}");
    }
}
