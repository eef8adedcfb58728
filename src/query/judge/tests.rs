//! What each form means of a request of four spans in three services.

use super::*;
use crate::model::entry::Entry;
use crate::model::fixture::{Fixture, entry, trace_id};
use crate::model::id::SpanId;
use crate::model::span::{Edge, EdgeBasis, ExtentBasis, Span, SpanKind};
use crate::model::trace::PlacedEntry;
use crate::query::parse::parse;

fn span(service: &str, name: &str, parent: Option<usize>) -> Span {
    Span {
        id: SpanId::new(7).expect("not zero"),
        synthetic: false,
        service: service.to_owned(),
        instance: None,
        host: None,
        name: name.to_owned(),
        kind: None,
        status: None,
        peer: None,
        start: None,
        end: None,
        clock_offset: 0,
        extent: ExtentBasis::Entries,
        parent: Edge {
            parent: parent.map(SpanIndex),
            basis: if parent.is_some() { EdgeBasis::Stated } else { EdgeBasis::Root },
            confidence: 1.0,
            evidence: Vec::new(),
        },
    }
}

fn placed(span: usize, entry: Fixture) -> PlacedEntry {
    PlacedEntry { entry: entry.done(), span: SpanIndex(span) }
}

/// gateway > checkout > (payment, payment), the second of which failed.
fn checkout() -> Trace {
    let mut call = span("checkout", "call payment", Some(0));
    call.kind = Some(SpanKind::Client);
    call.peer = Some("payment".to_owned());
    call.start = entry("checkout", "").at(0).done().time();
    call.end = entry("checkout", "").at(2_500).done().time();
    Trace {
        id: trace_id(),
        spans: vec![
            span("gateway", "POST /checkout", None),
            call,
            span("payment", "authorise", Some(1)),
            span("payment", "charge", Some(1)),
        ],
        entries: vec![
            placed(0, entry("gateway", "request received").at(0)),
            placed(1, entry("checkout", "calling payment").at(100)),
            placed(2, entry("payment", "card authorised").at(200)),
            placed(3, entry("payment", "card declined").at(3_000).error()),
            placed(1, entry("checkout", "payment failed").error()),
        ],
        links: Vec::new(),
        notices: Vec::new(),
    }
}

fn judged(trace: &Trace, surroundings: &Surroundings, question: &str) -> (Truth, Vec<Doubt>) {
    let numbers = Numbers {
        duration: Some(3_000_000_000),
        errors: 2,
        spans: 4,
        services: 3,
        root: Some(SpanIndex(0)),
    };
    let question = parse(question).expect("a query");
    Judged { trace, numbers, admits: &|_| true, surroundings }.verdict(&question)
}

#[track_caller]
fn check(question: &str, expected: Truth) {
    let (truth, _) = judged(&checkout(), &Surroundings::default(), question);
    assert_eq!(truth, expected, "query: {question}");
}

#[track_caller]
fn check_doubt(trace: &Trace, surroundings: &Surroundings, question: &str, expected: &[Doubt]) {
    let (truth, doubts) = judged(trace, surroundings, question);
    assert_eq!(doubts, expected, "query: {question}");
    let answer = if expected.is_empty() { Truth::Yes } else { Truth::CannotTell };
    assert_eq!(truth, answer, "query: {question}");
}

#[test]
fn conditions_may_hold_on_different_lines_and_those_in_braces_may_not() {
    check("received declined", Truth::Yes);
    check("{ received declined }", Truth::No);
    check("{ service:payment level:error }", Truth::Yes);
    check("{ service:gateway level:error }", Truth::No);
    check("{ service:payment -level:error }", Truth::Yes);
    check("NOT refused", Truth::Yes);
    check("NOT declined", Truth::No);
    check("refused OR declined", Truth::Yes);
}

#[test]
fn a_line_in_braces_has_its_spans_properties() {
    check("{ operation:charge declined }", Truth::Yes);
    check("{ operation:charge authorised }", Truth::No);
    check("{ kind:client peer:payment duration:>2s }", Truth::Yes);
    check("{ duration:>3s }", Truth::No);
    check("{ calling duration:>2s }", Truth::Yes);
}

#[test]
fn the_whole_is_asked_in_numbers_and_by_its_root() {
    check("duration:>=3s errors:2 spans:>3 services:<4", Truth::Yes);
    check("duration:>3s", Truth::No);
    check("root.service:gate* root.operation:\"POST /checkout\"", Truth::Yes);
    check("root.service:payment", Truth::No);
}

#[test]
fn structure_follows_the_tree() {
    check("{service:gateway} > {service:checkout} > {service:payment}", Truth::Yes);
    check("{service:gateway} > {service:payment}", Truth::No);
    check("{service:gateway} >> {service:payment level:error}", Truth::Yes);
    check("{service:payment} >> {service:gateway}", Truth::No);
    check("{service:payment} > {service:payment}", Truth::No);
    check("{authorised} > {*}", Truth::No);
}

#[test]
fn sequence_follows_causal_order() {
    check("{authorised} -> {declined}", Truth::Yes);
    check("{declined} -> {authorised}", Truth::No);
    check("{declined} -> {declined}", Truth::No);
    check("{authorised} ->2s {declined}", Truth::No);
    check("{authorised} ->2800ms {declined}", Truth::Yes);
    check("{received} -> {authorised} ->3s {declined}", Truth::Yes);
    check("{service:gateway} > {calling} -> {declined}", Truth::Yes);
}

#[test]
fn a_bound_cannot_be_judged_where_a_time_is_not_known() {
    check("{declined} -> {\"payment failed\"}", Truth::Yes);
    check("{declined} ->1s {\"payment failed\"}", Truth::CannotTell);
    check("NOT {declined} ->1s {\"payment failed\"}", Truth::CannotTell);
    check("({declined} ->1s {\"payment failed\"}) OR declined", Truth::Yes);
}

#[test]
fn absence_is_certain_where_nothing_is_missing() {
    check("!{ refused }", Truth::Yes);
    check("!{ declined }", Truth::No);
    check("!{ service:payment refused }", Truth::Yes);
}

#[test]
fn a_service_that_was_called_and_logged_nothing_leaves_doubt() {
    let mut trace = checkout();
    trace.spans[1].peer = Some("bank".to_owned());
    let known = |service: &str| Surroundings {
        services: [(service.to_owned(), None)].into(),
        strays: Vec::new(),
    };
    let silent = [Doubt::Silent("bank".to_owned())];
    check_doubt(&trace, &known("bank"), "!{ service:bank }", &silent);
    check_doubt(&trace, &known("bank"), "!{ level:fatal }", &silent);
    // What logs nowhere is not missed, unless it is asked for.
    check_doubt(&trace, &known("cart"), "!{ level:fatal }", &[]);
    let asked = [silent[0].clone(), Doubt::NoLogs("bank".to_owned())];
    check_doubt(&trace, &known("cart"), "!{ service:bank }", &asked);
    check_doubt(&trace, &known("bank"), "!{ service:gateway level:fatal }", &[]);
}

#[test]
fn a_span_without_lines_leaves_doubt_unless_it_is_the_caller_from_outside() {
    let nothing = Surroundings { services: [("cart".to_owned(), None)].into(), strays: Vec::new() };
    let mut trace = checkout();
    trace.spans[1].peer = None;
    trace.spans[1].extent = ExtentBasis::Children;
    check_doubt(&trace, &nothing, "!{ service:cart }", &[Doubt::SpanWithoutLines]);
    let mut trace = checkout();
    trace.spans[0].extent = ExtentBasis::Children;
    check_doubt(&trace, &nothing, "!{ service:cart }", &[]);
}

#[test]
fn logs_that_do_not_reach_the_request_leave_doubt() {
    let time = |at: i64| entry("x", "").at(at).done().time().expect("a time");
    let logged = |from, to| Surroundings {
        services: [("payment".to_owned(), Some((time(from), time(to))))].into(),
        strays: Vec::new(),
    };
    let then = [Doubt::NotThen("payment".to_owned())];
    check_doubt(&checkout(), &logged(4_000, 5_000), "!{ service:payment x }", &then);
    check_doubt(&checkout(), &logged(-5_000, 0), "!{ service:payment x }", &[]);
}

#[test]
fn a_line_of_no_request_around_that_time_leaves_doubt() {
    let time = |at: i64| entry("x", "").at(at).done().time().expect("a time");
    let condition = parse("x").expect("a query").of_a_line().expect("of lines");
    let strays = |at: i64| Surroundings {
        services: [].into(),
        strays: vec![(condition.clone(), vec![time(at)])],
    };
    check_doubt(&checkout(), &strays(1_000), "!{ x }", &[Doubt::Stray]);
    check_doubt(&checkout(), &strays(3_001), "!{ x }", &[]);
    check_doubt(&checkout(), &strays(1_000), "!{ y }", &[]);
}

#[test]
fn a_request_of_which_lines_were_left_out_denies_nothing() {
    let mut trace = checkout();
    trace.notices.push(Notice::Truncated { shown: 5, total: 6 });
    for question in ["refused", "{declined} -> {received}", "!{ refused }"] {
        let (truth, _) = judged(&trace, &Surroundings::default(), question);
        assert_eq!(truth, Truth::CannotTell, "query: {question}");
    }
}

#[test]
fn evidence_names_the_lines() {
    let trace = checkout();
    let question = parse("declined {authorised} -> {*} spans:4 -refused").expect("a query");
    let numbers = Numbers { spans: 4, ..Numbers::default() };
    let nothing = Surroundings::default();
    let judged = Judged { trace: &trace, numbers, admits: &|_| true, surroundings: &nothing };
    let evidence = judged.evidence(&question);
    let lines: Vec<_> = evidence.iter().map(|found| found.entry).collect();
    assert_eq!(lines, [Some(3), Some(3), None]);
    let says = |entry: &Entry| entry.record.message.clone();
    assert_eq!(says(&trace.entries[3].entry), "card declined");
}
