use super::*;
use crate::analysis::case::Surroundings;
use crate::analysis::diagnose;
use crate::model::fixture::{entry, trace_id};
use crate::trace::assemble;
use crate::trace::knowledge::Knowledge;

/// A request of one span that says these words one after the other.
fn request(words: &[&str]) -> Trace {
    let entries = words.iter().enumerate().map(|(number, word)| {
        let (at, line) = (number as i64, number as u64 + 1);
        entry("shop", word).at(at).line(line).span(1).done()
    });
    assemble(trace_id(), entries.collect(), &Knowledge::default())
}

/// What is said of a request beside peers that all say the same.
#[track_caller]
fn check(words: &[&str], peers: &[&[&str]], expected: Option<&str>) {
    let peers = peers.iter().map(|peer| request(peer)).collect();
    let around = Surroundings { peers, related: Vec::new() };
    let findings = diagnose(&request(words), &around).findings;
    let found = findings.iter().find(|finding| finding.name == "unusual_flow");
    let told = found.map(|finding| finding.sentence.split(", ").nth(2).unwrap_or_default());
    assert_eq!(told, expected, "{words:?}");
    assert!(found.is_none_or(|finding| !finding.evidence.is_empty()));
}

const USUAL: &[&str] = &["in", "checked", "paid", "out"];

#[test]
fn who_went_the_usual_way_has_no_departure() {
    check(USUAL, &[USUAL; 6], None);
}

#[test]
fn what_is_missing_and_new_is_told_where_it_departs_first() {
    check(
        &["in", "refused", "out"],
        &[USUAL; 6],
        Some("`checked` is missing and `refused` is new"),
    );
}

#[test]
fn another_order_is_told_as_such() {
    check(&["in", "paid", "checked", "out"], &[USUAL; 6], Some("`checked` comes out of order"));
}

#[test]
fn peers_that_differ_among_themselves_or_are_few_are_no_rule() {
    check(&["in", "refused", "out"], &[USUAL; 4], None);
    let refused: &[&str] = &["in", "refused", "out"];
    check(refused, &[USUAL, USUAL, USUAL, USUAL, refused, refused], None);
}
