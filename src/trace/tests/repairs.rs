//! What is mended, and that each mend is told with the lines that show it.

use super::{assembled, side, tree};
use crate::model::field::Field;
use crate::model::fixture::{Fixture, entry, trace_id};
use crate::model::id::{SpanId, TraceId};
use crate::model::notice::Notice;
use crate::model::span::{Mark, Operation, SpanKind};
use crate::model::trace::Trace;
use crate::trace::learn::Learner;

/// A minute and an hour in milliseconds.
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// What was mended: the kind, and the files of the lines that show it.
fn told(trace: &Trace) -> Vec<String> {
    let place = |line: &usize| {
        let entry = &trace.entries[*line].entry;
        format!(" {}:{}", entry.context.service, entry.record.position.line)
    };
    let notice = |notice: &Notice| {
        notice.name().to_owned() + &notice.lines().iter().map(place).collect::<String>()
    };
    trace.notices.iter().map(notice).collect()
}

#[track_caller]
fn check(entries: Vec<Fixture>, edges: &[&str], mended: &[&str]) {
    let count = entries.len();
    let trace = assembled(entries);
    assert_eq!(tree(&trace).lines().collect::<Vec<_>>(), edges);
    assert_eq!(told(&trace), mended);
    assert_eq!(trace.entries.len(), count, "nothing is dropped");
    let mut ids: Vec<SpanId> = trace.spans.iter().map(|span| span.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), trace.spans.len(), "each span has an id of its own");
}

#[test]
fn a_parent_that_logged_nothing_keeps_its_children_together() {
    check(
        vec![
            entry("cart", "in").at(5).span(2).parent(9),
            entry("price", "in").at(8).span(3).parent(9),
        ],
        &["unknown<- root", "cart<unknown stated", "price<unknown stated"],
        &["parent_missing cart:1"],
    );
}

#[test]
fn circles_and_self_parents_are_cut() {
    check(
        vec![
            entry("a", "x").at(0).span(1).parent(2),
            entry("b", "x").at(1).span(2).parent(3),
            entry("c", "x").at(2).span(3).parent(1),
            entry("d", "x").at(3).span(4).parent(4),
        ],
        &["a<- root", "c<a stated", "b<c stated", "d<a guess"],
        &["self_parent d:4", "parent_cycle a:1"],
    );
}

#[test]
fn a_span_that_names_itself_and_another_is_the_others_child() {
    check(
        vec![
            entry("a", "x").at(0).span(1),
            entry("b", "x").at(1).span(2).parent(2),
            entry("b", "y").at(2).span(2).parent(1),
        ],
        &["a<- root", "b<a stated"],
        &["self_parent b:2"],
    );
}

#[test]
fn a_span_id_of_both_sides_of_a_call_is_two_spans_and_the_callee_is_the_child() {
    let shared = || {
        vec![
            entry("cart", "call").at(0).span(7).parent(1),
            entry("cart", "answer").at(9).span(7),
            entry("price", "in").at(2).span(7).parent(1),
            entry("tax", "in").at(3).span(8).parent(7),
            entry("price", "out").at(8).span(7),
            entry("gateway", "in").at(0).span(1),
        ]
    };
    check(
        shared(),
        &["gateway<- root", "cart<gateway stated", "price<cart stated", "tax<price stated"],
        &["span_id_shared cart:1 price:3"],
    );
    let trace = assembled(shared());
    assert_eq!(trace.spans[1].id.value(), 7, "the caller's half keeps the id");
    assert_eq!(trace.spans[2].id, assembled(shared()).spans[2].id, "the other's is stable");
}

#[test]
fn one_span_id_with_different_parents_is_two_spans_that_are_kept_apart() {
    check(
        vec![
            entry("gateway", "in").at(0).span(1),
            entry("cart", "in").at(2).span(7).parent(1),
            entry("order", "in").at(20).span(2).parent(1),
            entry("stock", "in").at(22).span(7).parent(2),
            entry("tax", "in").at(3).span(8).parent(7),
            entry("bin", "in").at(23).span(9).parent(7),
            entry("cart", "out").at(9).span(7),
            entry("stock", "out").at(29).span(7),
        ],
        &[
            "gateway<- root",
            "cart<gateway stated",
            "tax<cart stated",
            "order<gateway stated",
            "stock<order stated",
            "bin<stock stated",
        ],
        &["span_id_duplicated cart:2 stock:4"],
    );
}

#[test]
fn of_different_parents_the_first_is_kept() {
    check(
        vec![
            entry("gateway", "in").at(0).span(1),
            entry("cart", "in").at(1).span(2),
            entry("price", "x").at(2).span(3).parent(1),
            entry("price", "y").at(3).span(3).parent(2),
            entry("price", "z").at(4).span(3).parent(1),
        ],
        &["gateway<- root", "cart<gateway guess", "price<gateway stated"],
        &["parent_contradiction price:3 price:4"],
    );
}

#[test]
fn a_header_of_another_span_than_the_stated_parent_is_told() {
    let receipt = |kind| {
        let mut entry = entry("cart", "in").at(1).span(3).parent(1).done();
        entry.context.operation = Some(Box::new(side(kind, None, None)));
        entry.record.fields.push(Field::text("remote_span", "0000000000000002"));
        vec![super::entry("gateway", "in").at(0).span(1), Fixture::from(entry)]
    };
    let edges = ["gateway<- root", "cart<gateway stated"];
    check(receipt(SpanKind::Server), &edges, &["header_contradiction cart:2"]);
    // What goes out names another span of its own accord.
    check(receipt(SpanKind::Client), &edges, &[]);
}

/// A line with which a span of this kind begins or ends.
fn edge(kind: SpanKind, mark: Mark) -> Operation {
    Operation { mark: Some(mark), ..side(kind, None, None) }
}

#[test]
fn a_span_that_began_before_its_stated_parent_is_told_once_for_each_pair_of_hosts() {
    let begins = || edge(SpanKind::Server, Mark::Start);
    let callee = |span, at| entry("price", "in").at(at).span(span).parent(1);
    check(
        vec![
            entry("gateway", "in").at(100).span(1).operation(begins()),
            callee(2, 70),
            callee(3, 60),
            callee(4, 101),
            entry("gateway", "out").at(150).span(1),
        ],
        &["gateway<- root", "price<gateway stated", "price<gateway stated", "price<gateway stated"],
        &["outside_parent gateway:1 price:3"],
    );
}

#[test]
fn a_parent_that_may_have_begun_before_its_first_line_contradicts_nothing() {
    check(
        vec![
            entry("price", "in").at(60).span(2).parent(1),
            entry("gateway", "only line").at(100).span(1),
        ],
        &["gateway<- root", "price<gateway stated"],
        &[],
    );
}

#[test]
fn a_callee_that_began_after_the_answer_to_its_call_is_told() {
    let call = |mark| edge(SpanKind::Client, mark);
    let told = assembled(vec![
        entry("gateway", "-->").at(1).span(1).operation(call(Mark::Start)),
        entry("gateway", "<--").at(20).span(1).operation(call(Mark::End)),
        entry("price", "in").at(70).span(2).parent(1),
    ]);
    let message = "span 0000000000000002 began 50.0 ms after the answer to its stated parent \
                   0000000000000001";
    assert_eq!(told.notices.iter().map(ToString::to_string).collect::<Vec<_>>(), [message]);
}

/// Two operations that begin requests, each of which is seen often alone, in one request.
#[test]
fn several_beginnings_are_told() {
    let kinds = [("shop", "order begun", 1), ("clock", "tick", 2)];
    let said = |(service, text, span): (&str, &str, u64), at: i64| {
        [entry(service, text).at(at).span(span), entry(service, "done").at(at + 9).span(span)]
    };
    let mut learner = Learner::default();
    for number in 1..=60_u32 {
        let kind = kinds[number as usize % 2];
        let lines = said(kind, i64::from(number) * 100).map(Fixture::done);
        learner.observe(TraceId::new(number.into()).expect("not zero"), lines.to_vec());
    }
    let lines = [said(kinds[0], 0), said(kinds[1], 30)].concat();
    let lines = lines.into_iter().map(Fixture::done).collect();
    let trace = crate::trace::assemble(trace_id(), lines, &learner.learn());
    assert_eq!(tree(&trace), "shop<- root\nclock<- root\n");
    assert_eq!(told(&trace), ["several_roots"]);
}

/// A job that keeps its trace id, and its span id, from one night to the next.
fn job(at: i64) -> Vec<Fixture> {
    vec![
        entry("job", "job begins").at(at).span(1),
        entry("stock", "counting").at(at + 20).span(2),
        entry("job", "job done").at(at + 50).span(1),
    ]
}

#[test]
fn an_id_that_is_used_again_after_hours_makes_a_tree_for_each_time() {
    check(
        [job(0), job(11 * MINUTE), job(5 * HOUR)].concat(),
        &["job<- root", "stock<job nesting"].repeat(3),
        &["id_reused job:1 job:4 job:7"],
    );
}

#[test]
fn what_comes_after_an_hour_of_silence_is_another_request() {
    check(
        vec![
            entry("a", "begins").at(0).span(1),
            entry("b", "does something else").at(2 * HOUR).span(2),
        ],
        &["a<- root", "b<- root"],
        &["id_reused a:1 b:2"],
    );
}

#[test]
fn a_request_that_is_silent_for_hours_and_goes_on_is_one() {
    let later = || entry("b", "in").at(2 * HOUR).span(2);
    let first = || entry("a", "in").at(0).span(1);
    check(vec![first(), later().parent(1)], &["a<- root", "b<a stated"], &[]);
    let named = |entry: Fixture| entry.key("message_id", "m-1");
    check(vec![named(first()), named(later())], &["a<- root", "b<a handoff"], &[]);
    check(vec![first(), entry("a", "out").at(2 * HOUR).span(1)], &["a<- root"], &[]);
}
