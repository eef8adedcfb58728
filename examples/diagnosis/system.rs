//! Made-up systems: 5 to 40 services and the request that goes through them.

use super::line::{MILLI, Micros};
use super::random::Random;
use super::script::{Act, Call, OnFailure, Part};

/// Names enough for the largest system.
const NAMES: [&str; 40] = [
    "checkout",
    "cart",
    "pricing",
    "inventory",
    "payment",
    "shipping",
    "catalog",
    "profile",
    "ledger",
    "search",
    "review",
    "coupon",
    "tax",
    "currency",
    "fraud",
    "loyalty",
    "address",
    "stock",
    "warehouse",
    "carrier",
    "invoice",
    "wallet",
    "session",
    "consent",
    "image",
    "banner",
    "gift",
    "refund",
    "rating",
    "offer",
    "bundle",
    "quota",
    "locale",
    "region",
    "courier",
    "parcel",
    "label",
    "slot",
    "route",
    "vendor",
];

/// One system: how its request is answered when all is well.
#[derive(Debug, Clone)]
pub(crate) struct System {
    pub(crate) root: Part,
}

impl System {
    /// A system of that many services.
    pub(crate) fn of(random: &mut Random, count: usize) -> Self {
        let mut names: Vec<&str> = NAMES.to_vec();
        for index in (1..names.len()).rev() {
            names.swap(index, random.below(index as u64 + 1) as usize);
        }
        let mut services: Vec<String> = vec!["gateway".to_owned()];
        services.extend(names.iter().take(count - 1).map(|name| (*name).to_owned()));
        // Parents of services: each hangs on one before it, near the end for depth.
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); count];
        for index in 1..count {
            let low = index.saturating_sub(4) as u64;
            children[random.between(low, index as u64) as usize].push(index);
        }
        let root = part(random, &services, &children, 0);
        Self { root }
    }
}

fn part(random: &mut Random, services: &[String], children: &[Vec<usize>], index: usize) -> Part {
    let mut acts = vec![Act::Wait(random.between(1_000, 8_000) as Micros)];
    let calls: Vec<Call> = children[index]
        .iter()
        .map(|child| {
            let mut call = Call::to(part(random, services, children, *child));
            call.told = random.per_mille(400);
            call
        })
        .collect();
    if calls.len() > 1 && random.per_mille(300) {
        acts.push(Act::Fan(calls));
    } else {
        for call in calls {
            acts.push(Act::Call(call));
            acts.push(Act::Wait(random.between(500, 4_000) as Micros));
        }
    }
    let steps = ["checking request", "loading settings", "preparing answer"];
    acts.push(Act::Say("info", (*random.pick(&steps)).to_owned(), Vec::new()));
    acts.push(Act::Wait(random.between(1_000, 12_000) as Micros));
    let operation = format!("GET /{}/{{id}}", services[index]);
    Part::new(&services[index], &operation, acts)
}

/// The same request another time: every wait a little longer or shorter, and now and then
/// what happens on a healthy day.
pub(crate) fn varied(random: &mut Random, part: &Part) -> Part {
    let mut acts: Vec<Act> = part.acts.iter().map(|act| varied_act(random, act)).collect();
    if random.per_mille(30) {
        acts.insert(1, everyday(random, &part.service));
    }
    Part { acts, ..part.clone() }
}

fn varied_act(random: &mut Random, act: &Act) -> Act {
    let mut vary = |call: &Call| Call { part: varied(random, &call.part), ..call.clone() };
    match act {
        Act::Call(call) => Act::Call(vary(call)),
        Act::Fan(calls) => Act::Fan(calls.iter().map(vary).collect()),
        Act::Wait(length) => Act::Wait(length * random.between(70, 141) as Micros / 100),
        Act::Hand(part, later) => Act::Hand(varied(random, part), *later),
        Act::Say(..) | Act::Fail(..) => act.clone(),
    }
}

/// What is logged on a healthy day and alarms only the careless.
fn everyday(random: &mut Random, service: &str) -> Act {
    let number = random.between(100, 999);
    let say = |level, message: String| Act::Say(level, message, Vec::new());
    match random.below(9) {
        0 => say("info", format!("cache hit key={number}")),
        1 => say("info", format!("acquired connection from pool in {} ms", random.below(3))),
        2 => say("debug", format!("pool stats active={} idle=7 waiting=0", random.below(4))),
        3 => say("info", "finished, 0 retries, no timeouts".to_owned()),
        4 => say("debug", format!("calling backend with timeout={}s", random.between(2, 9))),
        5 => say("warn", format!("slow start of {service}, warming up")),
        6 => say("info", "token refreshed, valid for 3600 s".to_owned()),
        7 => say("warn", "deprecated parameter `limit` ignored".to_owned()),
        _ => {
            let fails = Act::Fail("no recommendation model loaded".to_owned(), 503);
            let mut call =
                Call::to(Part::new("suggest", "GET /suggest", vec![Act::Wait(3 * MILLI), fails]));
            call.on_failure =
                OnFailure::MakeUp("suggest failed, using default list instead".to_owned());
            Act::Call(call)
        }
    }
}

/// Changes the part of one service, wherever it stands.
pub(crate) fn change(part: &mut Part, service: &str, with: &mut dyn FnMut(&mut Part)) {
    if part.service == service {
        with(part);
        return;
    }
    for act in &mut part.acts {
        match act {
            Act::Call(call) => change(&mut call.part, service, with),
            Act::Fan(calls) => {
                for call in calls {
                    change(&mut call.part, service, with);
                }
            }
            _ => {}
        }
    }
}

/// Changes the call to one service, wherever it is made; gives the caller.
pub(crate) fn change_call(
    part: &mut Part,
    service: &str,
    with: &mut dyn FnMut(&mut Call),
) -> Option<String> {
    let caller = part.service.clone();
    for act in &mut part.acts {
        let calls: &mut [Call] = match act {
            Act::Call(call) => std::slice::from_mut(call),
            Act::Fan(calls) => calls,
            _ => &mut [],
        };
        for call in calls {
            if call.part.service == service {
                with(call);
                return Some(caller);
            }
            if let Some(found) = change_call(&mut call.part, service, with) {
                return Some(found);
            }
        }
    }
    None
}
