//! What is rebuilt of random systems, held against what truly happened.

use std::collections::BTreeMap;

use crate::model::id::SpanId;
use crate::model::trace::Trace;
use crate::trace::assemble;
use crate::trace::knowledge::Knowledge;
use crate::trace::learn::Learner;
use crate::trace::tests::system::{Harm, Random, System, Talk, Told};

/// Requests of each system: enough to learn from.
const REQUESTS: u64 = 80;

/// The systems that are tried, by their seeds.
const SYSTEMS: std::ops::Range<u64> = 0..8;

/// By how much one system may fare worse with learning than without: a few requests of some
/// hundred fall the other way.
const WORSE_MAX: f64 = 0.03;

/// How many edges of some requests are right, of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Score {
    right: usize,
    all: usize,
}

impl Score {
    fn share(self) -> f64 {
        self.right as f64 / self.all.max(1) as f64
    }

    fn plus(self, other: Self) -> Self {
        Self { right: self.right + other.right, all: self.all + other.all }
    }

    fn add(&mut self, trace: &Trace, truth: &BTreeMap<SpanId, Option<SpanId>>) {
        for span in &trace.spans {
            let Some(parent) = truth.get(&span.id) else { continue };
            let found = span.parent.parent.map(|parent| trace.span(parent).id);
            self.all += 1;
            self.right += usize::from(found == *parent);
        }
    }
}

fn told(seed: u64, talk: Talk, harm: Harm) -> (System, Vec<Told>) {
    let mut random = Random(seed);
    let system = System::new(&mut random, talk, harm);
    logged(system, random)
}

fn logged(system: System, mut random: Random) -> (System, Vec<Told>) {
    let requests = (0..REQUESTS).map(|number| system.request(&mut random, number)).collect();
    (system, requests)
}

fn learned(requests: &[Told]) -> Knowledge {
    let mut learner = Learner::default();
    for (id, entries, _) in requests {
        learner.observe(*id, entries.clone());
    }
    learner.learn()
}

fn score(requests: &[Told], knowledge: &Knowledge) -> Score {
    let mut score = Score::default();
    for (id, entries, truth) in requests {
        score.add(&assemble(*id, entries.clone(), knowledge), truth);
    }
    score
}

/// Scores of many systems, by nesting alone and with what was learned.
#[track_caller]
fn check(talk: Talk, harm: Harm, gain: f64) {
    let mut sum = (Score::default(), Score::default());
    for seed in SYSTEMS {
        let (_, requests) = told(seed, talk, harm);
        let nested = score(&requests, &Knowledge::default());
        let known = score(&requests, &learned(&requests));
        assert!(
            known.share() > nested.share() - WORSE_MAX,
            "system {seed}: {:.3} by nesting, {:.3} with learning, {harm:?}",
            nested.share(),
            known.share(),
        );
        sum = (sum.0.plus(nested), sum.1.plus(known));
    }
    let (nested, known) = (sum.0.share(), sum.1.share());
    assert!(known >= nested + gain, "{nested:.3} by nesting, {known:.3} with learning");
}

#[test]
fn learning_is_no_worse_than_nesting() {
    check(Talk::Much, Harm::default(), 0.0);
}

#[test]
fn learning_is_better_than_nesting_where_clocks_differ() {
    check(Talk::Much, Harm { skew: 200, ..Harm::default() }, 0.1);
}

#[test]
fn learning_is_better_than_nesting_where_lines_are_lost() {
    check(Talk::Much, Harm { loss: 0.1, ..Harm::default() }, 0.01);
    check(Talk::Much, Harm { loss: 0.3, ..Harm::default() }, 0.03);
}

#[test]
fn learning_is_no_worse_where_nobody_speaks_after_a_call() {
    check(Talk::Little, Harm::default(), 0.0);
    check(Talk::Little, Harm { loss: 0.3, ..Harm::default() }, 0.01);
}

/// The shares of right edges of the shop, by nesting alone and with what was learned.
#[track_caller]
fn check_shop(harm: Harm, least: f64) {
    let mut sum = Score::default();
    for seed in 0..2 {
        let mut random = Random(seed);
        let (_, requests) = logged(System::shop(&mut random, harm), random);
        sum = sum.plus(score(&requests, &learned(&requests)));
    }
    assert!(sum.share() >= least, "{:.3}, {harm:?}", sum.share());
}

/// One call in twenty stands before the only line of its caller: no line shows who made it.
#[test]
fn a_shop_whose_services_speak_only_at_first_is_rebuilt() {
    check_shop(Harm::default(), 0.94);
    check_shop(Harm { grain: 1_000, ..Harm::default() }, 0.93);
    check_shop(Harm { skew: 200, ..Harm::default() }, 0.92);
    check_shop(Harm { skew: 100, loss: 0.05, ..Harm::default() }, 0.92);
    check_shop(Harm { loss: 0.1, ..Harm::default() }, 0.92);
    check_shop(Harm { loss: 0.3, ..Harm::default() }, 0.84);
}

#[test]
fn stated_parents_make_the_exact_tree() {
    for seed in SYSTEMS {
        for skew in [0, 500] {
            let (_, requests) =
                told(seed, Talk::Much, Harm { skew, stated: true, ..Harm::default() });
            let score = score(&requests, &learned(&requests));
            assert_eq!(score.right, score.all, "system {seed}, clocks off by {skew} ms");
        }
    }
}

#[test]
fn clocks_that_agree_stay_as_they_are() {
    for seed in SYSTEMS {
        let (_, requests) = told(seed, Talk::Much, Harm::default());
        assert_eq!(learned(&requests).clocks.hosts, BTreeMap::new(), "system {seed}");
    }
}

#[test]
fn what_is_learned_does_not_depend_on_the_order_of_reading() {
    let (_, mut requests) = told(5, Talk::Much, Harm { skew: 50, loss: 0.1, ..Harm::default() });
    let first = learned(&requests);
    requests.reverse();
    for request in &mut requests {
        request.1.reverse();
    }
    assert_eq!(learned(&requests), first);
}
