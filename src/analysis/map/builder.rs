//! Requests counted into a map, one at a time.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::names::Names;
use super::{Call, Edge, Flow, Known, Map, Observed, Operation, OperationEdge, Service};
use crate::analysis::critical_path::CriticalPath;
use crate::model::span::{EdgeBasis, ExtentBasis, Span, SpanIndex, SpanKind};
use crate::model::time::Timestamp;
use crate::model::trace::Trace;

/// Callers above a span that are told that they wait. Deeper chains of calls are broken ones.
const CALLERS_MAX: usize = 64;

/// Counts requests into a map.
#[derive(Debug, Default)]
pub struct Builder {
    names: Names,
    requests: u64,
    extent: Option<(Timestamp, Timestamp)>,
    path: i64,
    logging: BTreeSet<u32>,
    operations: HashMap<Place, Counted>,
    calls: HashMap<(Option<Place>, Place), CountedCall>,
}

/// A service and an operation of it, by their names' numbers.
type Place = (u32, u32);

/// One operation's calls.
#[derive(Debug, Default)]
struct Counted {
    flow: Flow,
    held_up: i64,
}

/// The calls from one operation to another.
#[derive(Debug, Default)]
struct CountedCall {
    flow: Flow,
    known: Known,
    waited: i64,
}

impl Builder {
    /// Counts a request.
    pub fn add(&mut self, request: &Observed) {
        let Observed { trace, failed, path } = request;
        self.requests += 1;
        let places: Vec<Place> = trace.spans.iter().map(|span| self.place(span)).collect();
        let mut ways = Vec::with_capacity(trace.spans.len());
        for (index, span) in trace.spans.iter().enumerate() {
            let call = Call {
                request: trace.id,
                start: span.start,
                duration: span.end.zip(span.start).map(|(end, start)| end - start),
                failed: failed[index],
            };
            self.widen(span);
            // A span stands behind its parent, whose way is known.
            ways.push(self.count(trace, SpanIndex(index), &places, &ways, &call));
        }
        self.count_silent_peers(trace, &places, failed, &mut ways);
        self.count_path(path, &places, &ways);
    }

    /// Counts a span and, if it was called from another service, the call.
    fn count(
        &mut self,
        trace: &Trace,
        index: SpanIndex,
        places: &[Place],
        ways: &[Way],
        call: &Call,
    ) -> Way {
        let span = trace.span(index);
        let above = span.parent.parent.map(|parent| &ways[parent.0]);
        if span.extent == ExtentBasis::Children {
            return above.cloned().unwrap_or_default();
        }
        let place = places[index.0];
        self.logging.insert(place.0);
        self.operations.entry(place).or_default().flow.add(call);
        let caller = above.and_then(|above| above.at);
        if caller.is_some_and(|caller| caller.0 == place.0) {
            return above.cloned().unwrap_or_default();
        }
        let key = (caller, place);
        let counted = self.calls.entry(key).or_default();
        counted.flow.add(call);
        counted.known.count(span);
        let mut callers = above.map(|above| above.callers.clone()).unwrap_or_default();
        if callers.len() < CALLERS_MAX && !callers.contains(&key) {
            callers.push(key);
        }
        Way { at: Some(place), callers }
    }

    /// Counts calls whose callee logged nothing: the caller's line names it.
    fn count_silent_peers(
        &mut self,
        trace: &Trace,
        places: &[Place],
        failed: &[bool],
        ways: &mut [Way],
    ) {
        let mut answered = vec![false; trace.spans.len()];
        for span in &trace.spans {
            if let Some(parent) = span.parent.parent
                && span.service != trace.span(parent).service
            {
                answered[parent.0] = true;
            }
        }
        for (index, span) in trace.spans.iter().enumerate() {
            let calls_out = matches!(span.kind, Some(SpanKind::Client | SpanKind::Producer));
            let Some(peer) = span.peer.as_deref().filter(|peer| *peer != span.service) else {
                continue;
            };
            if answered[index] || !calls_out {
                continue;
            }
            let callee = (self.names.number(peer), places[index].1);
            let call = Call {
                request: trace.id,
                start: span.start,
                duration: span.end.zip(span.start).map(|(end, start)| end - start),
                failed: failed[index],
            };
            let key = (ways[index].at, callee);
            let counted = self.calls.entry(key).or_default();
            counted.flow.add(&call);
            counted.known.stated += 1;
            ways[index].callers.push(key);
        }
    }

    fn count_path(&mut self, path: &CriticalPath, places: &[Place], ways: &[Way]) {
        for segment in &path.segments {
            let length = segment.end - segment.start;
            self.path = self.path.saturating_add(length);
            let operation = self.operations.entry(places[segment.span.0]).or_default();
            operation.held_up = operation.held_up.saturating_add(length);
            for key in &ways[segment.span.0].callers {
                if let Some(call) = self.calls.get_mut(key) {
                    call.waited = call.waited.saturating_add(length);
                }
            }
        }
    }

    fn place(&mut self, span: &Span) -> Place {
        (self.names.number(&span.service), self.names.number(&span.name))
    }

    fn widen(&mut self, span: &Span) {
        let (Some(start), Some(end)) = (span.start, span.end) else { return };
        self.extent = match self.extent {
            None => Some((start, end)),
            Some((first, last)) => Some((first.min(start), last.max(end))),
        };
    }

    /// The map of all that was counted.
    pub fn finish(self) -> Map {
        let mut map = Map {
            requests: self.requests,
            extent: self.extent,
            path: self.path,
            services: self.services(),
            ..Map::default()
        };
        map.edges = self.edges(&mut map.services);
        align(&mut map);
        map
    }

    /// The services by name, without their calls.
    fn services(&self) -> Vec<Service> {
        let called = self.calls.keys().map(|(_, callee)| callee.0);
        let numbers: BTreeSet<u32> = self.logging.iter().copied().chain(called).collect();
        let mut services: BTreeMap<&str, Service> = BTreeMap::new();
        for number in numbers {
            let name = self.names.name(number);
            let service = Service {
                name: name.to_owned(),
                logs: self.logging.contains(&number),
                flow: Flow::default(),
                held_up: 0,
                operations: Vec::new(),
            };
            services.insert(name, service);
        }
        for ((service, operation), counted) in &self.operations {
            // A span that logged nothing is of no service that is known to be one.
            let Some(service) = services.get_mut(self.names.name(*service)) else { continue };
            service.held_up = service.held_up.saturating_add(counted.held_up);
            service.operations.push(Operation {
                name: self.names.name(*operation).to_owned(),
                flow: counted.flow.clone(),
                held_up: counted.held_up,
            });
        }
        let mut services: Vec<Service> = services.into_values().collect();
        for service in &mut services {
            service.operations.sort_by(|one, other| one.name.cmp(&other.name));
        }
        services
    }

    /// The edges between services, summed from those between operations.
    fn edges(&self, services: &mut [Service]) -> Vec<Edge> {
        let place = |services: &[Service], number: u32| {
            let name = self.names.name(number);
            services.binary_search_by(|service| service.name.as_str().cmp(name)).ok()
        };
        let mut edges: BTreeMap<(Option<usize>, usize), Edge> = BTreeMap::new();
        for ((caller, callee), counted) in &self.calls {
            let from = caller.and_then(|caller| place(services, caller.0));
            let Some(to) = place(services, callee.0) else { continue };
            services[to].flow.merge(&counted.flow);
            let edge = edges.entry((from, to)).or_insert_with(|| Edge {
                caller: from,
                callee: to,
                flow: Flow::default(),
                known: Known::default(),
                waited: 0,
                operations: Vec::new(),
            });
            edge.flow.merge(&counted.flow);
            edge.known.merge(counted.known);
            edge.waited = edge.waited.saturating_add(counted.waited);
            edge.operations.push(OperationEdge {
                caller: caller.map(|caller| self.names.name(caller.1).to_owned()),
                callee: self.names.name(callee.1).to_owned(),
                flow: counted.flow.clone(),
                known: counted.known,
                waited: counted.waited,
            });
        }
        let mut edges: Vec<Edge> = edges.into_values().collect();
        for edge in &mut edges {
            edge.operations.sort_by(|one, other| {
                (&one.caller, &one.callee).cmp(&(&other.caller, &other.callee))
            });
        }
        edges
    }
}

/// How the request came to a span.
#[derive(Debug, Clone, Default)]
struct Way {
    /// The operation by which the span's service was entered.
    at: Option<Place>,
    /// The calls above the span, the outermost first, each once.
    callers: Vec<(Option<Place>, Place)>,
}

impl Known {
    fn count(&mut self, span: &Span) {
        let edge = &span.parent;
        if edge.basis == EdgeBasis::Root || !edge.basis.is_inferred() {
            self.stated += 1;
        } else {
            self.inferred += 1;
            self.least_sure =
                Some(self.least_sure.map_or(edge.confidence, |least| least.min(edge.confidence)));
        }
    }
}

/// Gives all series periods of one length.
fn align(map: &mut Map) {
    let mut flows: Vec<&mut Flow> = Vec::new();
    for service in &mut map.services {
        flows.push(&mut service.flow);
        flows.extend(service.operations.iter_mut().map(|operation| &mut operation.flow));
    }
    for edge in &mut map.edges {
        flows.push(&mut edge.flow);
        flows.extend(edge.operations.iter_mut().map(|operation| &mut operation.flow));
    }
    map.doublings = flows.iter().map(|flow| flow.series.doublings()).max().unwrap_or(0);
    for flow in flows {
        flow.series.widen_to(map.doublings);
        flow.total = flow.series.total();
    }
}
