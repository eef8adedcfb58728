//! How requests flow: which step follows which, how often, in both groups.
//!
//! The unit that is counted is the request: whether the step came at least once behind this
//! one. A turn that is usual and came less often is lost, one that is unusual and came more
//! often is gained.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::group::collected::{Groups, Request, Span, Step};
use crate::analysis::group::statistics::{
    Measured, between, median, moderated, of_mean, share, share_at,
};

/// From this share of requests on a turn is what usually happens.
const USUAL: f64 = 0.5;

/// Where a span stands: its place, and the step it took last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Context {
    pub(super) place: u32,
    pub(super) last: Step,
}

/// A step in its context, and how the groups differ in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    /// Cohen's h: above 0 if it came more often in the group to be explained.
    pub(super) effect: f64,
    /// The effect's standard error.
    pub(super) error: f64,
    /// In how many requests of those in its context it came.
    pub(super) bad: (u32, u32),
    /// The same in the reference.
    pub(super) good: (u32, u32),
    /// The usual share, by the median of the reference's blocks.
    usual: f64,
}

impl Turn {
    /// How many standard errors it is away from no difference.
    pub(super) fn distance(&self) -> f64 {
        self.effect.abs() / self.error
    }

    /// Whether it is a departure from what is usual, and not a return to it.
    pub(super) fn is_departure(&self) -> bool {
        (self.effect > 0.0) == (self.usual < USUAL)
    }
}

/// All turns that came in a context which both groups know.
pub(super) type Turns = BTreeMap<(Context, Step), Turn>;

/// The contexts of a request, each with the steps that came next, each once.
pub(super) fn turns_of(request: &Request) -> BTreeSet<(Context, Step)> {
    let mut turns = BTreeSet::new();
    for span in &request.spans {
        each_turn(span, |context, step, _| {
            turns.insert((context, step));
        });
    }
    turns
}

/// Calls `visit` with each step of a span in its context and its place among the steps (none
/// for its end). A step that repeats is one.
pub(super) fn each_turn(span: &Span, mut visit: impl FnMut(Context, Step, Option<usize>)) {
    let mut last = Step::Start;
    for (index, pass) in span.steps.iter().enumerate() {
        if pass.step != last {
            visit(Context { place: span.place, last }, pass.step, Some(index));
            last = pass.step;
        }
    }
    visit(Context { place: span.place, last }, Step::End(span.failed), None);
}

/// Counts of one kind in both groups; those of the reference by block.
#[derive(Debug, Default)]
struct Tally {
    bad: u32,
    good: BTreeMap<i64, u32>,
}

/// Compares the flow of the groups; `block` says in which block of the reference a request lies.
pub(super) fn turns(groups: &Groups, block: impl Fn(&Request) -> i64) -> Turns {
    let mut contexts: BTreeMap<Context, Tally> = BTreeMap::new();
    let mut steps: BTreeMap<(Context, Step), Tally> = BTreeMap::new();
    let mut count = |request: &Request, block: Option<i64>| {
        let mut last = None;
        for (context, step) in turns_of(request) {
            // Turns are in order: those of one context follow each other.
            if last.replace(context) != Some(context) {
                add(contexts.entry(context).or_default(), block);
            }
            add(steps.entry((context, step)).or_default(), block);
        }
    };
    groups.bad.iter().for_each(|request| count(request, None));
    groups.good.iter().for_each(|request| count(request, Some(block(request))));
    let shares: Vec<((Context, Step), Shares)> = steps
        .into_iter()
        .filter_map(|(key, tally)| Some((key, Shares::of(&tally, contexts.get(&key.0)?)?)))
        .collect();
    let mut known: Vec<f64> =
        shares.iter().filter_map(|(_, shares)| Some(shares.between?.variance)).collect();
    let usual = median(&mut known).unwrap_or(0.0);
    shares.into_iter().map(|(key, shares)| (key, shares.turn(usual))).collect()
}

fn add(tally: &mut Tally, block: Option<i64>) {
    match block {
        None => tally.bad += 1,
        Some(block) => *tally.good.entry(block).or_default() += 1,
    }
}

/// A turn's shares.
struct Shares {
    bad: (u32, u32),
    good: (u32, u32),
    blocks: Vec<Measured>,
    between: Option<Measured>,
}

impl Shares {
    /// None if one of the groups was never in this context: nothing can be compared then.
    fn of(step: &Tally, context: &Tally) -> Option<Self> {
        let whole: u32 = context.good.values().sum();
        if context.bad == 0 || whole == 0 {
            return None;
        }
        let part = |block: &i64| step.good.get(block).copied().unwrap_or(0);
        let blocks: Vec<Measured> =
            context.good.iter().map(|(block, whole)| share(part(block), *whole)).collect();
        Some(Self {
            bad: (step.bad, context.bad),
            good: (step.good.values().sum(), whole),
            between: between(&blocks),
            blocks,
        })
    }

    fn turn(&self, usual: f64) -> Turn {
        let pooled = share(self.good.0, self.good.1);
        let centre = self.between.map_or(pooled.value, |between| between.value);
        let found = share(self.bad.0, self.bad.1);
        let own = self.between.map(|between| between.variance);
        let between = moderated(own, self.blocks.len(), usual);
        let of_centre = pooled.variance.max(of_mean(&self.blocks, between));
        Turn {
            effect: 2.0 * (found.value - centre),
            error: 2.0 * (found.variance + of_centre + between).sqrt(),
            bad: self.bad,
            good: self.good,
            usual: share_at(centre),
        }
    }
}
