//! Percentiles of any number of durations in little memory, mergeable without loss.
//!
//! The sketch is `DDSketch` (Masson, Rim and Lee, VLDB 2019): counts in buckets whose borders
//! grow by a constant factor, so that every quantile is right within 1 % of its value, and
//! the sketch of two groups is the sum of their sketches. Ours keeps all buckets: 1 % over
//! the whole range of times is at most 2,200 of them.

use std::cmp::Ordering;

/// Borders of neighbouring buckets are this far apart, for values right within 1 %.
const GROWTH: f64 = 1.01 / 0.99;

/// Counts of values by their size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sketch {
    /// Values that are 0 or below: a span of no length.
    zeros: u64,
    /// Counts by the number of their bucket, in its order, none of them zero.
    buckets: Vec<(i16, u64)>,
}

impl Sketch {
    /// Counts a value.
    pub fn add(&mut self, value: i64) {
        if value <= 0 {
            self.zeros += 1;
            return;
        }
        let number = bucket(value);
        match self.buckets.binary_search_by_key(&number, |(bucket, _)| *bucket) {
            Ok(place) => self.buckets[place].1 += 1,
            Err(place) => self.buckets.insert(place, (number, 1)),
        }
    }

    /// Counts all values of another sketch.
    pub fn merge(&mut self, other: &Self) {
        self.zeros += other.zeros;
        let own = std::mem::take(&mut self.buckets);
        self.buckets.reserve(own.len().max(other.buckets.len()));
        let (mut one, mut two) = (own.as_slice(), other.buckets.as_slice());
        while let (Some((first, rest)), Some((second, others))) =
            (one.split_first(), two.split_first())
        {
            match first.0.cmp(&second.0) {
                Ordering::Less => {
                    self.buckets.push(*first);
                    one = rest;
                }
                Ordering::Greater => {
                    self.buckets.push(*second);
                    two = others;
                }
                Ordering::Equal => {
                    self.buckets.push((first.0, first.1 + second.1));
                    (one, two) = (rest, others);
                }
            }
        }
        self.buckets.extend(one.iter().chain(two));
    }

    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.zeros + self.buckets.iter().map(|(_, count)| count).sum::<u64>()
    }

    /// The value below which this share of the values lies (nearest rank), right within 1 %;
    /// none if nothing was counted.
    pub fn quantile(&self, share: f64) -> Option<i64> {
        let count = self.count();
        let rank = ((share.clamp(0.0, 1.0) * count as f64).ceil() as u64).max(1);
        let mut seen = self.zeros;
        if count > 0 && seen >= rank {
            return Some(0);
        }
        self.buckets.iter().find_map(|(bucket, count)| {
            seen += count;
            (seen >= rank).then(|| middle(*bucket))
        })
    }
}

/// The number of the bucket of a positive value: at most `ln(2^63) / ln(GROWTH)`, some 2,184.
fn bucket(value: i64) -> i16 {
    ((value as f64).ln() / GROWTH.ln()).ceil() as i16
}

/// The value that is at most 1 % away from all of a bucket.
fn middle(bucket: i16) -> i64 {
    (2.0 * GROWTH.powi(i32::from(bucket)) / (GROWTH + 1.0)).round() as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sketch(values: &[i64]) -> Sketch {
        let mut sketch = Sketch::default();
        for value in values {
            sketch.add(*value);
        }
        sketch
    }

    #[test]
    fn nothing_has_no_percentiles() {
        assert_eq!(Sketch::default().quantile(0.5), None);
    }

    #[test]
    fn spans_of_no_length_count() {
        assert_eq!(sketch(&[0, 0, 1_000_000]).quantile(0.5), Some(0));
    }

    proptest! {
        #[test]
        fn every_percentile_is_right_within_one_in_a_hundred(
            mut values in prop::collection::vec(0..=i64::MAX, 1..200),
            share in 0.0..=1.0,
        ) {
            let found = sketch(&values).quantile(share).expect("something was counted") as f64;
            values.sort_unstable();
            let rank = ((share * values.len() as f64).ceil() as usize).max(1);
            let exact = values[rank - 1] as f64;
            prop_assert!((found - exact).abs() <= exact * 0.010_001 + 0.5, "{found} for {exact}");
        }

        #[test]
        fn the_sketch_of_two_groups_is_the_sum_of_their_sketches(
            one in prop::collection::vec(any::<i64>(), 0..100),
            other in prop::collection::vec(any::<i64>(), 0..100),
        ) {
            let mut merged = sketch(&one);
            merged.merge(&sketch(&other));
            prop_assert_eq!(merged, sketch(&[one, other].concat()));
        }
    }
}
