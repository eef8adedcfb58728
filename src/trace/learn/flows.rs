//! Which operations run beside their caller instead of within it, and who hands work to them.
//!
//! A caller that waits is silent while its callee works. Where, over many requests, the
//! supposed caller speaks in the midst of the callee's lines, nobody waits for it: it is a
//! consumer or was started and left. Its work comes from whoever spoke last before it
//! began, at the place that does so in most requests and soonest. And because it runs
//! beside the rest, it encloses other spans by chance; these belong to places from which
//! they are called in requests where it is not in the way.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::trace::knowledge::Flows;
use crate::trace::learn::skeleton::Skeleton;
use crate::trace::place::Place;

/// An operation must be seen this often before anything is said of it.
const SEEN_MIN: u32 = 20;

/// Callers that speak during more than this share of their calls do not wait.
const SPEAKS_MIN: f64 = 0.1;

/// What is at work at the same time as another callee of its caller in more than this share
/// of cases was not waited for, or neither was.
const OVERLAPS_MIN: f64 = 0.1;

/// The place that hands work on speaks before in at least this share of cases. One that
/// does so in about half of them at the least is looked at; if the soonest of these is not
/// there nearly always, lines are missing or there are several such places, and nothing is said.
const PRESENT_MIN: f64 = 0.85;
/// See [`PRESENT_MIN`].
const LOOKED_AT_MIN: f64 = 0.5;

/// A place from which an operation is called in at least this share of its appearances, and
/// this often, calls it.
const CALLS_SHARE_MIN: f64 = 0.2;
/// See [`CALLS_SHARE_MIN`].
const CALLS_MIN: u32 = 5;

/// Learns how operations follow each other.
pub(super) fn learn(requests: &[Skeleton]) -> Flows {
    let beside = beside(requests);
    let handed_on = beside
        .iter()
        .filter_map(|operation| Some((*operation, source_of_work(requests, *operation)?)))
        .collect();
    let called_from = if beside.is_empty() { BTreeMap::new() } else { called_from(requests) };
    Flows { handed_on, called_from }
}

/// Operations that nobody seems to wait for: their supposed callers speak in their midst, or
/// have another callee at work at the same time.
fn beside(requests: &[Skeleton]) -> BTreeSet<Place> {
    let mut counts: HashMap<Place, Count> = HashMap::new();
    for request in requests {
        let overlaps = overlaps(request);
        for (callee, overlaps) in request.iter().zip(overlaps) {
            let Some(caller) = callee.parent.map(|parent| &request[parent]) else { continue };
            let last = caller.last_before(callee.end() - 1);
            let count = counts.entry(callee.operation).or_default();
            count.seen += 1;
            count.spoken_to += u32::from(last.is_some_and(|line| line.0 > callee.start()));
            count.overlaps += u32::from(overlaps);
        }
    }
    counts.into_iter().filter(|(_, count)| count.is_beside()).map(|(callee, _)| callee).collect()
}

/// What callers did while an operation was at work.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    seen: u32,
    spoken_to: u32,
    overlaps: u32,
}

impl Count {
    fn is_beside(self) -> bool {
        let share = |count: u32| f64::from(count) / f64::from(self.seen.max(1));
        self.seen >= SEEN_MIN
            && (share(self.spoken_to) >= SPEAKS_MIN || share(self.overlaps) >= OVERLAPS_MIN)
    }
}

/// For each span whether it was at work at the same time as another one of its parent's.
fn overlaps(request: &Skeleton) -> Vec<bool> {
    let mut overlaps = vec![false; request.len()];
    let mut order: Vec<usize> = (0..request.len()).collect();
    order.sort_by_key(|index| (request[*index].start(), *index));
    // For each parent its callee that went on longest so far.
    let mut longest: HashMap<Option<usize>, usize> = HashMap::new();
    for index in order {
        let bone = &request[index];
        let last = longest.entry(bone.parent).or_insert(index);
        if *last != index && bone.start() < request[*last].end() {
            overlaps[*last] = true;
            overlaps[index] = true;
        }
        if bone.end() > request[*last].end() {
            *last = index;
        }
    }
    overlaps
}

/// The place that hands work to an operation: of those present in most requests, the one
/// that spoke soonest before, by the median.
fn source_of_work(requests: &[Skeleton], operation: Place) -> Option<Place> {
    let mut gaps: BTreeMap<Place, Vec<i64>> = BTreeMap::new();
    let mut seen = 0_usize;
    for request in requests {
        for (index, callee) in request.iter().enumerate() {
            if callee.operation != operation {
                continue;
            }
            seen += 1;
            let others = request.iter().enumerate().filter(|(other, _)| *other != index);
            let mut last: BTreeMap<Place, i64> = BTreeMap::new();
            for (time, place) in others.filter_map(|(_, other)| other.last_before(callee.start())) {
                let latest = last.entry(place).or_insert(time);
                *latest = time.max(*latest);
            }
            for (place, time) in last {
                gaps.entry(place).or_default().push(callee.start() - time);
            }
        }
    }
    let present = |gaps: &[i64], share: f64| gaps.len() as f64 >= share * seen as f64;
    gaps.into_iter()
        .filter(|(_, gaps)| present(gaps, LOOKED_AT_MIN))
        .min_by_key(|(place, gaps)| (median(gaps), *place))
        .filter(|(_, gaps)| present(gaps, PRESENT_MIN))
        .map(|(place, _)| place)
}

fn median(values: &[i64]) -> i64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

/// For each operation, the places from which it is called again and again.
fn called_from(requests: &[Skeleton]) -> BTreeMap<Place, BTreeSet<Place>> {
    let mut appearances: HashMap<Place, u32> = HashMap::new();
    let mut calls: BTreeMap<(Place, Place), u32> = BTreeMap::new();
    for request in requests {
        for bone in request {
            let places: BTreeSet<Place> = bone.lines.iter().map(|line| line.1).collect();
            for place in places {
                *appearances.entry(place).or_default() += 1;
            }
            let caller = bone.parent.map(|parent| &request[parent]);
            if let Some((_, place)) = caller.and_then(|caller| caller.last_before(bone.start())) {
                *calls.entry((bone.operation, place)).or_default() += 1;
            }
        }
    }
    let mut called_from: BTreeMap<Place, BTreeSet<Place>> = BTreeMap::new();
    for ((operation, place), count) in calls {
        let share = f64::from(count) / f64::from(appearances[&place].max(1));
        if count >= CALLS_MIN && share >= CALLS_SHARE_MIN {
            called_from.entry(operation).or_default().insert(place);
        }
    }
    called_from
}
