use super::{Builder, Map, Observed};
use crate::model::fixture::{Fixture, entry, trace_id};
use crate::model::span::{Operation, SpanKind};
use crate::trace::assemble;
use crate::trace::knowledge::Knowledge;

fn map(entries: Vec<Fixture>) -> Map {
    let entries = entries.into_iter().map(Fixture::done).collect();
    let trace = assemble(trace_id(), entries, &Knowledge::default());
    let mut builder = Builder::default();
    builder.add(&Observed::of(trace));
    builder.finish()
}

/// `caller > callee calls waited-in-ms`, in the order of the map.
#[track_caller]
fn check(entries: Vec<Fixture>, expected: &[&str]) {
    let map = map(entries);
    let name = |index: usize| map.services[index].name.as_str();
    let edges: Vec<String> = map
        .edges
        .iter()
        .map(|edge| {
            let caller = edge.caller.map_or("outside", name);
            let calls = edge.flow.total.calls;
            format!("{caller} > {} {calls} {}", name(edge.callee), edge.waited / 1_000_000)
        })
        .collect();
    assert_eq!(edges, expected);
    let held: i64 = map.services.iter().map(|service| service.held_up).sum();
    assert_eq!(held, map.path, "what services held up is all there was to wait for");
}

fn span(service: &str, id: u64, parent: u64, start: i64, end: i64) -> [Fixture; 2] {
    let first = entry(service, "in").at(start).span(id);
    let first = if parent > 0 { first.parent(parent) } else { first };
    [first, entry(service, "out").at(end).span(id).line(2)]
}

#[test]
fn callers_wait_for_what_their_callees_call() {
    check(
        [
            span("gateway", 1, 0, 0, 100),
            span("cart", 2, 1, 10, 90),
            span("price", 3, 2, 20, 50),
            span("price", 4, 2, 60, 80),
        ]
        .into_iter()
        .flatten()
        .collect(),
        &["outside > gateway 1 100", "cart > price 2 50", "gateway > cart 1 80"],
    );
}

#[test]
fn a_span_inside_a_service_is_no_call_of_it() {
    check(
        [span("gateway", 1, 0, 0, 100), span("gateway", 2, 1, 10, 90), span("cart", 3, 2, 20, 30)]
            .into_iter()
            .flatten()
            .collect(),
        &["outside > gateway 1 100", "gateway > cart 1 10"],
    );
}

#[test]
fn a_span_that_logged_nothing_is_looked_through() {
    let silent = entry("cart", "in").at(10).span(3).parent(2);
    let end = entry("cart", "out").at(30).span(3).line(2);
    let mut entries: Vec<Fixture> = span("gateway", 1, 0, 0, 100).into_iter().collect();
    entries.extend([silent, end]);
    let seen = map(entries);
    assert!(seen.services.iter().all(|service| service.logs));
    assert_eq!(seen.services.len(), 2);
}

#[test]
fn a_callee_that_logs_nothing_is_known_from_its_callers_line() {
    let call = Operation {
        kind: Some(SpanKind::Client),
        peer: Some("bank".to_owned()),
        duration: Some(60_000_000),
        ..Operation::default()
    };
    let entries = vec![
        entry("payment", "in").at(0).span(1),
        entry("payment", "asked the bank").at(80).span(2).parent(1).operation(call).error(),
        entry("payment", "out").at(100).span(1).line(2),
    ];
    let seen = map(entries);
    let bank = seen.services.iter().find(|service| service.name == "bank").expect("it is known");
    assert!(!bank.logs);
    assert_eq!(bank.flow.total.calls, 1);
    assert_eq!(bank.flow.total.errors, 1);
}

#[test]
fn a_service_that_calls_itself_in_a_circle_waits_once() {
    check(
        [
            span("one", 1, 0, 0, 100),
            span("two", 2, 1, 10, 90),
            span("one", 3, 2, 20, 80),
            span("two", 4, 3, 30, 70),
        ]
        .into_iter()
        .flatten()
        .collect(),
        &["outside > one 1 100", "one > two 2 80", "two > one 1 60"],
    );
}

#[test]
fn the_worst_calls_are_linked_to_their_requests() {
    let entries = vec![
        entry("cart", "in").at(0).span(1),
        entry("cart", "no stock").at(9).span(1).line(2).error(),
    ];
    let seen = map(entries);
    let flow = &seen.services[0].flow;
    assert_eq!(flow.slowest, Some((9_000_000, trace_id())));
    assert_eq!(flow.failed.map(|(_, request)| request), Some(trace_id()));
}
