//! Faults: what goes wrong in one service, in some or all of its requests.

use super::line::{MILLI, Micros};
use super::random::Random;
use super::system::{Step, System};

/// The kinds of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// All work takes some times as long.
    Processor,
    /// All that it sends comes later: its questions and its answers.
    Network,
    /// An operation breaks off with an exception.
    Exception,
    /// An operation returns early, with nothing in its hands.
    Nonsense,
    /// Nobody answers.
    Down,
}

/// All kinds.
pub(crate) const KINDS: [Kind; 5] =
    [Kind::Processor, Kind::Network, Kind::Exception, Kind::Nonsense, Kind::Down];

/// A fault in a service.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    pub(crate) service: usize,
    /// The operation with the faulty code, and the step before which it breaks off.
    pub(crate) code: (usize, usize),
    /// How many times as long work takes, in tenths.
    pub(crate) factor: Micros,
    /// How much later comes what it sends.
    pub(crate) delay: Micros,
    /// In how many of a thousand of its spans it shows.
    pub(crate) share: u64,
    /// Whether an exception is logged where it is thrown.
    pub(crate) told: bool,
}

impl Fault {
    /// A fault of this kind in a service that requests reach.
    pub(crate) fn of(random: &mut Random, system: &System, kind: Kind) -> Self {
        let reached = system.reached();
        let mut services: Vec<usize> =
            reached.iter().map(|operation| system.service_of(*operation)).collect();
        services.sort_unstable();
        services.dedup();
        let service = *random.pick(&services);
        let own = reached.into_iter().filter(|operation| system.service_of(*operation) == service);
        let own: Vec<usize> = own.collect();
        let operation = *random.pick(&own);
        let steps = system.operations[operation].steps.len() as u64;
        let part = [1_000, 1_000, 600, 300];
        Self {
            kind,
            service,
            code: (operation, random.below(steps) as usize),
            factor: random.between(25, 120) as Micros,
            delay: random.between(20, 400) as Micros * MILLI,
            share: match kind {
                Kind::Exception | Kind::Nonsense => *random.pick(&part),
                Kind::Processor | Kind::Network | Kind::Down => 1_000,
            },
            told: random.per_mille(700),
        }
    }

    /// Whether something that a log can show depends on it: what breaks off behind the last
    /// line or call of an operation that is nowhere missed shows nothing.
    pub(crate) fn can_show(&self, system: &System) -> bool {
        let (operation, step) = self.code;
        let rest = &system.operations[operation].steps[step..];
        let is_seen = rest.iter().any(|step| !matches!(step, Step::Work(_)));
        match self.kind {
            Kind::Nonsense => is_seen,
            Kind::Exception => is_seen || self.told,
            Kind::Processor | Kind::Network | Kind::Down => true,
        }
    }
}
