//! The cases that trace viewers test their critical paths with, and traces at random.

use proptest::prelude::*;

use crate::analysis::critical_path::critical_path;
use crate::model::fixture::{Fixture, entry, trace_id};
use crate::model::span::{Edge, EdgeBasis, ExtentBasis, Mark, Operation, SpanIndex, SpanKind};
use crate::model::trace::Trace;
use crate::trace::assemble;
use crate::trace::knowledge::Knowledge;

/// A span whose both ends are stated: service, id, parent (0 for none), start and end.
fn stated(service: &str, id: u64, parent: u64, start: i64, end: i64) -> Fixture {
    of_kind(SpanKind::Server, service, id, parent, start, end)
}

fn of_kind(kind: SpanKind, service: &str, id: u64, parent: u64, start: i64, end: i64) -> Fixture {
    let operation = Operation {
        kind: Some(kind),
        duration: u64::try_from((end - start) * 1_000_000).ok(),
        mark: Some(Mark::Start),
        ..Operation::default()
    };
    let entry = entry(service, "span").at(start).span(id).operation(operation);
    if parent > 0 { entry.parent(parent) } else { entry }
}

/// The path as `service start-end` steps; their sum must be the root's duration.
#[track_caller]
fn check(spans: Vec<Fixture>, expected: &[&str]) {
    let entries = spans.into_iter().map(Fixture::done).collect();
    let trace = assemble(trace_id(), entries, &Knowledge::default());
    let zero = 1_795_253_400_000_000_000;
    let milliseconds = |time: i64| (time - zero) / 1_000_000;
    let steps: Vec<String> = critical_path(&trace)
        .segments
        .iter()
        .map(|step| {
            let (start, end) = (step.start.nanoseconds(), step.end.nanoseconds());
            let service = &trace.span(step.span).service;
            format!("{service} {}-{}", milliseconds(start), milliseconds(end))
        })
        .collect();
    assert_eq!(steps, expected);
    check_sum(&trace);
}

#[track_caller]
fn check_sum(trace: &Trace) {
    let segments = critical_path(trace).segments;
    let Some(root) = trace.roots().map(|root| trace.span(root)).find(|root| root.start.is_some())
    else {
        return assert!(segments.is_empty());
    };
    let sum: i64 = segments.iter().map(|step| step.end - step.start).sum();
    assert_eq!(Some(sum), root.end.zip(root.start).map(|(end, start)| end - start));
    assert!(segments.windows(2).all(|pair| pair[0].end == pair[1].start));
}

#[test]
fn of_children_that_overlap_the_last_to_end_decides() {
    check(
        vec![stated("x", 1, 0, 1, 101), stated("a", 2, 1, 10, 50), stated("c", 3, 1, 20, 60)],
        &["x 1-20", "c 20-60", "x 60-101"],
    );
}

#[test]
fn of_children_that_start_together_the_longer_decides() {
    check(
        vec![stated("x", 1, 0, 0, 100), stated("a", 2, 1, 20, 40), stated("b", 3, 1, 20, 60)],
        &["x 0-20", "b 20-60", "x 60-100"],
    );
}

#[test]
fn of_children_that_end_together_the_longer_decides() {
    check(
        vec![stated("x", 1, 0, 0, 100), stated("a", 2, 1, 20, 60), stated("b", 3, 1, 40, 60)],
        &["x 0-20", "a 20-60", "x 60-100"],
    );
}

#[test]
fn a_child_that_ends_when_the_next_begins_is_on_the_path() {
    check(
        vec![stated("x", 1, 0, 0, 100), stated("a", 2, 1, 20, 40), stated("b", 3, 1, 40, 60)],
        &["x 0-20", "a 20-40", "b 40-60", "x 60-100"],
    );
}

#[test]
fn what_follows_from_a_span_was_not_waited_for() {
    check(
        vec![stated("a", 1, 0, 1, 31), of_kind(SpanKind::Consumer, "b", 2, 1, 10, 20)],
        &["a 1-31"],
    );
}

#[test]
fn a_child_that_overflows_counts_as_long_as_its_parent_was_open() {
    check(
        vec![stated("a", 1, 0, 1, 30), stated("b", 2, 1, 15, 35), stated("c", 3, 2, 10, 25)],
        &["a 1-15", "c 15-25", "b 25-30"],
    );
    check(vec![stated("a", 1, 0, 10, 30), stated("b", 2, 1, 5, 35)], &["b 10-30"]);
    check(vec![stated("a", 1, 0, 10, 30), stated("b", 2, 1, 5, 15)], &["b 10-15", "a 15-30"]);
}

#[test]
fn a_child_outside_its_parent_is_no_step_nor_are_those_below_it() {
    check(
        vec![stated("a", 1, 0, 1, 30), stated("b", 2, 1, 40, 55), stated("c", 3, 2, 42, 50)],
        &["a 1-30"],
    );
    check(vec![stated("a", 1, 0, 10, 30), stated("b", 2, 1, 1, 5)], &["a 10-30"]);
}

#[test]
fn neighbours_that_overlap_by_the_error_of_two_clocks_follow_each_other() {
    let overlapping = |by: i64| {
        vec![stated("x", 1, 0, 0, 100), stated("a", 2, 1, 10, 50 + by), stated("b", 3, 1, 50, 90)]
    };
    check(overlapping(2), &["x 0-10", "a 10-50", "b 50-90", "x 90-100"]);
    check(overlapping(9), &["x 0-50", "b 50-90", "x 90-100"]);
}

#[test]
fn a_span_of_no_length_is_no_step() {
    check(vec![stated("x", 1, 0, 0, 100), stated("dot", 2, 1, 40, 40)], &["x 0-100"]);
    check(vec![stated("x", 1, 0, 40, 40), stated("dot", 2, 1, 40, 40)], &[]);
}

#[test]
fn a_parent_that_logged_nothing_is_spanned_by_its_children() {
    check(
        vec![stated("a", 2, 1, 10, 30), stated("b", 3, 1, 40, 60)],
        &["a 10-30", "unknown 30-40", "b 40-60"],
    );
}

prop_compose! {
    /// A trace of up to 30 spans anywhere in time, each below one before it or below none.
    fn traces()(
        spans in prop::collection::vec((0_i64..200, 0_i64..200, any::<prop::sample::Index>(), 0_u8..12), 1..30)
    ) -> Trace {
        let entries = spans.iter().zip(1..).map(|((start, length, _, _), id)| {
            stated("service", id, 0, *start, start + length).done()
        });
        let mut trace = assemble(trace_id(), entries.collect(), &Knowledge::default());
        for (index, (_, _, above, kind)) in spans.iter().enumerate().take(trace.spans.len()) {
            let parent = (index > 0 && *kind != 0).then(|| SpanIndex(above.index(index)));
            let basis = if parent.is_some() { EdgeBasis::Stated } else { EdgeBasis::Root };
            let span = &mut trace.spans[index];
            span.parent = Edge { parent, basis, confidence: 1.0, evidence: Vec::new() };
            span.extent = ExtentBasis::Stated;
            span.kind = (*kind == 1).then_some(SpanKind::Consumer);
        }
        trace
    }
}

proptest! {
    #[test]
    fn segments_follow_each_other_and_sum_up_to_the_root(trace in traces()) {
        check_sum(&trace);
    }
}
