//! Which of all requests are learned from: those whose ids have the lowest hashes.
//!
//! Ids say nothing of when or where a request was read, so the sample is spread over the
//! whole corpus, and it is the same in whatever order requests come.

use std::collections::BTreeMap;

use twox_hash::XxHash3_64;

use crate::model::id::TraceId;

/// Requests learned from, at most: enough for stable votes in a large system, and read in a
/// fraction of a second.
const REQUESTS_MAX: usize = 2_000;

/// Entries of all of them, at most: what bounds the memory of learning.
const ENTRIES_MAX: usize = 200_000;

/// A request of more entries than this teaches nothing that smaller ones do not, and costs
/// the square of its spans.
pub const REQUEST_ENTRIES_MAX: usize = 2_000;

/// Where an id stands in the order in which requests are taken.
type Rank = (u64, TraceId);

/// The requests with the lowest hashes, as many as there is room for, and something of each.
///
/// Invariant: it holds what stands first among all that were offered, up to the first for
/// which there was no room, whatever the order they were offered in.
#[derive(Debug)]
pub struct Sample<T> {
    kept: BTreeMap<Rank, (usize, T)>,
    entries: usize,
    /// The lowest that had no room: nothing behind it may come in later.
    end: Option<Rank>,
}

impl<T> Default for Sample<T> {
    fn default() -> Self {
        Self { kept: BTreeMap::new(), entries: 0, end: None }
    }
}

impl<T> Sample<T> {
    /// Takes a request of so many entries in, if it stands before others or there is room.
    pub fn offer(&mut self, id: TraceId, entries: usize, value: T) {
        let rank = (hash(id), id);
        if entries > REQUEST_ENTRIES_MAX || self.end.is_some_and(|end| rank >= end) {
            return;
        }
        if let Some((before, _)) = self.kept.insert(rank, (entries, value)) {
            self.entries -= before;
        }
        self.entries += entries;
        while self.kept.len() > REQUESTS_MAX || self.entries > ENTRIES_MAX {
            let Some((last, (entries, _))) = self.kept.pop_last() else { return };
            self.entries -= entries;
            self.end = Some(last);
        }
    }

    /// The requests with how many entries they have and what is kept of them, always in the
    /// same order.
    pub fn into_requests(self) -> impl Iterator<Item = (TraceId, usize, T)> {
        self.kept.into_iter().map(|((_, id), (entries, value))| (id, entries, value))
    }
}

/// A number that says nothing of the id, even where ids were counted up.
fn hash(id: TraceId) -> u64 {
    XxHash3_64::oneshot(&id.value().to_le_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, prop, prop_assert_eq, proptest};

    use super::*;

    fn id(number: u128) -> TraceId {
        TraceId::new(number + 1).expect("not zero")
    }

    fn sampled(offers: &[(u128, usize)]) -> Vec<(TraceId, usize)> {
        let mut sample = Sample::default();
        for (number, entries) in offers {
            sample.offer(id(*number), *entries, ());
        }
        sample.into_requests().map(|(id, entries, ())| (id, entries)).collect()
    }

    #[test]
    fn a_sample_is_spread_over_all_requests() {
        let offers: Offers = (0..20_000).map(|number| (number, 10)).collect();
        let sample = sampled(&offers);
        assert_eq!(sample.len(), REQUESTS_MAX);
        let late = sample.iter().filter(|(request, _)| *request > id(10_000)).count();
        assert!((800..1_200).contains(&late), "{late} of the second half");
    }

    #[test]
    fn a_request_that_is_larger_than_others_is_left_out() {
        assert_eq!(sampled(&[(1, REQUEST_ENTRIES_MAX + 1)]), []);
    }

    /// Requests and how many entries each has.
    type Offers = Vec<(u128, usize)>;

    /// Requests of a few sizes, some of which fill the sample quickly, in two orders.
    fn two_orders() -> impl Strategy<Value = (Offers, Offers)> {
        let size = prop::sample::select(vec![1, 700, 2_000, 2_001]);
        prop::collection::vec(size, 0..400).prop_flat_map(|sizes| {
            let offers: Offers = (0..).zip(sizes).collect();
            (Just(offers.clone()), Just(offers).prop_shuffle())
        })
    }

    proptest! {
        #[test]
        fn a_sample_is_the_same_in_every_order((offers, shuffled) in two_orders()) {
            prop_assert_eq!(sampled(&offers), sampled(&shuffled));
        }
    }
}
