//! Which part of trace context a field's name speaks of.
//!
//! Only the last part of a nested name and the one before it count, so that a context may
//! be nested in any container (`mdc`, `contextMap`, `spans.0`, `headers` …).

use crate::context::carrier::Carrier;

/// A part of trace context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The request's id.
    Trace(Reading),
    /// The writer's span.
    Span(Reading),
    /// The parent of the writer's span.
    Parent(Reading),
    /// Elastic's transaction: the service's topmost span.
    Transaction,
    /// `SkyWalking`'s or X-Ray's segment.
    Segment,
    /// The high half of a Datadog trace id.
    HighHalf,
    /// A bare `id`: the span's in records of spans, anything elsewhere.
    BareId,
    /// A name or field that only records of whole spans have.
    SpanSchema,
    /// A header.
    Carrier(Carrier),
    /// A request id that may stand for a trace id.
    Request,
    /// Whether the request is sampled.
    Flags,
    /// What the next reference of a Jaeger span is: its parent, or what it only follows.
    ReferenceType,
    /// The span that a Jaeger span refers to.
    Reference,
    /// The place of the call among those of the request: `0.1.2`.
    CallPath,
}

/// How strictly a value is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// The name is unmistakable: any id is taken.
    Open,
    /// The name has other meanings: only ids of full width are taken.
    Strict,
    /// Datadog's: digits are decimal.
    Datadog,
    /// A name that is a thread's elsewhere: only `SkyWalking`'s form is taken.
    SkyWalking,
}

/// Prefixes that say where a context was kept, without their separators.
const PREFIXES: [&str; 20] = [
    "httprequestheader",
    "reqheaders",
    "mdc",
    "ctx",
    "context",
    "attributes",
    "extra",
    "labels",
    "elasticapm",
    "otel",
    "dd",
    "dt",
    "sentry",
    "datadog",
    "http",
    "googclient",
    "ce",
    "x",
    "ai",
    "sofa",
];

/// The part that a name speaks of, if any.
pub(super) fn role(name: &str) -> Option<Role> {
    let mut parts = name.rsplit(['.', '/']);
    let last = normalised(parts.next()?);
    let container = parts.find(|part| !is_index(part)).map(normalised).unwrap_or_default();
    match (container.as_str(), last.as_str()) {
        ("references", "reftype") => return Some(Role::ReferenceType),
        ("references", "spanid") => return Some(Role::Reference),
        _ if is_link(name) => return None,
        _ => {}
    }
    if let Some(role) = nested(&container, &last, name) {
        return role;
    }
    let is_datadog = matches!(container.as_str(), "dd" | "datadog");
    stripped(&last, is_datadog, name)
}

/// Tries the name, then the name without its prefixes, two at most.
fn stripped(last: &str, mut is_datadog: bool, name: &str) -> Option<Role> {
    let mut rest = last;
    let mut is_elastic = false;
    for _ in 0..3 {
        if is_elastic && rest == "transactionid" {
            return Some(Role::Transaction);
        }
        if let Some(role) = plain(rest, is_datadog) {
            // A bare `id` speaks of a span at the top of a record only.
            return (role != Role::BareId || rest.len() == name.len()).then_some(role);
        }
        let prefix = PREFIXES.iter().find(|prefix| rest.starts_with(**prefix))?;
        is_datadog |= matches!(*prefix, "dd" | "datadog");
        is_elastic |= *prefix == "elasticapm";
        rest = &rest[prefix.len()..];
    }
    None
}

/// Pairs of container and name. The outer none: not one of these pairs.
#[expect(clippy::option_option, reason = "a pair may be known to mean nothing")]
fn nested(container: &str, last: &str, name: &str) -> Option<Option<Role>> {
    Some(match (container, last) {
        ("parent" | "parentspancontext", "spanid") | ("trace" | "operation", "parentid") => {
            Some(Role::Parent(Reading::Open))
        }
        ("parent" | "parentspancontext", _) if last != "id" => None,
        ("parent", "id") => Some(Role::Parent(Reading::Strict)),
        ("trace" | "operation", "id") => Some(Role::Trace(Reading::Strict)),
        ("span", "id") => Some(Role::Span(Reading::Strict)),
        ("transaction", "id") => Some(Role::Transaction),
        ("trace", "parent") => Some(Role::Carrier(Carrier::TraceParent)),
        ("request", "id") => Some(Role::Request),
        ("localendpoint", _) => Some(Role::SpanSchema),
        ("p", "tid") if name.ends_with("_dd.p.tid") => Some(Role::HighHalf),
        _ => return None,
    })
}

/// A name without prefix.
fn plain(name: &str, is_datadog: bool) -> Option<Role> {
    let open = if is_datadog { Reading::Datadog } else { Reading::Open };
    Some(match name {
        "traceid" | "tracetraceid" | "b3traceid" | "xraytraceid" | "roottraceid"
        | "globaltraceid" | "ptxid" | "eagleeyetraceid" | "spancontexttraceid"
        | "contexttraceid" | "ottracertraceid" | "instanat" => Role::Trace(open),
        "trace" | "tr" | "operationid" | "rootid" => Role::Trace(Reading::Strict),
        "tid" => Role::Trace(Reading::SkyWalking),
        "spanid" | "tracespanid" | "b3spanid" | "spancontextspanid" | "contextspanid"
        | "ottracerspanid" | "instanas" | "pspanid" => Role::Span(open),
        "sp" => Role::Span(Reading::Strict),
        "parentspanid"
        | "traceparentid"
        | "b3parentspanid"
        | "operationparentid"
        | "parentspancontextspanid" => Role::Parent(open),
        "parentid" if is_datadog => Role::Parent(open),
        "parentid" | "parentspan" => Role::Parent(Reading::Strict),
        "segmentid" => Role::Segment,
        "id" => Role::BareId,
        "starttimeunixnano" | "spanstarttimestamp" => Role::SpanSchema,
        "traceparent" | "diagnosticid" => Role::Carrier(Carrier::TraceParent),
        "activityid" => Role::Carrier(Carrier::Activity),
        "b3" => Role::Carrier(Carrier::B3),
        "ubertraceid" => Role::Carrier(Carrier::Uber),
        "amzntraceid" | "awstraceheader" | "awsxraytraceid" => Role::Carrier(Carrier::Amazon),
        "cloudtracecontext" => Role::Carrier(Carrier::Google),
        "sentrytrace" => Role::Carrier(Carrier::Sentry),
        "sw8" => Role::Carrier(Carrier::SkyWalking),
        "grpctracebin" => Role::Carrier(Carrier::Grpc),
        "rpcid" => Role::CallPath,
        "newrelic" => Role::Carrier(Carrier::NewRelic),
        "honeycombtrace" => Role::Carrier(Carrier::Honeycomb),
        "traceflags" | "sampled" | "tracesampled" | "b3sampled" | "spanexport"
        | "spanexportable" | "exportable" | "oteltracesampled" | "ottracersampled" => Role::Flags,
        "requestid" | "reqid" | "correlationid" | "corrid" | "flowid" | "awsrequestid"
        | "functionrequestid" | "invocationid" | "msclientrequestid" => Role::Request,
        _ => return None,
    })
}

/// Names inside links and references speak of other requests.
pub(super) fn is_link(name: &str) -> bool {
    name.split(['.', '/']).any(|part| {
        matches!(part, "link" | "links" | "Links" | "references" | "refs" | "span_links" | "_MS")
    })
}

fn is_index(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Lower case without separators.
fn normalised(part: &str) -> String {
    part.chars()
        .filter(|character| !matches!(character, '_' | '-' | ':' | '@' | ' '))
        .map(|character| character.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests;
