//! How fast steps follow each other: own time of services, and time lost between two of them.
//!
//! Each gap between two steps is held against the usual gap between the same two steps, so
//! that a span which took another way is compared with others that did. A span's own time is
//! the sum of its gaps between lines; the gaps around a call belong to the pair of caller and
//! callee: both may have spent them. What is compared is the logarithm of observed over
//! usual. A difference that no caller could notice, because it is small beside how much
//! requests of that kind vary anyway, does not count.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::analysis::group::collected::{Groups, Request, Span, Step};
use crate::analysis::group::statistics::{Measured, between, median, moderated, of_mean, spread};
use crate::model::id::TraceId;

/// Fewer gaps have no usual length.
const GAPS_MIN: usize = 5;

/// Clocks of logs tell times apart that are this far from each other, in nanoseconds: below
/// it ratios are noise.
const RESOLUTION: f64 = 100_000.0;

/// A time that adds less than this to its requests, in standard deviations of how long they
/// usually take, is not noticed: what Cohen calls a small effect.
const NOTICED: f64 = 0.2;

/// Requests that are kept as examples.
const EXAMPLES_MAX: usize = 3;

/// Logarithms of usual gaps vary at least so much: without this the first two equal gaps
/// would make any third one infinitely unusual.
const VARIANCE_MIN: f64 = 0.01;

/// What takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Spender {
    /// A place, between its own lines.
    Own(u32),
    /// A place (first) and the place it calls (second), around the call.
    Between(u32, u32),
}

/// How the groups differ in a time.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    /// In standard deviations of single requests (Cohen's d); above 0 if it takes longer.
    pub(super) effect: f64,
    /// The effect's standard error.
    pub(super) error: f64,
    /// How many times as long as usual it takes.
    pub(super) ratio: f64,
    /// What it usually takes, in nanoseconds.
    pub(super) usual: f64,
    /// What it takes in the group to be explained.
    pub(super) found: f64,
    /// In how many spans of either group it was measured.
    pub(super) counts: (usize, usize),
    /// Requests and lines that show it, the slowest first.
    pub(super) examples: Vec<(TraceId, Vec<usize>)>,
}

/// A stretch of time between two steps.
struct Gap {
    spender: Spender,
    steps: (Step, Step),
    length: i64,
    entry: usize,
}

/// A measured time of one span.
struct Timed {
    /// Logarithm of observed over usual.
    ratio: f64,
    observed: f64,
    usual: f64,
    entry: usize,
}

/// The usual gap between two steps of a place.
type Usual = HashMap<(u32, Step, Step), f64>;

/// Compares the times of the groups, but for those that nobody notices; how many were compared.
pub(super) fn paces(
    groups: &Groups,
    block: impl Fn(&Request) -> i64,
) -> (BTreeMap<Spender, Pace>, usize) {
    let usual = usual(&groups.good);
    let spreads = spreads(&groups.good);
    let mut good: BTreeMap<Spender, BTreeMap<i64, Vec<f64>>> = BTreeMap::new();
    for request in &groups.good {
        let block = block(request);
        each_time(request, &usual, |spender, timed| {
            good.entry(spender).or_default().entry(block).or_default().push(timed.ratio);
        });
    }
    let mut bad: BTreeMap<Spender, Found> = BTreeMap::new();
    for request in &groups.bad {
        let spread = request.root().and_then(|root| spreads.get(&root)).copied();
        let mut added: BTreeMap<Spender, f64> = BTreeMap::new();
        each_time(request, &usual, |spender, timed| {
            *added.entry(spender).or_default() += timed.observed - timed.usual;
            bad.entry(spender).or_default().take(request.id, &timed);
        });
        for (spender, added) in added {
            if let (Some(spread), Some(found)) = (spread, bad.get_mut(&spender)) {
                found.noticed.push(added / spread);
            }
        }
    }
    let pairs: Vec<(Spender, Found, Reference)> = bad
        .into_iter()
        .filter_map(|(spender, found)| Some((spender, found, Reference::of(good.get(&spender)?)?)))
        .collect();
    let mut known: Vec<f64> =
        pairs.iter().filter_map(|(_, _, reference)| Some(reference.between?.variance)).collect();
    let between = median(&mut known).unwrap_or(0.0);
    let noticed = |found: &Found| mean(&found.noticed).is_some_and(|added| added >= NOTICED);
    let tried = pairs.len();
    let paces = pairs
        .into_iter()
        .filter(|(_, found, _)| noticed(found))
        .filter_map(|(spender, found, reference)| Some((spender, found.pace(&reference, between)?)))
        .collect();
    (paces, tried)
}

/// The times of the group to be explained.
#[derive(Default)]
struct Found {
    ratios: Vec<f64>,
    observed: f64,
    usual: f64,
    /// By how much its requests became longer, in standard deviations of their usual length.
    noticed: Vec<f64>,
    slowest: Vec<(f64, TraceId, usize)>,
}

impl Found {
    fn take(&mut self, request: TraceId, timed: &Timed) {
        self.ratios.push(timed.ratio);
        self.observed += timed.observed;
        self.usual += timed.usual;
        self.slowest.push((timed.observed - timed.usual, request, timed.entry));
        self.slowest.sort_by(|one, other| other.0.total_cmp(&one.0));
        self.slowest.truncate(EXAMPLES_MAX);
    }

    fn pace(&self, reference: &Reference, usual_between: f64) -> Option<Pace> {
        let mean_ratio = mean(&self.ratios)?;
        let own = reference.between.map(|between| between.variance);
        let between = moderated(own, reference.blocks.len(), usual_between);
        let of_centre =
            (reference.variance / reference.count as f64).max(of_mean(&reference.blocks, between));
        let count = self.ratios.len() as f64;
        let deviation = reference.variance.sqrt();
        Some(Pace {
            effect: (mean_ratio - reference.centre) / deviation,
            error: (reference.variance / count + of_centre + between).sqrt() / deviation,
            ratio: (mean_ratio - reference.centre).exp(),
            usual: self.usual / count,
            found: self.observed / count,
            counts: (self.ratios.len(), reference.count),
            examples: self.slowest.iter().map(|(_, id, entry)| (*id, vec![*entry])).collect(),
        })
    }
}

/// The times of the reference.
struct Reference {
    /// Mean and variance of single spans.
    centre: f64,
    variance: f64,
    count: usize,
    blocks: Vec<Measured>,
    between: Option<Measured>,
}

impl Reference {
    fn of(by_block: &BTreeMap<i64, Vec<f64>>) -> Option<Self> {
        let all: Vec<f64> = by_block.values().flatten().copied().collect();
        if all.len() < GAPS_MIN {
            return None;
        }
        let centre = mean(&all)?;
        let squares: f64 = all.iter().map(|ratio| (ratio - centre).powi(2)).sum();
        let variance = squares / (all.len() - 1) as f64 + VARIANCE_MIN;
        let blocks: Vec<Measured> = by_block
            .values()
            .filter_map(|ratios| {
                let variance = variance / ratios.len() as f64;
                Some(Measured { value: mean(ratios)?, variance })
            })
            .collect();
        let between = between(&blocks);
        Some(Self { centre, variance, count: all.len(), blocks, between })
    }
}

/// The usual length of each gap, by the median of the reference.
fn usual(good: &[Request]) -> Usual {
    let mut lengths: HashMap<(u32, Step, Step), Vec<f64>> = HashMap::new();
    for span in good.iter().flat_map(|request| &request.spans) {
        // A gap between two calls is of both: it is counted once here.
        let mut before = None;
        each_gap(span, |gap| {
            let key = (span.place, gap.steps.0, gap.steps.1);
            if before.replace((gap.entry, gap.steps)) != Some((gap.entry, gap.steps)) {
                lengths.entry(key).or_default().push(gap.length as f64);
            }
        });
    }
    lengths.retain(|_, lengths| lengths.len() >= GAPS_MIN);
    lengths
        .into_iter()
        .filter_map(|(key, mut lengths)| Some((key, median(&mut lengths)?)))
        .collect()
}

/// How much the requests that enter at a place vary in length.
fn spreads(good: &[Request]) -> HashMap<u32, f64> {
    let mut lengths: HashMap<u32, Vec<f64>> = HashMap::new();
    for request in good {
        if let Some(root) = request.root() {
            lengths.entry(root).or_default().push(request.duration as f64);
        }
    }
    lengths
        .into_iter()
        .filter_map(|(root, mut lengths)| Some((root, spread(&mut lengths)?.max(RESOLUTION))))
        .collect()
}

/// Calls `visit` with the own times of each span of a request and those around its calls.
fn each_time(request: &Request, usual: &Usual, mut visit: impl FnMut(Spender, Timed)) {
    for span in &request.spans {
        let mut times: BTreeMap<Spender, (f64, f64, i64, usize)> = BTreeMap::new();
        each_gap(span, |gap| {
            let key = (span.place, gap.steps.0, gap.steps.1);
            let Some(expected) = usual.get(&key) else { return };
            let time = times.entry(gap.spender).or_insert((0.0, 0.0, i64::MIN, gap.entry));
            time.0 += gap.length as f64;
            time.1 += expected;
            if gap.length > time.2 {
                (time.2, time.3) = (gap.length, gap.entry);
            }
        });
        for (spender, (observed, usual, _, entry)) in times {
            let ratio = ((observed + RESOLUTION) / (usual + RESOLUTION)).ln();
            visit(spender, Timed { ratio, observed, usual, entry });
        }
    }
}

/// Calls `visit` with each gap of a span; with one between two calls once for each of them.
fn each_gap(span: &Span, mut visit: impl FnMut(Gap)) {
    let mut last: Option<(Step, i64, usize)> =
        span.stated.map(|(start, _)| (Step::Start, start, 0));
    for pass in &span.steps {
        let Some((start, end)) = pass.time else { continue };
        if let Some((step, until, entry)) = last {
            let length = (start - until).max(0);
            for spender in spenders(span.place, step, pass.step).into_iter().flatten() {
                visit(Gap { spender, steps: (step, pass.step), length, entry });
            }
        }
        let until = last.map_or(end, |(_, until, _)| until.max(end));
        last = Some((pass.step, until, pass.entry));
    }
    if let (Some((step, until, entry)), Some((_, end))) = (last, span.stated) {
        let close = Step::End(false);
        for spender in spenders(span.place, step, close).into_iter().flatten() {
            visit(Gap { spender, steps: (step, close), length: (end - until).max(0), entry });
        }
    }
}

/// Who may have spent the time between two steps of a place.
fn spenders(place: u32, from: Step, to: Step) -> [Option<Spender>; 2] {
    let around = |step| match step {
        Step::Call(callee) => Some(Spender::Between(place, callee)),
        Step::Start | Step::Line(_) | Step::End(_) => None,
    };
    match (around(from), around(to)) {
        (None, None) => [Some(Spender::Own(place)), None],
        (from, to) if from == to => [from, None],
        both => both.into(),
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
