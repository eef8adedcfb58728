mod any;
mod queues;
mod repairs;
mod system;
mod taught;
mod truth;

use std::fmt::Write as _;

use crate::model::entry::Entry;
use crate::model::field::Field;
use crate::model::fixture::{Fixture, entry, trace_id};
use crate::model::id::{SpanId, TraceId};
use crate::model::span::{Mark, Operation, SpanIndex, SpanKind};
use crate::model::trace::{LinkKind, Linked, Trace};
use crate::trace::knowledge::Knowledge;

fn assemble(id: TraceId, entries: Vec<Entry>) -> Trace {
    crate::trace::assemble(id, entries, &Knowledge::default())
}

fn assembled(entries: Vec<Fixture>) -> Trace {
    let numbered = entries.into_iter().zip(1..);
    assemble(trace_id(), numbered.map(|(entry, line)| entry.line(line).done()).collect())
}

/// The tree as text: `service<parent's service basis`, in order of appearance.
fn tree(trace: &Trace) -> String {
    let mut text = String::new();
    for span in &trace.spans {
        let parent = span.parent.parent.map_or("-", |parent| &trace.span(parent).service);
        writeln!(text, "{}<{parent} {}", span.service, span.parent.basis.name()).unwrap();
    }
    text
}

#[track_caller]
fn check(entries: Vec<Fixture>, expected: &[&str]) {
    let trace = assembled(entries);
    assert_eq!(tree(&trace).lines().collect::<Vec<_>>(), expected, "notices: {:?}", trace.notices);
}

#[test]
fn stated_parents_win_over_time() {
    check(
        vec![
            entry("gateway", "in").at(0).span(1),
            entry("cart", "work").at(5).span(2).parent(1),
            entry("cart", "done").at(50).span(2),
            entry("price", "work").at(10).span(3).parent(1),
            entry("price", "done").at(20).span(3),
            entry("gateway", "out").at(60).span(1),
        ],
        &["gateway<- root", "cart<gateway stated", "price<gateway stated"],
    );
}

#[test]
fn a_callee_hangs_on_the_open_span_that_spoke_last() {
    check(
        vec![
            entry("gateway", "in").at(0).span(1),
            entry("cart", "in").at(5).span(2),
            entry("cart", "ask for the price").at(9).span(2),
            entry("price", "in").at(10).span(3),
            entry("price", "out").at(20).span(3),
            entry("cart", "out").at(50).span(2),
            entry("gateway", "out").at(60).span(1),
        ],
        &["gateway<- root", "cart<gateway nesting", "price<cart nesting"],
    );
}

#[test]
fn a_span_that_no_other_encloses_hangs_on_the_root_service() {
    check(
        vec![
            entry("gateway", "in").at(0).span(1),
            entry("cart", "in").at(5).span(2),
            entry("cart", "out").at(50).span(2),
        ],
        &["gateway<- root", "cart<gateway guess"],
    );
}

#[test]
fn a_call_that_goes_out_hangs_on_its_own_service() {
    let calling = || Operation {
        kind: Some(SpanKind::Client),
        mark: Some(Mark::Start),
        ..Operation::default()
    };
    check(
        vec![
            entry("cart", "in").at(0).span(1),
            entry("payment", "in").at(2).span(2),
            entry("cart", "gave up").at(5).span(1),
            entry("cart", "--> DELETE").at(6).span(3).operation(calling()),
            entry("cart", "<-- 204").at(8).span(3),
            entry("payment", "out").at(20).span(2),
        ],
        &["cart<- root", "payment<cart guess", "cart<cart guess"],
    );
}

#[test]
fn a_frame_that_only_reports_the_failure_encloses_what_failed() {
    check(
        vec![
            entry("cart", "in").at(5).span(2),
            entry("cart", "price is unknown").at(8).span(2),
            entry("cart", "request failed").at(9).span(1).error(),
        ],
        &["cart<- root", "cart<cart nesting"],
    );
}

fn side(kind: SpanKind, name: Option<&str>, peer: Option<&str>) -> Operation {
    let text = |text: &str| text.to_owned();
    Operation {
        kind: Some(kind),
        name: name.map(text),
        peer: peer.map(text),
        ..Operation::default()
    }
}

/// A line that names a message.
fn naming(service: &str, at: i64, span: u64, id: &str) -> Fixture {
    entry(service, "x").at(at).span(span).key("message_id", id)
}

#[test]
fn a_line_of_the_callee_that_holds_the_callers_header_proves_the_caller() {
    let header = format!("traceparent=00-{}-{:016x}-01", trace_id(), 1);
    check(
        vec![entry("gateway", "in").at(0).span(1), entry("cart", &header).at(5).span(2).parent(1)],
        &["gateway<- root", "cart<gateway header"],
    );
}

#[test]
fn a_line_that_names_whom_it_calls_beats_nesting() {
    let serves = |name| side(SpanKind::Server, Some(name), None);
    let asks = |name, peer| side(SpanKind::Client, Some(name), Some(peer));
    check(
        vec![
            entry("gateway", "in").at(0).span(1),
            entry("cart", "in").at(2).span(2),
            entry("gateway", "-->").at(3).span(1).operation(asks("GET /prices", "price:8080")),
            entry("cart", "halfway").at(4).span(2),
            entry("price", "in").at(5).span(3).operation(serves("GET /prices")),
            entry("price", "in").at(6).span(4).operation(serves("GET /taxes")),
            entry("cart", "out").at(8).span(2),
            entry("gateway", "out").at(9).span(1),
        ],
        &[
            "gateway<- root",
            "cart<gateway nesting",
            "price<gateway call_pair",
            "price<cart nesting",
        ],
    );
}

#[test]
fn who_begins_with_a_message_comes_from_whoever_named_it_before() {
    check(
        vec![
            entry("shop", "in").at(0).span(1),
            entry("shop", "out").at(90).span(1),
            entry("kitchen", "in").at(2).span(2),
            naming("kitchen", 4, 2, "m-1"),
            entry("kitchen", "out").at(5).span(2),
            naming("courier", 20, 3, "m-1"),
            naming("street", 30, 4, "m-1"),
            entry("courier", "out").at(50).span(3),
        ],
        &[
            "shop<- root",
            "kitchen<shop nesting",
            "courier<kitchen handoff",
            "street<courier nesting",
        ],
    );
}

#[test]
fn a_batch_of_many_messages_has_one_parent_and_links_to_the_others() {
    let takes = || side(SpanKind::Consumer, None, None);
    let trace = assembled(vec![
        entry("shop", "in").at(0).span(1),
        naming("left", 2, 2, "m-1"),
        naming("right", 3, 3, "m-2"),
        entry("shop", "out").at(90).span(1),
        naming("batch", 20, 4, "m-1").operation(takes()),
        naming("batch", 21, 4, "m-2").operation(takes()),
    ]);
    assert_eq!(
        tree(&trace),
        "shop<- root\nleft<shop nesting\nright<shop nesting\nbatch<left handoff\n"
    );
    let [link] = &trace.links[..] else { panic!("{:?}", trace.links) };
    let Linked::Here(sender) = link.linked else { panic!("{link:?}") };
    assert_eq!((&*trace.span(sender).service, &*trace.span(link.span).service), ("right", "batch"));
    assert_eq!((link.kind, link.evidence.len()), (LinkKind::StemsFrom, 2));
    assert_eq!(link.key.as_ref().map(|key| key.value.as_str()), Some("m-2"));
}

#[test]
fn what_a_line_links_to_sent_its_work_and_the_other_links_are_told() {
    let ids = |number: usize, trace: &str, span: &str| {
        let name = |part: &str| format!("links.{number}.{part}");
        [Field::text(name("traceId"), trace), Field::text(name("spanId"), span)]
    };
    let own = trace_id().to_string();
    let mut batch = entry("batch", "taken").at(20).span(4).done();
    let span = |id: u64| format!("{id:016x}");
    let links = [ids(0, &own, &span(2)), ids(1, &own, &span(3)), ids(2, &"5".repeat(32), &span(9))];
    batch.record.fields = links.concat();
    let trace = assembled(vec![
        entry("shop", "in").at(0).span(1),
        entry("left", "sent").at(2).span(2),
        entry("right", "sent").at(3).span(3),
        Fixture::from(batch),
        entry("shop", "out").at(90).span(1),
    ]);
    assert_eq!(
        tree(&trace),
        "shop<- root\nleft<shop nesting\nright<shop nesting\nbatch<left handoff\n"
    );
    let linked: Vec<&Linked> = trace.links.iter().map(|link| &link.linked).collect();
    let elsewhere = Linked::Elsewhere {
        trace: TraceId::from_hex(&"5".repeat(32)).expect("an id"),
        span: SpanId::new(9),
        service: None,
    };
    assert_eq!(linked, [&Linked::Here(SpanIndex(2)), &elsewhere]);
}

#[test]
fn a_stated_parent_stays_beside_a_message_of_another() {
    let trace = assembled(vec![
        entry("shop", "in").at(0).span(1),
        naming("left", 2, 2, "m-1"),
        entry("shop", "out").at(90).span(1),
        naming("batch", 20, 4, "m-1").parent(1),
    ]);
    assert_eq!(tree(&trace), "shop<- root\nleft<shop nesting\nbatch<shop stated\n");
    assert_eq!(trace.links.len(), 1);
}

#[test]
fn entries_without_a_span_id_join_the_open_span_of_their_instance() {
    let trace = assembled(vec![
        entry("cart", "in").at(0).span(1),
        entry("cart", "halfway").at(5),
        entry("cart", "out").at(9).span(1),
        entry("price", "one").at(6),
        entry("price", "two").at(7),
    ]);
    assert_eq!(tree(&trace), "cart<- root\nprice<cart nesting\n");
    assert!(trace.spans[1].synthetic && !trace.spans[0].synthetic);
}

#[test]
fn a_stated_parent_speaks_first_though_its_clock_is_ahead() {
    let trace = assembled(vec![
        entry("gateway", "in").at(105).span(1),
        entry("gateway", "out").at(160).span(1),
        entry("cart", "work").at(5).span(2).parent(1),
        entry("cart", "done").at(50).span(2),
    ]);
    let order: Vec<&str> =
        trace.entries.iter().map(|placed| placed.entry.record.message.as_str()).collect();
    assert_eq!(order, ["in", "work", "done", "out"]);
}

#[test]
fn synthetic_ids_are_the_same_every_time() {
    let ids = |()| assembled(vec![entry("price", "one").at(6)]).spans[0].id;
    assert_eq!(ids(()), ids(()));
}

#[test]
fn a_duration_at_the_end_moves_the_start_before_the_children() {
    let finished = Operation {
        name: Some("POST /orders".to_owned()),
        kind: Some(SpanKind::Server),
        duration: Some(60_000_000),
        mark: Some(Mark::End),
        ..Operation::default()
    };
    let trace = assembled(vec![
        entry("gateway", "done").at(60).span(1).operation(finished),
        entry("cart", "in").at(5).span(2),
        entry("cart", "out").at(50).span(2),
    ]);
    assert_eq!(tree(&trace), "gateway<- root\ncart<gateway nesting\n");
    assert_eq!(trace.spans[0].name, "POST /orders");
    assert_eq!(trace.entries.last().unwrap().entry.record.message, "done");
}

#[test]
fn a_span_that_is_one_call_bears_its_name() {
    let call = |name: Option<&str>, mark, duration| Operation {
        name: name.map(str::to_owned),
        kind: Some(SpanKind::Client),
        duration,
        mark: Some(mark),
        ..Operation::default()
    };
    let asked = || call(Some("GET /carts/{id}"), Mark::Start, None);
    let answered = || call(None, Mark::End, Some(10_000_000));
    let trace = assembled(vec![
        entry("checkout", "-->").at(0).span(1).operation(asked()),
        entry("checkout", "second try").at(5).span(1),
        entry("checkout", "<--").at(10).span(1).operation(answered()),
        entry("checkout", "-->").at(20).span(2).operation(asked()),
        entry("checkout", "<--").at(30).span(2).operation(answered()),
        entry("checkout", "paid").at(40).span(2),
    ]);
    let named: Vec<_> = trace.spans.iter().map(|span| (span.name.as_str(), span.kind)).collect();
    assert_eq!(named, [("GET /carts/{id}", Some(SpanKind::Client)), ("-->", None)]);
}

#[test]
fn the_answer_does_not_depend_on_the_order_of_reading() {
    let entries = || {
        vec![
            entry("a", "x").at(0).span(1).line(1).done(),
            entry("b", "y").at(0).span(2).line(1).done(),
            entry("c", "z").at(0).line(1).done(),
        ]
    };
    let mut turned = entries();
    turned.reverse();
    assert_eq!(assemble(trace_id(), entries()), assemble(trace_id(), turned));
}

#[test]
fn a_long_chain_of_spans_needs_no_recursion() {
    let spans: u64 = 100_000;
    let chain = (1..=spans).map(|id| {
        let span = entry("deep", "x").at(id.cast_signed()).span(id).line(id);
        if id > 1 { span.parent(id - 1) } else { span }.done()
    });
    let trace = assemble(trace_id(), chain.collect());
    assert_eq!(trace.spans.len() as u64, spans);
    assert_eq!(trace.spans.iter().filter(|span| span.parent.parent.is_none()).count(), 1);
}

/// A child that nobody waits for goes on after its parent and does not make it longer.
#[test]
fn a_child_that_outlives_its_parent_does_not_make_it_longer() {
    let trace = assembled(vec![
        entry("shop", "in").at(0).span(1),
        entry("mail", "begins").at(5).span(2).parent(1),
        entry("shop", "out").at(10).span(1),
        naming("shop", 3, 1, "m-1"),
        naming("parcels", 20, 3, "m-1"),
        entry("parcels", "done").at(900).span(3),
        entry("audit", "begins").at(30).span(4).parent(1),
        entry("audit", "done").at(500).span(4),
    ]);
    let took = |service: &str| {
        let span = trace.spans.iter().find(|span| span.service == service).expect("it is there");
        (span.end.expect("dated") - span.start.expect("dated")) / 1_000_000
    };
    assert_eq!(took("shop"), 10);
    assert_eq!((took("parcels"), took("audit")), (880, 470));
}

#[test]
fn one_clock_is_believed_against_a_stated_edge() {
    let order = |host: &str| {
        let trace = assembled(vec![
            entry("gateway", "in").at(20).span(1).host("one"),
            entry("gateway", "out").at(60).span(1).host("one"),
            entry("cart", "work").at(5).span(2).parent(1).host(host),
        ]);
        let said = trace.entries.iter().map(|placed| placed.entry.record.message.clone());
        said.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(order("one"), "work in out");
    assert_eq!(order("two"), "in work out");
}
