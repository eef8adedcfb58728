//! Brings a store up to date with what was found on disk.
//!
//! ```text
//! readers (one unit each) ──chunks──▶ lanes (decode, attribute) ──parts──▶ batches ──▶ store
//! ```
//! A stream keeps to one lane, so its lines stay in order; lanes work side by side. Files are
//! read side by side as well, in step with the times of their lines. Every queue is bounded, so a slow store slows the readers down instead of filling memory.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crossbeam_channel::{Sender, bounded};

use crate::decode::definition::Definitions;
use crate::engine::gathering::{Batches, Gathering};
use crate::engine::lane::{Lane, Message};
use crate::engine::pace::Pace;
use crate::model::checkpoint::Checkpoint;
use crate::model::line::Position;
use crate::model::skipped::{SkipKind, Skipped};
use crate::source::find::Unit;
use crate::source::read::read;
use crate::source::selection::Selection;
use crate::source::{Chunk, Receiver, Stream, Wanted};
use crate::store::{Batch, Intake, StoreError};

/// Chunks (about 1 MiB each) that may wait for one lane.
const CHUNKS_WAITING_MAX: usize = 4;

/// Files that are read side by side. Each takes a megabyte or two; what belongs to one
/// request is rarely in more.
const READERS_MAX: usize = 32;

/// How much is taken in between commits: what a crash costs, at most, is reading this again.
const COMMIT_BYTES: u64 = 512 << 20;

/// Things skipped that are told one by one; beyond it they are only counted.
const SKIPPED_TOLD_MAX: usize = 10_000;

/// Things skipped that are remembered for one archive, to be told again while it is unchanged.
const SKIPPED_KEPT_MAX: usize = 1_000;

/// What an ingest works with.
pub struct Ingest<'a> {
    /// What to read.
    pub units: Vec<Unit>,
    /// Which names inside archives to read.
    pub selection: &'a Selection,
    /// How lines are understood.
    pub definitions: Arc<Definitions>,
    /// Where entries go.
    pub store: &'a dyn Intake,
    /// How many threads may read, and how many decode; at least 1.
    pub threads: usize,
    /// How far it is and whether it shall stop.
    pub watch: &'a Watch,
}

/// What an ingest and its onlooker tell each other.
#[derive(Debug, Default)]
pub struct Watch {
    /// Set by the onlooker: end soon, keep what was read.
    pub stop: AtomicBool,
    /// Bytes on disk that were read so far.
    pub bytes: AtomicU64,
}

/// What an ingest did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What was not read, in order of path; at most 10,000.
    pub skipped: Vec<Skipped>,
    /// How many more were skipped than are listed.
    pub skipped_more: u64,
    /// Streams (files, members of archives) that this run read.
    pub streams: u64,
    /// Lines taken in by this run.
    pub lines: u64,
    /// Bytes (decompressed) taken in by this run.
    pub bytes: u64,
    /// Whether it was stopped before everything was read.
    pub stopped: bool,
}

impl Outcome {
    /// Whether the store may lack lines that should be there.
    pub fn is_partial(&self) -> bool {
        self.stopped || self.skipped.iter().any(|skipped| skipped.kind == SkipKind::Unreadable)
    }
}

/// What readers and lanes share.
pub(super) struct Shared<'a> {
    pub(super) store: &'a dyn Intake,
    pub(super) watch: &'a Watch,
    pub(super) definitions: Arc<Definitions>,
    pub(super) streams: AtomicU64,
    pub(super) lines: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) pace: Pace,
    skipped: Mutex<(Vec<Skipped>, u64)>,
    /// Archives, and files without lines, that were read to their end.
    completed: Mutex<Vec<Checkpoint>>,
    failure: Mutex<Option<StoreError>>,
    failed: AtomicBool,
}

impl Shared<'_> {
    /// Notes that the store failed and lets everything end; the first failure counts.
    pub(super) fn fail(&self, error: StoreError) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert(error);
        self.failed.store(true, Ordering::Relaxed);
    }

    /// Whether everything shall end: the onlooker wants it, or the store has failed.
    fn stopped(&self) -> bool {
        self.watch.stop.load(Ordering::Relaxed) || self.failed.load(Ordering::Relaxed)
    }

    pub(super) fn skip(&self, skipped: Skipped) {
        let mut told = self.skipped.lock().unwrap_or_else(PoisonError::into_inner);
        if told.0.len() < SKIPPED_TOLD_MAX || skipped.kind == SkipKind::Unreadable {
            told.0.push(skipped);
        } else {
            told.1 += 1;
        }
    }
}

/// Reads what is new into the store and commits it. Stopped early, it commits what it has.
///
/// # Errors
/// When the store cannot be written; its last commit stays in force.
pub fn ingest(work: Ingest<'_>) -> Result<Outcome, StoreError> {
    let known: HashMap<String, Checkpoint> = work
        .store
        .checkpoints()
        .into_iter()
        .map(|checkpoint| (checkpoint.path.clone(), checkpoint))
        .collect();
    let shared = Shared {
        store: work.store,
        watch: work.watch,
        definitions: work.definitions,
        streams: AtomicU64::new(0),
        lines: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
        pace: Pace::new(work.threads * 2),
        skipped: Mutex::default(),
        completed: Mutex::default(),
        failure: Mutex::default(),
        failed: AtomicBool::new(false),
    };
    let lanes = work.threads.max(1);
    let next_unit = AtomicUsize::new(0);
    let next_stream = AtomicUsize::new(0);
    thread::scope(|scope| {
        let shared = &shared;
        let (gathering, batches) = Gathering::new();
        let gathering = Arc::new(gathering);
        scope.spawn(move || keep(shared, &batches));
        let (mut senders, mut working) = (Vec::new(), Vec::new());
        for _ in 0..lanes {
            let (sender, receiver) = bounded(CHUNKS_WAITING_MAX);
            senders.push(sender);
            let gathering = Arc::clone(&gathering);
            working.push(scope.spawn(move || Lane::new(shared, gathering).run(&receiver)));
        }
        for _ in 0..READERS_MAX.min(work.units.len()) {
            let (known, units) = (&known, &work.units);
            let (next_unit, next_stream, senders) = (&next_unit, &next_stream, senders.clone());
            scope.spawn(move || {
                while let Some(unit) = units.get(next_unit.fetch_add(1, Ordering::Relaxed)) {
                    if shared.stopped() {
                        break;
                    }
                    Feeder::new(shared, known, next_stream, &senders).feed(unit, work.selection);
                }
            });
        }
        drop(senders);
        let panicked =
            working.into_iter().map(thread::ScopedJoinHandle::join).find_map(Result::err);
        if let Some(panic) = panicked {
            std::panic::resume_unwind(panic);
        }
        Arc::into_inner(gathering).expect("the lanes have ended").finish();
    });
    finish(shared)
}

/// Hands batches to the store, one after the other, and commits now and then.
fn keep(shared: &Shared<'_>, batches: &Batches) {
    let mut uncommitted = 0;
    for mut batch in &batches.full {
        let (lines, bytes) = size_of(&batch);
        let done = shared.store.submit(&mut batch).and_then(|()| {
            shared.lines.fetch_add(lines, Ordering::Relaxed);
            uncommitted += bytes;
            if uncommitted < COMMIT_BYTES {
                return Ok(());
            }
            uncommitted = 0;
            shared.store.commit()
        });
        if let Err(error) = done {
            return shared.fail(error);
        }
        // One too many, or one that nobody will fill any more, is let go.
        let _let_go = batches.spare.try_send(batch);
    }
}

/// How many lines a batch has, and how many bytes they have.
fn size_of(batch: &Batch) -> (u64, u64) {
    let entries = batch.entries.iter().map(|entry| &entry.record);
    let entries = entries.map(|record| (u64::from(record.lines), record.raw.len() as u64));
    let templated = batch.templated.lines().iter().map(|line| (1, line.length() as u64));
    entries.chain(templated).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

fn finish(shared: Shared<'_>) -> Result<Outcome, StoreError> {
    let failure = shared.failure.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(failure) = failure {
        return Err(failure);
    }
    // Only now have all streams of these archives reached the store.
    let checkpoints = shared.completed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !checkpoints.is_empty() {
        shared.store.submit(&mut Batch { checkpoints, ..Batch::default() })?;
    }
    shared.store.commit()?;
    let (mut skipped, skipped_more) =
        shared.skipped.into_inner().unwrap_or_else(PoisonError::into_inner);
    skipped.sort_by(|one, other| (&one.path, &one.reason).cmp(&(&other.path, &other.reason)));
    Ok(Outcome {
        skipped,
        skipped_more,
        streams: shared.streams.into_inner(),
        lines: shared.lines.into_inner(),
        bytes: shared.bytes.into_inner(),
        stopped: shared.watch.stop.load(Ordering::Relaxed),
    })
}

/// Hands the streams of one unit to the lanes.
struct Feeder<'a> {
    shared: &'a Shared<'a>,
    known: &'a HashMap<String, Checkpoint>,
    next_stream: &'a AtomicUsize,
    senders: &'a [Sender<Message>],
    /// The stream being read and its lane.
    at: Option<(usize, usize)>,
    unit_path: String,
    /// Whether the unit itself is a stream, rather than an archive of streams.
    is_stream: bool,
    skipped: Vec<Skipped>,
}

impl<'a> Feeder<'a> {
    fn new(
        shared: &'a Shared<'a>,
        known: &'a HashMap<String, Checkpoint>,
        next_stream: &'a AtomicUsize,
        senders: &'a [Sender<Message>],
    ) -> Self {
        let (unit_path, skipped) = (String::new(), Vec::new());
        Self { shared, known, next_stream, senders, at: None, unit_path, is_stream: false, skipped }
    }

    /// Reads one unit, unless it is known and has not changed.
    fn feed(mut self, unit: &Unit, selection: &Selection) {
        let path = unit.label();
        if let Some(known) = self.known.get(&path).filter(|known| unchanged(known, unit)) {
            self.shared.watch.bytes.fetch_add(unit.size.unwrap_or(0), Ordering::Relaxed);
            known.skipped.iter().for_each(|skipped| self.shared.skip(skipped.clone()));
            return;
        }
        self.unit_path.clone_from(&path);
        read(unit, selection, &mut self);
        for skipped in &self.skipped {
            self.shared.skip(skipped.clone());
        }
        // What could not even be opened may be readable next time without having changed.
        let unopened =
            |skipped: &Skipped| skipped.kind == SkipKind::Unreadable && skipped.path == path;
        let done = !self.is_stream && !self.shared.stopped();
        if done && unit.size.is_some() && !self.skipped.iter().any(unopened) {
            self.skipped.truncate(SKIPPED_KEPT_MAX);
            let mut completed =
                self.shared.completed.lock().unwrap_or_else(PoisonError::into_inner);
            completed.push(Checkpoint {
                size: unit.size,
                modified: unit.modified,
                skipped: self.skipped,
                ..Checkpoint::unread(path)
            });
        }
    }

    fn send(&self, lane: usize, message: Message) -> ControlFlow<()> {
        // A lane ends early only when the store failed; reading on would be in vain.
        match self.senders[lane].send(message) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

impl Receiver for Feeder<'_> {
    fn wanted(&mut self, stream: &Stream) -> Wanted {
        match self.known.get(&*stream.path) {
            None => Wanted::All,
            Some(checkpoint)
                if checkpoint.size.is_some()
                    && (checkpoint.size, checkpoint.modified) == (stream.size, stream.modified) =>
            {
                Wanted::Nothing
            }
            Some(checkpoint) => Wanted::Since(Box::new(checkpoint.clone())),
        }
    }

    fn begin(&mut self, stream: &Stream, from: Position) {
        let number = self.next_stream.fetch_add(1, Ordering::Relaxed);
        let lane = number % self.senders.len();
        let known = self.known.get(&*stream.path).cloned().map(Box::new);
        let message = Message::Begin { number, stream: stream.clone(), from, known };
        let _ends_with_the_next_lines = self.send(lane, message);
        self.at = Some((lane, number));
        self.shared.streams.fetch_add(1, Ordering::Relaxed);
        self.is_stream |= *stream.path == *self.unit_path;
    }

    fn lines(&mut self, chunk: Chunk) -> ControlFlow<()> {
        if self.shared.stopped() {
            return ControlFlow::Break(());
        }
        match self.at {
            Some((lane, number)) => {
                self.shared.pace.wait(number, || self.shared.stopped());
                self.send(lane, Message::Lines { number, chunk })
            }
            None => ControlFlow::Break(()),
        }
    }

    fn end(&mut self) {
        if let Some((lane, number)) = self.at.take() {
            self.shared.pace.end(number);
            // What an archive skipped, the archive's own checkpoint remembers.
            let own = self.skipped.iter().filter(|skipped| skipped.path == self.unit_path);
            let skipped = own.take(SKIPPED_KEPT_MAX).cloned().collect();
            let _ends_anyway = self.send(lane, Message::End { number, skipped });
        }
    }

    fn skipped(&mut self, skipped: Skipped) {
        self.skipped.push(skipped);
    }

    fn progress(&mut self, bytes_on_disk: u64) {
        self.shared.watch.bytes.fetch_add(bytes_on_disk, Ordering::Relaxed);
    }
}

/// What was skipped of these units, if none of them has anything new: they need not be read.
pub fn nothing_new(known: &[Checkpoint], units: &[Unit]) -> Option<Vec<Skipped>> {
    let known: HashMap<&str, &Checkpoint> =
        known.iter().map(|checkpoint| (checkpoint.path.as_str(), checkpoint)).collect();
    let mut skipped = Vec::new();
    for unit in units {
        let known = known.get(unit.label().as_str()).filter(|known| unchanged(known, unit))?;
        skipped.extend(known.skipped.iter().cloned());
    }
    Some(skipped)
}

/// Whether a unit is as it was when this checkpoint was made.
fn unchanged(known: &Checkpoint, unit: &Unit) -> bool {
    known.size.is_some() && (known.size, known.modified) == (unit.size, unit.modified)
}
