//! How often each value of a field occurs, how often something failed with it, how long it
//! took, and when.

use std::collections::HashMap;

use crate::analysis::map::series::Series;
use crate::model::time::Timestamp;

/// Values that are counted one by one; further ones are counted together. Each takes about
/// 10 KB where it is spread over time.
const VALUES_MAX: usize = 10_000;

/// Values longer than this are counted by their beginning.
const VALUE_BYTES_MAX: usize = 1_024;

/// What is counted: a request or a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// When it was, or began.
    pub start: Option<Timestamp>,
    /// How many nanoseconds it took, if known.
    pub duration: Option<i64>,
    /// Whether something failed in it.
    pub failed: bool,
}

/// The counts of one value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// How often, over time.
    pub series: Series,
    /// When it was first seen.
    pub first: Option<Timestamp>,
}

impl Group {
    fn add(&mut self, counted: Counted) {
        self.series.add(counted.start, counted.duration, counted.failed);
        let earlier = |first: Timestamp| counted.start.map_or(first, |start| start.min(first));
        self.first = self.first.map(earlier).or(counted.start);
    }
}

/// Counts by value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    groups: HashMap<String, Group>,
    /// All that was counted, each once.
    pub total: Group,
    /// What has no value.
    pub without: Group,
    /// What has values beyond those that are counted one by one.
    pub others: Group,
}

impl Facets {
    /// Counts something under each of its values, which are different from each other.
    pub fn add<'a>(&mut self, values: impl Iterator<Item = &'a str>, counted: Counted) {
        self.total.add(counted);
        let mut any = false;
        for value in values {
            any = true;
            let value = beginning(value);
            let is_full = self.groups.len() >= VALUES_MAX;
            match self.groups.get_mut(value) {
                Some(group) => group.add(counted),
                None if is_full => self.others.add(counted),
                None => self.groups.entry(value.to_owned()).or_default().add(counted),
            }
        }
        if !any {
            self.without.add(counted);
        }
    }

    /// How many values were counted one by one.
    pub fn values(&self) -> usize {
        self.groups.len()
    }

    /// The values with their counts, the most frequent first, at most so many.
    pub fn most_frequent(&self, limit: usize) -> Vec<(&str, &Group)> {
        let mut groups: Vec<(&str, &Group)> =
            self.groups.iter().map(|(value, group)| (value.as_str(), group)).collect();
        groups.sort_by_cached_key(|(value, group)| {
            (std::cmp::Reverse(group.series.total().calls), *value)
        });
        groups.truncate(limit);
        groups
    }
}

fn beginning(value: &str) -> &str {
    let mut end = value.len().min(VALUE_BYTES_MAX);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    &value[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_counted_and_the_whole_once() {
        let at = |second: i64| Counted {
            start: Some(Timestamp::from_nanoseconds(second * 1_000_000_000)),
            duration: Some(second),
            failed: second == 3,
        };
        let mut facets = Facets::default();
        facets.add(["a", "b"].into_iter(), at(3));
        facets.add(["b"].into_iter(), at(1));
        facets.add([].into_iter(), at(2));
        let found = facets.most_frequent(9);
        let counts: Vec<_> = found
            .iter()
            .map(|(value, group)| {
                let total = group.series.total();
                (*value, total.calls, total.errors, group.first.map(Timestamp::nanoseconds))
            })
            .collect();
        assert_eq!(counts, [("b", 2, 1, Some(1_000_000_000)), ("a", 1, 1, Some(3_000_000_000))]);
        assert_eq!(facets.total.series.total().calls, 3);
        assert_eq!(facets.without.series.total().calls, 1);
    }

    #[test]
    fn very_many_values_are_counted_together() {
        let mut facets = Facets::default();
        for number in 0..=VALUES_MAX {
            let counted = Counted { start: None, duration: None, failed: false };
            facets.add([number.to_string().as_str()].into_iter(), counted);
        }
        assert_eq!((facets.values(), facets.others.series.total().calls), (VALUES_MAX, 1));
    }
}
