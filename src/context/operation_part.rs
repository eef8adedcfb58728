//! Which names of fields speak of a whole operation.
//!
//! Bare words (`status`, `path`, `name`) are taken here too; whether the record is one that
//! speaks of an operation at all is weighed with all its fields.

use crate::context::duration::{self, Naming};
use crate::model::span::SpanKind;

/// What a field says of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Method,
    Route,
    Target,
    /// An HTTP status under a name of its own.
    Status,
    /// `code`, an HTTP status or an RPC's outcome.
    Code,
    /// `status` of a span: words, or OpenTelemetry's numbers.
    SpanStatus,
    Kind,
    RpcService,
    RpcMethod,
    RpcCode,
    SpanName,
    Name,
    Peer,
    SpanPeer,
    Cluster,
    Authority,
    Failed,
    Succeeded,
    /// `success` or `failure`.
    Outcome,
    Busy,
    Idle,
    StartNano,
    EndNano,
    StartTime,
    EndTime,
    /// The name of a span around the record.
    Spans,
    /// The names of all spans around it.
    Chain,
    /// Something that only records of calls of a database have.
    Database,
    /// Something that only records of messages have.
    Messaging,
    Duration(Naming),
}

/// Containers whose fields speak as if they stood alone.
const CONTAINERS: [&str; 8] =
    ["payload", "fields", "attributes", "extra", "properties", "contextmap", "httprequest", "tags"];

/// What a field of this name says of an operation, if anything.
pub(super) fn part(name: &str) -> Option<Part> {
    let mut sections = name.rsplit(['.', '/']);
    let last = plain(sections.next()?);
    let container = sections.next().map(plain).unwrap_or_default();
    let container = if CONTAINERS.contains(&container.as_str()) { "" } else { &container };
    let found = match (container, last.as_str()) {
        ("time", "busy") => Part::Busy,
        ("time", "idle") => Part::Idle,
        ("status", "code" | "statuscode") | ("otel", "statuscode") => Part::SpanStatus,
        ("span" | "otel" | "", "kind")
        | (_, "spankind" | "grpccomponent" | "itemtype")
        | ("grpc", "component") => Part::Kind,
        ("rpc" | "grpc", "service") => Part::RpcService,
        ("rpc" | "grpc", "method") | (_, "fullmethod") => Part::RpcMethod,
        ("rpc" | "grpc", "code" | "statuscode") | (_, "grpccode" | "grpcstatus") => Part::RpcCode,
        ("remoteendpoint", "servicename") | ("peer" | "servicepeer", "service" | "name") => {
            Part::Peer
        }
        ("span", "name") | (_, "operationname" | "displayname") => Part::SpanName,
        ("", "name") => Part::Name,
        ("http" | "req" | "request" | "response" | "", "method" | "verb")
        | (_, "httpmethod" | "requestmethod" | "csmethod") => Part::Method,
        ("http" | "", "route") | (_, "routepattern" | "urltemplate") | ("url", "template") => {
            Part::Route
        }
        ("url", "path" | "full")
        | ("http", "target" | "url")
        | ("req" | "request" | "", "path" | "uri" | "url")
        | (_, "requestpath" | "requesturi" | "csuristem" | "requesturl") => Part::Target,
        ("http" | "response" | "res" | "", "status" | "statuscode")
        | (_, "responsecode" | "httpstatus" | "scstatus" | "downstreamstatus" | "elbstatuscode") => {
            Part::Status
        }
        ("", "code") => Part::Code,
        ("", "target") => Part::SpanPeer,
        ("", "upstreamcluster") => Part::Cluster,
        ("", "authority") => Part::Authority,
        ("", "success") => Part::Succeeded,
        ("", "error" | "fault") => Part::Failed,
        ("event" | "", "outcome") => Part::Outcome,
        ("", "starttimeunixnano") => Part::StartNano,
        ("", "endtimeunixnano") => Part::EndNano,
        ("", "spanstarttimestamp" | "starttime" | "starttimestamp") => Part::StartTime,
        ("", "endtime") => Part::EndTime,
        ("spans", "name") => Part::Spans,
        ("tracing", "spans") => Part::Chain,
        ("db", _) | (_, "sql" | "sqlstate" | "commandtext") => Part::Database,
        ("messaging", _) => Part::Messaging,
        _ => return duration::naming(name).map(Part::Duration),
    };
    Some(found)
}

/// The kind of a span, in the words or numbers of OpenTelemetry and its like.
pub(super) fn kind(text: &str) -> Option<SpanKind> {
    let word = text.rsplit(['_', '.']).next()?.to_ascii_lowercase();
    Some(match word.as_str() {
        "internal" | "1" => SpanKind::Internal,
        "server" | "2" | "request" => SpanKind::Server,
        "client" | "3" | "dependency" => SpanKind::Client,
        "producer" | "4" => SpanKind::Producer,
        "consumer" | "5" => SpanKind::Consumer,
        _ => return None,
    })
}

fn plain(section: &str) -> String {
    section
        .chars()
        .filter(|character| !matches!(character, '_' | '-' | '@' | ' ' | ':'))
        .map(|character| character.to_ascii_lowercase())
        .collect()
}
