use crate::model::entry::Entry;
use crate::model::fixture::{Fixture, entry};
use crate::model::id::TraceId;
use crate::trace::assemble;
use crate::trace::clocks::Clocks;
use crate::trace::knowledge::Knowledge;
use crate::trace::learn::Learner;

/// Milliseconds that vary from request to request as real ones do.
fn jitter(request: i64, at_most: i64) -> i64 {
    request.wrapping_mul(7_919) % (at_most + 1)
}

fn id(request: i64) -> TraceId {
    TraceId::new(request.unsigned_abs().into()).expect("requests are numbered from 1")
}

fn on(host: &str, ahead: i64, service: &str, span: u64, at: i64, message: &str) -> Fixture {
    entry(service, message).host(host).span(span).at(at + ahead).line(at.unsigned_abs())
}

/// A gateway that asks a cart, whose clock is `ahead` milliseconds ahead.
fn call(request: i64, ahead: i64) -> Vec<Entry> {
    let start = request * 1_000;
    let work = 20 + jitter(request, 30);
    vec![
        on("left", 0, "gateway", 1, start, "asking the cart").done(),
        on("right", ahead, "cart", 2, start + 2, "looking").done(),
        on("right", ahead, "cart", 2, start + 2 + work, "found").done(),
        on("left", 0, "gateway", 1, start + 4 + work, "the cart answered").done(),
    ]
}

fn learned(requests: impl Iterator<Item = Vec<Entry>>) -> Knowledge {
    let mut learner = Learner::default();
    for (request, number) in requests.zip(1..) {
        learner.observe(id(number), request);
    }
    learner.learn()
}

/// By how many milliseconds the right host's clock is corrected against the left one's.
#[track_caller]
fn check_clock(ahead: i64, expected: Option<i64>) {
    let knowledge = learned((1..60).map(|request| call(request, ahead)));
    let of = |host: &str| knowledge.clocks.hosts.get(host).map_or(0, |host| host.nanoseconds);
    let difference = (of("right") - of("left")) / 1_000_000;
    assert!((difference - expected.unwrap_or(0)).abs() <= 2, "{:?}", knowledge.clocks);
    assert_eq!(knowledge.clocks.hosts.is_empty(), expected.is_none());
}

#[test]
fn a_clock_that_is_off_is_put_right() {
    check_clock(700, Some(-700));
    check_clock(-45, Some(45));
}

#[test]
fn clocks_that_agree_are_left_alone() {
    check_clock(0, None);
    check_clock(1, None);
}

#[test]
fn a_few_requests_teach_nothing_of_clocks() {
    let knowledge = learned((1..4).map(|request| call(request, 700)));
    assert_eq!(knowledge.clocks, Clocks::default());
}

#[test]
fn three_callees_that_state_their_caller_suffice() {
    let stated = |request: i64| {
        let mut entries = call(request, 300);
        for entry in entries.iter_mut().filter(|entry| entry.context.service == "cart") {
            entry.context.parent_span_id = crate::model::id::SpanId::new(1);
        }
        entries
    };
    let knowledge = learned((1..4).map(stated));
    assert!(!knowledge.clocks.hosts.is_empty(), "{:?}", knowledge.clocks);
}

#[test]
fn the_order_of_observation_does_not_matter() {
    let learn = |numbers: &mut dyn Iterator<Item = i64>| {
        let mut learner = Learner::default();
        for number in numbers {
            learner.observe(id(number), call(number, 90));
        }
        learner.learn()
    };
    assert_eq!(learn(&mut (1..60)), learn(&mut (1..60).rev()));
}

/// A shop that asks its kitchen, which hands a parcel to a courier and answers at once; the
/// shop then goes on by itself, at times while the courier is at work.
fn delivery(request: i64) -> Vec<Entry> {
    let start = request * 1_000;
    let cooked = start + 10 + jitter(request, 40);
    let courier = cooked + 1 + jitter(request, 3);
    let shop = |at, message| on("one", 0, "shop", 1, at, message).done();
    let kitchen = |at, message| on("one", 0, "kitchen", 2, at, message).done();
    vec![
        shop(start, "asking the kitchen"),
        kitchen(start + 2, "cooking"),
        kitchen(cooked, "handed to the courier"),
        on("one", 0, "courier", 3, courier, "parcel received").done(),
        on("one", 0, "courier", 3, courier + 60, "parcel delivered").done(),
        shop(cooked + 5 + jitter(request, 9), "the kitchen answered"),
        shop(courier + 90, "all done"),
    ]
}

#[test]
fn work_that_nobody_waits_for_hangs_on_whoever_handed_it_on() {
    let alone = assemble(id(5), delivery(5), &Knowledge::default());
    let knowledge = learned((1..60).map(delivery));
    let taught = assemble(id(5), delivery(5), &knowledge);
    let parent_of_courier = |trace: &crate::model::trace::Trace| {
        let courier = trace.spans.iter().find(|span| span.service == "courier")?;
        Some(trace.span(courier.parent.parent?).service.clone())
    };
    assert_eq!(parent_of_courier(&alone).as_deref(), Some("shop"));
    assert_eq!(parent_of_courier(&taught).as_deref(), Some("kitchen"));
}
