mod growth;
mod steps;

use crate::analysis::overview::Overview;
use crate::analysis::{Analysis, analyse};
use crate::model::fixture::{Fixture, entry, trace_id};
use crate::model::span::{Mark, Operation, SpanKind};
use crate::model::trace::Trace;
use crate::trace::assemble;
use crate::trace::knowledge::Knowledge;

fn analysed(entries: Vec<Fixture>) -> (Trace, Analysis) {
    let trace = assemble(
        trace_id(),
        entries.into_iter().map(Fixture::done).collect(),
        &Knowledge::default(),
    );
    let analysis = analyse(&trace);
    (trace, analysis)
}

/// The critical path as `service milliseconds` steps; its sum must be the root's duration.
#[track_caller]
fn check_path(entries: Vec<Fixture>, expected: &[&str]) {
    let (trace, analysis) = analysed(entries);
    let segments = &analysis.critical_path.segments;
    let steps: Vec<String> = segments
        .iter()
        .map(|step| {
            format!("{} {}", trace.span(step.span).service, (step.end - step.start) / 1_000_000)
        })
        .collect();
    assert_eq!(steps, expected);
    let root = &trace.spans[0];
    let sum: i64 = segments.iter().map(|step| step.end - step.start).sum();
    assert_eq!(Some(sum), root.end.zip(root.start).map(|(end, start)| end - start));
}

fn span(service: &str, id: u64, parent: u64, start: i64, end: i64) -> [Fixture; 2] {
    let first = entry(service, "in").at(start).span(id);
    let first = if parent > 0 { first.parent(parent) } else { first };
    [first, entry(service, "out").at(end).span(id).line(2)]
}

#[test]
fn the_path_goes_through_the_child_that_ended_last() {
    check_path(
        [span("root", 1, 0, 0, 100), span("fast", 2, 1, 10, 40), span("slow", 3, 1, 10, 80)]
            .into_iter()
            .flatten()
            .collect(),
        &["root 10", "slow 70", "root 20"],
    );
}

#[test]
fn children_one_after_the_other_are_all_on_the_path() {
    check_path(
        [span("root", 1, 0, 0, 100), span("one", 2, 1, 10, 40), span("two", 3, 1, 50, 90)]
            .into_iter()
            .flatten()
            .collect(),
        &["root 10", "one 30", "root 10", "two 40", "root 10"],
    );
}

#[test]
fn a_caller_that_gave_up_had_waited_for_what_its_callee_did() {
    let marked =
        |mark| Operation { kind: Some(SpanKind::Client), mark: Some(mark), ..Operation::default() };
    let call = [
        entry("root", "-->").at(10).span(2).parent(1).operation(marked(Mark::Start)),
        entry("root", "<-- nothing").at(80).span(2).operation(marked(Mark::End)).line(2),
    ];
    let others = [
        span("root", 1, 0, 0, 100),
        span("bank", 3, 2, 20, 150),
        span("first", 4, 3, 30, 50),
        span("second", 5, 3, 60, 140),
        span("after", 6, 3, 141, 149),
    ];
    check_path(
        others.into_iter().flatten().chain(call).collect(),
        &["root 10", "root 10", "bank 10", "first 20", "bank 10", "second 20", "root 20"],
    );
}

#[test]
fn a_child_of_no_length_is_no_step() {
    check_path(
        [span("root", 1, 0, 0, 100), span("dot", 2, 1, 10, 10)].into_iter().flatten().collect(),
        &["root 100"],
    );
}

#[test]
fn a_child_that_went_on_after_its_parent_did_not_hold_it_up() {
    check_path(
        [span("root", 1, 0, 0, 100), span("later", 2, 1, 120, 300)].into_iter().flatten().collect(),
        &["root 100"],
    );
}

/// The failure as messages: the origin, then its echoes.
#[track_caller]
fn check_failure(entries: Vec<Fixture>, expected: &[&str]) {
    let (trace, analysis) = analysed(entries);
    let failure = analysis.failure.expect("a failure");
    let told: Vec<&str> = std::iter::once(&failure.origin)
        .chain(&failure.echoes)
        .map(|index| trace.entries[*index].entry.record.message.as_str())
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn the_deepest_error_is_the_origin_and_those_above_are_echoes() {
    check_failure(
        vec![
            entry("gateway", "in").at(0).span(1),
            entry("cart", "in").at(5).span(2).parent(1),
            entry("price", "no such product").at(8).span(3).parent(2).error(),
            entry("cart", "no price").at(9).span(2).line(2).error(),
            entry("gateway", "500").at(10).span(1).line(2).error(),
        ],
        &["no such product", "no price", "500"],
    );
}

#[test]
fn a_line_dated_by_the_start_was_written_at_the_end() {
    let refused =
        Operation { duration: Some(20_000_000), mark: Some(Mark::Start), ..Operation::default() };
    check_failure(
        vec![
            entry("gateway", "POST / 504").at(0).span(1).error().operation(refused),
            entry("cart", "no stock").at(9).span(2).parent(1).error(),
        ],
        &["no stock", "POST / 504"],
    );
}

#[test]
fn an_error_that_came_below_only_later_is_not_the_origin() {
    check_failure(
        vec![
            entry("cart", "gave up waiting").at(5).span(1).error(),
            entry("cart", "answered 504").at(6).span(1).line(2).error(),
            entry("payment", "nobody waits any more").at(9).span(2).parent(1).error(),
        ],
        &["gave up waiting", "answered 504"],
    );
}

#[test]
fn an_error_beside_the_line_of_descent_is_no_echo() {
    check_failure(
        vec![
            entry("gateway", "in").at(0).span(1),
            entry("price", "no such product").at(8).span(3).parent(1).error(),
            entry("mail", "no address").at(9).span(4).parent(1).error(),
        ],
        &["no such product"],
    );
}

#[test]
fn a_request_without_errors_has_no_failure() {
    assert_eq!(analysed(vec![entry("gateway", "in").at(0).span(1)]).1.failure, None);
}

#[test]
fn the_overview_counts_services_that_logged_and_names_the_first() {
    let (trace, _) = analysed(vec![
        entry("gateway", "in").at(0).span(1).parent(9),
        entry("cart", "in").at(5).span(2).parent(1).error(),
        entry("cart", "out").at(25).span(2).line(2),
    ]);
    let overview = Overview::of(&trace);
    assert_eq!((overview.services, overview.spans, overview.lines, overview.errors), (2, 3, 3, 1));
    assert_eq!(overview.root.map(|root| trace.span(root).service.as_str()), Some("gateway"));
    assert_eq!(overview.duration, Some(25_000_000));
}

#[test]
fn a_short_pause_is_no_silence_and_a_long_one_is() {
    let pause = |milliseconds: i64| {
        analysed(vec![
            entry("cart", "in").at(0).span(1),
            entry("cart", "out").at(milliseconds).span(1).line(2),
        ])
        .1
        .silences
        .len()
    };
    assert_eq!((pause(99), pause(101), pause(60_000)), (0, 1, 1));
}
