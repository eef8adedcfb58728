//! Who calls whom, how often, how long, how well; and who waits on whom.
//!
//! A service is called by a span whose nearest logging ancestor is of another service, or
//! that has none: then the call came from outside. A span that logged nothing is looked
//! through. A call that only its caller's line knows, because the callee logs nothing, goes
//! to the peer that the line names. Waiting is measured on critical paths: while a span
//! holds its request up, every caller above it waits.
//!
//! Counts are sums, so that the order of requests does not matter.

mod builder;
mod names;
mod observed;
pub mod series;

pub use builder::Builder;
pub use observed::Observed;

use crate::analysis::map::series::{Count, Series};
use crate::model::id::TraceId;
use crate::model::time::Timestamp;

/// All services that were seen, and the calls between them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map {
    /// How many requests were looked at.
    pub requests: u64,
    /// The first and last moment of any of them.
    pub extent: Option<(Timestamp, Timestamp)>,
    /// Nanoseconds that all requests took together: the length of their critical paths.
    pub path: i64,
    /// Periods of every series are two to this power of seconds long.
    pub doublings: u32,
    /// The services by name.
    pub services: Vec<Service>,
    /// The calls between services, by caller (none first) and callee.
    pub edges: Vec<Edge>,
}

/// A service.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Whether it logged anything; if not, it is known from its callers' lines.
    pub logs: bool,
    /// Calls of it from outside of it.
    pub flow: Flow,
    /// Nanoseconds for which it held requests up itself.
    pub held_up: i64,
    /// Its operations by name, also those it calls itself.
    pub operations: Vec<Operation>,
}

/// An operation of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Its name, with values masked.
    pub name: String,
    /// Its calls.
    pub flow: Flow,
    /// Nanoseconds for which it held requests up itself.
    pub held_up: i64,
}

/// Calls from one service to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// The calling service, by its place in [`Map::services`]; none for calls from outside.
    pub caller: Option<usize>,
    /// The service that was called.
    pub callee: usize,
    /// The calls.
    pub flow: Flow,
    /// How the calls are known.
    pub known: Known,
    /// Nanoseconds for which requests waited for the callee, or for what it called.
    pub waited: i64,
    /// The same by operation: the caller's (none from outside) and the callee's.
    pub operations: Vec<OperationEdge>,
}

/// Calls from one operation to another.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationEdge {
    /// The caller's operation.
    pub caller: Option<String>,
    /// The callee's operation.
    pub callee: String,
    /// The calls.
    pub flow: Flow,
    /// How the calls are known.
    pub known: Known,
    /// Nanoseconds for which requests waited.
    pub waited: i64,
}

/// How calls are known.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Known {
    /// Calls that lines state.
    pub stated: u64,
    /// Calls that were inferred.
    pub inferred: u64,
    /// The lowest confidence of an inferred one.
    pub least_sure: Option<f32>,
}

impl Known {
    fn merge(&mut self, other: Self) {
        self.stated += other.stated;
        self.inferred += other.inferred;
        self.least_sure = match (self.least_sure, other.least_sure) {
            (Some(one), Some(another)) => Some(one.min(another)),
            (one, another) => one.or(another),
        };
    }
}

/// Calls over time, with the requests to look at first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Flow {
    /// The calls.
    pub series: Series,
    /// All calls of the series, once the map is made.
    pub total: Count,
    /// The longest call and its request.
    pub slowest: Option<(i64, TraceId)>,
    /// The latest call that failed and its request; one without a time counts as earliest.
    pub failed: Option<(Option<Timestamp>, TraceId)>,
}

impl Flow {
    fn add(&mut self, call: &Call) {
        self.series.add(call.start, call.duration, call.failed);
        let slowest = call.duration.map(|duration| (duration, call.request));
        self.slowest = self.slowest.max(slowest);
        let failed = call.failed.then_some((call.start, call.request));
        self.failed = self.failed.max(failed);
    }

    fn merge(&mut self, other: &Self) {
        self.series.merge(&other.series);
        self.slowest = self.slowest.max(other.slowest);
        self.failed = self.failed.max(other.failed);
    }
}

/// One call.
#[derive(Debug, Clone, Copy)]
struct Call {
    request: TraceId,
    start: Option<Timestamp>,
    duration: Option<i64>,
    failed: bool,
}

#[cfg(test)]
mod tests;
