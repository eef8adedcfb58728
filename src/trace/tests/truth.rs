//! What is rebuilt of random systems, held against what truly happened.

use std::collections::BTreeMap;

use crate::model::id::SpanId;
use crate::model::trace::Trace;
use crate::trace::assemble;
use crate::trace::knowledge::Knowledge;
use crate::trace::learn::Learner;
use crate::trace::tests::system::{Harm, Random, System, Told};

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

fn told(seed: u64, harm: Harm) -> (System, Vec<Told>) {
    let mut random = Random(seed);
    let system = System::new(&mut random, harm);
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
fn check(harm: Harm, gain: f64) {
    let mut sum = (Score::default(), Score::default());
    for seed in SYSTEMS {
        let (_, requests) = told(seed, harm);
        let nested = score(&requests, &Knowledge::default());
        let known = score(&requests, &learned(&requests));
        assert!(
            known.share() > nested.share() - WORSE_MAX,
            "system {seed}: {:.3} by nesting, {:.3} with learning",
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
    check(Harm::default(), 0.0);
}

#[test]
fn learning_is_better_than_nesting_where_clocks_differ() {
    check(Harm { skew: 200, ..Harm::default() }, 0.1);
}

#[test]
fn learning_is_better_than_nesting_where_lines_are_lost() {
    check(Harm { loss: 0.1, ..Harm::default() }, 0.01);
    check(Harm { loss: 0.3, ..Harm::default() }, 0.03);
}

#[test]
fn stated_parents_make_the_exact_tree() {
    for seed in SYSTEMS {
        for skew in [0, 500] {
            let (_, requests) = told(seed, Harm { skew, loss: 0.0, stated: true });
            let score = score(&requests, &learned(&requests));
            assert_eq!(score.right, score.all, "system {seed}, clocks off by {skew} ms");
        }
    }
}

#[test]
fn clocks_that_agree_stay_as_they_are() {
    for seed in SYSTEMS {
        let (_, requests) = told(seed, Harm::default());
        assert_eq!(learned(&requests).clocks.hosts, BTreeMap::new(), "system {seed}");
    }
}

#[test]
fn what_is_learned_does_not_depend_on_the_order_of_reading() {
    let (_, mut requests) = told(5, Harm { skew: 50, loss: 0.1, stated: false });
    let first = learned(&requests);
    requests.reverse();
    for request in &mut requests {
        request.1.reverse();
    }
    assert_eq!(learned(&requests), first);
}
