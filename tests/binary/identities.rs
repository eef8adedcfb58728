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
