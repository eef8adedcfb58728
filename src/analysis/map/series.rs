//! Calls over time: how many, how many failed, how long they took, in periods of one length.
//!
//! The length of a period is a power of two of seconds and doubles as the time covered
//! grows, so that a series never has more than [`PERIODS_MAX`] periods and two series can
//! always be merged.

use std::collections::BTreeMap;

use crate::analysis::sketch::Sketch;
use crate::model::time::Timestamp;

/// As many points as fit beside each other in a terminal; more would not be looked at.
pub const PERIODS_MAX: usize = 64;

/// The doubling that ends at the widest period: 2^33 seconds are more than all time that a
/// timestamp can hold, so that two periods cover everything.
const DOUBLINGS_MAX: u32 = 33;

/// Calls of one period, or of all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Count {
    /// Calls.
    pub calls: u64,
    /// Those that failed.
    pub errors: u64,
    /// How long they took, in nanoseconds, where that is known.
    pub durations: Sketch,
}

impl Count {
    /// Counts all of another.
    pub fn merge(&mut self, other: &Self) {
        self.calls += other.calls;
        self.errors += other.errors;
        self.durations.merge(&other.durations);
    }
}

/// Calls over time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Series {
    /// Periods are two to this power of seconds long.
    doublings: u32,
    /// Calls by the number of their period since the epoch.
    periods: BTreeMap<i64, Count>,
    /// Calls without a time.
    undated: Count,
}

impl Series {
    /// Counts a call that began then, with its duration in nanoseconds.
    pub fn add(&mut self, start: Option<Timestamp>, duration: Option<i64>, failed: bool) {
        let count = match start {
            None => &mut self.undated,
            Some(start) => {
                let number = self.number(start);
                self.periods.entry(number).or_default()
            }
        };
        count.calls += 1;
        count.errors += u64::from(failed);
        if let Some(duration) = duration {
            count.durations.add(duration);
        }
        self.widen_while_too_many();
    }

    /// Counts all calls of another series.
    pub fn merge(&mut self, other: &Self) {
        self.widen_to(other.doublings);
        let shift = self.doublings - other.doublings.min(self.doublings);
        for (number, count) in &other.periods {
            self.periods.entry(number >> shift).or_default().merge(count);
        }
        self.undated.merge(&other.undated);
        self.widen_while_too_many();
    }

    /// Makes periods at least two to this power of seconds long.
    pub fn widen_to(&mut self, doublings: u32) {
        let shift = doublings.min(DOUBLINGS_MAX).saturating_sub(self.doublings);
        if shift == 0 {
            return;
        }
        self.doublings += shift;
        for (number, count) in std::mem::take(&mut self.periods) {
            self.periods.entry(number >> shift).or_default().merge(&count);
        }
    }

    fn widen_while_too_many(&mut self) {
        while self.spread() > PERIODS_MAX as i64 && self.doublings < DOUBLINGS_MAX {
            self.widen_to(self.doublings + 1);
        }
    }

    /// Periods from the first to the last, also empty ones.
    fn spread(&self) -> i64 {
        let ends = self.periods.first_key_value().zip(self.periods.last_key_value());
        ends.map_or(0, |((first, _), (last, _))| last - first + 1)
    }

    fn number(&self, time: Timestamp) -> i64 {
        time.nanoseconds().div_euclid(SECOND) >> self.doublings
    }

    /// Periods are two to this power of seconds long.
    pub const fn doublings(&self) -> u32 {
        self.doublings
    }

    /// How long a period is, in seconds.
    pub const fn period_seconds(&self) -> i64 {
        1 << self.doublings
    }

    /// The periods with calls, by their beginning.
    pub fn periods(&self) -> impl Iterator<Item = (Timestamp, &Count)> {
        self.periods.iter().map(|(number, count)| {
            let seconds = number.saturating_mul(self.period_seconds());
            (Timestamp::from_nanoseconds(seconds.saturating_mul(SECOND)), count)
        })
    }

    /// All calls.
    pub fn total(&self) -> Count {
        let mut total = self.undated.clone();
        for count in self.periods.values() {
            total.merge(count);
        }
        total
    }
}

/// Nanoseconds in a second.
const SECOND: i64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn series(seconds: &[i64]) -> Series {
        let mut series = Series::default();
        for second in seconds {
            series.add(Some(Timestamp::from_nanoseconds(second * SECOND)), Some(*second), false);
        }
        series
    }

    #[test]
    fn periods_double_as_the_time_covered_grows() {
        assert_eq!(series(&[0, 10, 63]).period_seconds(), 1);
        assert_eq!(series(&[0, 10, 64]).period_seconds(), 2);
        assert_eq!(series(&[0, 86_400]).period_seconds(), 2_048);
    }

    #[test]
    fn calls_without_a_time_are_in_the_sum_alone() {
        let mut series = series(&[5]);
        series.add(None, None, true);
        assert_eq!((series.total().calls, series.total().errors), (2, 1));
        assert_eq!(series.periods().count(), 1);
    }

    proptest! {
        #[test]
        fn a_series_is_short_and_loses_no_call(
            one in prop::collection::vec(-9_000_000_000..9_000_000_000_i64, 0..50),
            other in prop::collection::vec(0..100_000_i64, 0..50),
        ) {
            let mut merged = series(&one);
            merged.merge(&series(&other));
            prop_assert!(merged.periods().count() <= PERIODS_MAX);
            let sum: u64 = merged.periods().map(|(_, count)| count.calls).sum();
            prop_assert_eq!(sum, (one.len() + other.len()) as u64);
            let mut turned = series(&other);
            turned.merge(&series(&one));
            prop_assert_eq!(merged.total(), turned.total());
        }
    }
}
