//! Records of real producers, with the fields that decoding gives them, and where they belong.

use std::sync::Arc;

use proptest::prelude::*;

use crate::context::attributor::Attributor;
use crate::model::entry::{AttributionBasis, Entry};
use crate::model::field::{self, Field, Value};
use crate::model::line::Position;
use crate::model::record::{Record, RecordTime, TimeBasis};
use crate::model::span::{Mark, Operation, SpanKind, SpanStatus};
use crate::model::time::Timestamp;

const T: &str = "7b2f9c41d05e83a6194cbe70f2a85d13";
const T64: &str = "0000000000000000194cbe70f2a85d13";
const S: &str = "c19f04a7e6b35d28";
const P: &str = "3e80d1b76a92f54c";

fn record(message: &str, fields: &[(&str, &str)]) -> Record {
    let number = |text: &str| text.strip_prefix('#').map(|digits| Value::Number(digits.to_owned()));
    let fields = fields.iter().map(|(name, value)| Field {
        name: (*name).to_owned(),
        value: number(value).unwrap_or_else(|| Value::Text((*value).to_owned())),
    });
    let time = RecordTime {
        at: Timestamp::from_nanoseconds(1_795_253_415_250_000_000),
        text: String::new(),
        basis: TimeBasis::Line,
    };
    Record {
        position: Position::START,
        lines: 1,
        raw: Vec::new(),
        time: Some(time),
        severity: None,
        service: None,
        instance: None,
        host: None,
        logger: None,
        thread: None,
        message: message.to_owned(),
        fields: fields.collect(),
        format: Arc::from("generic-json"),
    }
}

fn attribute(record: Record) -> Entry {
    Attributor::new(&Arc::from("logs/app.log")).attribute(record)
}

/// Attributes a record; values that begin with `#` are numbers.
fn entry(message: &str, fields: &[(&str, &str)]) -> Entry {
    attribute(record(message, fields))
}

#[track_caller]
fn check(message: &str, fields: &[(&str, &str)], expected: (&str, &str, &str)) {
    let context = entry(message, fields).context;
    let shown = |id: Option<String>| id.unwrap_or_default();
    let trace = shown(context.trace_id.map(|id| id.to_string()));
    let span = shown(context.span_id.map(|id| id.to_string()));
    let parent = shown(context.parent_span_id.map(|id| id.to_string()));
    let found = (trace.as_str(), span.as_str(), parent.as_str());
    assert_eq!(found, expected, "message: {message}, fields: {fields:?}");
}

fn operation(record: Record) -> Operation {
    *attribute(record).context.operation.expect("an operation")
}

#[test]
fn fields_name_trace_span_and_parent_in_every_container() {
    for (trace, span) in [
        ("trace_id", "span_id"),
        ("traceId", "spanId"),
        ("contextMap.traceId", "contextMap.spanId"),
        ("mdc.traceId", "mdc.spanId"),
        ("@tr", "@sp"),
        ("TraceId", "SpanId"),
        ("trace.id", "span.id"),
        ("trace.id", "transaction.id"),
        ("otelTraceID", "otelSpanID"),
        ("logging.googleapis.com/trace", "logging.googleapis.com/spanId"),
        ("elasticapm_trace_id", "elasticapm_transaction_id"),
        ("span.trace_id", "span.span_id"),
        ("X-B3-TraceId", "X-B3-SpanId"),
        ("SpanContext.TraceID", "SpanContext.SpanID"),
        ("dt.trace_id", "dt.span_id"),
    ] {
        check("", &[(trace, T), (span, S)], (T, S, ""));
    }
    check("", &[("mdc.traceId", T), ("mdc.spanId", S), ("mdc.parentId", P)], (T, S, P));
    let scopes = [("Scopes.0.SpanId", S), ("Scopes.0.TraceId", T), ("Scopes.0.ParentId", P)];
    check("", &scopes, (T, S, P));
    check("", &[("operation_Id", T), ("operation_ParentId", P), ("id", S)], (T, S, P));
}

#[test]
fn records_of_spans_call_their_id_just_id() {
    let fields = [("traceId", T), ("parentId", P), ("id", S), ("kind", "CLIENT")];
    check("", &fields, (T, S, P));
    let root = [("traceId", T), ("id", S), ("localEndpoint.serviceName", "checkout")];
    check("", &root, (T, S, ""));
    check("", &[("traceId", T), ("id", S)], (T, "", ""));
    check("", &[("traceId", T), ("spanId", S), ("parentId", "5521")], (T, S, ""));
}

#[test]
fn datadog_writes_decimals() {
    let (trace, span) = ("1823041341494942995", "13951875289793649960");
    check("", &[("dd.trace_id", trace), ("dd.span_id", span)], (T64, S, ""));
    check("", &[("dd_trace_id", trace), ("dd_span_id", span)], (T64, S, ""));
    check("", &[("named_tags.dd.trace_id", T), ("named_tags.dd.span_id", span)], (T, S, ""));
    let numbers =
        [("dd.trace_id", "#1823041341494942995"), ("dd.span_id", "#13951875289793649960")];
    check("", &numbers, (T64, S, ""));
    let tags = [("dd.trace_id", trace), ("_dd.p.tid", "7b2f9c41d05e83a6")];
    check("", &tags, (T, "", ""));
    check("", &[("dd.trace_id", "0"), ("dd.span_id", "0")], ("", "", ""));
    check(
        "",
        &[("x-datadog-trace-id", trace), ("x-datadog-parent-id", "4503830213067732300")],
        (T64, "", P),
    );
}

#[test]
fn a_whole_id_wins_over_its_low_half() {
    check("", &[("dd.trace_id", "1823041341494942995"), ("trace_id", T)], (T, "", ""));
    check("", &[("trace_id", "req-8841"), ("otel.trace_id", T)], (T, "", ""));
}

#[test]
fn a_stream_that_wrote_decimals_goes_on_with_them() {
    let mut attributor = Attributor::new(&Arc::from("a.log"));
    let mut trace = |value: &str| {
        attributor.attribute(record("", &[("trace_id", value)])).context.trace_id.expect("an id")
    };
    assert_eq!(trace("1234567812345678").value(), 0x1234_5678_1234_5678);
    assert_eq!(trace("1823041341494942995").to_string(), T64);
    assert_eq!(trace("1234567812345678").value(), 1_234_567_812_345_678);
}

#[test]
fn where_no_id_is_there_is_none() {
    for value in ["", "-", "0", "null", "00000000000000000000000000000000", "%X{traceId}", "N/A"] {
        check("started", &[("traceId", value), ("spanId", value)], ("", "", ""));
    }
    check("", &[("trace", "true")], ("", "", ""));
    check(
        "",
        &[("trace", "java.io.IOException: reset\n\tat pay.Charge.run(Charge.java:17)")],
        ("", "", ""),
    );
    check("", &[("transaction_id", S), ("event_id", T), ("request_id", T)], ("", "", ""));
    check("", &[("tid", "71"), ("links.0.traceId", T), ("Parent.TraceID", T)], ("", "", ""));
}

#[test]
fn headers_are_read_under_their_names() {
    let header = format!("00-{T}-{P}-01");
    check("", &[("request.headers.Traceparent", &header)], (T, "", P));
    check("", &[("captured", &header)], (T, "", P));
    check("", &[("traceparent", &header), ("span_id", S)], (T, S, P));
    check("", &[("traceparent", &header), ("span.kind", "client")], (T, P, ""));
    check("", &[("activityid", &format!("00-{T}-{S}-01"))], (T, S, ""));
    check("", &[("traceId", &format!("00-{T}-{S}-01"))], (T, S, ""));
    check("", &[("b3", &format!("{T}-{S}-1-{P}"))], (T, S, P));
    check("", &[("uber-trace-id", &format!("{T}:{P}:0:1"))], (T, "", P));
    let amazon = "Root=1-7b2f9c41-d05e83a6194cbe70f2a85d13;Parent=3e80d1b76a92f54c;Sampled=1";
    check("", &[("X-Amzn-Trace-Id", amazon)], (T, "", P));
    check("", &[("xray_trace_id", "1-7b2f9c41-d05e83a6194cbe70f2a85d13")], (T, "", ""));
    let google = format!("projects/shop-p/traces/{T}");
    check("", &[("logging.googleapis.com/trace", &google)], (T, "", ""));
    check("", &[("X-Cloud-Trace-Context", &format!("{T}/4503830213067732300;o=1"))], (T, "", P));
    check("", &[("sentry-trace", &format!("{T}-{P}-1"))], (T, "", P));
    check("", &[("operation_Id", &format!("|{T}.{S}."))], (T, "", ""));
}

#[test]
fn messages_name_context_too() {
    check(&format!("declined trace_id={T} span_id={S}"), &[], (T, S, ""));
    check(&format!("TraceID: {T} SpanID: {S} order accepted"), &[], (T, S, ""));
    check(&format!("[trace_id={T} span_id={S} trace_sampled=True] - x"), &[], (T, S, ""));
    check(&format!("traceId={T}, parentId={P}, spanId={S}, sampled=true"), &[], (T, S, P));
    check(&format!("Trace ID : {T} Parent span ID: {P} span id: {S}"), &[], (T, S, P));
    check(&format!("failed (trace {T})"), &[], (T, "", ""));
    check(&format!("x {{\"traceId\": \"{T}\", \"spanId\":\"{S}\"}}"), &[], (T, S, ""));
    check(
        "[dd.service=x dd.trace_id=1823041341494942995 dd.span_id=13951875289793649960]",
        &[],
        (T64, S, ""),
    );
    check(
        &format!("=> SpanId:{S}, TraceId:{T}, ParentId:{P} => RequestPath:/charge"),
        &[],
        (T, S, P),
    );
    check(&format!("slow acquirer traceparent=00-{T}-{P}-01"), &[], (T, "", P));
    check(&format!("SELECT 1 /*traceparent='00-{T}-{P}-01'*/"), &[], (T, "", P));
    check(&format!("got {{'traceparent': b'00-{T}-{P}-01'}}"), &[], (T, "", P));
    check(&format!("sending POST with traceparent: 00-{T}-{S}-01"), &[], (T, S, ""));
    check(
        "Span reported: 194cbe70f2a85d13:c19f04a7e6b35d28:3e80d1b76a92f54c:1 - reserveStock",
        &[],
        (T64, S, P),
    );
    check(&format!("paid NR-LINKING|guid|host|{T}|{S}|payments|"), &[], (T, S, ""));
    check(&format!("see projects/shop-p/traces/{T} there"), &[], (T, "", ""));
    check(
        "XRAY TraceId: 1-7b2f9c41-d05e83a6194cbe70f2a85d13\tSegmentId: c19f04a7e6b35d28\tSampled: true",
        &[],
        (T, S, ""),
    );
    check("h Root=1-7b2f9c41-d05e83a6194cbe70f2a85d13;Parent=3e80d1b76a92f54c", &[], (T, "", P));
    check(&format!("elasticapm transaction.id={S} trace.id={T} span.id=None"), &[], (T, S, ""));
}

#[test]
fn kafka_dumps_headers_as_bytes() {
    let bytes: Vec<String> =
        format!("00-{T}-{P}-01").bytes().map(|byte| byte.to_string()).collect();
    let message = format!(
        "received ConsumerRecord(topic = orders, headers = [RecordHeader(key = traceparent, value = [{}])])",
        bytes.join(", ")
    );
    check(&message, &[], (T, "", P));
}

#[test]
fn skywalking_hashes_whole_ids() {
    let trace = "5d1f0b7c9a264e38b0c4f7e2918a6d53.62.17952534152500001";
    let segment = "a80e3d6172f94c5bb81d07c2e95f4a36.71.17952534152510004";
    let expected = ("ec11fead8e896b52958d1a3e1bfda6f9", "9c557a21649449e1", "");
    let message = format!("[SW_CTX:[payments,9f3c@10.4.0.7,{trace},{segment},0]] charge accepted");
    check(&message, &[], expected);
    check("", &[("traceId", trace), ("segmentId", segment), ("spanId", "0")], expected);
    check(&format!("[TID:{trace}] x"), &[], (expected.0, "", ""));
    check("[TID: N/A] x", &[], ("", "", ""));
    check("[SW_CTX:[payments,9f3c,N/A,N/A,-1]] idle", &[], ("", "", ""));
}

#[test]
fn an_unnamed_row_of_digits_is_no_trace() {
    for message in [
        format!("md5 {T}"),
        format!("upload {T} done, tracing {T}"),
        format!("stack trace follows for {T}"),
        format!("spanning 3 nodes: {S}"),
        "trace: on, span: 12".to_owned(),
    ] {
        check(&message, &[], ("", "", ""));
    }
}

#[test]
fn a_message_never_contradicts_a_field() {
    let other = "11111111111111111111111111111111";
    check(&format!("linked to trace_id={other} span_id={P}"), &[("trace_id", T)], (T, "", ""));
    check(
        &format!("linked to trace_id={other} span_id={P}"),
        &[("trace_id", T), ("span_id", S)],
        (T, S, ""),
    );
    check(
        &format!("from traceparent=00-{T}-{P}-01"),
        &[("trace_id", T), ("span_id", S)],
        (T, S, P),
    );
}

#[test]
fn elastic_spans_hang_under_their_transaction() {
    check("", &[("trace.id", T), ("transaction.id", P), ("span.id", S)], (T, S, P));
    check(
        "",
        &[
            ("trace.id", T),
            ("transaction.id", P),
            ("span.id", S),
            ("parent.id", "1111111111111111"),
        ],
        (T, S, "1111111111111111"),
    );
}

#[test]
fn a_span_is_not_its_own_parent() {
    check("", &[("trace_id", T), ("span_id", S), ("parent_span_id", S)], (T, S, ""));
}

#[test]
fn a_uuid_of_a_request_stands_for_its_trace_with_doubt() {
    let request = "5a0c1d7e-93b4-4d0f-8e21-c6b7f0a45d92";
    for (message, field) in [
        ("", Some("request_id")),
        ("", Some("x-request-id")),
        ("", Some("correlationId")),
        ("request_id=5a0c1d7e-93b4-4d0f-8e21-c6b7f0a45d92 sent", None),
    ] {
        let fields: Vec<_> = field.iter().map(|name| (*name, request)).collect();
        let context = entry(message, &fields).context;
        assert_eq!(
            context.trace_id.expect("an id").to_string(),
            "5a0c1d7e93b44d0f8e21c6b7f0a45d92"
        );
        let attribution = context.attribution.expect("an attribution");
        assert_eq!(attribution.basis, AttributionBasis::Stated);
        assert!(attribution.confidence < 1.0);
    }
    check("", &[("request_id", request), ("trace_id", T)], (T, "", ""));
    for counter in ["req-1", "7", "0HN8E2RK1V4JQ:00000003", "GF4Q2mXb"] {
        check("", &[("request_id", counter)], ("", "", ""));
    }
}

#[test]
fn the_service_is_the_first_that_says_something() {
    #[track_caller]
    fn check_service(path: &str, stated: Option<&str>, fields: &[(&str, &str)], expected: &str) {
        let record = Record { service: stated.map(str::to_owned), ..record("", fields) };
        let entry = Attributor::new(&Arc::from(path)).attribute(record);
        assert_eq!(entry.context.service, expected, "path: {path}, fields: {fields:?}");
    }
    let pod = "logs/33.33.33.79/ts-travel-service-64469b5b48-25zj6_server.log";
    check_service(pod, None, &[], "ts-travel-service");
    check_service(pod, Some("travel"), &[], "travel");
    check_service(pod, None, &[("service.name", "travel")], "travel");
    check_service("a.log", None, &[("app", "cart"), ("otelServiceName", "checkout")], "checkout");
    check_service(
        "a.log",
        None,
        &[("service", "12ms"), ("application", "unknown_service:java")],
        "a",
    );
    check_service(
        "a.log",
        None,
        &[
            ("kubernetes.pod_name", "payments-7c5d9b6f48-q8zvn"),
            ("kubernetes.container_name", "app"),
        ],
        "payments",
    );
    check_service("a.log", None, &[("hostname", "checkout-6d9f7c5b84-x2kqp")], "checkout");
    check_service("a.log", Some("com.shop.pay.Charge"), &[], "a");
    check_service("app.log", None, &[], "unknown:app");
}

#[test]
fn instance_and_host_come_from_record_or_path() {
    let path: Arc<str> = Arc::from("b.tar.gz!/logs/33.33.33.79/price-76846864d9-g465z_server.log");
    let context = Attributor::new(&path).attribute(record("", &[])).context;
    assert_eq!(context.instance.as_deref(), Some("price-76846864d9-g465z"));
    assert_eq!(context.host.as_deref(), Some("33.33.33.79"));
    let stated = Record { host: Some("n1".to_owned()), ..record("", &[]) };
    assert_eq!(Attributor::new(&path).attribute(stated).context.host.as_deref(), Some("n1"));
}

#[test]
fn keys_come_from_fields_and_message() {
    let fields = [
        ("orderId", "ORD-5521"),
        ("user.id", "#42"),
        ("tenant", "acme"),
        ("password_id", "pw-12345"),
        ("trace_id", T),
        ("url.path", "/carts/77/items/A-19"),
    ];
    let context = entry("charged ORD-5521 for [TripId: G1237]", &fields).context;
    let found: Vec<_> =
        context.keys.iter().map(|key| format!("{}={}", key.name, key.value)).collect();
    let expected = [
        "order_id=ORD-5521",
        "user_id=42",
        "tenant=acme",
        "cart_id=77",
        "item_id=A-19",
        "trip_id=G1237",
    ];
    assert_eq!(found, expected);
}

#[test]
fn at_most_64_keys_are_kept() {
    use std::fmt::Write as _;
    let mut message = String::new();
    for number in 0..200 {
        write!(message, "order_id=ORD-{number}00 ").expect("writing to a string");
    }
    assert_eq!(entry(&message, &[]).context.keys.len(), 64);
}

#[test]
fn a_request_over_http_is_an_operation() {
    let fields =
        [("method", "GET"), ("path", "/stock/A-19"), ("status", "#503"), ("duration_ms", "#12.3")];
    let found = operation(record("Request Completed", &fields));
    assert_eq!(found.name.as_deref(), Some("GET /stock/A-19"));
    assert_eq!(found.kind, Some(SpanKind::Server));
    assert_eq!(found.status, Some(SpanStatus::Error));
    assert_eq!(found.duration, Some(12_300_000));
    assert_eq!(found.mark, Some(Mark::End));
}

#[test]
fn a_duration_of_unknown_unit_is_not_taken() {
    let fields = [("method", "GET"), ("path", "/x"), ("status", "#200"), ("duration", "#12")];
    assert_eq!(operation(record("done", &fields)).duration, None);
    let caddy = Record { format: Arc::from("caddy"), ..record("done", &fields) };
    assert_eq!(operation(caddy).duration, Some(12_000_000_000));
    let text = [("method", "GET"), ("path", "/x"), ("status", "#200"), ("duration", "12.3ms")];
    assert_eq!(operation(record("done", &text)).duration, Some(12_300_000));
}

#[test]
fn a_record_that_speaks_of_no_operation_has_none() {
    for fields in [
        &[("status", "#200"), ("duration_ms", "#3")][..],
        &[("method", "charge")],
        &[("kind", "fruit")],
    ] {
        assert_eq!(entry("cache refreshed", fields).context.operation, None, "fields: {fields:?}");
    }
}

#[test]
fn a_proxy_before_the_caller_speaks_for_the_caller() {
    let header = format!("00-{T}-{S}-01");
    let fields = [
        ("method", "GET"),
        ("path", "/stock/A-19"),
        ("response_code", "#200"),
        ("duration", "#12"),
        ("authority", "inventory:8080"),
        ("traceparent", &header),
        ("upstream_cluster", "outbound|8080||inventory.shop.svc.cluster.local"),
    ];
    let record = Record { format: Arc::from("envoy-json"), ..record("", &fields) };
    let entry = attribute(record);
    let found = entry.context.operation.expect("an operation");
    assert_eq!((found.kind, found.peer.as_deref()), (Some(SpanKind::Client), Some("inventory")));
    assert_eq!((found.duration, found.mark), (Some(12_000_000), Some(Mark::Start)));
    assert_eq!(entry.context.span_id, None, "the header's span is not the proxy's");
    assert_eq!(field::find(&entry.record.fields, "remote_span"), Some(&Value::Text(S.to_owned())));
}

#[test]
fn a_header_that_contradicts_the_stated_parent_is_kept_beside_it() {
    let header = format!("00-{T}-{S}-01");
    let remote = |parent: &str| {
        let fields = [("trace_id", T), ("span_id", P), ("parent_span_id", parent)];
        let fields = [&fields[..], &[("traceparent", &header)]].concat();
        let entry = attribute(record("", &fields));
        field::find(&entry.record.fields, "remote_span").cloned()
    };
    assert_eq!(remote("1122334455667788"), Some(Value::Text(S.to_owned())));
    assert_eq!(remote(S), None);
}

#[test]
fn a_span_that_closes_was_busy_and_idle_all_its_time() {
    let fields = [("time.busy", "11.2ms"), ("time.idle", "812µs"), ("span.name", "reserve")];
    let found = operation(record("close", &fields));
    assert_eq!((found.name.as_deref(), found.duration), (Some("reserve"), Some(12_012_000)));
    assert_eq!(found.mark, Some(Mark::End));
}

#[test]
fn a_record_with_both_ends_is_a_whole_span() {
    let fields = [
        ("name", "charge"),
        ("kind", "#2"),
        ("status.code", "#2"),
        ("startTimeUnixNano", "1795253415250000000"),
        ("endTimeUnixNano", "1795253415262000000"),
    ];
    let found = operation(record("", &fields));
    assert_eq!((found.name.as_deref(), found.kind), (Some("charge"), Some(SpanKind::Server)));
    assert_eq!((found.duration, found.mark), (Some(12_000_000), Some(Mark::Start)));
    assert_eq!(found.status, Some(SpanStatus::Error));
    let started = [("SpanStartTimestamp", "2026-11-21T09:30:15.2300000Z"), ("SpanKind", "Server")];
    let found = operation(record("HTTP POST /charge", &started));
    assert_eq!((found.duration, found.mark), (Some(20_000_000), Some(Mark::End)));
}

#[test]
fn a_call_by_grpc_is_named_by_service_and_method() {
    let fields = [
        ("grpc.service", "shop.Stock"),
        ("grpc.method", "Reserve"),
        ("grpc.code", "OK"),
        ("grpc.time_ms", "12.5"),
        ("grpc.component", "client"),
    ];
    let found = operation(record("finished call", &fields));
    assert_eq!(
        (found.name.as_deref(), found.kind),
        (Some("shop.Stock/Reserve"), Some(SpanKind::Client))
    );
    assert_eq!((found.status, found.duration), (Some(SpanStatus::Ok), Some(12_500_000)));
}

proptest! {
    #[test]
    fn any_record_becomes_an_entry_and_what_it_says_is_kept(
        message in "\\PC{0,80}|(trace_?id|span|[=: \"'\\[{,]|[0-9a-f-]{0,40}|traceparent|TID:|b3=|SW_CTX:\\[){0,12}",
        name in "[a-zA-Z_.@-]{0,16}|trace_id|b3|traceparent|duration",
        value in "\\PC{0,40}|[0-9a-f|.:=-]{0,60}",
    ) {
        let record = record(&message, &[(&name, &value)]);
        let mut entry = attribute(record.clone());
        let added = entry.record.fields.split_off(record.fields.len());
        prop_assert_eq!(&entry.record.fields, &record.fields);
        prop_assert!(added.iter().all(|field| field::find(&record.fields, &field.name).is_none()));
        prop_assert!(entry.record.raw == record.raw && entry.record.time == record.time);
        prop_assert!(record.message.starts_with(&entry.record.message));
        let context = &entry.context;
        prop_assert!(context.keys.len() <= 64);
        prop_assert!(context.trace_id.is_some() == context.attribution.is_some());
        prop_assert!(context.parent_span_id.is_none() || context.parent_span_id != context.span_id);
        prop_assert!(!context.service.is_empty());
    }
}
