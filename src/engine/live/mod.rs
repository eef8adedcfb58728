//! Lines that are followed become entries, which somebody watches and the store keeps.
//!
//! ```text
//! source::follow ──chunks──▶ Live (decode, attribute) ──entries──▶ whoever watches
//!                                     └──────batches──▶ Keeper ──▶ store
//! ```
//! Entries are shown as they come and kept in batches; a checkpoint travels with the entries
//! that it accounts for. A record that may go on is held until its writer has paused.
//!
//! Always: what a crash loses is read again; nothing is kept twice.

pub mod assembly;
pub mod catch_up;
pub mod judge;
pub mod keeper;
pub mod window;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::decode::definition::Definitions;
use crate::engine::ledger::Ledger;
use crate::engine::stream::Intake;
use crate::model::checkpoint::Checkpoint;
use crate::model::entry::Entry;
use crate::model::line::Position;
use crate::model::skipped::Skipped;
use crate::source::follow::{Listener, Looked};
use crate::source::{Chunk, Stream};
use crate::store::{Batch, Replaced};

/// A writer that paused for so long has ended its record. A stack trace is written at once.
const RECORD_QUIET: Duration = Duration::from_millis(200);

/// The same of a writer whose last line has no end yet: it is in the middle of something.
const HALF_WRITTEN_QUIET: Duration = Duration::from_secs(3);

/// Entries that are kept and of which the checkpoint must go on are gathered up to this.
const BATCH_BYTES: u64 = 4 << 20;

/// And no longer than this.
const BATCH_AGE: Duration = Duration::from_millis(500);

/// Streams whose files are gone are remembered, in case a copy of one turns up; the oldest
/// beyond this are not. What they hold is in the store.
const ENDED_MAX: usize = 10_000;

/// Takes in what a follower reads.
pub struct Live {
    definitions: Arc<Definitions>,
    streams: HashMap<usize, Followed>,
    /// Streams with open records.
    open: Vec<usize>,
    /// Streams whose checkpoints have moved on.
    moved: Vec<usize>,
    ended: Vec<usize>,
    batch: Batch,
    bytes: u64,
    since: Option<Duration>,
    /// The first batch is handed over at once: it says what is followed.
    is_first_batch: bool,
    now: Duration,
    /// Entries that nobody has taken yet.
    fresh: Vec<Entry>,
    skipped: Vec<Skipped>,
    /// What became of every byte of streams that are no longer remembered.
    forgotten: Ledger,
}

/// A stream that is followed.
struct Followed {
    intake: Intake,
    stream: Stream,
    /// When its last line came.
    heard: Duration,
    has_moved: bool,
    /// The checkpoint with which a line was kept whose end had not come.
    shown: Option<Checkpoint>,
    looked: Option<Looked>,
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
            batch: Batch::default(),
            bytes: 0,
            since: None,
            is_first_batch: true,
            now: Duration::ZERO,
            fresh: Vec::new(),
            skipped: Vec::new(),
            forgotten: Ledger::default(),
        }
    }

    /// Says what time it is, and closes records whose writers have paused. When the next
    /// such closing is due, if one is.
    pub fn pause(&mut self, now: Duration) -> Option<Duration> {
        self.now = now;
        let mut due: Option<Duration> = None;
        for number in std::mem::take(&mut self.open) {
            let Some(followed) = self.streams.get_mut(&number) else { continue };
            let is_whole = followed.looked.as_ref().is_none_or(|looked| looked.whole.is_some());
            let end = followed.heard + if is_whole { RECORD_QUIET } else { HALF_WRITTEN_QUIET };
            if end > now {
                due = Some(due.map_or(end, |due| due.min(end)));
                self.open.push(number);
                continue;
            }
            let mut entries = Vec::new();
            followed.intake.pause(&mut entries);
            self.add(number, entries);
        }
        due
    }

    /// The entries that have come, for whoever watches.
    pub fn fresh(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.fresh)
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
            let mut entries = Vec::new();
            followed.intake.set_file(whole.map(|whole| whole.0), whole.and_then(|whole| whole.1));
            followed.intake.end(Vec::new(), &mut entries);
            self.add(number, entries);
        }
        self.take_batch()
    }

    /// What became of every byte that was read.
    pub fn ledger(&self) -> Ledger {
        let mut sum = self.forgotten;
        for followed in self.streams.values() {
            sum.add(&Ledger::of(&followed.intake.checkpoint()));
        }
        sum
    }

    /// Whether a record is open that may go on.
    pub fn has_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// How many streams are known.
    pub fn streams(&self) -> usize {
        self.streams.len()
    }

    fn add(&mut self, number: usize, entries: Vec<Entry>) {
        let Some(followed) = self.streams.get_mut(&number) else { return };
        if !followed.has_moved {
            followed.has_moved = true;
            self.moved.push(number);
        }
        self.since.get_or_insert(self.now);
        self.bytes += entries.iter().map(|entry| entry.record.raw.len() as u64).sum::<u64>();
        self.fresh.extend(entries.iter().cloned());
        self.batch.entries.extend(entries);
    }

    fn take_batch(&mut self) -> Batch {
        let mut batch = std::mem::take(&mut self.batch);
        for number in std::mem::take(&mut self.moved) {
            if let Some(followed) = self.streams.get_mut(&number) {
                followed.has_moved = false;
                let checkpoint = followed.intake.checkpoint();
                let (file, shown) = (checkpoint.followed.clone(), followed.shown.clone());
                let shown = shown.map(|shown| Checkpoint { followed: file, ..shown });
                batch.checkpoints.push(shown.unwrap_or(checkpoint));
            }
        }
        self.forget_ended();
        self.is_first_batch = false;
        (self.bytes, self.since) = (0, None);
        batch
    }

    fn forget_ended(&mut self) {
        let surplus = self.ended.len().saturating_sub(ENDED_MAX);
        for number in self.ended.drain(..surplus) {
            if let Some(followed) = self.streams.remove(&number) {
                self.forgotten.add(&Ledger::of(&followed.intake.checkpoint()));
            }
        }
    }

    /// A stream from this position on.
    fn intake(&self, stream: &Stream, from: Position, known: Option<Checkpoint>) -> Intake {
        let file = file_of(&stream.path);
        Intake::followed(stream.clone(), &file, from, known, Arc::clone(&self.definitions))
    }
}

impl Listener for Live {
    fn begin(&mut self, number: usize, stream: &Stream, from: Position, known: Option<Checkpoint>) {
        let holds_more = known.as_ref().is_some_and(|known| known.tally != known.settled);
        if holds_more {
            let path = stream.path.to_string();
            self.batch.replaced.push(Replaced { path, offset: from.offset });
        }
        let intake = self.intake(stream, from, known);
        let (stream, heard) = (stream.clone(), self.now);
        let followed =
            Followed { intake, stream, heard, has_moved: false, shown: None, looked: None };
        self.streams.insert(number, followed);
    }

    fn lines(&mut self, number: usize, chunk: Chunk) {
        let Some(followed) = self.streams.get_mut(&number) else { return };
        if followed.shown.take().is_some() {
            // The unfinished line that was kept is replaced by the whole one.
            let path = followed.stream.path.to_string();
            self.batch.replaced.push(Replaced { path, offset: chunk.first.offset });
        }
        let mut batch = Batch::default();
        followed.intake.lines(&chunk, &mut batch);
        followed.heard = self.now;
        followed.looked = None;
        if followed.intake.is_open() && !self.open.contains(&number) {
            self.open.push(number);
        }
        self.add(number, batch.entries);
    }

    fn partial(&mut self, number: usize, chunk: Chunk) {
        let Some(followed) = self.streams.get(&number) else { return };
        let checkpoint = followed.intake.checkpoint();
        if checkpoint.resume != chunk.first {
            return;
        }
        // It is kept beside the stream, which goes on as if it had not seen it.
        let (stream, was_shown) = (followed.stream.clone(), followed.shown.is_some());
        let mut beside = self.intake(&stream, chunk.first, Some(checkpoint));
        let mut batch = Batch::default();
        beside.lines(&chunk, &mut batch);
        beside.end(Vec::new(), &mut batch.entries);
        if was_shown {
            let path = stream.path.to_string();
            self.batch.replaced.push(Replaced { path, offset: chunk.first.offset });
        }
        if let Some(followed) = self.streams.get_mut(&number) {
            followed.shown = Some(beside.checkpoint());
            followed.has_moved = true;
            self.moved.push(number);
        }
        self.since.get_or_insert(self.now);
        self.batch.entries.extend(batch.entries);
    }

    fn looked(&mut self, number: usize, looked: Looked) {
        let Some(followed) = self.streams.get_mut(&number) else { return };
        let has_ended = looked.followed.ended;
        followed.intake.looked(looked.followed.clone());
        followed.looked = Some(looked);
        if !followed.has_moved {
            followed.has_moved = true;
            self.moved.push(number);
        }
        self.since.get_or_insert(self.now);
        if has_ended && !self.ended.contains(&number) {
            self.ended.push(number);
        }
    }

    fn skipped(&mut self, skipped: Skipped) {
        self.skipped.push(skipped);
    }
}

/// The path of the file behind a stream's path: without the number of those that had it
/// one after the other.
fn file_of(path: &Arc<str>) -> Arc<str> {
    match path.rsplit_once('#') {
        Some((file, number)) if number.parse::<u32>().is_ok() => file.into(),
        _ => Arc::clone(path),
    }
}
