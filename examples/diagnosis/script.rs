//! Requests as scripts: who says, waits and calls what, played into lines of log.
//!
//! A script is a tree of parts; playing it moves a clock and writes lines. Nothing here knows
//! of faults: they are scripts like any other.

use super::line::{Line, MILLI, Micros};
use super::random::Random;

/// What one service does in a request.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) acts: Vec<Act>,
    /// Whether it receives a message, for which nobody waits.
    pub(crate) consumer: bool,
}

/// One thing that a service does.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Logs a line: level, message, named values.
    Say(&'static str, String, Vec<(&'static str, String)>),
    /// Lets time pass.
    Wait(Micros),
    /// Calls another and waits for it.
    Call(Call),
    /// Calls several beside each other and waits for all.
    Fan(Vec<Call>),
    /// Hands a part over that nobody waits for, so much later.
    Hand(Part, Micros),
    /// Fails with a message.
    Fail(String, u16),
}

/// A call, and what becomes of its failure.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) part: Part,
    /// On the way there and back, each.
    pub(crate) way: Micros,
    /// When the caller gives up, and what it says then.
    pub(crate) limit: Option<(Micros, String)>,
    pub(crate) on_failure: OnFailure,
    /// Whether the caller logs its side of the call.
    pub(crate) told: bool,
}

/// What a caller makes of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OnFailure {
    /// It fails as well.
    Fail,
    /// It goes on and says nothing.
    Ignore,
    /// It goes on and says so.
    MakeUp(String),
    /// It notes it, for it will try again.
    Note(String),
}

impl Part {
    pub(crate) fn new(service: &str, operation: &str, acts: Vec<Act>) -> Self {
        Self { service: service.to_owned(), operation: operation.to_owned(), acts, consumer: false }
    }
}

impl Call {
    pub(crate) fn to(part: Part) -> Self {
        Self { part, way: MILLI / 2, limit: None, on_failure: OnFailure::Fail, told: false }
    }
}

/// Plays scripts of one request.
pub(crate) struct Stage<'a> {
    pub(crate) random: &'a mut Random,
    pub(crate) trace: u128,
    pub(crate) lines: Vec<Line>,
    /// Services that log nothing.
    pub(crate) silent: Vec<String>,
}

/// Where a part is played.
#[derive(Debug, Clone, Copy)]
struct Seat {
    span: u64,
    parent: Option<u64>,
}

impl Stage<'_> {
    /// Plays a part from a point in time on; gives its end and whether it went well.
    pub(crate) fn play(
        &mut self,
        part: &Part,
        start: Micros,
        parent: Option<u64>,
    ) -> (Micros, bool) {
        let seat = Seat { span: self.random.bits() | 1, parent };
        let mut now = start;
        let begin = if part.consumer { "processing message" } else { "request received" };
        let operation = vec![("operation", part.operation.clone())];
        self.say(part, seat, now, "info", begin, &operation);
        now += self.random.between(100, 900) as Micros;
        let mut outcome = Ok(());
        for act in &part.acts {
            outcome = self.act(part, seat, &mut now, act);
            if outcome.is_err() {
                break;
            }
        }
        now += self.random.between(100, 900) as Micros;
        let (level, status) = match outcome {
            Ok(()) => ("info", 200),
            Err(status) => ("error", status),
        };
        let took = format!("{:.3}", (now - start) as f64 / 1_000.0);
        let end = if part.consumer { "message done" } else { "request completed" };
        let values = vec![("status", status.to_string()), ("duration_ms", took)];
        self.say(part, seat, now, level, end, &values);
        (now, outcome.is_ok())
    }

    fn act(&mut self, part: &Part, seat: Seat, now: &mut Micros, act: &Act) -> Result<(), u16> {
        match act {
            Act::Say(level, message, values) => {
                self.say(part, seat, *now, level, message, values);
                *now += self.random.between(20, 200) as Micros;
            }
            Act::Wait(length) => *now += length,
            Act::Call(call) => {
                let (end, went_well) = self.call(part, seat, *now, call);
                *now = end;
                return went_well;
            }
            Act::Fan(calls) => return self.fan(part, seat, now, calls),
            Act::Hand(handed, later) => {
                self.play(handed, *now + later, Some(seat.span));
            }
            Act::Fail(message, status) => {
                self.say(part, seat, *now, "error", message, &[]);
                return Err(*status);
            }
        }
        Ok(())
    }

    /// All calls begin at once; the caller goes on when the last has ended, and fails then.
    fn fan(
        &mut self,
        part: &Part,
        seat: Seat,
        now: &mut Micros,
        calls: &[Call],
    ) -> Result<(), u16> {
        let mut failed = Ok(());
        let mut last = *now;
        for (place, call) in calls.iter().enumerate() {
            let quiet = Call { on_failure: quietly(&call.on_failure), ..call.clone() };
            let (end, went_well) = self.call(part, seat, *now + place as Micros * 40, &quiet);
            last = last.max(end);
            if went_well.is_err() && call.on_failure == OnFailure::Fail {
                failed = went_well;
            }
        }
        *now = last;
        if failed.is_err() {
            self.say(part, seat, *now, "error", "one of the parallel calls failed", &[]);
        }
        failed
    }

    fn call(
        &mut self,
        part: &Part,
        seat: Seat,
        at: Micros,
        call: &Call,
    ) -> (Micros, Result<(), u16>) {
        let callee = call.part.service.clone();
        if call.told {
            self.say(part, seat, at, "debug", &format!("calling {callee}"), &[]);
        }
        let (end, went_well) = self.play(&call.part, at + call.way, Some(seat.span));
        let back = end + call.way;
        if let Some((limit, message)) = &call.limit
            && back > at + limit
        {
            let given_up = at + limit;
            self.say(part, seat, given_up, "error", message, &[]);
            return (given_up + 200, Err(504));
        }
        if call.told {
            let took = format!("{:.1}", (back - at) as f64 / 1_000.0);
            let values = [("took_ms", took)];
            self.say(part, seat, back, "debug", &format!("{callee} answered"), &values);
        }
        if went_well {
            return (back, Ok(()));
        }
        match &call.on_failure {
            OnFailure::Fail => {
                self.say(part, seat, back, "error", &format!("call to {callee} failed"), &[]);
                (back + 100, Err(500))
            }
            OnFailure::Ignore => (back, Ok(())),
            OnFailure::MakeUp(message) | OnFailure::Note(message) => {
                self.say(part, seat, back, "warn", message, &[]);
                (back + 100, Ok(()))
            }
        }
    }

    fn say(
        &mut self,
        part: &Part,
        seat: Seat,
        at: Micros,
        level: &'static str,
        message: &str,
        values: &[(&'static str, String)],
    ) {
        if self.silent.contains(&part.service) {
            return;
        }
        self.lines.push(Line {
            at,
            service: part.service.clone(),
            level,
            message: message.to_owned(),
            values: values.to_vec(),
            trace: self.trace,
            span: seat.span,
            parent: seat.parent,
        });
    }
}

/// In a fan the caller speaks once, at the end: what its calls do to it is told there.
fn quietly(on_failure: &OnFailure) -> OnFailure {
    match on_failure {
        OnFailure::MakeUp(message) => OnFailure::MakeUp(message.clone()),
        _ => OnFailure::Ignore,
    }
}
