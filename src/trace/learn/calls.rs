//! Counts who calls whom, over requests whose tree is known so far.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::place::Place;
use crate::trace::calls::Calls;
use crate::trace::learn::beside::hand_on;
use crate::trace::operation::Operations;
use crate::trace::relation::Relation;
use crate::trace::skeleton::Skeleton;
use crate::trace::weigh::{Candidates, choose};

/// Rounds of counting and choosing anew; the choices hardly change after the second.
const ROUNDS: usize = 2;

/// An operation that begins less than this share of the requests it is in begins none.
const BEGINS_MIN: f64 = 0.5;

/// An operation must be seen called this often elsewhere before what calls it is doubted.
const ELSEWHERE_MIN: u32 = 5;

/// Learns the operations, and how they call each other.
pub(super) fn learn(mut requests: Vec<Skeleton>) -> (Operations, Calls) {
    let bones = requests.iter().flatten();
    let operations = Operations::learn(bones.map(|bone| bone.lines.as_slice()));
    for bone in requests.iter_mut().flatten() {
        bone.operation = operations.of(&bone.lines);
    }
    trust_beginnings(&mut requests);
    let beside = hand_on(&mut requests);
    let mut calls = count(&requests, &unsure(&requests, &beside));
    for _ in 0..ROUNDS {
        for request in &mut requests {
            let choices = choose(request, &calls);
            for (bone, choice) in request.iter_mut().zip(choices) {
                bone.parent = choice.map_or(bone.parent, |choice| choice.parent);
                bone.sure |= choice.is_some();
            }
        }
        calls = count(&requests, &BTreeSet::new());
    }
    (operations, calls)
}

/// Where the first lines of a request were lost, what comes next looks like its beginning, and
/// what is guessed hangs on the wrong span: neither is believed where another operation
/// begins most requests that this one is in. Elsewhere guesses are as good as the rest.
fn trust_beginnings(requests: &mut [Skeleton]) {
    let mut present: BTreeMap<Place, (u32, u32)> = BTreeMap::new();
    for request in requests.iter() {
        let operations: BTreeSet<Place> = request.iter().map(|bone| bone.operation).collect();
        let first = first(request).map(|first| request[first].operation);
        for operation in operations {
            let (begins, all) = present.entry(operation).or_default();
            *begins += u32::from(Some(operation) == first);
            *all += 1;
        }
    }
    let begins = |operation: Place| {
        let (begins, all) = present.get(&operation).copied().unwrap_or_default();
        f64::from(begins) >= BEGINS_MIN * f64::from(all)
    };
    for request in requests {
        let believed = first(request).is_none_or(|first| begins(request[first].operation));
        for bone in request.iter_mut() {
            bone.sure = if bone.parent.is_none() { believed } else { bone.sure || believed };
        }
    }
}

/// The earliest span that nobody calls.
fn first(request: &Skeleton) -> Option<usize> {
    let roots = (0..request.len()).filter(|span| request[*span].parent.is_none());
    roots.min_by_key(|span| (request[*span].start, *span))
}

/// The calls, by caller and callee, that may be there by chance: the caller works beside the
/// rest of its request, and the callee is elsewhere called by others.
fn unsure(requests: &[Skeleton], beside: &BTreeSet<Place>) -> BTreeSet<(Place, Place)> {
    let mut called: BTreeMap<Place, BTreeMap<Place, u32>> = BTreeMap::new();
    for request in requests {
        for bone in request {
            let Some(parent) = bone.parent.filter(|_| !bone.settled) else { continue };
            let callers = called.entry(bone.operation).or_default();
            *callers.entry(request[parent].operation).or_default() += 1;
        }
    }
    let mut unsure = BTreeSet::new();
    for (callee, callers) in called {
        let elsewhere = callers.iter().filter(|(caller, _)| !beside.contains(caller));
        if elsewhere.map(|(_, count)| count).sum::<u32>() >= ELSEWHERE_MIN {
            let chance = callers.into_keys().filter(|caller| beside.contains(caller));
            unsure.extend(chance.map(|caller| (caller, callee)));
        }
    }
    unsure
}

fn count(requests: &[Skeleton], unsure: &BTreeSet<(Place, Place)>) -> Calls {
    let mut calls = Calls::default();
    for request in requests {
        let candidates = Candidates::of(request);
        for (child, bone) in request.iter().enumerate() {
            if !bone.sure {
                continue;
            }
            let Some(parent) = bone.parent else {
                calls.add_root(bone.operation);
                continue;
            };
            let caller = &request[parent];
            if unsure.contains(&(caller.operation, bone.operation)) {
                continue;
            }
            calls.add_call(caller.operation, bone.operation, Relation::of(caller, bone));
            for other in candidates.callers(child, &Calls::default()) {
                if other != parent {
                    let bystander = &request[other];
                    calls.add_bystander(bystander.operation, Relation::of(bystander, bone));
                }
            }
        }
    }
    calls
}
