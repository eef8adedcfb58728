//! Faults: changes of a healthy script with known truth.

use super::line::{MILLI, Micros, SECOND};
use super::random::Random;
use super::script::{Act, Call, OnFailure, Part};
use super::system::{System, change, change_call};

/// The kinds of fault. Each names the finding that must be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Silence,
    SlowHandover,
    SlowStep,
    ErrorOrigin,
    SwallowedError,
    Straggler,
    RepeatedCalls,
    RetryStorm,
    TimeoutChain,
    CascadingTimeouts,
    PoolExhaustion,
    SunkFanOut,
    HiddenFanOut,
    StaleCache,
    TokenRace,
    LostContext,
    Duplicate,
    TooShallow,
}

/// All kinds.
pub(crate) const KINDS: [Kind; 18] = [
    Kind::Silence,
    Kind::SlowHandover,
    Kind::SlowStep,
    Kind::ErrorOrigin,
    Kind::SwallowedError,
    Kind::Straggler,
    Kind::RepeatedCalls,
    Kind::RetryStorm,
    Kind::TimeoutChain,
    Kind::CascadingTimeouts,
    Kind::PoolExhaustion,
    Kind::SunkFanOut,
    Kind::HiddenFanOut,
    Kind::StaleCache,
    Kind::TokenRace,
    Kind::LostContext,
    Kind::Duplicate,
    Kind::TooShallow,
];

impl Kind {
    /// The finding that must be made.
    pub(crate) const fn finding(self) -> &'static str {
        match self {
            Self::Silence | Self::SlowHandover => "silence",
            Self::SlowStep => "slow_step",
            Self::ErrorOrigin | Self::SwallowedError => "error_origin",
            Self::Straggler => "fan_out_straggler",
            Self::RepeatedCalls => "n_plus_one",
            Self::RetryStorm => "retry_storm",
            Self::TimeoutChain => "timeout_chain",
            Self::CascadingTimeouts => "cascading_timeouts",
            Self::PoolExhaustion => "pool_exhaustion",
            Self::SunkFanOut | Self::HiddenFanOut => "partial_fan_out_failure",
            Self::StaleCache => "stale_cache",
            Self::TokenRace => "token_expiry_race",
            Self::LostContext => "lost_async_context",
            Self::Duplicate => "duplicate_processing",
            Self::TooShallow => "too_shallow",
        }
    }

    /// What else is then true and may be said.
    pub(crate) const fn allowed(self) -> &'static [&'static str] {
        match self {
            Self::Silence
            | Self::SlowHandover
            | Self::SlowStep
            | Self::PoolExhaustion
            | Self::RepeatedCalls
            | Self::Straggler => &["silence", "slow_step", "fan_out_straggler"],
            Self::ErrorOrigin | Self::SwallowedError => &["partial_fan_out_failure"],
            Self::RetryStorm => &[
                "error_origin",
                "slow_step",
                "silence",
                "fan_out_straggler",
                "partial_fan_out_failure",
            ],
            Self::TimeoutChain | Self::CascadingTimeouts => &[
                "error_origin",
                "slow_step",
                "silence",
                "fan_out_straggler",
                "timeout_chain",
                "partial_fan_out_failure",
            ],
            Self::SunkFanOut | Self::HiddenFanOut => &["error_origin"],
            Self::StaleCache | Self::TokenRace => &["error_origin", "partial_fan_out_failure"],
            Self::LostContext | Self::Duplicate => &[],
            Self::TooShallow => &["fan_out_straggler", "error_origin"],
        }
    }
}

/// A request with a fault or with what looks like one.
#[derive(Debug, Clone)]
pub(crate) struct Planted {
    /// The request.
    pub(crate) request: Part,
    /// What its peers do, if the fault is in how it differs from them.
    pub(crate) usual: Part,
    /// A request of its own that belongs to it: a consumer under another trace id.
    pub(crate) apart: Vec<(Part, Micros)>,
    /// Services that may be named for it.
    pub(crate) blamed: Vec<String>,
    /// Services that log nothing, in its peers neither.
    pub(crate) silent: Vec<String>,
    /// What may be said although it is no fault of the kind: of look-alikes.
    pub(crate) allowed: &'static [&'static str],
}

impl Planted {
    pub(crate) fn of(system: &System, blamed: &[&str]) -> Self {
        Self {
            request: system.root.clone(),
            usual: system.root.clone(),
            apart: Vec::new(),
            blamed: blamed.iter().map(|service| (*service).to_owned()).collect(),
            silent: Vec::new(),
            allowed: &[],
        }
    }
}

/// A service to plant at, and who calls it. Not the root; for those that must be waited for,
/// one whose callers all call one thing after another.
pub(crate) struct Spot {
    pub(crate) service: String,
    pub(crate) caller: String,
}

pub(crate) fn spot(random: &mut Random, system: &System, in_line: bool) -> Option<Spot> {
    let mut spots = Vec::new();
    gather(&system.root, in_line, &mut spots);
    (!spots.is_empty()).then(|| {
        let (service, caller) = random.pick(&spots).clone();
        Spot { service, caller }
    })
}

fn gather(part: &Part, in_line: bool, spots: &mut Vec<(String, String)>) {
    for act in &part.acts {
        let calls: &[Call] = match act {
            Act::Call(call) => std::slice::from_ref(call),
            Act::Fan(calls) if !in_line => calls,
            _ => &[],
        };
        for call in calls {
            spots.push((call.part.service.clone(), part.service.clone()));
            gather(&call.part, in_line, spots);
        }
    }
}

pub(crate) fn say(level: &'static str, message: &str) -> Act {
    Act::Say(level, message.to_owned(), Vec::new())
}

pub(crate) fn noted(message: &str, values: Vec<(&'static str, String)>) -> Act {
    Act::Say("info", message.to_owned(), values)
}

pub(crate) fn part(service: &str, operation: &str, acts: Vec<Act>) -> Part {
    Part::new(service, operation, acts)
}

/// Replaces everything a service does.
pub(crate) fn does(request: &mut Part, service: &str, acts: &[Act]) {
    change(request, service, &mut |part| part.acts = acts.to_vec());
}

/// Adds to the end of what a service does.
pub(crate) fn also(request: &mut Part, service: &str, acts: &[Act]) {
    change(request, service, &mut |part| part.acts.extend_from_slice(acts));
}

/// Progress that is logged all along.
pub(crate) fn busy(random: &mut Random, length: Micros) -> Vec<Act> {
    let step = 60 * MILLI;
    let words = ["ranking candidates", "scoring offers", "merging pages"];
    let word = *random.pick(&words);
    (0..length / step)
        .flat_map(|index| [noted(word, vec![("progress", format!("{index}0 %"))]), Act::Wait(step)])
        .collect()
}

/// Three to five calls to new services beside each other.
pub(crate) fn fan(
    random: &mut Random,
    fails: Option<&str>,
    on_failure: &OnFailure,
) -> (Vec<Call>, String) {
    let names = ["alpha", "beta", "gamma", "delta", "omega"];
    let count = random.between(3, 6) as usize;
    let chosen = random.below(count as u64) as usize;
    let calls = (0..count).map(|index| {
        let service = format!("branch-{}", names[index]);
        let mut acts = vec![Act::Wait(random.between(10_000, 30_000) as Micros)];
        if let Some(message) = fails.filter(|_| index == chosen) {
            acts.push(Act::Fail(message.to_owned(), 500));
        }
        let mut call = Call::to(part(&service, "GET /part", acts));
        call.on_failure = on_failure.clone();
        call
    });
    (calls.collect(), format!("branch-{}", names[chosen]))
}

pub(crate) const FAILURES: [&str; 6] = [
    "NullPointerException: customer has no address",
    "index out of range: 7 of 5",
    "cannot parse amount",
    "constraint violated: duplicate order line",
    "disk full while writing receipt",
    "assertion failed: balance is negative",
];

const TIMEOUTS: [&str; 5] = [
    "timed out waiting for",
    "read timeout on call to",
    "deadline exceeded while calling",
    "gave up waiting for",
    "no response from",
];

const POOL_WAITS: [&str; 5] = [
    "waiting for a free connection",
    "connection pool exhausted, waiting",
    "no idle connection, request queued for pool",
    "waiting for connection from pool orders-db",
    "HikariPool-1 - Connection is not available, waiting",
];

#[expect(clippy::too_many_lines, reason = "a table: one arm a kind")]
/// A fault of this kind in this system; none if the system has no place for it.
pub(crate) fn fault(random: &mut Random, system: &System, kind: Kind) -> Option<Planted> {
    let in_line = !matches!(kind, Kind::ErrorOrigin | Kind::SwallowedError);
    let spot = spot(random, system, in_line)?;
    let (service, caller) = (spot.service.as_str(), spot.caller.as_str());
    let mut planted = Planted::of(system, &[service]);
    let long = random.between(1_500, 5_000) as Micros * MILLI;
    match kind {
        Kind::Silence => {
            let words = ["charging card", "rendering document", "taking lock", "reading file"];
            also(
                &mut planted.request,
                service,
                &[
                    say("info", one_of(random, &words)),
                    Act::Wait(long),
                    say("info", "back at work"),
                ],
            );
            also(&mut planted.usual, service, &[say("info", "back at work")]);
        }
        Kind::SlowHandover => {
            change_call(&mut planted.request, service, &mut |call| call.way = long / 2);
            planted.blamed.push(caller.to_owned());
        }
        Kind::SlowStep => {
            let acts = busy(random, long);
            also(&mut planted.request, service, &acts);
        }
        Kind::ErrorOrigin => also(
            &mut planted.request,
            service,
            &[Act::Fail((*random.pick(&FAILURES)).to_owned(), 500)],
        ),
        Kind::SwallowedError => {
            also(
                &mut planted.request,
                service,
                &[Act::Fail((*random.pick(&FAILURES)).to_owned(), 500)],
            );
            change_call(&mut planted.request, service, &mut |call| {
                call.on_failure = OnFailure::Ignore;
            });
        }
        Kind::Straggler => {
            let (mut calls, _) = fan(random, None, &OnFailure::Fail);
            also(&mut planted.usual, service, &[Act::Fan(calls.clone())]);
            let slow = random.below(calls.len() as u64) as usize;
            calls[slow].part.acts = busy(random, long);
            planted.blamed = vec![calls[slow].part.service.clone()];
            also(&mut planted.request, service, &[Act::Fan(calls)]);
        }
        Kind::RepeatedCalls => {
            let count = random.between(12, 60);
            let acts = repeated(random, count, "item");
            let few = repeated(random, 2, "item");
            also(&mut planted.usual, service, &few);
            also(&mut planted.request, service, &acts);
        }
        Kind::RetryStorm => {
            let acts = retries(random);
            also(&mut planted.request, service, &acts);
        }
        Kind::TimeoutChain => {
            let acts = busy(random, long);
            does(&mut planted.request, service, &acts);
            let message = format!("{} {service} after 1000 ms", random.pick(&TIMEOUTS));
            change_call(&mut planted.request, service, &mut |call| {
                call.limit = Some((SECOND, message.clone()));
            });
        }
        Kind::CascadingTimeouts => return cascade(random, system),
        Kind::PoolExhaustion => {
            let database = || {
                Act::Call(Call::to(part("orders-db", "SELECT orders", vec![Act::Wait(2 * MILLI)])))
            };
            let wait = random.pick(&POOL_WAITS).to_owned();
            also(
                &mut planted.request,
                service,
                &[
                    say("warn", wait),
                    Act::Wait(long / 2),
                    say("info", "acquired connection"),
                    database(),
                ],
            );
            also(&mut planted.usual, service, &[say("info", "acquired connection"), database()]);
        }
        Kind::SunkFanOut | Kind::HiddenFanOut => {
            let on_failure =
                if kind == Kind::SunkFanOut { OnFailure::Fail } else { OnFailure::Ignore };
            let (fine, _) = fan(random, None, &on_failure);
            let message = one_of(random, &FAILURES);
            let (calls, failed) = fan(random, Some(message), &on_failure);
            also(&mut planted.usual, service, &[Act::Fan(fine)]);
            also(&mut planted.request, service, &[Act::Fan(calls)]);
            planted.blamed = vec![failed];
        }
        Kind::StaleCache => stale(random, &mut planted, service, caller),
        Kind::TokenRace => token(random, &mut planted, service),
        Kind::LostContext => {
            let id = format!("msg-{:x}", random.bits());
            also(
                &mut planted.request,
                service,
                &[noted("published event", vec![("message_id", id.clone())])],
            );
            planted.apart.push((consumer(random, &id, false), 400 * MILLI));
        }
        Kind::Duplicate => {
            let id = format!("msg-{:x}", random.bits());
            also(
                &mut planted.request,
                service,
                &[noted("published event", vec![("message_id", id.clone())])],
            );
            also(
                &mut planted.request,
                service,
                &[Act::Hand(consumer(random, &id, false), 50 * MILLI)],
            );
            also(
                &mut planted.request,
                service,
                &[Act::Hand(consumer(random, &id, false), 900 * MILLI)],
            );
            planted.blamed = vec!["mailer".to_owned()];
        }
        Kind::TooShallow => {
            also(&mut planted.request, service, &client_call(random, "legacy", long));
            planted.silent.push("legacy".to_owned());
            planted.blamed = vec!["legacy".to_owned()];
        }
    }
    Some(planted)
}

pub(crate) fn one_of<'a>(random: &mut Random, choices: &[&'a str]) -> &'a str {
    choices[random.below(choices.len() as u64) as usize]
}

/// The caller's two lines around a call to a service that logs nothing.
pub(crate) fn client_call(random: &mut Random, callee: &str, length: Micros) -> Vec<Act> {
    let number = random.between(100, 999);
    vec![
        say("debug", &format!("--> GET http://{callee}:8080/records/{number}")),
        Act::Wait(length),
        say(
            "debug",
            &format!("<-- 200 GET http://{callee}:8080/records/{number} ({} ms)", length / MILLI),
        ),
    ]
}

/// Calls to one callee, each with another value.
pub(crate) fn repeated(random: &mut Random, count: u64, name: &'static str) -> Vec<Act> {
    let first = random.between(1_000, 9_000);
    let callee = *random.pick(&["stock-db", "price-service", "user-service"]);
    (0..count)
        .map(|index| {
            let value = (first + index * 7).to_string();
            let acts = vec![
                noted("looking up", vec![(name, value)]),
                Act::Wait(random.between(2_000, 9_000) as Micros),
            ];
            Act::Call(Call::to(part(callee, "GET /lookup/{id}", acts)))
        })
        .collect()
}

fn retries(random: &mut Random) -> Vec<Act> {
    let count = random.between(3, 6);
    let pause = *random.pick(&[0, 50 * MILLI, 200 * MILLI]);
    let grows = random.per_mille(500);
    let succeeds = random.per_mille(500);
    let mut acts = Vec::new();
    for attempt in 1..=count {
        let last = attempt == count;
        let mut inside = vec![Act::Wait(random.between(3_000, 9_000) as Micros)];
        if !(last && succeeds) {
            inside.push(Act::Fail("store is overloaded".to_owned(), 503));
        }
        let mut call = Call::to(part("flaky", "POST /store", inside));
        call.on_failure = if last {
            OnFailure::Fail
        } else {
            OnFailure::Note(format!("attempt {attempt} to store failed, trying again"))
        };
        acts.push(Act::Call(call));
        acts.push(Act::Wait(if grows { pause << attempt } else { pause }));
    }
    acts
}

/// Three callers above each other, the outer ones with the shorter patience.
fn cascade(random: &mut Random, system: &System) -> Option<Planted> {
    let spot = spot(random, system, true)?;
    let mut planted = Planted::of(system, &["deep"]);
    let slow = busy(random, 4 * SECOND);
    let wait = |callee: &str, limit: Micros, message: &str| {
        Some((limit, format!("{message} {callee} after {} ms", limit / MILLI)))
    };
    let message = *random.pick(&TIMEOUTS);
    let mut deep = Call::to(part("deep", "GET /deep", slow));
    deep.limit = wait("deep", random.between(1_400, 2_000) as Micros * MILLI, message);
    let mut middle =
        Call::to(part("middle", "GET /middle", vec![Act::Wait(5 * MILLI), Act::Call(deep)]));
    middle.limit = wait("middle", random.between(1_000, 1_300) as Micros * MILLI, message);
    let mut upper =
        Call::to(part("upper", "GET /upper", vec![Act::Wait(5 * MILLI), Act::Call(middle)]));
    upper.limit = random.per_mille(500).then(|| wait("upper", 800 * MILLI, message)).flatten();
    also(&mut planted.request, &spot.service, &[Act::Call(upper)]);
    Some(planted)
}

fn stale(random: &mut Random, planted: &mut Planted, service: &str, caller: &str) {
    let sku = format!("SKU-{}", random.between(1_000, 9_999));
    let value = || vec![("sku", sku.clone())];
    let hits = ["cache hit", "price served from cache", "found in cache"];
    let refusals = ["price mismatch", "version conflict: value is stale", "offer no longer valid"];
    also(&mut planted.request, service, &[noted(one_of(random, &hits), value())]);
    let database = Call::to(part("price-db", "SELECT price", vec![Act::Wait(2 * MILLI)]));
    also(&mut planted.usual, service, &[noted("cache miss", value()), Act::Call(database)]);
    let verify = |acts: Vec<Act>| Act::Call(Call::to(part("verifier", "POST /verify", acts)));
    let refusal = format!("{} for {sku}", random.pick(&refusals));
    also(&mut planted.request, caller, &[verify(vec![Act::Fail(refusal, 409)])]);
    also(&mut planted.usual, caller, &[verify(vec![Act::Wait(MILLI)])]);
}

fn token(random: &mut Random, planted: &mut Planted, service: &str) {
    let expired =
        ["401 token expired", "unauthorized: jwt expired", "rejected, access token has expired"];
    let call = |acts: Vec<Act>, on_failure: OnFailure| {
        let mut call = Call::to(part("vault", "GET /secret", acts));
        call.on_failure = on_failure;
        Act::Call(call)
    };
    let fine = || call(vec![Act::Wait(3 * MILLI)], OnFailure::Fail);
    let refused = Act::Fail((*random.pick(&expired)).to_owned(), 401);
    let ends_well = random.per_mille(500);
    let then = if ends_well {
        OnFailure::Note("vault refused, token refresh needed".to_owned())
    } else {
        OnFailure::Fail
    };
    let mut acts = vec![fine(), noted("refreshing token", Vec::new())];
    acts.push(call(vec![refused], then));
    if ends_well {
        acts.push(fine());
    }
    also(&mut planted.request, service, &acts);
    also(&mut planted.usual, service, &[fine()]);
    planted.blamed = vec!["vault".to_owned(), service.to_owned()];
}

pub(crate) fn consumer(random: &mut Random, id: &str, fails: bool) -> Part {
    let mut acts = vec![noted("processing message", vec![("message_id", id.to_owned())])];
    acts.push(Act::Wait(random.between(3_000, 9_000) as Micros));
    if fails {
        acts.push(Act::Fail("mail server refused".to_owned(), 500));
    }
    let mut part = part("mailer", "order.placed", acts);
    part.consumer = true;
    part
}
