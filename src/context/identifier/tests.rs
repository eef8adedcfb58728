//! Spellings of ids and what each means.

use proptest::prelude::*;

use super::*;

const T: &str = "7b2f9c41d05e83a6194cbe70f2a85d13";
const T64: &str = "0000000000000000194cbe70f2a85d13";
const S: &str = "c19f04a7e6b35d28";

#[track_caller]
fn check_trace(raw: &str, expected: Option<&str>) {
    let found = trace_id(raw, Digits::ByWidth).map(|found| found.id.to_string());
    assert_eq!(found.as_deref(), expected, "raw: {raw}");
}

#[track_caller]
fn check_span(raw: &str, expected: Option<&str>) {
    let found = span_id(raw, Digits::ByWidth).map(|id| id.to_string());
    assert_eq!(found.as_deref(), expected, "raw: {raw}");
}

#[test]
fn one_id_has_many_spellings() {
    for raw in [
        T,
        "\"7B2F9C41D05E83A6194CBE70F2A85D13\"",
        "0x7b2f9c41d05e83a6194cbe70f2a85d13",
        "7b2f9c41-d05e-83a6-194c-be70f2a85d13",
        "1-7b2f9c41-d05e83a6194cbe70f2a85d13",
        "projects/shop-p/traces/7b2f9c41d05e83a6194cbe70f2a85d13",
        "7b2f9c41d05e83a6194cbe70f2a85d13/42;o=1",
        "ey+cQdBeg6YZTL5w8qhdEw==",
        "163739806080171402838060404480182017299",
        "|7b2f9c41d05e83a6194cbe70f2a85d13.c19f04a7e6b35d28.",
    ] {
        let expected = if raw.starts_with("1637") {
            format!("{:032x}", raw.parse::<u128>().expect("a number"))
        } else {
            T.to_owned()
        };
        check_trace(raw, Some(&expected));
    }
    check_trace("194cbe70f2a85d13", Some(T64));
    check_trace("1823041341494942995", Some(T64));
}

#[test]
fn span_ids_too() {
    for raw in
        [S, "13951875289793649960", "-4494868783915901656", "wZ8Ep+azXSg=", "0xC19F04A7E6B35D28"]
    {
        check_span(raw, Some(S));
    }
    check_span("4503830213067732300", Some("3e80d1b76a92f54c"));
    check_span("a1", Some("00000000000000a1"));
}

#[test]
fn what_stands_for_no_id_is_none() {
    for raw in [
        "",
        " ",
        "-",
        "0",
        "0x0",
        "00000000000000000000000000000000",
        "null",
        "None",
        "N/A",
        "unknown",
        "TID: N/A",
        "Ignored_Trace",
        "%X{traceId}",
        "${traceId}",
        "$otel_trace_id",
        "%(otelTraceID)s",
        "00000000-0000-0000-0000-000000000000",
        "[]",
    ] {
        check_trace(raw, None);
        check_span(raw, None);
    }
}

#[test]
fn a_text_that_is_no_number_gets_a_derived_id() {
    check_trace("req-8841", Some("b7fdafd32408f03ac6465c2e176d4eec"));
    check_trace("true", None);
    check_trace("at pay.Charge.run (line 17)", None);
}

#[test]
fn sixteen_decimal_digits_are_hexadecimal_unless_convention_says_otherwise() {
    check_trace("1234567812345678", Some("00000000000000001234567812345678"));
    let found = trace_id("1234567812345678", Digits::Decimal).expect("an id");
    assert_eq!(found.id.value(), 1_234_567_812_345_678);
}

#[track_caller]
fn check_spelled(text: &str, expected: Option<Spelled>) {
    assert_eq!(spelled(text), expected, "text: {text}");
}

#[test]
fn a_pasted_id_is_known_in_every_spelling() {
    let trace = TraceId::from_hex(T).expect("an id");
    let span = SpanId::from_hex(S);
    let full = |span| Some(Spelled::Full { trace, span });
    for text in [
        T,
        "7B2F9C41-d05e-83a6-194c-be70f2a85d13",
        "trace_id=7b2f9c41d05e83a6194cbe70f2a85d13",
        "1-7b2f9c41-d05e83a6194cbe70f2a85d13",
        "projects/p/traces/7b2f9c41d05e83a6194cbe70f2a85d13",
    ] {
        check_spelled(text, full(None));
    }
    for text in [
        "00-7b2f9c41d05e83a6194cbe70f2a85d13-c19f04a7e6b35d28-01",
        "traceparent: 00-7b2f9c41d05e83a6194cbe70f2a85d13-c19f04a7e6b35d28-01",
        "7b2f9c41d05e83a6194cbe70f2a85d13-c19f04a7e6b35d28-1",
        "b3: 7b2f9c41d05e83a6194cbe70f2a85d13-c19f04a7e6b35d28",
        "uber-trace-id: 7b2f9c41d05e83a6194cbe70f2a85d13:c19f04a7e6b35d28:0:1",
        "7b2f9c41d05e83a6194cbe70f2a85d13:c19f04a7e6b35d28:0:1",
        "Root=1-7b2f9c41-d05e83a6194cbe70f2a85d13;Parent=c19f04a7e6b35d28;Sampled=1",
        "7b2f9c41d05e83a6194cbe70f2a85d13/13951875289793649960;o=1",
    ] {
        check_spelled(text, full(span));
    }
    let short = Some(Spelled::Short(0x194c_be70_f2a8_5d13));
    for text in ["194cbe70f2a85d13", "1823041341494942995", T64, "0x194cbe70f2a85d13"] {
        check_spelled(text, short);
    }
    let raw = "5d1f0b7c9a264e38b0c4f7e2918a6d53.62.17952534152500001";
    check_spelled(raw, Some(Spelled::Full { trace: opaque_trace(raw), span: None }));
}

#[test]
fn order_ids_and_words_are_no_trace_ids() {
    for text in [
        "ORD-20417",
        "card declined",
        "deadbeef",
        "20417",
        "1795253415250",
        "",
        "12:30:45",
        "a:b:c:d",
        "fe80:0:0:1",
    ] {
        check_spelled(text, None);
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}|[0-9a-f|.:/=;-]{0,60}") {
        let _ = (spelled(&text), trace_id(&text, Digits::ByWidth), span_id(&text, Digits::Decimal));
    }
}
