//! Headers by their grammar.

use super::*;

const T: &str = "7b2f9c41d05e83a6194cbe70f2a85d13";

#[track_caller]
fn check(carrier: Carrier, value: &str, expected: Option<(&str, Option<&str>, Option<&str>)>) {
    let found = read(carrier, value).map(|found| {
        let show = |id: Option<SpanId>| id.map(|id| id.to_string());
        (found.trace.to_string(), show(found.span), show(found.parent))
    });
    let found = found
        .as_ref()
        .map(|(trace, span, parent)| (trace.as_str(), span.as_deref(), parent.as_deref()));
    assert_eq!(found, expected, "value: {value}");
}

#[test]
fn a_traceparent_follows_its_grammar() {
    let whole = Some((T, Some("c19f04a7e6b35d28"), None));
    check(Carrier::TraceParent, "00-7b2f9c41d05e83a6194cbe70f2a85d13-c19f04a7e6b35d28-01", whole);
    check(Carrier::TraceParent, "00-7B2F9C41D05E83A6194CBE70F2A85D13-C19F04A7E6B35D28-00", whole);
    check(Carrier::TraceParent, "cc-7b2f9c41d05e83a6194cbe70f2a85d13-c19f04a7e6b35d28-01-x", whole);
    for value in [
        "ff-7b2f9c41d05e83a6194cbe70f2a85d13-c19f04a7e6b35d28-01",
        "00-7b2f9c41d05e83a6194cbe70f2a85d13-c19f04a7e6b35d28-01-x",
        "00-00000000000000000000000000000000-c19f04a7e6b35d28-01",
        "00-7b2f9c41d05e83a6194cbe70f2a85d13-0000000000000000-01",
        "00-7b2f9c41d05e83a6194cbe70f2a85d13-c19f04a7e6b35d28",
        "",
    ] {
        check(Carrier::TraceParent, value, None);
    }
}

#[test]
fn other_headers_follow_theirs() {
    let (span, parent) = (Some("c19f04a7e6b35d28"), Some("3e80d1b76a92f54c"));
    let b3 = "7b2f9c41d05e83a6194cbe70f2a85d13-c19f04a7e6b35d28-1-3e80d1b76a92f54c";
    check(Carrier::B3, b3, Some((T, span, parent)));
    check(Carrier::B3, "0", None);
    let uber = "7b2f9c41d05e83a6194cbe70f2a85d13%3Ac19f04a7e6b35d28%3A3e80d1b76a92f54c%3A1";
    check(Carrier::Uber, uber, Some((T, span, parent)));
    check(Carrier::Uber, "12:30:45", None);
    let amazon = "Self=1-7b2f9c42-000000000000000000000001;Root=1-7b2f9c41-d05e83a6194cbe70f2a85d13;Parent=c19f04a7e6b35d28";
    check(Carrier::Amazon, amazon, Some((T, span, None)));
    check(
        Carrier::Amazon,
        "1-7b2f9c41-d05e83a6194cbe70f2a85d13@c19f04a7e6b35d28",
        Some((T, span, None)),
    );
    check(Carrier::Google, "7b2f9c41d05e83a6194cbe70f2a85d13/1;o=1", Some((T, None, None)));
    check(
        Carrier::Sentry,
        "7b2f9c41d05e83a6194cbe70f2a85d13-c19f04a7e6b35d28-1",
        Some((T, span, None)),
    );
    let grpc = "AAB7L5xB0F6Dphk3vnDyqF0TAcGfBKfms10oAgE=";
    assert!(read(Carrier::Grpc, grpc).is_some());
}

#[test]
fn a_skywalking_header_names_the_segment_it_came_from() {
    let sw8 = "1-NWQxZjBiN2M5YTI2NGUzOGIwYzRmN2UyOTE4YTZkNTMuNjIuMTc5NTI1MzQxNTI1MDAwMDE=-c2Vn-3-c3Zj-aW5z-ZXA=-cA==";
    let found = read(Carrier::SkyWalking, sw8).expect("a header");
    assert_eq!(found.trace.to_string(), "ec11fead8e896b52958d1a3e1bfda6f9");
    assert_eq!(found.span, Some(opaque_span("seg:3")));
}

#[test]
fn a_header_dump_of_bytes_is_read_as_text() {
    assert_eq!(decimal_bytes("48, 48, 45]").as_deref(), Some("00-"));
    assert_eq!(decimal_bytes("48, x]"), None);
}
