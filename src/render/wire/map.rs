//! The map of services: `logloom.map/1`.

use std::io;

use serde::Serialize;

use super::json;
use crate::analysis::map::series::{Count, Series};
use crate::analysis::map::{Edge, Flow, Known, Map, Operation, OperationEdge, Service};
use crate::render::map::PERCENTILES;

#[derive(Serialize)]
struct Answer<'a> {
    schema: &'static str,
    requests: u64,
    start: Option<String>,
    end: Option<String>,
    /// Critical paths of all requests together.
    path_nano: i64,
    period_seconds: i64,
    services: Vec<WireService<'a>>,
    edges: Vec<WireEdge<'a>>,
}

#[derive(Serialize)]
struct WireService<'a> {
    service: &'a str,
    logs: bool,
    held_up_nano: i64,
    #[serde(flatten)]
    flow: WireFlow,
    operations: Vec<WireOperation<'a>>,
}

#[derive(Serialize)]
struct WireOperation<'a> {
    operation: &'a str,
    held_up_nano: i64,
    #[serde(flatten)]
    flow: WireFlow,
}

#[derive(Serialize)]
struct WireEdge<'a> {
    caller: Option<&'a str>,
    callee: &'a str,
    #[serde(flatten)]
    known: WireKnown,
    waited_nano: i64,
    #[serde(flatten)]
    flow: WireFlow,
    operations: Vec<WireOperationEdge<'a>>,
}

#[derive(Serialize)]
struct WireOperationEdge<'a> {
    caller_operation: Option<&'a str>,
    callee_operation: &'a str,
    #[serde(flatten)]
    known: WireKnown,
    waited_nano: i64,
    #[serde(flatten)]
    flow: WireFlow,
}

#[derive(Serialize)]
struct WireKnown {
    stated: u64,
    inferred: u64,
    least_confidence: Option<f32>,
}

/// Calls, with the requests to look at first.
#[derive(Serialize)]
struct WireFlow {
    #[serde(flatten)]
    count: WireCount,
    slowest: Option<String>,
    failed: Option<String>,
    periods: Vec<WirePeriod>,
}

#[derive(Serialize)]
struct WireCount {
    calls: u64,
    errors: u64,
    error_share: f64,
    p50_nano: Option<i64>,
    p95_nano: Option<i64>,
    p99_nano: Option<i64>,
}

#[derive(Serialize)]
struct WirePeriod {
    start: String,
    #[serde(flatten)]
    count: WireCount,
}

/// Writes the map.
///
/// # Errors
/// When the writer fails.
pub fn json(out: &mut dyn io::Write, map: &Map) -> io::Result<()> {
    let answer = Answer {
        schema: "logloom.map/1",
        requests: map.requests,
        start: map.extent.map(|(start, _)| start.to_string()),
        end: map.extent.map(|(_, end)| end.to_string()),
        path_nano: map.path,
        period_seconds: 1 << map.doublings,
        services: map.services.iter().map(service).collect(),
        edges: map.edges.iter().map(|one| edge(map, one)).collect(),
    };
    json::write_line(out, &answer)
}

fn service(service: &Service) -> WireService<'_> {
    WireService {
        service: &service.name,
        logs: service.logs,
        held_up_nano: service.held_up,
        flow: flow(&service.flow),
        operations: service.operations.iter().map(operation).collect(),
    }
}

fn operation(operation: &Operation) -> WireOperation<'_> {
    WireOperation {
        operation: &operation.name,
        held_up_nano: operation.held_up,
        flow: flow(&operation.flow),
    }
}

fn edge<'a>(map: &'a Map, edge: &'a Edge) -> WireEdge<'a> {
    WireEdge {
        caller: edge.caller.map(|caller| map.services[caller].name.as_str()),
        callee: &map.services[edge.callee].name,
        known: known(edge.known),
        waited_nano: edge.waited,
        flow: flow(&edge.flow),
        operations: edge.operations.iter().map(operation_edge).collect(),
    }
}

fn operation_edge(edge: &OperationEdge) -> WireOperationEdge<'_> {
    WireOperationEdge {
        caller_operation: edge.caller.as_deref(),
        callee_operation: &edge.callee,
        known: known(edge.known),
        waited_nano: edge.waited,
        flow: flow(&edge.flow),
    }
}

const fn known(known: Known) -> WireKnown {
    WireKnown { stated: known.stated, inferred: known.inferred, least_confidence: known.least_sure }
}

fn flow(flow: &Flow) -> WireFlow {
    WireFlow {
        count: count(&flow.total),
        slowest: flow.slowest.map(|(_, request)| request.to_string()),
        failed: flow.failed.map(|(_, request)| request.to_string()),
        periods: periods(&flow.series),
    }
}

fn periods(series: &Series) -> Vec<WirePeriod> {
    let period = |(start, counted): (crate::model::time::Timestamp, &Count)| WirePeriod {
        start: start.to_string(),
        count: count(counted),
    };
    series.periods().map(period).collect()
}

fn count(count: &Count) -> WireCount {
    let [p50_nano, p95_nano, p99_nano] = PERCENTILES.map(|share| count.durations.quantile(share));
    WireCount {
        calls: count.calls,
        errors: count.errors,
        error_share: count.errors as f64 / (count.calls.max(1)) as f64,
        p50_nano,
        p95_nano,
        p99_nano,
    }
}
