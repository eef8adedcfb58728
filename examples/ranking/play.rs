//! Requests played: the clock moves, lines are written.

use super::fault::{Fault, Kind};
use super::line::{Line, MILLI, Micros};
use super::random::Random;
use super::system::{Call, Reaction, Step, System};

/// Plays one request.
pub(crate) struct Stage<'a> {
    pub(crate) random: &'a mut Random,
    pub(crate) system: &'a System,
    pub(crate) fault: Option<&'a Fault>,
    /// How busy all machines are, in hundredths of their usual times.
    pub(crate) load: Micros,
    pub(crate) trace: u128,
    pub(crate) lines: Vec<Line>,
    /// How often the fault made a difference.
    pub(crate) hits: u32,
}

/// How a call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Well,
    Nonsense,
    Failed,
    /// Nobody was there to answer.
    Refused,
}

/// Where a span stands.
#[derive(Clone, Copy)]
struct Seat {
    span: u64,
    parent: Option<u64>,
    service: usize,
}

impl Stage<'_> {
    /// Plays an operation; gives when its answer is back.
    pub(crate) fn play(
        &mut self,
        operation: usize,
        at: Micros,
        parent: Option<u64>,
    ) -> (Micros, Outcome) {
        let service = self.system.service_of(operation);
        if self.is_faulty(service, Kind::Down) {
            self.hits += 1;
            return (at + 2 * MILLI, Outcome::Refused);
        }
        let seat = Seat { span: self.random.bits() | 1, parent, service };
        let broken = self.breaks(operation);
        let (system, mut now) = (self.system, at);
        let mut outcome = Outcome::Well;
        for (place, step) in system.operations[operation].steps.iter().enumerate() {
            if broken == Some(place) {
                outcome = self.break_off(seat, now);
                break;
            }
            match step {
                Step::Work(length) => now += self.takes(service, *length),
                Step::Say(text) => self.say(seat, now, "info", text),
                Step::Call(call) => {
                    if let Some(ended) = self.call(seat, &mut now, call) {
                        outcome = ended;
                        break;
                    }
                }
            }
        }
        (now + self.way(service), outcome)
    }

    /// The step before which an operation breaks off, if it does this time.
    fn breaks(&mut self, operation: usize) -> Option<usize> {
        let fault = self.fault?;
        let is_code = matches!(fault.kind, Kind::Exception | Kind::Nonsense);
        let hits = is_code && fault.code.0 == operation && self.random.per_mille(fault.share);
        hits.then_some(fault.code.1)
    }

    fn break_off(&mut self, seat: Seat, now: Micros) -> Outcome {
        let Some(fault) = self.fault else { return Outcome::Well };
        self.hits += 1;
        if fault.kind == Kind::Nonsense {
            return Outcome::Nonsense;
        }
        if fault.told {
            self.say(seat, now, "error", "IllegalStateException: value is missing");
        }
        Outcome::Failed
    }

    /// A call and what its caller makes of it; an outcome if the caller ends by it.
    fn call(&mut self, seat: Seat, now: &mut Micros, call: &Call) -> Option<Outcome> {
        if !self.random.per_mille(call.share) {
            return None;
        }
        let callee = self.system.service_of(call.operation);
        let name = self.system.services[callee].name.clone();
        if call.told.0 {
            self.say(seat, *now, "info", &format!("asking {name}"));
        }
        *now += self.way(seat.service);
        let (end, outcome) = self.play(call.operation, *now, Some(seat.span));
        *now = end;
        let reaction = match outcome {
            Outcome::Well => {
                if call.told.1 {
                    self.say(seat, *now, "info", &format!("{name} answered"));
                }
                return None;
            }
            Outcome::Nonsense => call.on_nonsense,
            Outcome::Failed | Outcome::Refused => call.on_failure,
        };
        let blind = if outcome == Outcome::Refused {
            "rpc failed: connection refused"
        } else {
            "rpc failed: internal error"
        };
        match reaction {
            Reaction::GoOn => None,
            Reaction::GoOnLoudly => {
                self.say(seat, *now, "warn", &format!("no answer of {name}, going on without"));
                None
            }
            Reaction::Skip => Some(Outcome::Well),
            Reaction::Fail => {
                self.say(seat, *now, "error", &format!("call of {name} failed"));
                Some(Outcome::Failed)
            }
            Reaction::FailBlindly => {
                self.say(seat, *now, "error", blind);
                Some(Outcome::Failed)
            }
            Reaction::FailSilently => Some(Outcome::Failed),
        }
    }

    fn is_faulty(&self, service: usize, kind: Kind) -> bool {
        self.fault.is_some_and(|fault| fault.service == service && fault.kind == kind)
    }

    /// How long work takes this time: skewed to the right, as times are.
    fn takes(&mut self, service: usize, length: Micros) -> Micros {
        let unrest = self.system.services[service].unrest as f64 / 100.0;
        // The sum of four even draws is close to normal.
        let normal: f64 =
            (0..4).map(|_| self.random.below(1_000) as f64 / 1_000.0 - 0.5).sum::<f64>() * 1.73;
        let mut taken = length as f64 * (unrest * normal).exp() * self.load as f64 / 100.0;
        if self.random.per_mille(3) {
            taken += 30_000.0;
        }
        if self.is_faulty(service, Kind::Processor) {
            self.hits += 1;
            let factor = self.fault.map_or(10, |fault| fault.factor) as f64 / 10.0;
            taken *= 1.0 + (factor - 1.0) * self.random.below(2_000) as f64 / 1_000.0;
        }
        taken as Micros
    }

    /// How long what a service sends is on its way.
    fn way(&mut self, service: usize) -> Micros {
        let usual = self.random.between(200, 700) as Micros;
        let late = self.fault.filter(|_| self.is_faulty(service, Kind::Network));
        self.hits += u32::from(late.is_some());
        usual + late.map_or(0, |fault| fault.delay)
    }

    fn say(&mut self, seat: Seat, at: Micros, level: &'static str, text: &str) {
        let value = self.random.below(500).to_string();
        self.lines.push(Line {
            at,
            service: self.system.services[seat.service].name.clone(),
            level,
            message: text.replace("{}", &value),
            values: Vec::new(),
            trace: self.trace,
            span: seat.span,
            parent: seat.parent,
        });
    }
}
