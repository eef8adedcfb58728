use super::{Row, compare};
use crate::model::field::Field;
use crate::model::fixture::{Fixture, entry, trace_id};
use crate::model::trace::Trace;
use crate::trace::assemble;
use crate::trace::knowledge::Knowledge;

fn request(entries: Vec<Fixture>) -> Trace {
    let entries = entries.into_iter().map(Fixture::done).collect();
    assemble(trace_id(), entries, &Knowledge::default())
}

fn rows(left: Vec<Fixture>, right: Vec<Fixture>) -> (Trace, Trace, Vec<Row>) {
    let (left, right) = (request(left), request(right));
    let rows = compare(&left, &right);
    (left, right, rows)
}

#[track_caller]
fn check(left: Vec<Fixture>, right: Vec<Fixture>, expected: &[&str]) {
    let (left, right, rows) = rows(left, right);
    let told: Vec<String> = rows
        .iter()
        .map(|row| {
            let (mark, trace, side) = match (&row.left, &row.right) {
                (Some(side), Some(_)) => (if row.moved { "~" } else { "=" }, &left, side),
                (Some(side), None) => ("<", &left, side),
                (None, Some(side)) => (">", &right, side),
                (None, None) => panic!("a row without a step"),
            };
            let placed = &trace.entries[side.entry];
            let text = if row.is_span {
                &trace.span(placed.span).service
            } else {
                &placed.entry.record.message
            };
            format!("{}{mark} {text}", "  ".repeat(row.depth))
        })
        .collect();
    assert_eq!(told, expected);
}

fn checkout() -> Vec<Fixture> {
    vec![
        entry("shop", "in").at(0).span(1),
        entry("cart", "loading").at(10).span(2).parent(1),
        entry("cart", "loaded").at(30).span(2).line(2),
        entry("shop", "out").at(50).span(1).line(2),
    ]
}

#[test]
fn requests_that_did_the_same_differ_in_nothing() {
    let (_, _, rows) = rows(checkout(), checkout());
    assert!(rows.iter().all(Row::is_alike));
    assert_eq!(rows.len(), 6);
}

#[test]
fn steps_of_one_request_only_are_told_with_all_below_them() {
    let mut failed = checkout();
    failed.insert(3, entry("mail", "sent").at(40).span(3).parent(1));
    check(
        checkout(),
        failed,
        &[
            "= shop",
            "  = in",
            "  = cart",
            "    = loading",
            "    = loaded",
            "  > mail",
            "    > sent",
            "  = out",
        ],
    );
}

#[test]
fn values_that_one_statement_names_differently_are_told() {
    let with = |amount: &str| {
        let mut entry = entry("shop", "charging").at(0).span(1).done();
        entry.record.fields.push(Field::text("amount", amount));
        entry
    };
    let request = |amount| assemble(trace_id(), vec![with(amount)], &Knowledge::default());
    let rows = compare(&request("12.50"), &request("99.00"));
    let (cheap, dear) = (Some("12.50".to_owned()), Some("99.00".to_owned()));
    assert_eq!(rows[1].values, [("amount".to_owned(), cheap, dear)]);
}

#[test]
fn a_span_that_took_longer_has_its_ratio() {
    let slow = vec![
        entry("shop", "in").at(0).span(1),
        entry("cart", "loading").at(10).span(2).parent(1),
        entry("cart", "loaded").at(110).span(2).line(2),
        entry("shop", "out").at(130).span(1).line(2),
    ];
    let (_, _, rows) = rows(checkout(), slow);
    assert_eq!(rows[2].ratio(), Some(5.0));
}

#[test]
fn chains_without_end_are_listed_and_do_not_exhaust_the_stack() {
    let chain = || {
        let deep =
            (1..2_000).map(|id| entry("shop", "in").at(id).span(id as u64).parent(id as u64 - 1));
        deep.collect::<Vec<Fixture>>()
    };
    let (left, _, rows) = rows(chain(), chain());
    let lines = rows.iter().filter(|row| !row.is_span && row.left.is_some()).count();
    assert_eq!(lines, left.entries.len());
}
