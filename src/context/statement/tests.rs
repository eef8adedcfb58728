//! Messages of frameworks and what each says.

use super::*;

/// Name, kind, status, peer, duration and mark in one line.
fn shown(operation: &Said) -> String {
    format!(
        "{} {} {} {} {} {}",
        operation.name.as_deref().unwrap_or("-"),
        operation.kind.map_or("-", SpanKind::name),
        operation.status.map_or("-", SpanStatus::name),
        operation.peer.as_deref().unwrap_or("-"),
        operation.duration.map_or("-".to_owned(), |nanoseconds| nanoseconds.to_string()),
        operation.mark.map_or("-", |mark| if mark == Mark::Start { "start" } else { "end" }),
    )
}

#[track_caller]
fn check(message: &str, expected: &str) {
    let found = read(message).map_or("none".to_owned(), |operation| shown(&operation));
    assert_eq!(found, expected, "message: {message}");
}

#[test]
fn servers_tell_of_their_requests() {
    check(
        "Request starting HTTP/2 POST http://h/charge - application/json 12",
        "POST /charge server - - - start",
    );
    check(
        "Request finished HTTP/2 POST http://h/charge - 200 - application/json 12.3456ms",
        "POST /charge server ok - 12345600 end",
    );
    check("Request finished in 12.3ms 500", "- server error - 12300000 end");
    check(
        "HTTP GET /orders/5521 responded 200 in 12.3456 ms",
        "GET /orders/{id} server ok - 12345600 end",
    );
    check(
        "Started GET \"/orders/1\" for 10.0.0.1 at 2026-11-21",
        "GET /orders/{id} server - - - start",
    );
    check("Completed 200 OK in 12ms (Views: 0.2ms)", "- server ok - 12000000 end");
    check("Sent 200 in 926µs", "- server ok - 926000 end");
    check(
        "[GIN] 2026/11/21 - 09:30:15 | 200 |     1.234ms |  10.0.0.1 | GET      \"/orders/1\"",
        "GET /orders/{id} server ok - 1234000 end",
    );
    check("GET /orders/1 200 12.345 ms - 87", "GET /orders/{id} server ok - 12345000 end");
    check("GET /orders/1 answered 504 in 35 ms", "GET /orders/{id} server error - 35000000 end");
    check("finished processing request latency=5 ms status=200", "- server ok - 5000000 end");
    check(
        "\"GET http://h/x HTTP/1.1\" from 10.0.0.1:1 - 200 12B in 1.2ms",
        "GET /x server ok - 1200000 end",
    );
    check("finished unary call with code Unavailable", "- server error - - end");
    check("duration: 12.345 ms  statement: SELECT 1", "SELECT server - - 12345000 end");
    check(
        "REPORT RequestId: 4f0c\tDuration: 48.61 ms\tBilled Duration: 49 ms",
        "lambda server - - 48610000 end",
    );
}

#[test]
fn clients_tell_of_their_calls() {
    check(
        "Sending HTTP request GET http://inventory:8080/stock/7",
        "GET /stock/{id} client - inventory - start",
    );
    check("Received HTTP response headers after 18.4706ms - 404", "- client error - 18470600 end");
    check(
        "HTTP Request: GET http://inventory/stock/A-19 \"HTTP/1.1 200 OK\"",
        "GET /stock/A-19 client ok inventory - end",
    );
    check(
        "http://inventory:8080 \"GET /stock/A-19 HTTP/1.1\" 200 87",
        "GET /stock/A-19 client ok inventory - end",
    );
    check(
        "[StockClient#get] <--- HTTP/1.1 503 (35ms)",
        "StockClient#get client error - 35000000 end",
    );
    check("--> POST http://pay/charge", "POST /charge client - pay - start");
    check("<-- 200 OK http://pay/charge (35ms, 87-byte body)", "- client ok pay 35000000 end");
}

#[test]
fn workers_tell_of_their_tasks() {
    check(
        "Task shop.notify[5a0c] succeeded in 0.0142s: None",
        "shop.notify consumer ok - 14200000 end",
    );
    check(
        "Task shop.notify[5a0c] raised unexpected: ValueError('x')",
        "shop.notify consumer error - - end",
    );
}

#[test]
fn other_messages_tell_nothing() {
    for message in [
        "",
        "Request for order 7 took 12ms",
        "order accepted",
        "HTTP is fun",
        "[a] b",
        "GET lost",
        "Completed 3 of 4",
        "duration: long",
    ] {
        check(message, "none");
    }
}

#[test]
fn a_request_with_nothing_but_values_is_named_and_no_more() {
    check("POST /orders user=7 items=2", "POST /orders - - - - -");
    check("POST /orders", "POST /orders - - - - -");
    check("GET /stock failed: timeout", "none");
    check("GET http://stock/items user=7", "none");
}

#[test]
fn a_call_without_an_answer_has_failed() {
    check("<-- HTTP FAILED: java.net.SocketTimeoutException: timeout", "- client error - - end");
    check(
        "<-- no answer: POST http://payment:8080/charges cancelled after 4716 ms",
        "- client error payment - end",
    );
    check("<-- END HTTP (87-byte body)", "none");
}
