//! Made-up systems that many requests go through: services of several languages, operations
//! that call each other, callees that are shared, lines that are sparse.

use super::line::{Dialect, MILLI, Micros};
use super::random::Random;

/// Names of services: ours, and none tells what the service does to the others.
const NAMES: [&str; 30] = [
    "frontend",
    "basket",
    "catalogue",
    "rates",
    "billing",
    "dispatch",
    "mailer",
    "advice",
    "banners",
    "orders",
    "accounts",
    "stock",
    "search",
    "reviews",
    "coupons",
    "taxes",
    "risk",
    "points",
    "address",
    "depot",
    "carriers",
    "invoices",
    "wallet",
    "sessions",
    "consent",
    "images",
    "gifts",
    "refunds",
    "ratings",
    "labels",
];

/// Statements that a service logs in the midst of its work.
const SAYINGS: [&str; 10] = [
    "loading settings for region={}",
    "found {} items",
    "request accepted, amount={}",
    "using rule {}",
    "cache looked up, size={}",
    "prepared answer of {} bytes",
    "user {} is known",
    "validated input",
    "starting to work on batch {}",
    "computed result {}",
];

/// An operation has at most so many spans below it.
const SPANS_MAX: usize = 40;

/// A system.
#[derive(Debug, Clone)]
pub(crate) struct System {
    pub(crate) services: Vec<Service>,
    pub(crate) operations: Vec<Operation>,
    /// What a user does in one visit, one request after the other, with how likely each is in
    /// a thousand.
    pub(crate) visit: Vec<(usize, u64)>,
}

/// A service.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) dialect: Dialect,
    /// How much its times vary, in hundredths of their logarithm.
    pub(crate) unrest: u64,
}

/// An operation of a service.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) service: usize,
    pub(crate) steps: Vec<Step>,
    /// Spans of a request that has all of its calls.
    spans: usize,
}

/// A step of an operation.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Takes time.
    Work(Micros),
    /// Logs a line.
    Say(String),
    /// Calls an operation.
    Call(Call),
}

/// A call, and how its caller takes what may come of it.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) operation: usize,
    /// Whether the caller logs a line before it, and behind it.
    pub(crate) told: (bool, bool),
    /// In how many of a thousand requests it is made.
    pub(crate) share: u64,
    pub(crate) on_failure: Reaction,
    /// When what came back is not what it should be.
    pub(crate) on_nonsense: Reaction,
}

/// What a caller does about a call that went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// Goes on as if nothing were.
    GoOn,
    /// Goes on, and says so.
    GoOnLoudly,
    /// Skips the rest and answers.
    Skip,
    /// Fails with an error that names the callee.
    Fail,
    /// Fails with an error that does not name the callee.
    FailBlindly,
    /// Fails without a word.
    FailSilently,
}

impl System {
    /// A system of that many services.
    pub(crate) fn of(random: &mut Random, count: usize) -> Self {
        let sparse = random.between(0, 3);
        let parents = random.per_mille(300);
        let services = (0..count).map(|index| service(random, index, parents)).collect();
        let mut system = Self { services, operations: Vec::new(), visit: Vec::new() };
        // Operations of the last services first: who calls stands behind whom it calls.
        for index in (1..count).rev() {
            for _ in 0..random.between(1, 4) {
                system.add(random, index, sparse);
            }
        }
        // A front that receives everything, or doors of several services.
        let doors = if random.per_mille(500) { 1 } else { random.between(2, 4) };
        for _ in 0..random.between(3, 8) {
            let service = random.below(doors.min(count as u64)) as usize;
            let operation = system.add(random, service, sparse.min(1));
            system.visit.push((operation, random.between(400, 1_000)));
        }
        system
    }

    fn add(&mut self, random: &mut Random, service: usize, sparse: u64) -> usize {
        let number = self.operations.len();
        let callees: Vec<usize> =
            (0..number).filter(|other| self.operations[*other].service > service).collect();
        let near = self.services.len().div_ceil(2);
        let reach = |other: &usize| self.operations[*other].service <= service + near;
        let callees: Vec<usize> = callees.into_iter().filter(reach).collect();
        let mut steps = vec![Step::Work(work(random))];
        if random.per_mille([950, 700, 400][sparse as usize]) {
            steps.push(Step::Say(saying(random, number, 0)));
        }
        let calls = if callees.is_empty() { 0 } else { random.below(5).min(4) };
        let calls = if service == 0 { calls.max(1).min(callees.len() as u64) } else { calls };
        let mut spans = 1;
        for place in 0..calls {
            steps.push(Step::Work(work(random)));
            let callee = *random.pick(&callees);
            if spans + self.operations[callee].spans > SPANS_MAX {
                continue;
            }
            spans += self.operations[callee].spans;
            steps.push(Step::Call(call(random, callee, sparse)));
            if random.per_mille([400, 150, 50][sparse as usize]) {
                steps.push(Step::Say(saying(random, number, place + 1)));
            }
        }
        steps.push(Step::Work(work(random)));
        if random.per_mille([800, 350, 80][sparse as usize]) {
            steps.push(Step::Say(saying(random, number, 9)));
        }
        self.operations.push(Operation { service, steps, spans });
        number
    }

    /// The service of an operation.
    pub(crate) fn service_of(&self, operation: usize) -> usize {
        self.operations[operation].service
    }

    /// The operations that a visit reaches, each once.
    pub(crate) fn reached(&self) -> Vec<usize> {
        let mut reached: Vec<usize> = self.visit.iter().map(|(operation, _)| *operation).collect();
        let mut next = 0;
        while next < reached.len() {
            for step in &self.operations[reached[next]].steps {
                if let Step::Call(call) = step
                    && !reached.contains(&call.operation)
                {
                    reached.push(call.operation);
                }
            }
            next += 1;
        }
        reached
    }
}

fn service(random: &mut Random, index: usize, parents: bool) -> Service {
    let dialects = if parents { [Dialect::Json, Dialect::Pairs] } else { [Dialect::Text; 2] };
    let dialect = if random.per_mille(30) { Dialect::TraceOnly } else { *random.pick(&dialects) };
    Service { name: NAMES[index % NAMES.len()].to_owned(), dialect, unrest: random.between(10, 60) }
}

fn work(random: &mut Random) -> Micros {
    // Mostly short, now and then long: the third power of an even draw.
    let even = random.between(8, 100) as Micros;
    (even * even * even / 40).max(MILLI / 5)
}

fn saying(random: &mut Random, operation: usize, place: u64) -> String {
    format!("{} ({operation}.{place})", random.pick(&SAYINGS))
}

fn call(random: &mut Random, operation: usize, sparse: u64) -> Call {
    let told = random.per_mille([400, 200, 100][sparse as usize]);
    let reactions = [
        Reaction::Fail,
        Reaction::Fail,
        Reaction::FailBlindly,
        Reaction::FailSilently,
        Reaction::GoOnLoudly,
        Reaction::GoOn,
        Reaction::Skip,
    ];
    Call {
        operation,
        told: (told, told && random.per_mille(500)),
        share: if random.per_mille(800) { 1_000 } else { random.between(200, 900) },
        on_failure: *random.pick(&reactions),
        on_nonsense: *random.pick(&reactions),
    }
}
