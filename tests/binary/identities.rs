//! Requests that are known by several ids: halves of ids, request ids beside trace ids.

use crate::binary::desk::Desk;

const WHOLE: &str = "7b2f9c41d05e83a6194cbe70f2a85d13";
const HALF: &str = "194cbe70f2a85d13";
const OTHER: &str = "aa2f9c41d05e83a6194cbe70f2a85d13";
const REQUEST: &str = "5a0c1d7e-93b4-4d0f-8e21-c6b7f0a45d92";

fn line(second: u32, fields: &str, message: &str) -> String {
    format!(
        "{{\"time\":\"2026-11-21T09:00:{second:02}Z\",\"level\":\"info\",{fields},\"msg\":\"{message}\"}}\n"
    )
}

#[test]
fn a_service_that_knows_half_of_an_id_is_part_of_the_request() {
    let desk = Desk::new();
    desk.file("logs/cart.log", line(1, &format!("\"trace_id\":\"{WHOLE}\""), "whole"));
    desk.file("logs/pay.log", line(2, "\"dd.trace_id\":\"1823041341494942995\"", "half"));
    for id in [WHOLE, HALF, "1823041341494942995"] {
        desk.run(&["trace", id, "logs"]).ends_with(0).says("whole").says("half");
    }
}

#[test]
fn a_half_that_fits_two_requests_is_joined_to_none_and_told() {
    let desk = Desk::new();
    desk.file("logs/cart.log", line(1, &format!("\"trace_id\":\"{WHOLE}\""), "first"));
    desk.file("logs/mail.log", line(2, &format!("\"trace_id\":\"{OTHER}\""), "second"));
    desk.file("logs/pay.log", line(3, &format!("\"X-B3-TraceId\":\"{HALF}\""), "half"));
    let told = desk.run(&["trace", WHOLE, "logs"]).ends_with(0);
    told.says("first").says_not("second").says_not("half\n").says("low half of 2 requests");
}

#[test]
fn a_line_that_knows_only_the_request_id_is_joined_where_one_trace_stands_beside_it() {
    let desk = Desk::new();
    let both = format!("\"trace_id\":\"{WHOLE}\",\"request_id\":\"{REQUEST}\"");
    desk.file("logs/cart.log", line(1, &both, "both"));
    desk.file("logs/old.log", line(2, &format!("\"request_id\":\"{REQUEST}\""), "alone"));
    for id in [WHOLE, REQUEST] {
        desk.run(&["trace", id, "logs"]).ends_with(0).says("both").says("alone");
    }
    // Beside two traces it proves nothing: neither is merged into the other.
    let other = format!("\"trace_id\":\"{OTHER}\",\"request_id\":\"{REQUEST}\"");
    desk.append("logs/cart.log", line(3, &other, "another"));
    let told = desk.run(&["trace", WHOLE, "logs"]).ends_with(0);
    told.says("both").says_not("another").says_not("alone");
}

#[test]
fn an_id_that_is_no_number_is_shown_as_it_is_spelled() {
    let desk = Desk::new();
    desk.file("logs/cart.log", line(1, "\"trace_id\":\"req-8841\"", "opaque"));
    desk.run(&["trace", "req-8841", "logs"]).ends_with(0).says("opaque").says("req-8841");
}

#[test]
fn the_report_says_which_service_to_mend_first() {
    let desk = Desk::new();
    desk.file(
        "logs/cart.log",
        line(1, &format!("\"trace_id\":\"{WHOLE}\",\"span_id\":\"{HALF}\""), "x"),
    );
    desk.file("logs/pay.log", "1:M 21 Nov 2026 09:30:15.250 # no id\n");
    let told = desk.run(&["index", "logs", "--report"]).ends_with(0);
    told.says("SERVICE").says("PARENT").says("mend first\n1. redis");
    let summary = desk.run(&["index", "logs"]).ends_with(0);
    summary.says("trace id of     redis 0 %, cart 100 %");
}

/// Requests one after the other, three lines each; the middle line of the last has no id.
fn requests_with_a_stranger() -> String {
    let mut log = String::new();
    for number in 1..=30 {
        let id = format!("\"trace_id\":\"7b2f9c41d05e83a6194cbe70f2a8{number:04x}\"");
        let own = if number == 30 { "\"left\":\"out\"" } else { &id };
        for (fields, message) in
            [(&*id, "order taken"), (own, "stock checked"), (&*id, "order sent")]
        {
            log.push_str(&line(number * 2 % 60, fields, message));
        }
    }
    log
}

#[test]
fn a_line_without_ids_joins_the_request_it_stands_among_and_says_so() {
    let desk = Desk::new();
    desk.file("logs/shop.log", requests_with_a_stranger());
    let last = "7b2f9c41d05e83a6194cbe70f2a8001e";
    desk.run(&["trace", last, "logs"]).ends_with(0).says("stock checked");
    let strangers = desk.run(&["lines", "left:out", "logs", "--format", "ndjson"]).objects();
    assert_eq!(strangers.len(), 1);
    assert_eq!(strangers[0]["trace_id"], last);
    assert_eq!(strangers[0]["attributed_by"], "inferred");
    assert!(strangers[0]["confidence"].as_f64().is_some_and(|sure| (0.9..1.0).contains(&sure)));
}

/// A shop that publishes a message, and a parcel service that takes it under an id of its own.
fn handed_on(desk: &Desk, key: &str) {
    let shop = format!("\"trace_id\":\"{WHOLE}\",\"span_id\":\"{HALF}\"{key}");
    let parcel = format!("\"trace_id\":\"{}\",\"span_id\":\"c19f04a7e6b35d28\"", "5".repeat(32));
    desk.file(
        "logs/shop.log",
        line(1, &shop.replace(key, ""), "order taken") + &line(2, &shop, "message published"),
    );
    let taken = format!("{parcel}{key}");
    desk.file(
        "logs/parcels.log",
        line(5, &taken, "message received") + &line(6, &parcel, "parcel packed"),
    );
}

#[test]
fn a_request_that_goes_on_under_another_id_names_it_and_is_named_by_it() {
    for (key, named, sure) in [
        (",\"message_id\":\"m-4711\"", "message_id m-4711", 0.95),
        (",\"order_id\":\"ORD-20417\"", "order_id ORD-20417", 0.75),
    ] {
        let desk = Desk::new();
        handed_on(&desk, key);
        let other = "5".repeat(32);
        let first = desk.run(&["trace", WHOLE, "logs"]).ends_with(0);
        first.says(&format!("continued in parcels  trace {other}")).says(named);
        let second = desk.run(&["trace", &other, "logs"]).ends_with(0);
        second.says(&format!("continues shop  trace {WHOLE}")).says(named);
        let whole = desk.run(&["trace", WHOLE, "logs", "--format", "json"]).ends_with(0).json();
        let link = &whole["links"][0];
        assert_eq!(link["kind"], "continued_in");
        assert_eq!(link["linked_trace_id"], other);
        assert_eq!(link["later_nano"], 3_000_000_000_i64);
        assert_eq!(link["confidence"], sure);
        assert_eq!(link["evidence"][0]["line"], 2);
        assert_eq!(link["linked_evidence"][0]["path"], "logs/parcels.log");
    }
}

#[test]
fn a_consumer_that_states_a_link_is_where_the_sender_goes_on() {
    let desk = Desk::new();
    handed_on(&desk, "");
    let link = format!("\"links\":[{{\"traceId\":\"{WHOLE}\",\"spanId\":\"{HALF}\"}}]");
    let fields = format!("\"trace_id\":\"{OTHER}\",\"span_id\":\"a11f04a7e6b35d28\",{link}");
    desk.file("logs/mail.log", line(9, &fields, "mail sent"));
    let first = desk.run(&["trace", WHOLE, "logs"]).ends_with(0);
    first.says(&format!("continued in mail  trace {OTHER}")).says_not("parcels");
    let told = desk.run(&["trace", OTHER, "logs"]).ends_with(0);
    told.says(&format!("also from another request  trace {WHOLE}"));
}

#[test]
fn what_many_requests_name_joins_none() {
    let desk = Desk::new();
    handed_on(&desk, ",\"order_id\":\"ORD-20417\"");
    for number in 0..9 {
        let id = format!("{number}").repeat(32).replace('0', "a").replace('5', "b");
        let fields = format!("\"trace_id\":\"{id}\",\"order_id\":\"ORD-20417\"");
        desk.file(format!("logs/other-{number}.log"), line(20, &fields, "order received"));
    }
    desk.run(&["trace", WHOLE, "logs"]).ends_with(0).says("order taken").says_not("continued in");
}
