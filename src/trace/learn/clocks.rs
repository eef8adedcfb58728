//! How far clocks are off, from causality alone.
//!
//! A caller that waits writes a line before it calls and one after it has its answer. The
//! callee's lines lie between the two in true time, so each such bracket bounds the
//! difference of the two clocks from both sides. Which line pairs bracket which callee is
//! not known, but the right ones agree: over all requests there is one difference that all
//! brackets of a pair of places admit, while brackets that only happened to be there admit
//! anything. So pairs of places vote with the narrow range that nearly all their brackets
//! share, and the votes of two hosts are counted where they overlap most. It is the bound
//! that NTP takes from a request and its answer (RFC 5905), without knowing which they are.

use std::collections::{BTreeMap, HashMap};

use crate::model::place::Place;
use crate::trace::clocks::{Clocks, Correction};
use crate::trace::skeleton::{Bone, Skeleton};

/// A pair of places must have bracketed this many callees to vote: fewer agree by chance.
const CALLEES_MIN: usize = 5;

/// Of callees that state their caller, this many suffice.
const STATED_MIN: usize = 3;

/// The share of a pair's callees that one difference must admit for it to vote.
const AGREEMENT_MIN: f64 = 0.9;

/// How far below the best count the votes may fall within the error bar.
const BAR: f64 = 0.9;

/// Rounds of settling; it comes to rest after a few.
const ROUNDS: usize = 50;

/// Clocks that are nearer to each other than this are left alone, however sure the difference
/// is: a call between two hosts takes about as long.
const FINEST: i64 = 1_000_000;

/// No error is said to be less: where the way to a host takes longer than the way back, as it
/// does where one side's network is busier, no bracket shows it.
const ERROR_MIN: i64 = 3_000_000;

/// Two hosts: those whose clocks are compared, in the order of their names.
type Hosts<'a> = (&'a str, &'a str);

/// A range of differences (the second host's clock minus the first's, in nanoseconds), and
/// its weight.
#[derive(Debug, Clone, Copy)]
struct Range {
    low: i64,
    high: i64,
    weight: f64,
}

/// What all votes say of two hosts, in nanoseconds.
#[derive(Debug, Clone, Copy)]
struct Difference {
    likeliest: i64,
    low: i64,
    high: i64,
    weight: f64,
}

impl Difference {
    /// The same, the other way round.
    const fn turned(self) -> Self {
        Self { likeliest: -self.likeliest, low: -self.high, high: -self.low, ..self }
    }
}

/// Learns the clocks of all hosts.
pub(super) fn learn(requests: &[Skeleton]) -> Clocks {
    let mut pairs: BTreeMap<Hosts<'_>, Vec<Range>> = BTreeMap::new();
    for (key, brackets) in brackets(requests) {
        let callees_min = if key.places.is_some() { CALLEES_MIN } else { STATED_MIN };
        if let Some(range) = vote(&brackets, callees_min) {
            pairs.entry(key.hosts).or_default().push(range);
        }
    }
    let differences = pairs.into_iter().filter_map(|(hosts, votes)| Some((hosts, widest(&votes)?)));
    Clocks { hosts: settle(differences.collect()) }
}

/// Of spans, the share that must find a caller around them by corrected clocks and found none
/// by the raw ones, before the raw ones are doubted.
const GAIN_MIN: f64 = 0.005;

/// Whether requests by corrected clocks make more sense than by raw ones: more spans lie
/// within another that may have called them.
pub(super) fn explain_more(corrected: &[Skeleton], raw: &[Skeleton]) -> bool {
    let (spans, enclosed) = enclosed(corrected);
    enclosed - self::enclosed(raw).1 > GAIN_MIN * spans
}

/// How many spans there are, and how many of them lie within their parent.
fn enclosed(requests: &[Skeleton]) -> (f64, f64) {
    let within = |request: &Skeleton, bone: &Bone| {
        let caller = bone.parent.map(|parent| &request[parent]);
        caller.is_some_and(|caller| caller.start <= bone.start && bone.end <= caller.end)
    };
    let count = |request: &Skeleton| request.iter().filter(|bone| within(request, bone)).count();
    let spans: usize = requests.iter().map(Vec::len).sum();
    (spans as f64, requests.iter().map(count).sum::<usize>() as f64)
}

/// What a bracket is counted under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key<'a> {
    hosts: Hosts<'a>,
    /// The places before and after the call, and what was called; none for a callee that
    /// states its caller, which needs no guess where it was called.
    places: Option<(Place, Place, Place)>,
}

/// A range of differences that one callee's place between two lines admits.
struct Bracket {
    callee: usize,
    low: i64,
    high: i64,
}

/// All brackets of all requests, in a stable order.
fn brackets(requests: &[Skeleton]) -> BTreeMap<Key<'_>, Vec<Bracket>> {
    let mut found: HashMap<Key<'_>, Vec<Bracket>> = HashMap::new();
    let mut callee_number = 0;
    for request in requests {
        for callee in request {
            callee_number += 1;
            let stated = callee.parent.filter(|_| callee.stated).map(|parent| &request[parent]);
            for caller in request.iter().filter(|caller| caller.clock != callee.clock) {
                if stated.is_some_and(|stated| std::ptr::eq(stated, caller)) {
                    let whole = (caller.start, caller.end);
                    if let Some((key, low, high)) = bracket(caller, callee, whole, None) {
                        let bracket = Bracket { callee: callee_number, low, high };
                        found.entry(key).or_default().push(bracket);
                    }
                }
                for (key, low, high) in around(caller, callee) {
                    let bracket = Bracket { callee: callee_number, low, high };
                    found.entry(key).or_default().push(bracket);
                }
            }
        }
    }
    found.into_iter().collect()
}

/// The places in a caller where the callee fits between two lines, whatever the clocks.
fn around<'a>(outer: &'a Bone, inner: &'a Bone) -> impl Iterator<Item = (Key<'a>, i64, i64)> + 'a {
    outer.lines.windows(2).filter_map(move |pair| {
        let places = Some((pair[0].1, pair[1].1, inner.operation));
        bracket(outer, inner, (pair[0].0, pair[1].0), places)
    })
}

/// The range of differences with which `inner` lies between two times of `outer`; none if it
/// is longer than what lies between them.
fn bracket<'a>(
    outer: &'a Bone,
    inner: &'a Bone,
    (before, after): (i64, i64),
    places: Option<(Place, Place, Place)>,
) -> Option<(Key<'a>, i64, i64)> {
    // Times may be centuries apart: what logs state is not always true.
    if after.saturating_sub(before) < inner.end.saturating_sub(inner.start) {
        return None;
    }
    let (low, high) = (inner.end.saturating_sub(after), inner.start.saturating_sub(before));
    let turned = outer.clock > inner.clock;
    let hosts = if turned {
        (inner.clock.as_str(), outer.clock.as_str())
    } else {
        (outer.clock.as_str(), inner.clock.as_str())
    };
    let key = Key { hosts, places };
    Some(if turned { (key, high.saturating_neg(), low.saturating_neg()) } else { (key, low, high) })
}

/// The range of differences that nearly all callees of a pair of places admit, if there is one.
fn vote(brackets: &[Bracket], callees_min: usize) -> Option<Range> {
    let mut callees: Vec<usize> = brackets.iter().map(|bracket| bracket.callee).collect();
    callees.dedup();
    let total = callees.len();
    if total < callees_min {
        return None;
    }
    let mut ends: Vec<(i64, bool, usize)> = brackets
        .iter()
        .flat_map(|bracket| {
            [(bracket.low, false, bracket.callee), (bracket.high, true, bracket.callee)]
        })
        .collect();
    ends.sort_unstable();
    let mut open: HashMap<usize, usize> = HashMap::new();
    let mut best: Option<(usize, i64, i64)> = None;
    for (index, (at, closes, callee)) in ends.iter().enumerate() {
        if *closes {
            let count = open.entry(*callee).or_default();
            *count -= 1;
            if *count == 0 {
                open.remove(callee);
            }
        } else {
            *open.entry(*callee).or_default() += 1;
            if best.is_none_or(|(most, ..)| open.len() > most) {
                // The end of this very range comes later, so there is a next one.
                best = Some((open.len(), *at, ends[index + 1].0));
            }
        }
    }
    let (most, low, high) = best?;
    (most as f64 >= AGREEMENT_MIN * total as f64).then_some(Range {
        low,
        high,
        weight: most as f64,
    })
}

/// Where the votes of two hosts overlap most, with all that falls little short of it as error bar.
fn widest(votes: &[Range]) -> Option<Difference> {
    let mut ends: Vec<(i64, bool, f64)> = votes
        .iter()
        .flat_map(|vote| [(vote.low, false, vote.weight), (vote.high, true, vote.weight)])
        .collect();
    ends.sort_unstable_by_key(|(at, closes, _)| (*at, *closes));
    let mut weight = 0.0;
    let mut steps: Vec<(i64, i64, f64)> = Vec::with_capacity(ends.len());
    for pair in ends.windows(2) {
        let (at, closes, change) = pair[0];
        weight += if closes { -change } else { change };
        steps.push((at, pair[1].0, weight));
    }
    let best = steps.iter().map(|step| step.2).fold(0.0, f64::max);
    let peak = steps.iter().position(|step| step.2 >= best)?;
    let near = |step: &&(i64, i64, f64)| step.2 >= BAR * best;
    let low = steps[..=peak].iter().rev().take_while(near).last()?.0;
    let high = steps[peak..].iter().take_while(near).last()?.1;
    let likeliest = steps[peak].0 + (steps[peak].1 - steps[peak].0) / 2;
    (best > 0.0).then_some(Difference { likeliest, low, high, weight: best })
}

/// One correction for each host.
///
/// The differences contradict each other a little, and a few are wrong altogether. Starting
/// from those with the most votes, each host is moved in turn to where it breaks the ranges
/// that its neighbours leave it least, until nothing moves: a wrong difference is outvoted,
/// and a wide one says no more than it knows.
fn settle(mut differences: Vec<(Hosts<'_>, Difference)>) -> BTreeMap<String, Correction> {
    differences.sort_by(|one, other| {
        other.1.weight.total_cmp(&one.1.weight).then_with(|| one.0.cmp(&other.0))
    });
    let mut neighbours: BTreeMap<&str, Vec<(&str, Difference)>> = BTreeMap::new();
    for ((first, second), difference) in &differences {
        neighbours.entry(second).or_default().push((first, *difference));
        neighbours.entry(first).or_default().push((second, difference.turned()));
    }
    let mut corrections = BTreeMap::new();
    for group in spread(&differences) {
        let mut clocks = group;
        for _ in 0..ROUNDS {
            let hosts: Vec<&str> = clocks.keys().copied().collect();
            let moved = hosts.into_iter().filter(|host| adjust(&mut clocks, host, &neighbours));
            if moved.count() == 0 {
                break;
            }
        }
        corrections.extend(centred(&clocks, &neighbours));
    }
    corrections
}

/// How far each host's clock is ahead of the first of its group, following the differences
/// with the most votes (a maximum spanning forest, by Kruskal's method).
fn spread<'a>(differences: &[(Hosts<'a>, Difference)]) -> Vec<BTreeMap<&'a str, i64>> {
    let mut groups: Vec<BTreeMap<&str, i64>> = Vec::new();
    for ((first, second), difference) in differences {
        let mut group = take_group(&mut groups, first);
        if !group.contains_key(second) {
            let other = take_group(&mut groups, second);
            let shift = group[first] + difference.likeliest - other[second];
            group.extend(other.into_iter().map(|(host, ahead)| (host, ahead + shift)));
        }
        groups.push(group);
    }
    groups
}

fn take_group<'a>(
    groups: &mut Vec<BTreeMap<&'a str, i64>>,
    host: &'a str,
) -> BTreeMap<&'a str, i64> {
    match groups.iter().position(|group| group.contains_key(host)) {
        Some(index) => groups.swap_remove(index),
        None => BTreeMap::from([(host, 0)]),
    }
}

/// Moves a host to where the ranges that its neighbours leave it are least exceeded: the
/// weighted median of their ends. Whether it moved.
fn adjust(
    clocks: &mut BTreeMap<&str, i64>,
    host: &str,
    neighbours: &BTreeMap<&str, Vec<(&str, Difference)>>,
) -> bool {
    let said = neighbours.get(host).into_iter().flatten().filter_map(|(neighbour, difference)| {
        let ahead = clocks.get(neighbour)?;
        let end = |end: i64| (ahead + end, difference.weight);
        Some([end(difference.low), end(difference.high)])
    });
    let Some(median) = weighted_median(said.flatten().collect()) else { return false };
    let Some(ahead) = clocks.get_mut(host) else { return false };
    let moved = *ahead != median;
    *ahead = median;
    moved
}

/// The value with half of the weight below it; between two values that both are, the middle.
fn weighted_median(mut values: Vec<(i64, f64)>) -> Option<i64> {
    values.sort_by_key(|(value, _)| *value);
    let half = values.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut below = 0.0;
    let at = values.iter().position(|(_, weight)| {
        below += weight;
        below >= half
    })?;
    let lower = values[at].0;
    let upper = values.get(at + 1).filter(|_| below <= half).map_or(lower, |next| next.0);
    Some(lower + (upper - lower) / 2)
}

/// Measures clocks against their median host, since nobody knows whose is right, and leaves
/// alone what agrees within its error.
fn centred(
    clocks: &BTreeMap<&str, i64>,
    neighbours: &BTreeMap<&str, Vec<(&str, Difference)>>,
) -> Vec<(String, Correction)> {
    let mut sorted: Vec<i64> = clocks.values().copied().collect();
    sorted.sort_unstable();
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    let corrected = clocks.iter().filter_map(|(host, ahead)| {
        let error = error_of(host, *ahead, clocks, neighbours);
        let off = ahead - median;
        let correction = Correction { nanoseconds: -off, error: error.max(ERROR_MIN) };
        (off.abs() > error.max(FINEST)).then(|| ((*host).to_owned(), correction))
    });
    corrected.collect()
}

/// How far a host's neighbours typically are from what was settled on, and how wide the
/// ranges typically are that they leave open.
fn error_of(
    host: &str,
    ahead: i64,
    clocks: &BTreeMap<&str, i64>,
    neighbours: &BTreeMap<&str, Vec<(&str, Difference)>>,
) -> i64 {
    let said = || neighbours.get(host).into_iter().flatten();
    let misses = said().filter_map(|(neighbour, difference)| {
        let off = ahead - clocks.get(neighbour)?;
        let miss = (difference.low - off).max(off - difference.high).max(0);
        Some((miss, difference.weight))
    });
    let widths = said().map(|(_, said)| ((said.high - said.low) / 2, said.weight));
    let miss = weighted_median(misses.collect()).unwrap_or_default();
    miss + weighted_median(widths.collect()).unwrap_or_default()
}
