//! What is usual for a request of its kind, as far as its peers show it.
//!
//! Three peers are few, but the largest value of three is exceeded by a fourth of the same
//! kind in one case of four only; a finding also asks for a multiple of it.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use crate::analysis::case::{Case, Surroundings};
use crate::analysis::critical_path::CriticalPath;
use crate::analysis::gap::gaps;
use crate::model::masking::masked;
use crate::model::span::SpanIndex;
use crate::model::trace::Trace;

/// With fewer values nothing is called usual.
const VALUES_MIN: usize = 3;

/// So many times the largest usual value is unusual.
const UNUSUAL_FACTOR: i64 = 3;

/// What is longer than usual by less than this is a garbage collection or a busy machine.
const UNUSUAL_NANOSECONDS: i64 = 50_000_000;

/// Lengths of time seen in peers: how many, and the largest.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    values: usize,
    largest: i64,
}

/// How a length of time compares to what is usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// Too few peers do the same.
    Unknown,
    /// It is as usual; the largest usual value in nanoseconds.
    Usual(i64),
    /// It is far above; the largest usual value in nanoseconds.
    Unusual(i64),
}

/// What peers take, for gaps, steps and calls.
#[derive(Debug, Default)]
pub struct Usual {
    gaps: HashMap<(u64, u64), Seen>,
    steps: HashMap<(String, String), Seen>,
    calls: HashMap<(String, String), Seen>,
    /// For each service and operation the services that it called in every peer.
    callees: HashMap<(String, String), BTreeSet<String>>,
    /// For each service the templates that it logged in every peer that it was part of.
    templates: HashMap<String, BTreeSet<u64>>,
    peers: usize,
}

impl Usual {
    /// Learns from a request's peers.
    pub fn of(around: &Surroundings) -> Self {
        let mut usual = Self::default();
        // What failed is no measure: it stopped early, or waited for what never came.
        let fine = |peer: &&Trace| !peer.entries.iter().any(|placed| placed.entry.is_error());
        for peer in around.peers.iter().filter(fine) {
            usual.peers += 1;
            usual.learn(peer);
        }
        usual
    }

    /// How many peers there were.
    pub const fn peers(&self) -> usize {
        self.peers
    }

    fn learn(&mut self, peer: &Trace) {
        let (path, nothing) = (CriticalPath::default(), Surroundings::default());
        let case = Case::new(peer, &path, &[], &nothing);
        for gap in gaps(&case) {
            see(self.gaps.entry(gap.key).or_default(), gap.length());
        }
        for span in case.spans() {
            let key = (case.service(span).to_owned(), masked(&case.span(span).name).into_owned());
            see(self.steps.entry(key.clone()).or_default(), case.self_time(span));
            let called = callees(&case, span);
            match self.callees.entry(key) {
                Entry::Vacant(first) => _ = first.insert(called),
                Entry::Occupied(mut known) => known.get_mut().retain(|name| called.contains(name)),
            }
        }
        let mut templates: HashMap<&str, BTreeSet<u64>> = HashMap::new();
        for (placed, template) in peer.entries.iter().zip(&case.templates) {
            templates.entry(&placed.entry.context.service).or_default().insert(*template);
        }
        for (service, logged) in templates {
            match self.templates.entry(service.to_owned()) {
                Entry::Vacant(first) => _ = first.insert(logged),
                Entry::Occupied(mut known) => known.get_mut().retain(|line| logged.contains(line)),
            }
        }
        for call in &case.calls {
            let key = (call.callee.clone(), call.operation.clone());
            see(self.calls.entry(key).or_default(), call.length());
        }
    }

    /// The services that a step calls in every peer and not here: their lines may be lost, and
    /// their time looks like the step's own.
    pub fn missing(&self, case: &Case<'_>, span: SpanIndex) -> Vec<&str> {
        let key = (case.service(span).to_owned(), masked(&case.span(span).name).into_owned());
        let Some(usual) = self.callees.get(&key) else { return Vec::new() };
        let here = callees(case, span);
        usual.iter().filter(|name| !here.contains(*name)).map(String::as_str).collect()
    }

    /// The first of these services that lacks a line which it logs in every peer.
    pub fn lacks_lines<'s>(
        &self,
        case: &Case<'_>,
        mut services: impl Iterator<Item = &'s str>,
    ) -> Option<&'s str> {
        if self.peers < VALUES_MIN {
            return None;
        }
        services.find(|service| {
            self.templates
                .get(*service)
                .is_some_and(|usual| usual.iter().any(|line| !case.templates.contains(line)))
        })
    }

    /// Compares a gap between two lines, by the key of its ends.
    pub fn gap(&self, key: (u64, u64), length: i64) -> Compared {
        compared(self.gaps.get(&key), length)
    }

    /// Compares the own time of a service's operation.
    pub fn step(&self, service: &str, name: &str, length: i64) -> Compared {
        compared(self.steps.get(&(service.to_owned(), masked(name).into_owned())), length)
    }

    /// Compares the length of a call.
    pub fn call(&self, callee: &str, operation: &str, length: i64) -> Compared {
        compared(self.calls.get(&(callee.to_owned(), operation.to_owned())), length)
    }
}

fn callees(case: &Case<'_>, span: SpanIndex) -> BTreeSet<String> {
    case.calls_of(span).iter().map(|call| call.callee.clone()).collect()
}

fn see(seen: &mut Seen, value: i64) {
    seen.values += 1;
    seen.largest = seen.largest.max(value);
}

fn compared(seen: Option<&Seen>, length: i64) -> Compared {
    match seen.filter(|seen| seen.values >= VALUES_MIN) {
        None => Compared::Unknown,
        Some(seen) if is_unusual(length, seen.largest) => Compared::Unusual(seen.largest),
        Some(seen) => Compared::Usual(seen.largest),
    }
}

const fn is_unusual(length: i64, usual: i64) -> bool {
    length > usual.saturating_mul(UNUSUAL_FACTOR)
        && length.saturating_sub(usual) >= UNUSUAL_NANOSECONDS
}
