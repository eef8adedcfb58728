//! Texts and the identifiers in them.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let mut keys = Keys::default();
    scan(text, &mut Names::default(), &mut keys);
    let keys = keys.into_vec();
    let found: Vec<_> = keys.iter().map(|key| (key.name.as_str(), key.value.as_str())).collect();
    assert_eq!(found, expected, "text: {text}");
}

#[test]
fn names_with_values_are_found_in_every_spelling() {
    for text in [
        "order=ORD-5521",
        "orderId: ORD-5521",
        "[OrderId: ORD-5521]",
        "order #ORD-5521",
        "order ORD-5521 accepted",
        "orderId='ORD-5521'",
        "order_id=>ORD-5521",
        "Order(id=ORD-5521, total=9.5)",
        "Order(id='ORD-5521')",
        "Order Id: ORD-5521",
        "request body: {\"orderId\":\"ORD-5521\"}",
        "{\\\"orderId\\\":\\\"ORD-5521\\\"}",
        "{\"order\":{\"id\":\"ORD-5521\"}}",
        "order_id:\"ORD-5521\"",
        "charging ORD-5521.",
        "GET /api/v2/orders/ORD-5521 200",
        "order id ORD-5521",
    ] {
        check(text, &[("order_id", "ORD-5521")]);
    }
    check("(user 42) order #5521", &[("user_id", "42"), ("order_id", "5521")]);
    check(
        "[tripId: G1237, train number: Z1234]",
        &[("trip_id", "G1237"), ("train_number", "Z1234")],
    );
}

#[test]
fn paths_and_query_strings_name_their_parts() {
    check(
        "POST /orders/ORD-123/items/7?customer_id=42&page=2 HTTP/1.1",
        &[("order_id", "ORD-123"), ("item_id", "7"), ("customer_id", "42")],
    );
    check("/app/pay2.js:9 /proc/1234 /v1/x", &[]);
}

#[test]
fn uuids_count_even_without_a_name() {
    let id = "8c756d0c-b064-4dc6-b705-496a75343ddb";
    check(&format!("FIND CONTACTS BY ID: {id}"), &[("id", id)]);
    check(&format!("[UserId: {id}]"), &[("user_id", id)]);
    let other = "415d1665-fbb2-4ec9-83f5-5ebe51dc1825";
    check(
        &format!("[RouteId: [{id}, {other}]][x {other}]"),
        &[("route_id", id), ("route_id", other)],
    );
}

#[test]
fn measures_times_and_machinery_are_no_keys() {
    for text in [
        "took 12ms, 3 items, 15:38:06, 2023-01-29, 10.0.0.1:8080, 1.5 MB, 99%",
        "[Last One Hour: 207  Total Valid Order: 142]",
        "thread exec-1 UTF-8 HTTP/1.1 status 200",
        "user_id: null",
        "at pay.Charge.run(Charge.java:17)",
        "seq=3 port=8080 pid: 71",
        "someone1@example.com",
    ] {
        check(text, &[]);
    }
}

#[test]
fn secrets_are_never_keys() {
    for text in [
        "token=tok_9f3c11",
        "password: abc-12",
        "Authorization: Bearer key_12345",
        "card_number=4111111111111111",
        "account_id=4111111111111111",
        "user_id=eyJhbGciOiJIUzI1NiJ9",
        "got eyJhbGciOi.eyJzdWIi.fg_t2xIeF3LqM1",
    ] {
        check(text, &[]);
    }
}

proptest! {
    #[test]
    fn every_key_stands_in_the_text(text in "\\PC{0,60}|([a-zA-Z]{1,6}[ =:/#\\[]{1,2}[A-Z0-9_-]{1,8}[,\\]] ?){0,8}") {
        let mut keys = Keys::default();
        scan(&text, &mut Names::default(), &mut keys);
        for key in keys.into_vec() {
            prop_assert!(text.contains(&key.value));
            prop_assert!(key.value.len() <= 128 && !key.name.is_empty());
        }
    }
}
