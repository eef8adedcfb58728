use super::{Blocks, Comparison, Groups, Observed, compare};
use crate::model::field::{Field, Value};
use crate::model::fixture::{Fixture, entry};
use crate::model::id::TraceId;
use crate::trace::assemble;
use crate::trace::knowledge::Knowledge;

/// How long a call of the stock takes, what the stock says, and so on: what a request varies in.
#[derive(Clone, Copy, Default)]
struct Order {
    /// Milliseconds the stock takes.
    slow: i64,
    /// Whether the stock fails to find the item, and the shop tells.
    fails: bool,
    /// Whether the stock says nothing at all.
    silent: bool,
    /// How many variants the item has.
    variants: u32,
    /// Whether the new build of the stock runs.
    is_new: bool,
    /// The host that the stock runs on, if it names one.
    host: &'static str,
}

/// A request of a shop that asks for a cart, then the stock, beginning at this millisecond.
fn request(number: u128, at: i64, order: Order) -> Observed {
    let id = TraceId::new(number + 1).expect("not zero");
    // Times are never quite the same.
    let jitter = (number % 7) as i64;
    let stock = 20 + order.slow + jitter;
    let mut lines: Vec<Fixture> = vec![
        entry("shop", "order received").at(at).span(1),
        entry("cart", "loading cart").at(at + 5).span(2).parent(1),
        entry("cart", "cart loaded").at(at + 12 + jitter % 3).span(2).line(2),
        entry("shop", "asking stock").at(at + 20).span(1).line(2),
    ];
    if !order.silent {
        lines.push(entry("stock", "looking item up").at(at + 25).span(3).parent(1));
        let found = entry("stock", "item found").at(at + 25 + stock).span(3).line(2);
        let lost = entry("stock", "no such item").at(at + 25 + stock).span(3).line(2).error();
        lines.push(if order.fails { lost } else { found });
    }
    let done = entry("shop", "order placed").at(at + 30 + stock).span(1).line(3);
    let refused = entry("shop", "order refused").at(at + 30 + stock).span(1).line(3).error();
    lines.push(if order.fails { refused } else { done });
    let mut entries: Vec<_> = lines.into_iter().map(Fixture::done).collect();
    for entry in &mut entries {
        entry.context.trace_id = Some(id);
        if entry.context.service == "stock" {
            entry.context.host = Some(order.host.to_owned()).filter(|host| !host.is_empty());
            let fields = &mut entry.record.fields;
            let build = if order.is_new { "1.5.0" } else { "1.4.0" };
            fields.push(Field::text("version", build));
            fields.push(Field {
                name: "variants".to_owned(),
                value: Value::Number(order.variants.to_string()),
            });
        }
    }
    Observed::of(&assemble(id, entries, &Knowledge::default()))
}

/// Compares 30 requests of a window of three minutes with 120 of the twelve minutes before.
fn compared(bad: impl Fn(u128) -> Order, good: impl Fn(u128) -> Order) -> Comparison {
    let mut groups = Groups::default();
    for number in 0..120 {
        groups.add_good(request(number, number as i64 * 6_000, good(number)));
    }
    for number in 120..150 {
        groups.add_bad(request(number, number as i64 * 6_000, bad(number)));
    }
    compare(groups, Blocks { length: Some(180_000_000_000) })
}

#[track_caller]
fn check(bad: impl Fn(u128) -> Order, culprit: &str, finding: &str) {
    let found = compared(bad, |_| Order::default());
    let first = found.suspects.first().expect("a suspect");
    assert!(found.differs && first.score > 0.0, "{found:#?}");
    assert_eq!(first.service, culprit, "{found:#?}");
    let names: Vec<&str> = first.findings.iter().map(|told| told.finding.name).collect();
    assert!(names.contains(&finding), "{names:?}");
    assert!(first.findings.iter().all(|told| !told.shown_by.is_empty()));
}

#[test]
fn a_service_that_fails_is_to_blame_and_not_its_caller_that_fails_for_it() {
    check(|_| Order { fails: true, ..Order::default() }, "stock", "missing_step");
}

#[test]
fn a_service_that_becomes_slow_is_to_blame_and_not_its_caller() {
    check(|_| Order { slow: 400, ..Order::default() }, "stock", "slower");
}

#[test]
fn a_service_that_falls_silent_is_to_blame_if_its_caller_goes_on_as_usual() {
    check(|_| Order { silent: true, ..Order::default() }, "stock", "missing_call");
}

#[test]
fn a_build_that_came_with_the_fault_is_told() {
    check(|_| Order { is_new: true, fails: true, ..Order::default() }, "stock", "version");
}

#[test]
fn groups_that_do_not_differ_are_said_not_to() {
    let found = compared(|_| Order::default(), |_| Order::default());
    assert!(!found.differs, "{found:#?}");
    assert!(found.suspects.iter().all(|suspect| suspect.findings.is_empty()));
    assert!(found.tests > 10);
}

#[test]
fn what_was_always_so_explains_nothing() {
    let fails = |_| Order { fails: true, ..Order::default() };
    assert!(!compared(fails, fails).differs);
}

#[test]
fn what_became_better_is_no_fault() {
    let fails = |number| Order { fails: number % 10 < 8, ..Order::default() };
    let found = compared(|_| Order::default(), fails);
    let told: Vec<&str> = found
        .suspects
        .iter()
        .flat_map(|suspect| &suspect.findings)
        .map(|told| told.finding.name)
        .collect();
    // Failing was usual; that it stopped is a change all the same, and the stock's own.
    assert!(
        found.suspects.iter().all(|one| one.score == 0.0 || one.service == "stock"),
        "{told:?}"
    );
}

#[test]
fn a_threshold_is_found_by_itself() {
    // Items with more than 50 variants are not found.
    let order = |number: u128| {
        let variants = (number * 37 % 100) as u32;
        Order { variants, fails: variants > 50, ..Order::default() }
    };
    let mut groups = Groups::default();
    for number in 0..200 {
        let seen = request(number, number as i64 * 6_000, order(number));
        if order(number).fails { groups.add_bad(seen) } else { groups.add_good(seen) }
    }
    let found = compare(groups, Blocks::default());
    let sentences: Vec<&str> =
        found.values.iter().map(|told| told.finding.sentence.as_str()).collect();
    assert!(
        sentences.iter().any(|sentence| sentence.starts_with("variants > 50 in stock")),
        "{sentences:?}"
    );
}

#[test]
fn groups_that_chance_made_differ_in_one_of_twenty_at_most() {
    // Some fail, some are slow, variants differ: but no more in one group than in the other.
    let order = |number: u128| Order {
        slow: (number * 37 % 29) as i64,
        fails: (number * 7).is_multiple_of(11),
        variants: (number * 53 % 97) as u32,
        host: ["node-a", "node-b"][number as usize % 2],
        ..Order::default()
    };
    let differ = (1..=20_u128).filter(|split| {
        let mut groups = Groups::default();
        for number in 0..100 {
            let seen = request(number, number as i64 * 6_000, order(number));
            // Bits of a product are as good as chance.
            let drawn = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15 ^ (split * 0x5851_f42d));
            if (drawn >> 40).is_multiple_of(4) {
                groups.add_bad(seen);
            } else {
                groups.add_good(seen);
            }
        }
        compare(groups, Blocks::default()).differs
    });
    assert!(differ.count() <= 1);
}

#[test]
fn a_few_requests_decide_nothing() {
    let mut groups = Groups::default();
    for number in 0..3 {
        groups.add_good(request(number, number as i64 * 6_000, Order::default()));
    }
    groups.add_bad(request(9, 60_000, Order { fails: true, ..Order::default() }));
    let found = compare(groups, Blocks { length: Some(180_000_000_000) });
    assert!(!found.differs, "{found:#?}");
}

#[test]
fn empty_groups_are_compared_without_a_word() {
    let found = compare(Groups::default(), Blocks::default());
    assert!(!found.differs && found.suspects.is_empty() && found.values.is_empty());
}

#[test]
fn the_host_on_which_it_goes_wrong_is_told() {
    let order = |number: u128| {
        let is_faulty = number.is_multiple_of(4);
        let host = if is_faulty { "node-b" } else { "node-a" };
        Order { host, fails: is_faulty, ..Order::default() }
    };
    let mut groups = Groups::default();
    for number in 0..120 {
        let seen = request(number, number as i64 * 6_000, order(number));
        if order(number).fails {
            groups.add_bad(seen);
        } else {
            groups.add_good(seen);
        }
    }
    let found = compare(groups, Blocks::default());
    let told = |text: &str| found.values.iter().any(|told| told.finding.sentence.starts_with(text));
    assert!(told("host = node-b in stock: in 30 of 30 requests"), "{:#?}", found.values);
}
