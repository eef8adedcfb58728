//! Puts entries of many streams in the order of their times, as far as a short wait allows.
//!
//! Streams are read one after the other, so what happened at once comes apart. An entry
//! waits a moment for those that happened before it; what comes later than that is shown
//! when it comes.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::entry::Entry;
use crate::model::time::Timestamp;

/// How long an entry waits for others.
const WAIT: Duration = Duration::from_millis(30);

/// Entries that wait at most; beyond it the earliest are shown.
const WAITING_MAX: usize = 100_000;

/// Entries that wait for others.
#[derive(Debug, Default)]
pub struct MergeWindow {
    /// By time, then by arrival, with when they came.
    waiting: BTreeMap<(Option<Timestamp>, u64), (Duration, Entry)>,
    arrived: u64,
}

impl MergeWindow {
    /// Takes an entry that came at `now`.
    pub fn push(&mut self, entry: Entry, now: Duration) {
        self.arrived += 1;
        self.waiting.insert((entry.time(), self.arrived), (now, entry));
    }

    /// Hands over what has waited long enough, and all that happened before it.
    pub fn ready(&mut self, now: Duration, show: &mut dyn FnMut(Entry)) {
        let is_due = |(came, _): &(Duration, Entry)| now.saturating_sub(*came) >= WAIT;
        let last = self.waiting.iter().rev().find(|(_, waiting)| is_due(waiting));
        let last = last.map(|(key, _)| *key);
        while let Some(first) = self.waiting.first_entry() {
            if last.is_none_or(|last| *first.key() > last) && self.waiting.len() <= WAITING_MAX {
                break;
            }
            if let Some((_, (_, entry))) = self.waiting.pop_first() {
                show(entry);
            }
        }
    }

    /// Hands everything over.
    pub fn rest(&mut self, show: &mut dyn FnMut(Entry)) {
        while let Some((_, (_, entry))) = self.waiting.pop_first() {
            show(entry);
        }
    }

    /// When something has waited long enough, if anything waits.
    pub fn due(&self) -> Option<Duration> {
        self.waiting.values().map(|(came, _)| *came + WAIT).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::entry;

    #[test]
    fn entries_come_in_the_order_of_their_times_within_the_wait() {
        let mut window = MergeWindow::default();
        let at = |milliseconds| entry("shop", "line").at(milliseconds).done();
        let mut shown = Vec::new();
        window.push(at(30), Duration::ZERO);
        window.push(at(10), Duration::from_millis(20));
        window.ready(Duration::from_millis(29), &mut |entry| shown.push(entry.time()));
        assert!(shown.is_empty());
        window.ready(Duration::from_millis(30), &mut |entry| shown.push(entry.time()));
        window.push(at(20), Duration::from_millis(31));
        window.rest(&mut |entry| shown.push(entry.time()));
        let expected = [10, 30, 20].map(|milliseconds| at(milliseconds).time());
        assert_eq!(shown, expected);
    }
}
