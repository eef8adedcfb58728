//! The index: takes in entries, answers which requests and lines fulfil a query.
//!
//! The two traits are the store's whole door. Nothing outside this module may assume its
//! files or its process: an engine on other machines can stand behind the same traits.
//!
//! Never: lets a type of its engine out; answers roughly. What the engine's index can
//! only narrow down is verified entry by entry before it is answered.

use crate::model::checkpoint::Checkpoint;
use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::templated::TemplatedLines;
use crate::model::time::Timestamp;
use crate::query::condition::{Condition, Query};
use crate::query::necessary::Necessary;
use crate::store::runs::Runs;

pub mod candidates;
pub mod care;
pub mod embedded;
pub mod error;
pub mod location;
pub mod room;
pub mod runs;

pub use candidates::{Candidate, Narrowed, Step};
pub use error::StoreError;

/// Entries on their way in, with the positions they were read up to.
#[derive(Debug, Default)]
pub struct Batch {
    /// Entries that were understood one by one.
    pub entries: Vec<Entry>,
    /// Lines of known templates. A line is here or among the entries.
    pub templated: TemplatedLines,
    /// How far the streams they came from have been read with them.
    pub checkpoints: Vec<Checkpoint>,
    /// Earlier entries that these replace.
    pub replaced: Vec<Replaced>,
    /// Paths of streams that are gone for good: their entries stay, of how far each was read
    /// only the sum does.
    pub forgotten: Vec<String>,
}

impl Batch {
    /// Moves what a batch holds that comes after this one behind what is here. It keeps its memory.
    pub fn append(&mut self, later: &mut Self) {
        let Self { entries, templated, checkpoints, replaced, forgotten } = later;
        self.entries.append(entries);
        self.templated.append(templated);
        self.checkpoints.append(checkpoints);
        self.replaced.append(replaced);
        self.forgotten.append(forgotten);
    }

    /// Empties it. Its memory is kept for what comes next.
    pub fn clear(&mut self) {
        let Self { entries, templated, checkpoints, replaced, forgotten } = self;
        entries.clear();
        templated.clear();
        checkpoints.clear();
        replaced.clear();
        forgotten.clear();
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
            && self.templated.is_empty()
            && self.checkpoints.is_empty()
            && self.replaced.is_empty()
            && self.forgotten.is_empty()
    }
}

/// Entries of one stream that were read before it had ended and are now read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The stream's path.
    pub path: String,
    /// Entries at or after this offset that were submitted before this batch are void.
    pub offset: u64,
}

/// What goes in. One process writes at a time.
pub trait Intake: Sync {
    /// How far each stream had been read at the last commit.
    fn checkpoints(&self) -> Vec<Checkpoint>;

    /// Takes what a batch holds, and leaves it empty, to be filled again. Entries, checkpoints and
    /// replacements become visible together at the next [`commit`](Self::commit), or not at all. May
    /// be called from many threads.
    ///
    /// # Errors
    /// When the store cannot be written; nothing of the batch counts then.
    fn submit(&self, batch: &mut Batch) -> Result<(), StoreError>;

    /// Makes all that was submitted durable and visible to readers.
    ///
    /// # Errors
    /// When the store cannot be written or synced; the last commit stays in force.
    fn commit(&self) -> Result<(), StoreError>;

    /// Keeps a note for whoever asks the store: something that was concluded from its entries
    /// and can be concluded again. It replaces the last one at once.
    ///
    /// # Errors
    /// When the note cannot be written.
    fn keep_note(&self, note: &[u8]) -> Result<(), StoreError>;
}

/// What comes out. Readers never wait for the writer and see the last commit.
pub trait Reader: Sync {
    /// How well the engine can answer this condition alone.
    fn ability(&self, condition: &Condition) -> Ability;

    /// The requests in which some entry fulfils each condition, newest first (by the
    /// first entry's time, then by id).
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn requests(&self, query: &Query, page: &Page) -> Result<Found<RequestHit>, StoreError>;

    /// The requests that may fulfil a question which needs this of their lines in the
    /// window, in no order. None that does is left out; others may be among them.
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn candidates(&self, necessary: &Necessary, window: &Window) -> Result<Narrowed, StoreError> {
        candidates::by_requests(self, necessary, window)
    }

    /// How many requests may fulfil a question which needs this of their lines, at most and
    /// roughly; told without looking for them.
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn at_most(&self, necessary: &Necessary) -> Result<u64, StoreError> {
        let _ = necessary;
        Ok(u64::MAX)
    }

    /// The entries that fulfil all conditions, newest first; entries without a time last.
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn lines(&self, query: &Query, page: &Page) -> Result<Found<Entry>, StoreError>;

    /// Calls `visit` with every entry that fulfils all conditions, in an order that depends
    /// on the stored entries alone, holding only a few of them at a time. Stops when told to.
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn each_line(
        &self,
        query: &Query,
        window: &Window,
        visit: &mut dyn FnMut(Entry) -> std::ops::ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// All entries of one request, in order of path and position, at most `limit`;
    /// the total says how many there are.
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn trace(&self, id: TraceId, limit: usize) -> Result<Found<Entry>, StoreError>;

    /// The ids that have this low half, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn with_low_half(&self, low: u64, limit: usize) -> Result<Vec<TraceId>, StoreError>;

    /// All requests that have an entry in the window, as of the last commit, each once and
    /// whole but for `limit`, as in [`trace`](Self::trace).
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn runs(&self, window: &Window, limit: usize) -> Result<Box<dyn Runs>, StoreError>;

    /// Calls `visit` with each request of [`runs`](Self::runs), in their order. Stops when told
    /// to.
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn each_trace(
        &self,
        window: &Window,
        limit: usize,
        visit: &mut dyn FnMut(TraceId, Found<Entry>) -> std::ops::ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let runs = self.runs(window, limit)?;
        for number in 0..runs.count() {
            for (id, found) in runs.run(number, &|_| true)? {
                if visit(id, found).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// All requests and how many entries each has, oldest first as in
    /// [`each_trace`](Self::each_trace). Of their entries none is read.
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn sizes(&self) -> Result<Vec<(TraceId, u64)>, StoreError>;

    /// The entry that a line of a stream belongs to, if the stream was read.
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn line(&self, path: &str, line: u64) -> Result<Option<Entry>, StoreError> {
        let mut found = None;
        self.each_line(&Query::default(), &Window::default(), &mut |entry| {
            if is_at(&entry, path, line) {
                found = Some(entry);
                return std::ops::ControlFlow::Break(());
            }
            std::ops::ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// How far each stream was read.
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn checkpoints(&self) -> Result<Vec<Checkpoint>, StoreError> {
        Ok(self.summary()?.checkpoints)
    }

    /// The note that was kept last, if any.
    ///
    /// # Errors
    /// When it cannot be read.
    fn note(&self) -> Result<Option<Vec<u8>>, StoreError>;

    /// The names of all fields that any entry has, normalised, for suggestions.
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn field_names(&self) -> Result<Vec<String>, StoreError>;

    /// The names of all services that logged.
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn service_names(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.services()?.into_keys().collect())
    }

    /// Every service that logged, and from when to when (at least: lines of the same request
    /// may widen it).
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn services(&self) -> Result<Services, StoreError> {
        let mut services = Services::new();
        self.each_line(&Query::default(), &Window::default(), &mut |entry| {
            let time = entry.time().map(|time| (time, time));
            widen(&mut services, entry.context.service, time);
            std::ops::ControlFlow::Continue(())
        })?;
        Ok(services)
    }

    /// Sums over the whole store.
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn summary(&self) -> Result<Summary, StoreError>;
}

/// Services and from when to when they logged; none for one whose lines have no times.
pub type Services = std::collections::BTreeMap<String, Option<(Timestamp, Timestamp)>>;

/// Whether an entry has this line of a stream.
fn is_at(entry: &Entry, path: &str, line: u64) -> bool {
    let first = entry.record.position.line;
    let lines = u64::from(entry.record.lines.max(1));
    *entry.path == *path && (first..first.saturating_add(lines)).contains(&line)
}

/// Adds what is known of a service.
fn widen(services: &mut Services, service: String, logged: Option<(Timestamp, Timestamp)>) {
    let known = services.entry(service).or_default();
    *known = match (*known, logged) {
        (Some((first, last)), Some((from, to))) => Some((first.min(from), last.max(to))),
        (known, new) => known.or(new),
    };
}

/// How well an engine can answer a condition by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ability {
    /// It gives exactly the entries that fulfil it.
    Exact,
    /// It gives those and perhaps others, which are then verified.
    Narrows,
    /// It gives everything in the window.
    Scans,
}

/// Which part of an answer is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// At most this many.
    pub limit: usize,
    /// Only entries in this window.
    pub window: Window,
}

/// A span of time; an open end admits entries without a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// Not before this.
    pub since: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
}

impl Window {
    /// Whether an entry with this time is inside.
    pub fn admits(&self, time: Option<Timestamp>) -> bool {
        match time {
            Some(time) => {
                self.since.is_none_or(|since| time >= since)
                    && self.until.is_none_or(|until| time < until)
            }
            None => self.since.is_none() && self.until.is_none(),
        }
    }
}

/// Part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<T> {
    /// The wanted part.
    pub items: Vec<T>,
    /// How many there are in all, if that is `exact`; else there are at least so many.
    pub total: u64,
    /// Whether everything was looked at. An answer that is full before that is not.
    pub exact: bool,
}

/// A request that fulfils a query.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestHit {
    /// Its id.
    pub id: TraceId,
    /// The time of its first entry, if known.
    pub start: Option<Timestamp>,
    /// For each condition of the query, the first entry that fulfils it.
    pub matched: Vec<Entry>,
}

/// Sums over a store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Streams that were read.
    pub checkpoints: Vec<Checkpoint>,
    /// Entries held.
    pub entries: u64,
    /// Requests held.
    pub traces: u64,
    /// Bytes on disk.
    pub bytes: u64,
}
