//! Which operation calls which, how often, and how the caller's lines lie around the callee's.
//!
//! A mixture model in the manner of record linkage (Fellegi and Sunter, 1969): of all spans
//! that may have called one, exactly one did, and how the lines of that one lie is drawn
//! from what callers of this kind do, while the others' lie as those of bystanders do. What
//! a pair of operations has not shown often is filled up from what all pairs show.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::place::Place;
use crate::trace::relation::{After, GAPS, Relation};

/// What all pairs show weighs as much as this many sightings of one pair.
const GENERAL: f64 = 4.0;

/// A place that a pair has not shown yet is as likely as one in this many.
const PLACES: f64 = 8.0;

/// An operation that has not called another yet is as likely to as one that did so in this
/// many sightings, shared among all operations present.
const NEW: f64 = 1.0;

/// An operation must be seen this often before anything is said of its callers.
const SEEN_MIN: u32 = 10;

/// The least share of callers of which nothing is left from before the call: lines are lost
/// in every collection of logs, and what was learned may stem from requests that lost none.
const LOST: f64 = 0.02;

/// How operations call each other.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Calls {
    /// By the callee's operation.
    callees: BTreeMap<Place, Callee>,
    /// How spans of an operation lie to spans that they did not call.
    bystanders: BTreeMap<Place, Profile>,
    /// How callers lie, all together.
    caller: Profile,
    /// How bystanders lie, all together.
    bystander: Profile,
}

/// Who calls an operation.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Callee {
    seen: u32,
    /// How often nobody does: it begins a request.
    roots: u32,
    callers: BTreeMap<Place, Profile>,
}

impl Calls {
    /// Whether nothing was learned.
    pub(super) fn is_empty(&self) -> bool {
        self.callees.is_empty()
    }

    /// Whether this operation was seen often enough to know its callers.
    pub(super) fn knows(&self, callee: Place) -> bool {
        self.callees.get(&callee).is_some_and(|callee| callee.seen >= SEEN_MIN)
    }

    /// Counts a span that nobody called.
    pub(super) fn add_root(&mut self, callee: Place) {
        let callee = self.callees.entry(callee).or_default();
        callee.seen += 1;
        callee.roots += 1;
    }

    /// Counts a call.
    pub(super) fn add_call(&mut self, caller: Place, callee: Place, relation: Relation) {
        let callee = self.callees.entry(callee).or_default();
        callee.seen += 1;
        callee.callers.entry(caller).or_default().add(relation);
        self.caller.add(relation);
    }

    /// Counts a span that might have called another, and did not.
    pub(super) fn add_bystander(&mut self, operation: Place, relation: Relation) {
        self.bystanders.entry(operation).or_default().add(relation);
        self.bystander.add(relation);
    }

    /// The operations that call this one, in no order of meaning.
    pub(super) fn callers(&self, callee: Place) -> impl Iterator<Item = Place> + '_ {
        self.callees.get(&callee).into_iter().flat_map(|callee| callee.callers.keys().copied())
    }

    /// The share of this operation's spans that begin a request.
    pub(super) fn root_share(&self, callee: Place, present: usize) -> f64 {
        let Some(callee) = self.callees.get(&callee) else { return 1.0 / (present + 1) as f64 };
        (f64::from(callee.roots) + NEW / (present + 1) as f64) / (f64::from(callee.seen) + NEW)
    }

    /// The share of this operation's spans that `caller` calls.
    pub(super) fn call_share(&self, caller: Place, callee: Place, present: usize) -> f64 {
        let Some(callee) = self.callees.get(&callee) else { return 1.0 / (present + 1) as f64 };
        let calls = callee.callers.get(&caller).map_or(0, |profile| profile.count);
        (f64::from(calls) + NEW / (present + 1) as f64) / (f64::from(callee.seen) + NEW)
    }

    /// How much likelier it is that a caller lies so than that a bystander does.
    pub(super) fn odds(&self, caller: Place, callee: Place, relation: Relation) -> f64 {
        let none = Profile::default();
        let callers = self.callees.get(&callee).and_then(|callee| callee.callers.get(&caller));
        let called = callers.unwrap_or(&none).likelihood(relation, &self.caller);
        let bystanders = self.bystanders.get(&caller).unwrap_or(&none);
        called / bystanders.likelihood(relation, &self.bystander)
    }
}

/// How often lines lay in which way.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Profile {
    count: u32,
    before: Spread,
    within: Spread,
    later: Spread,
}

/// Places and distances of lines of one kind.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Spread {
    count: u32,
    places: BTreeMap<Place, u32>,
    /// By class of distance; empty where distance is not looked at.
    gaps: Vec<u32>,
}

impl Spread {
    fn add(&mut self, place: Place, gap: Option<usize>) {
        self.count += 1;
        *self.places.entry(place).or_default() += 1;
        if let Some(gap) = gap {
            self.gaps.resize(GAPS, 0);
            self.gaps[gap] += 1;
        }
    }

    /// The likelihood of this place among lines of this kind; `general` is the share of the
    /// kind itself in general.
    fn place(&self, place: Place, of: u32, general: f64) -> f64 {
        let seen = f64::from(self.places.get(&place).copied().unwrap_or_default());
        (seen + GENERAL * general / PLACES) / (f64::from(of) + GENERAL)
    }

    /// The likelihood of this distance; a class lends to its neighbours.
    fn gap(&self, gap: usize, general: f64) -> f64 {
        (self.smooth(gap) + GENERAL * general) / (f64::from(self.count) + GENERAL)
    }

    fn smooth(&self, gap: usize) -> f64 {
        let at = |gap: usize| f64::from(self.gaps.get(gap).copied().unwrap_or_default());
        0.5 * at(gap) + 0.25 * (at(gap + 1) + gap.checked_sub(1).map_or(0.0, at))
    }

    /// The share of a distance among all pairs, where one that was never seen counts a little.
    fn general_gap(&self, gap: usize) -> f64 {
        (self.smooth(gap) + 1.0) / (f64::from(self.count) + GAPS as f64)
    }
}

impl Profile {
    fn add(&mut self, relation: Relation) {
        self.count += 1;
        if let Some((place, gap)) = relation.before {
            self.before.add(place, Some(gap));
        }
        match relation.after {
            After::Silent => {}
            After::Within(place) => self.within.add(place, None),
            After::Later(place, gap) => self.later.add(place, Some(gap)),
        }
    }

    fn likelihood(&self, relation: Relation, general: &Self) -> f64 {
        let share = |count: u32| (f64::from(count) + 1.0) / (f64::from(general.count) + 3.0);
        let total = f64::from(self.count) + GENERAL;
        let none = |count: u32, general: f64| (f64::from(count) + GENERAL * general) / total;
        let before = match relation.before {
            None => {
                none(self.count - self.before.count, share(general.count - general.before.count))
                    .max(LOST)
            }
            Some((place, gap)) => {
                self.before.place(place, self.count, share(general.before.count))
                    * self.before.gap(gap, general.before.general_gap(gap))
            }
        };
        let silent = |profile: &Self| profile.count - profile.within.count - profile.later.count;
        let after = match relation.after {
            After::Silent => none(silent(self), share(silent(general))),
            After::Within(place) => {
                self.within.place(place, self.count, share(general.within.count))
            }
            After::Later(place, gap) => {
                self.later.place(place, self.count, share(general.later.count))
                    * self.later.gap(gap, general.later.general_gap(gap))
            }
        };
        before * after
    }
}
