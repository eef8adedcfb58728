//! Lines that are followed become entries, which somebody watches and the store keeps.
//!
//! ```text
//! source::follow ──chunks──▶ Live (decode, attribute) ──entries──▶ whoever watches
//!                                     └──────batches──▶ Keeper ──▶ store
//! ```
//! Entries are shown as they come and kept in batches; a checkpoint travels with the entries
//! that it accounts for. A record that may go on is shown after a moment, and kept when its
//! writer has paused; if it went on in between it is shown again, whole.
//!
//! Always: what a crash loses is read again; nothing is kept twice.

pub mod assembly;
pub mod catch_up;
mod followed;
mod gathered;
pub mod judge;
pub mod keeper;
mod listening;
pub mod watch;
pub mod window;

pub use followed::Fresh;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::decode::definition::Definitions;
use crate::engine::adoption::adopt_strangers;
use crate::engine::ledger::Ledger;
use crate::engine::live::followed::Followed;
use crate::engine::live::gathered::{BatchMark, Gathered};
use crate::engine::stream::Intake;
use crate::model::checkpoint::Checkpoint;
use crate::model::entry::{AttributionBasis, Entry};
use crate::model::line::Position;
use crate::model::skipped::Skipped;
use crate::source::Stream;
use crate::store::Batch;

/// Entries that are kept and of which the checkpoint must go on are gathered up to this.
const BATCH_BYTES: u64 = 4 << 20;

/// And no longer than this.
const BATCH_AGE: Duration = Duration::from_millis(500);

/// A stream that brought nothing for so long gives up the templates of its lines.
const REST_AFTER: Duration = Duration::from_secs(60);

/// Takes in what a follower reads.
pub struct Live {
    definitions: Arc<Definitions>,
    streams: HashMap<usize, Followed>,
    /// Streams with open records.
    open: Vec<usize>,
    /// Streams whose checkpoints have moved on.
    moved: Vec<usize>,
    /// Streams that have ended since the last batch.
    ended: Vec<usize>,
    /// Streams that have ended, and where they did, should a copy of one turn up.
    resting: HashMap<usize, Rest>,
    batch: Gathered,
    bytes: u64,
    since: Option<Duration>,
    /// The first batch is handed over at once: it says what is followed.
    is_first_batch: bool,
    now: Duration,
    /// Entries that nobody has taken yet.
    fresh: Vec<Fresh>,
    /// Lines that were given to a request after they had been shown.
    adopted: Vec<Entry>,
    /// Whether somebody takes them.
    is_watched: bool,
    taken: Taken,
    /// When it was last looked which streams rest.
    rested: Duration,
    skipped: Vec<Skipped>,
    /// What became of every byte of streams that are no longer remembered.
    forgotten: Ledger,
}

/// A stream that has ended.
struct Rest {
    stream: Stream,
    checkpoint: Checkpoint,
}

/// What was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Physical lines.
    pub lines: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Live {
    /// Nothing was heard yet.
    pub fn new(definitions: Arc<Definitions>) -> Self {
        Self {
            definitions,
            streams: HashMap::new(),
            open: Vec::new(),
            moved: Vec::new(),
            ended: Vec::new(),
            resting: HashMap::new(),
            batch: Gathered::default(),
            bytes: 0,
            since: None,
            is_first_batch: true,
            now: Duration::ZERO,
            fresh: Vec::new(),
            adopted: Vec::new(),
            is_watched: true,
            taken: Taken::default(),
            rested: Duration::ZERO,
            skipped: Vec::new(),
            forgotten: Ledger::default(),
        }
    }

    /// Nobody watches: entries are kept, and not made for eyes.
    #[must_use]
    pub fn unwatched(mut self) -> Self {
        self.is_watched = false;
        self
    }

    /// Says what time it is, and closes records whose writers have paused. When the next
    /// such closing is due, if one is.
    pub fn pause(&mut self, now: Duration) -> Option<Duration> {
        self.now = now;
        let mut due: Option<Duration> = None;
        for number in std::mem::take(&mut self.open) {
            let Some(followed) = self.streams.get_mut(&number) else { continue };
            let next = followed.closes();
            if next <= now {
                followed.is_listed = false;
                let mark = self.batch.mark();
                followed.intake.pause(self.batch.entries());
                self.note(number, mark);
                continue;
            }
            let next = match followed.glimpse_due().filter(|_| self.is_watched) {
                Some(glimpse) if glimpse <= now => {
                    self.fresh.extend(followed.glimpse());
                    next
                }
                Some(glimpse) => next.min(glimpse),
                None => next,
            };
            due = Some(due.map_or(next, |due| due.min(next)));
            self.open.push(number);
        }
        self.let_rest();
        due
    }

    /// Streams that are quiet give up what is only worth its memory while they are not.
    fn let_rest(&mut self) {
        if self.now < self.rested + REST_AFTER {
            return;
        }
        let before = std::mem::replace(&mut self.rested, self.now);
        for followed in self.streams.values_mut() {
            if followed.heard < before {
                followed.intake.rest(&self.definitions);
            }
        }
    }

    /// Lines that come from here on are understood by other definitions. Nothing is read again.
    pub fn redefine(&mut self, definitions: &Arc<Definitions>) {
        self.definitions = Arc::clone(definitions);
        let mut numbers: Vec<usize> = self.streams.keys().copied().collect();
        numbers.sort_unstable();
        for number in numbers {
            let Some(followed) = self.streams.get_mut(&number) else { continue };
            let mark = self.batch.mark();
            followed.is_listed = false;
            followed.intake.redefine(Arc::clone(definitions), self.batch.entries());
            self.note(number, mark);
        }
        self.open.clear();
    }

    /// The entries that have come, for whoever watches.
    pub fn fresh(&mut self) -> Vec<Fresh> {
        std::mem::take(&mut self.fresh)
    }

    /// Lines that state no request and were given to one since this was last asked.
    pub fn adopted(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.adopted)
    }

    /// What was taken in so far.
    pub const fn taken(&self) -> Taken {
        self.taken
    }

    /// What was passed over or is missing.
    pub fn skipped(&mut self) -> Vec<Skipped> {
        std::mem::take(&mut self.skipped)
    }

    /// What is to be kept, if it is enough or old enough.
    pub fn batch(&mut self) -> Option<Batch> {
        let is_old = self.since.is_some_and(|since| {
            self.is_first_batch || self.now.saturating_sub(since) >= BATCH_AGE
        });
        (self.bytes >= BATCH_BYTES || is_old).then(|| self.take_batch())
    }

    /// When a batch is due that is not large.
    pub fn batch_due(&self) -> Option<Duration> {
        self.since.map(|since| since + BATCH_AGE)
    }

    /// The end: what is open is kept as it is, to be read again by the next process.
    pub fn end(&mut self) -> Batch {
        let numbers: Vec<usize> = self.streams.keys().copied().collect();
        for number in numbers {
            let Some(followed) = self.streams.get_mut(&number) else { continue };
            let whole = followed.looked.as_ref().and_then(|looked| looked.whole);
            if followed.shown.is_some() {
                continue;
            }
            let mark = self.batch.mark();
            followed.intake.set_file(whole.map(|whole| whole.0), whole.and_then(|whole| whole.1));
            followed.intake.end(Vec::new(), self.batch.entries());
            self.note(number, mark);
        }
        self.take_batch()
    }

    /// What became of every byte that was read.
    pub fn ledger(&self) -> Ledger {
        let mut sum = self.forgotten;
        for followed in self.streams.values() {
            sum.add(&Ledger::of(&followed.intake.checkpoint()));
        }
        self.resting.values().for_each(|rest| sum.add(&Ledger::of(&rest.checkpoint)));
        sum
    }

    /// Whether a record is open that may go on.
    pub fn has_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// How many streams are known.
    pub fn streams(&self) -> usize {
        self.streams.len() + self.resting.len()
    }

    /// Notes what has come into the batch of a stream since this mark.
    fn note(&mut self, number: usize, mark: BatchMark) {
        let Some(followed) = self.streams.get_mut(&number) else { return };
        if !followed.has_moved {
            followed.has_moved = true;
            self.moved.push(number);
        }
        self.since.get_or_insert(self.now);
        let taken = self.batch.since(mark);
        self.bytes += taken.bytes;
        self.taken.lines += taken.lines;
        self.taken.bytes += taken.bytes;
        if self.is_watched {
            let entries = self.batch.entries_since(mark);
            self.fresh.extend(entries.into_iter().filter_map(|entry| followed.fresh(entry)));
        }
    }

    fn take_batch(&mut self) -> Batch {
        let mut batch = self.batch.take();
        for number in std::mem::take(&mut self.moved) {
            if let Some(followed) = self.streams.get_mut(&number) {
                followed.has_moved = false;
                let checkpoint = followed.intake.checkpoint();
                let (file, shown) = (checkpoint.followed.clone(), followed.shown.clone());
                let shown = shown.map(|shown| Checkpoint { followed: file, ..shown });
                batch.checkpoints.push(shown.unwrap_or(checkpoint));
            }
        }
        adopt_strangers(&mut batch);
        if self.is_watched {
            self.adopted.extend(batch.entries.iter().filter(|entry| is_adopted(entry)).cloned());
        }
        self.put_to_rest();
        self.is_first_batch = false;
        (self.bytes, self.since) = (0, None);
        batch
    }

    /// Of streams that have ended only their checkpoints are held: a decoder takes some ten
    /// kilobytes.
    fn put_to_rest(&mut self) {
        for number in std::mem::take(&mut self.ended) {
            let Some(followed) = self.streams.get(&number) else { continue };
            let checkpoint = followed.intake.checkpoint();
            let has_ended = checkpoint.followed.as_ref().is_some_and(|file| file.ended);
            let is_settled = checkpoint.tally == checkpoint.settled && followed.shown.is_none();
            if has_ended && is_settled && !followed.is_listed {
                let stream = followed.stream.clone();
                self.resting.insert(number, Rest { stream, checkpoint });
                self.streams.remove(&number);
            } else if has_ended {
                self.ended.push(number);
            }
        }
    }

    /// A copy of a stream that had ended has turned up.
    fn wake(&mut self, number: usize) {
        if let Some(Rest { stream, checkpoint }) = self.resting.remove(&number) {
            let intake = self.intake(&stream, checkpoint.resume, Some(checkpoint));
            self.streams.insert(number, Followed::new(intake, stream, self.now));
        }
    }

    /// A stream from this position on.
    fn intake(&self, stream: &Stream, from: Position, known: Option<Checkpoint>) -> Intake {
        let file = file_of(&stream.path);
        Intake::followed(stream.clone(), &file, from, known, &self.definitions)
    }
}

/// Whether an entry states no request, and was given to one.
fn is_adopted(entry: &Entry) -> bool {
    let attribution = entry.context.attribution.as_ref();
    attribution.is_some_and(|attribution| attribution.basis == AttributionBasis::Inferred)
}

/// The path of the file behind a stream's path: without the number of those that had it
/// one after the other.
fn file_of(path: &Arc<str>) -> Arc<str> {
    match path.rsplit_once('#') {
        Some((file, number)) if number.parse::<u32>().is_ok() => file.into(),
        _ => Arc::clone(path),
    }
}

#[cfg(test)]
mod tests;
