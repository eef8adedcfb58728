//! Which operations run beside their caller instead of within it, and who hands work to them.
//!
//! A caller that waits is silent while its callee works. Where, over many requests, the
//! supposed caller speaks in the midst of the callee's lines, nobody waits for it: it is a
//! consumer or was started and left. Its work comes from whoever spoke last before it
//! began, at the place that does so in most requests and soonest.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::place::Place;
use crate::trace::skeleton::{Bone, Skeleton};

/// An operation must be seen this often before anything is said of it.
const SEEN_MIN: u32 = 20;

/// Callers that speak during more than this share of their calls do not wait.
const SPEAKS_MIN: f64 = 0.1;

/// A place that is the last word of its span in at least this share of cases may be where
/// work is handed on.
const LOOKED_AT_MIN: f64 = 0.5;

/// The operation that hands work on is at work before in at least this share of cases. If it
/// is not, there are several that do, and nothing is said.
const PRESENT_MIN: f64 = 0.85;

/// Hangs the spans that nobody waits for on the spans that handed their work on. Returns the
/// operations of which that is so.
pub(super) fn hand_on(requests: &mut [Skeleton]) -> BTreeSet<Place> {
    let pairs = beside(requests);
    let mut handed_on = BTreeSet::new();
    for callee in pairs.iter().map(|pair| pair.callee).collect::<BTreeSet<Place>>() {
        let own = |request: &Skeleton, bone: &Bone| {
            bone.operation == callee
                && Pair::of(request, bone).is_some_and(|pair| pairs.contains(&pair))
        };
        let Some(source) = source_of_work(requests, &own) else { continue };
        if source == callee || !one_each(requests, source, callee) {
            continue;
        }
        handed_on.insert(callee);
        for request in requests.iter_mut() {
            for index in 0..request.len() {
                if own(request, &request[index]) {
                    let source = latest(request, source, index);
                    request[index].parent = source.or(request[index].parent);
                    request[index].sure |= source.is_some();
                }
            }
        }
    }
    handed_on
}

/// Whether requests with one operation have the other as often: each hand-off is one piece of work.
fn one_each(requests: &[Skeleton], source: Place, callee: Place) -> bool {
    let count = |request: &Skeleton, operation: Place| {
        request.iter().filter(|bone| bone.operation == operation).count()
    };
    let counts = requests.iter().map(|request| (count(request, source), count(request, callee)));
    let (mut equal, mut all) = (0_usize, 0_usize);
    for (sources, callees) in counts.filter(|(_, callees)| *callees > 0) {
        all += 1;
        equal += usize::from(sources == callees);
    }
    equal as f64 >= PRESENT_MIN * all as f64
}

/// Two operations, the first of which seems to call the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Pair {
    caller: Place,
    callee: Place,
}

impl Pair {
    /// That of a span whose place was inferred, and its supposed caller.
    fn of(request: &Skeleton, bone: &Bone) -> Option<Self> {
        let caller = &request[bone.parent.filter(|_| !bone.settled)?];
        Some(Self { caller: caller.operation, callee: bone.operation })
    }
}

/// The span of an operation that spoke last before another began.
fn latest(request: &Skeleton, operation: Place, before: usize) -> Option<usize> {
    let spans = request.iter().enumerate().filter(|(_, bone)| bone.operation == operation);
    let said = spans
        .filter(|(index, _)| *index != before)
        .filter_map(|(index, bone)| Some((bone.last_before(request[before].start)?.0, index)));
    said.max().map(|(_, index)| index)
}

/// Pairs in which the caller does not seem to wait: it speaks in the midst of its callee's lines.
fn beside(requests: &[Skeleton]) -> BTreeSet<Pair> {
    let mut counts: HashMap<Pair, Count> = HashMap::new();
    for request in requests {
        for callee in request {
            let Some(pair) = Pair::of(request, callee) else { continue };
            let caller =
                callee.parent.and_then(|parent| request[parent].last_before(callee.end - 1));
            let count = counts.entry(pair).or_default();
            count.seen += 1;
            count.spoken_to += u32::from(caller.is_some_and(|line| line.0 > callee.start));
        }
    }
    counts.into_iter().filter(|(_, count)| count.is_beside()).map(|(pair, _)| pair).collect()
}

/// What callers did while an operation was at work.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    seen: u32,
    spoken_to: u32,
}

impl Count {
    fn is_beside(self) -> bool {
        let share = |count: u32| f64::from(count) / f64::from(self.seen.max(1));
        self.seen >= SEEN_MIN && share(self.spoken_to) >= SPEAKS_MIN
    }
}

/// The operation that hands work to these spans: that of the place which, of those where
/// others spoke last before in most requests, did so soonest, by the median.
fn source_of_work(requests: &[Skeleton], own: &dyn Fn(&Skeleton, &Bone) -> bool) -> Option<Place> {
    let mut gaps: BTreeMap<(Place, Place), Vec<i64>> = BTreeMap::new();
    let mut present: BTreeMap<Place, usize> = BTreeMap::new();
    let mut seen = 0_usize;
    let all =
        requests.iter().flat_map(|request| (0..request.len()).map(move |bone| (request, bone)));
    for (request, index) in all.filter(|(request, index)| own(request, &request[*index])) {
        seen += 1;
        let start = request[index].start;
        let mut last: BTreeMap<(Place, Place), i64> = BTreeMap::new();
        for (_, bone) in request.iter().enumerate().filter(|(other, _)| *other != index) {
            let Some((time, place)) = bone.last_before(start) else { continue };
            let latest = last.entry((place, bone.operation)).or_insert(time);
            *latest = time.max(*latest);
        }
        let operations: BTreeSet<Place> = last.keys().map(|(_, operation)| *operation).collect();
        for there in operations {
            *present.entry(there).or_default() += 1;
        }
        for (key, time) in last {
            gaps.entry(key).or_default().push(start - time);
        }
    }
    let often = |count: usize, share: f64| count as f64 >= share * seen as f64;
    gaps.into_iter()
        .filter(|(_, gaps)| often(gaps.len(), LOOKED_AT_MIN))
        .min_by_key(|(key, gaps)| (median(gaps), *key))
        .map(|((_, source), _)| source)
        .filter(|source| often(present[source], PRESENT_MIN))
}

fn median(values: &[i64]) -> i64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}
