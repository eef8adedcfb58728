//! Names and what they speak of.

use super::*;

#[track_caller]
fn check(names: &[&str], expected: Option<Role>) {
    for name in names {
        assert_eq!(role(name), expected, "name: {name}");
    }
}

#[test]
fn trace_ids_are_known_in_every_container() {
    let names = [
        "traceId",
        "trace_id",
        "TraceID",
        "traceID",
        "mdc.traceId",
        "contextMap.traceId",
        "span.trace_id",
        "spans.0.trace_id",
        "Scopes.0.TraceId",
        "contexts.trace.trace_id",
        "X-B3-TraceId",
        "x_b3_traceid",
        "otelTraceID",
        "ElasticApmTraceId",
        "dt.trace_id",
        "elasticapm_trace_id",
        "xray_trace_id",
        "record.extra.trace_id",
        "_trace_id",
        "SpanContext.TraceID",
        "headers.x-b3-traceid",
        "X-INSTANA-T",
        "ot-tracer-traceid",
        "PtxId",
    ];
    check(&names, Some(Role::Trace(Reading::Open)));
    let names = ["dd.trace_id", "dd_trace_id", "named_tags.dd.trace_id", "x-datadog-trace-id"];
    check(&names, Some(Role::Trace(Reading::Datadog)));
    let names = [
        "logging.googleapis.com/trace",
        "trace",
        "trace.id",
        "@tr",
        "operation_Id",
        "ai.operation.id",
    ];
    check(&names, Some(Role::Trace(Reading::Strict)));
    check(&["tid", "mdc.tid"], Some(Role::Trace(Reading::SkyWalking)));
}

#[test]
fn spans_and_parents_too() {
    check(
        &["spanId", "logging.googleapis.com/spanId", "otelSpanID", "context.span_id"],
        Some(Role::Span(Reading::Open)),
    );
    check(&["span.id", "@sp"], Some(Role::Span(Reading::Strict)));
    check(
        &["transaction.id", "elasticapm_transaction_id", "ElasticApmTransactionId"],
        Some(Role::Transaction),
    );
    check(
        &[
            "parentSpanId",
            "trace.parent_id",
            "operation_ParentId",
            "Parent.SpanID",
            "parentSpanContext.spanId",
        ],
        Some(Role::Parent(Reading::Open)),
    );
    check(
        &["parentId", "ParentId", "parent.id", "mdc.parentId"],
        Some(Role::Parent(Reading::Strict)),
    );
}

#[test]
fn headers_are_known_by_name() {
    check(
        &[
            "traceparent",
            "req.headers.Traceparent",
            "http.request.header.traceparent",
            "elastic-apm-traceparent",
            "trace-parent",
            "Diagnostic-Id",
        ],
        Some(Role::Carrier(Carrier::TraceParent)),
    );
    check(&["uber-trace-id", "uber_trace_id"], Some(Role::Carrier(Carrier::Uber)));
    check(&["X-Amzn-Trace-Id", "AWSTraceHeader"], Some(Role::Carrier(Carrier::Amazon)));
    check(&["X-Cloud-Trace-Context"], Some(Role::Carrier(Carrier::Google)));
    check(&["sentry-trace"], Some(Role::Carrier(Carrier::Sentry)));
}

#[test]
fn names_with_other_meanings_are_not_taken() {
    let names = [
        "transaction_id",
        "transactionId",
        "links.0.traceId",
        "trace.link.trace_id",
        "event_id",
        "Parent.TraceID",
        "order.id",
        "user.id",
        "span.name",
        "pid",
        "thread_id",
        "stack_trace",
        "level",
    ];
    check(&names, None);
}
