//! Keeps streams that are read side by side together in time.
//!
//! The lines of one request are in many files. Read one file after the other they would come
//! to the store far from each other; read in step they come together, and lie together.
//!
//! Never: a stream waits for one that is further on, so that one can always go on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::model::time::Timestamp;

/// How long a reader waits before it looks whether all shall stop.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Who has come how far.
#[derive(Debug)]
pub(super) struct Pace {
    streams: Mutex<Streams>,
    moved: Condvar,
    /// So many streams go on at the same time: those that are furthest behind.
    abreast: usize,
}

#[derive(Debug, Default)]
struct Streams {
    /// The time that each open stream has reached.
    reached: BTreeMap<usize, Timestamp>,
    /// Streams of which a chunk is on its way: how far they are will only be known after it.
    under_way: BTreeSet<usize>,
}

impl Pace {
    /// So many streams go on at the same time; at least 1.
    pub(super) fn new(abreast: usize) -> Self {
        Self { streams: Mutex::default(), moved: Condvar::new(), abreast: abreast.max(1) }
    }

    /// A stream's chunk was taken in; the stream has come to this time, if that is known.
    pub(super) fn reach(&self, stream: usize, time: Option<Timestamp>) {
        self.with(|streams| {
            streams.under_way.remove(&stream);
            if let Some(time) = time {
                streams.reached.insert(stream, time);
            }
        });
    }

    /// A stream has ended: nobody waits for it any more.
    pub(super) fn end(&self, stream: usize) {
        self.with(|streams| {
            streams.under_way.remove(&stream);
            streams.reached.remove(&stream);
        });
    }

    /// Waits until the stream's last chunk was taken in and few enough streams are behind it,
    /// or all shall stop. Its next chunk is under way then.
    pub(super) fn wait(&self, stream: usize, stopped: impl Fn() -> bool) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        while !stopped()
            && (streams.under_way.contains(&stream) || self.is_ahead(stream, &streams.reached))
        {
            let waited = self.moved.wait_timeout(streams, LOOK_AGAIN);
            streams = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        streams.under_way.insert(stream);
    }

    fn is_ahead(&self, stream: usize, reached: &BTreeMap<usize, Timestamp>) -> bool {
        let Some(own) = reached.get(&stream) else { return false };
        // Of equals the first goes first.
        let behind = reached.iter().filter(|(other, time)| (*time, *other) < (own, &stream));
        behind.count() >= self.abreast
    }

    fn with(&self, change: impl FnOnce(&mut Streams)) {
        change(&mut self.streams.lock().unwrap_or_else(PoisonError::into_inner));
        self.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(nanoseconds: i64) -> Timestamp {
        Timestamp::from_nanoseconds(nanoseconds)
    }

    fn ahead(pace: &Pace, stream: usize) -> bool {
        pace.is_ahead(stream, &pace.streams.lock().expect("no panic").reached)
    }

    #[test]
    fn the_streams_furthest_behind_go_on() {
        let pace = Pace::new(2);
        for (stream, time) in [(0, 30), (1, 10), (2, 20), (3, 20)] {
            pace.reach(stream, Some(at(time)));
        }
        let waiting: Vec<usize> = (0..5).filter(|stream| ahead(&pace, *stream)).collect();
        assert_eq!(waiting, [0, 3]);
        pace.end(1);
        let waiting: Vec<usize> = (0..5).filter(|stream| ahead(&pace, *stream)).collect();
        assert_eq!(waiting, [0]);
    }

    #[test]
    fn whoever_waits_goes_on_when_the_others_have_come_further_or_all_stops() {
        let pace = Pace::new(1);
        pace.reach(0, Some(at(1)));
        pace.reach(1, Some(at(2)));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| pace.wait(1, || false));
            pace.reach(0, Some(at(3)));
            waiting.join().expect("it goes on");
        });
        pace.wait(0, || true);
    }

    #[test]
    fn a_stream_waits_until_its_last_chunk_was_taken_in() {
        let pace = Pace::new(1);
        pace.wait(0, || false);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| pace.wait(0, || false));
            pace.reach(0, None);
            waiting.join().expect("it goes on");
        });
    }
}
