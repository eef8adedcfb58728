//! What a span does, told by the places at which it speaks.
//!
//! The place of a span's first line names its operation. Where that line was lost, the
//! places that are left still tell: over many requests each place is seen in spans that
//! began somewhere, and a span does what most of its places say.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::model::place::Place;

/// Beginnings remembered of one place: those of a statement that all operations of a service
/// reach are many, and tell little.
const BEGINNINGS_MAX: usize = 8;

/// Lines of a span that are looked at: the first ones tell best.
const LINES_MAX: usize = 32;

/// A place that is the first of its span in less than this share of the spans that speak there
/// begins no operation: what came before it was lost.
const FIRST_MIN: f64 = 0.5;

/// For each place, where the spans that spoke there began.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Operations {
    begins: BTreeMap<Place, Vec<Beginning>>,
}

/// The first place of some spans, and the share of them among those that spoke at a place.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Beginning {
    place: Place,
    share: f32,
}

impl Operations {
    /// Learns from spans, each given by the places at which it spoke, in their order.
    pub(super) fn learn<'a>(spans: impl Iterator<Item = &'a [(i64, Place)]>) -> Self {
        let mut counts: HashMap<Place, HashMap<Place, u32>> = HashMap::new();
        for lines in spans {
            let Some((_, first)) = lines.first().copied() else { continue };
            for (_, place) in &lines[..lines.len().min(LINES_MAX)] {
                *counts.entry(*place).or_default().entry(first).or_default() += 1;
            }
        }
        let rare: HashSet<Place> = counts
            .iter()
            .filter(|(place, begins)| {
                let own = begins.get(*place).copied().unwrap_or_default();
                f64::from(own) < FIRST_MIN * f64::from(begins.values().sum::<u32>())
            })
            .map(|(place, _)| *place)
            .collect();
        for begins in counts.values_mut() {
            if begins.keys().any(|place| !rare.contains(place)) {
                begins.retain(|place, _| !rare.contains(place));
            }
        }
        Self { begins: counts.into_iter().map(|(place, begins)| (place, most(begins))).collect() }
    }

    /// The operation of a span with these lines: the beginning for which most of its places speak.
    pub(super) fn of(&self, lines: &[(i64, Place)]) -> Place {
        let mut votes: BTreeMap<Place, f32> = BTreeMap::new();
        for (_, place) in &lines[..lines.len().min(LINES_MAX)] {
            for beginning in self.begins.get(place).into_iter().flatten() {
                *votes.entry(beginning.place).or_default() += beginning.share;
            }
        }
        let most = votes.into_iter().max_by(|one, other| one.1.total_cmp(&other.1));
        most.map_or_else(|| lines.first().map_or(0, |line| line.1), |(place, _)| place)
    }
}

/// The most frequent beginnings, with their shares.
fn most(begins: HashMap<Place, u32>) -> Vec<Beginning> {
    let total: u32 = begins.values().sum();
    let mut begins: Vec<(Place, u32)> = begins.into_iter().collect();
    begins.sort_unstable_by_key(|(place, count)| (std::cmp::Reverse(*count), *place));
    begins.truncate(BEGINNINGS_MAX);
    let beginning =
        |(place, count): (Place, u32)| Beginning { place, share: count as f32 / total as f32 };
    begins.into_iter().map(beginning).collect()
}
