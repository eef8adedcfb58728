//! What looks like a fault and is none.

use super::fault::{
    FAILURES, Kind, Planted, also, busy, client_call, consumer, does, fan, noted, one_of, part,
    repeated, say, spot,
};
use super::line::{MILLI, Micros, SECOND};
use super::random::Random;
use super::script::{Act, Call, OnFailure};
use super::system::{System, change_call};

#[expect(clippy::too_many_lines, reason = "a table: one arm a kind")]
/// What looks like a fault of this kind and is none.
pub(crate) fn look_alike(random: &mut Random, system: &System, kind: Kind) -> Option<Planted> {
    let spot = spot(random, system, true)?;
    let (service, caller) = (spot.service.as_str(), spot.caller.as_str());
    let mut planted = Planted::of(system, &[]);
    let long = random.between(1_500, 5_000) as Micros * MILLI;
    // Changes the request and its peers in the same way: it is always so.
    let mut both = |acts: &[Act]| {
        also(&mut planted.request, service, acts);
        also(&mut planted.usual, service, acts);
    };
    match kind {
        Kind::Silence => {
            both(&[say("info", "charging card"), Act::Wait(long), say("info", "charged")]);
        }
        Kind::SlowStep => both(&busy(random, long)),
        Kind::SlowHandover => {
            for request in [&mut planted.request, &mut planted.usual] {
                change_call(request, service, &mut |call| call.way = long / 2);
            }
        }
        Kind::ErrorOrigin | Kind::SwallowedError => {
            also(
                &mut planted.request,
                service,
                &[Act::Fail((*random.pick(&FAILURES)).to_owned(), 500)],
            );
            change_call(&mut planted.request, service, &mut |call| {
                call.on_failure = OnFailure::MakeUp("falling back to default".to_owned());
            });
        }
        Kind::Straggler => {
            let (mut calls, _) = fan(random, None, &OnFailure::Fail);
            calls[0].part.acts = vec![Act::Wait(long / 4)];
            both(&[Act::Fan(calls)]);
        }
        Kind::RepeatedCalls => match random.below(3) {
            0 => both(&repeated(random, 14, "page")),
            1 => {
                let calls = repeated(random, 14, "item").into_iter().filter_map(|act| match act {
                    Act::Call(call) => Some(call),
                    _ => None,
                });
                also(&mut planted.request, service, &[Act::Fan(calls.collect())]);
            }
            _ => {
                let poll = || {
                    [noted("job not ready", vec![("job", "J-17".to_owned())]), Act::Wait(9 * MILLI)]
                };
                let acts: Vec<Act> = (0..12).flat_map(|_| poll()).collect();
                both(&acts);
            }
        },
        Kind::RetryStorm => {
            let call = || {
                Act::Call(Call::to(part(
                    "poller",
                    "GET /status",
                    vec![say("info", "status pending"), Act::Wait(5 * MILLI)],
                )))
            };
            both(&[call(), Act::Wait(20 * MILLI), call(), Act::Wait(20 * MILLI), call(), call()]);
        }
        Kind::TimeoutChain => both(&[
            say("debug", "calling ledger with timeout=5s"),
            Act::Wait(40 * MILLI),
            say("info", "answered within timeout: 5s"),
        ]),
        Kind::CascadingTimeouts => {
            let acts = busy(random, long);
            does(&mut planted.request, service, &acts);
            let message = format!("timed out waiting for {service} after 1000 ms");
            change_call(&mut planted.request, service, &mut |call| {
                call.limit = Some((SECOND, message.clone()));
            });
            planted.allowed = Kind::TimeoutChain.allowed();
        }
        Kind::PoolExhaustion => {
            let database =
                Act::Call(Call::to(part("orders-db", "SELECT orders", vec![Act::Wait(2 * MILLI)])));
            both(&[
                say("debug", "pool stats active=3 idle=7 waiting=0"),
                Act::Wait(300 * MILLI),
                say("info", "computed plan"),
                database,
            ]);
        }
        Kind::SunkFanOut => {
            let (calls, _) = fan(random, None, &OnFailure::Fail);
            both(&[Act::Fan(calls)]);
            also(
                &mut planted.request,
                caller,
                &[Act::Fail((*random.pick(&FAILURES)).to_owned(), 500)],
            );
            planted.allowed = &["error_origin"];
        }
        Kind::HiddenFanOut => {
            let made_up = OnFailure::MakeUp("answering without it, degraded".to_owned());
            let message = one_of(random, &FAILURES);
            let (calls, _) = fan(random, Some(message), &made_up);
            also(&mut planted.request, service, &[Act::Fan(calls)]);
        }
        Kind::StaleCache => {
            let sku = || vec![("sku", "SKU-7788".to_owned())];
            both(&[noted("cache hit", sku())]);
            also(
                &mut planted.request,
                caller,
                &[Act::Fail("card declined by bank".to_owned(), 402)],
            );
            planted.allowed = &["error_origin"];
        }
        Kind::TokenRace => {
            let refused = Act::Fail("401 unauthorized: wrong password".to_owned(), 401);
            also(
                &mut planted.request,
                service,
                &[Act::Call(Call::to(part("vault", "POST /login", vec![refused])))],
            );
            planted.allowed = &["error_origin"];
        }
        Kind::LostContext => {
            let id = format!("msg-{:x}", random.bits());
            let customer = ("customer_id", format!("C-{}", random.between(1_000, 9_999)));
            also(
                &mut planted.request,
                service,
                &[noted("published event", vec![("message_id", id.clone()), customer.clone()])],
            );
            also(
                &mut planted.request,
                service,
                &[Act::Hand(consumer(random, &id, false), 50 * MILLI)],
            );
            let other =
                part("profile-page", "GET /me", vec![noted("loading profile", vec![customer])]);
            planted.apart.push((other, 700 * MILLI));
        }
        Kind::Duplicate => {
            let id = format!("msg-{:x}", random.bits());
            let again = random.per_mille(500);
            let first = consumer(random, &id, again);
            let mut second = consumer(random, &id, false);
            if !again {
                "indexer".clone_into(&mut second.service);
            }
            also(
                &mut planted.request,
                service,
                &[Act::Hand(first, 50 * MILLI), Act::Hand(second, 900 * MILLI)],
            );
            planted.allowed = &["error_origin"];
        }
        Kind::TooShallow => both(&client_call(random, "fast-db", 3 * MILLI)),
    }
    Some(planted)
}
