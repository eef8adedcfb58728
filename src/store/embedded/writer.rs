//! Takes entries in.
//!
//! A batch is grouped, its groups are packed into blocks and indexed by two threads; only the
//! append to the block file and the ledger are shared. A commit
//! waits for running submits, makes the blocks durable, and then the index with the
//! ledger in it: the one step that makes all of it count.
//!
//! Always: after a failure nothing more is taken in and nothing is committed any more, so
//! that half a batch can never count; the store stands at its last commit.
//!
//! Memory: for each thread of a submit a segment of at most [`SEGMENT_BYTES_MAX`] and a
//! block, besides the batch itself; for the store the ledger (about 500 bytes a stream).

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use tantivy::IndexWriter;
use tantivy::indexer::IndexWriterOptions;

use crate::model::checkpoint::Checkpoint;
use crate::store::embedded::document::{self, Numbered};
use crate::store::embedded::files::Appender;
use crate::store::embedded::frame::Packer;
use crate::store::embedded::group_table::Document;
use crate::store::embedded::groups;
use crate::store::embedded::home::{Home, WriterLock};
use crate::store::embedded::index::{self, failed, guarded, remove_drafts};
use crate::store::embedded::ledger::Ledger;
use crate::store::embedded::schema::Fields;
use crate::store::embedded::segment::{NewDocument, OpenSegment};
use crate::store::embedded::templates::{KnownTemplate, Registry};
use crate::store::embedded::volume::{RealVolume, Volume};
use crate::store::embedded::writer::intake::{BatchIntake, Work};
use crate::store::error::StoreError;
use crate::store::{Batch, Intake};

mod intake;

/// Threads that take a batch in side by side, each with a share of its groups.
const THREADS: usize = 2;

/// A batch of fewer groups is not shared out.
const GROUPS_SHARED_MIN: usize = 64;

/// The memory of the index's own worker, which is not used; the least it allows.
const IDLE_WORKER_BYTES: usize = 15_000_000;

/// The one writer of a store.
pub struct StoreWriter {
    home: Home,
    fields: Fields,
    /// Held for reading while a batch is taken in, for writing during a commit.
    index: RwLock<IndexWriter>,
    /// Segments that are not full yet and no thread is busy with.
    segments: Mutex<Vec<OpenSegment>>,
    blocks: Mutex<Appender>,
    templates: Mutex<Registry>,
    /// What the next commit will say.
    ledger: Mutex<Ledger>,
    /// What the last commit said of the streams.
    committed: Mutex<Vec<Checkpoint>>,
    /// Whether anything was submitted since the last commit.
    changed: AtomicBool,
    given_up: AtomicBool,
    /// Dropped last, when nothing writes any more.
    _lock: Option<WriterLock>,
}

impl StoreWriter {
    /// Opens the store in this directory for writing, at its last commit; makes one if
    /// the directory is empty or not there.
    ///
    /// # Errors
    /// When the directory holds something else or a store of another format, when another
    /// process writes to the store, when it is damaged, or cannot be read or written.
    pub fn open_or_create(directory: &Path) -> Result<Self, StoreError> {
        Self::open_on(Arc::new(RealVolume), directory)
    }

    /// The same, on this volume.
    pub(super) fn open_on(volume: Arc<dyn Volume>, directory: &Path) -> Result<Self, StoreError> {
        let (home, lock) = Home::open_or_create(directory, volume)?;
        let fault = home.index_fault().clone();
        Self::open_in(home, Some(lock)).map_err(|error| fault.explain(error))
    }

    /// The writer of this home; whoever has no lock to give holds it.
    pub(super) fn open_in(home: Home, lock: Option<WriterLock>) -> Result<Self, StoreError> {
        let folder = home.index();
        remove_drafts(&home)?;
        let (index, fields) = index::open_or_create(&home)?;
        let (ledger, _) = index::ledger_of(&index, &folder)?;
        let blocks = Appender::open(home.volume(), home.blocks(), ledger.block_files.clone())?;
        let (volume, lengths) = (home.volume(), ledger.template_files.clone());
        let templates = Registry::open(volume, home.templates(), lengths, ledger.templates)?;
        let options = IndexWriterOptions::builder()
            .memory_budget_per_thread(IDLE_WORKER_BYTES)
            .num_worker_threads(1)
            .num_merge_threads(1)
            .build();
        let writer = guarded(&folder, || {
            let writer: IndexWriter =
                index.writer_with_options(options).map_err(|error| failed(&folder, &error))?;
            let collected = writer.garbage_collect_files().wait();
            collected.map_err(|error| failed(&folder, &error))?;
            Ok(writer)
        })?;
        Ok(Self {
            home,
            fields,
            index: RwLock::new(writer),
            segments: Mutex::default(),
            blocks: Mutex::new(blocks),
            templates: Mutex::new(templates),
            committed: Mutex::new(ledger.checkpoints()),
            ledger: Mutex::new(ledger),
            changed: AtomicBool::new(false),
            given_up: AtomicBool::new(false),
            _lock: lock,
        })
    }

    /// Commits, and waits for the index to finish what it tidies up in the background.
    /// Without this the tidying is left to the next writer.
    ///
    /// # Errors
    /// As [`commit`](Intake::commit).
    pub fn close(self) -> Result<(), StoreError> {
        self.commit()?;
        let (folder, fault) = (self.home.index(), self.home.index_fault().clone());
        let index = self.index.into_inner().unwrap_or_else(PoisonError::into_inner);
        let waited = index.wait_merging_threads();
        waited.map_err(|error| fault.explain(failed(&folder, &error)))
    }

    /// Where the store is.
    pub(super) const fn home(&self) -> &Home {
        &self.home
    }

    fn refuse_if_given_up(&self) -> Result<(), StoreError> {
        if self.given_up.load(Ordering::Acquire) {
            return Err(StoreError::GivenUp { path: self.home.path().to_owned() });
        }
        Ok(())
    }

    /// The batch's templates with their numbers. Lines of one too many become entries.
    fn numbered(&self, batch: &mut Batch) -> Vec<Option<KnownTemplate>> {
        let mut registry = held(&self.templates);
        let templates = batch.templated.templates().iter();
        let known: Vec<_> = templates.map(|template| registry.number(template)).collect();
        if known.iter().any(Option::is_none) {
            let is_unknown = |template: u32| known[template as usize].is_none();
            batch.entries.extend(batch.templated.take_entries(is_unknown));
        }
        known
    }

    /// Stores and indexes what a batch holds.
    fn take_in(
        &self,
        index: &IndexWriter,
        batch: &Batch,
        known: &[Option<KnownTemplate>],
        number: u64,
    ) -> Result<(), StoreError> {
        let work = Work {
            writer: self,
            index,
            paths: Numbered::of(batch, &mut held(&self.ledger)),
            batch,
            known,
            number,
        };
        let groups = groups::of(&batch.entries, &batch.templated);
        // A small batch is done before a second thread has begun.
        let shares = if groups.len() < GROUPS_SHARED_MIN { 1 } else { THREADS };
        std::thread::scope(|scope| {
            let work = &work;
            let share = |groups| scope.spawn(move || BatchIntake::new(work)?.take_in(groups));
            let (own, others) = groups.split_at(groups.len() / shares);
            let running: Vec<_> = others.chunks(own.len().max(1)).map(share).collect();
            let done = BatchIntake::new(work)?.take_in(own);
            let broken = || index::damaged(self.home.path(), "a batch could not be taken in");
            let joined =
                running.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(broken())));
            joined.fold(done, Result::and)
        })
    }

    /// Puts the templates that are new into a segment that is still open.
    fn index_templates(&self, index: &IndexWriter, folder: &Path) -> Result<(), StoreError> {
        let fresh = held(&self.templates).take_unindexed();
        if fresh.is_empty() {
            return Ok(());
        }
        let mut segments = held(&self.segments);
        if segments.is_empty() {
            segments.push(OpenSegment::new(index, folder)?);
        }
        let segment = &mut segments[0];
        for known in &fresh {
            let document = NewDocument {
                terms: document::of_template(&self.fields, known),
                keys: known.terms.identifiers(),
                facts: Document::Template(known.number),
                reaches: &[],
            };
            segment.add(document, folder)?;
        }
        Ok(())
    }

    /// Writes the templates that are new, and says in the ledger where they are.
    fn sync_templates(&self, ledger: &mut Ledger) -> Result<(), StoreError> {
        let folder = self.home.templates();
        let packer = Packer::new().map_err(|source| StoreError::Io { path: folder, source });
        let mut registry = held(&self.templates);
        ledger.template_frames.extend(registry.sync(&mut packer?)?);
        ledger.template_files = registry.lengths().to_vec();
        ledger.templates = registry.count();
        Ok(())
    }

    /// Writes out the segments that are still open, each on a thread of its own.
    fn finish_segments(&self, index: &IndexWriter) -> Result<(), StoreError> {
        let folder = self.home.index();
        self.index_templates(index, &folder)?;
        let open = std::mem::take(&mut *held(&self.segments));
        std::thread::scope(|scope| {
            let finish = |segment: OpenSegment| {
                let folder = &folder;
                scope.spawn(move || segment.finish(index, folder))
            };
            let running: Vec<_> = open.into_iter().map(finish).collect();
            running.into_iter().try_for_each(|thread| {
                let broken = || index::damaged(&folder, "the index cannot be written");
                thread.join().unwrap_or_else(|_| Err(broken()))
            })
        })
    }
}

impl Intake for StoreWriter {
    fn checkpoints(&self) -> Vec<Checkpoint> {
        held(&self.committed).clone()
    }

    fn keep_note(&self, note: &[u8]) -> Result<(), StoreError> {
        self.home.keep_note(note)
    }

    fn submit(&self, batch: &mut Batch) -> Result<(), StoreError> {
        self.try_submit(batch).map_err(|error| self.home.index_fault().explain(error))
    }

    fn commit(&self) -> Result<(), StoreError> {
        self.try_commit().map_err(|error| self.home.index_fault().explain(error))
    }
}

impl StoreWriter {
    fn try_submit(&self, batch: &mut Batch) -> Result<(), StoreError> {
        let index = read(&self.index);
        self.refuse_if_given_up()?;
        let attempt = Attempt { given_up: &self.given_up };
        let known = self.numbered(batch);
        let number = held(&self.ledger).begin_batch();
        if !batch.entries.is_empty() || !batch.templated.is_empty() {
            self.take_in(&index, batch, &known, number)?;
        }
        let mut ledger = held(&self.ledger);
        for replaced in &batch.replaced {
            ledger.replace(replaced, number);
        }
        ledger.follow(batch.checkpoints.drain(..));
        ledger.forget(&batch.forgotten);
        batch.clear();
        self.changed.store(true, Ordering::Release);
        attempt.succeeded();
        Ok(())
    }

    fn try_commit(&self) -> Result<(), StoreError> {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        self.refuse_if_given_up()?;
        if !self.changed.load(Ordering::Acquire) {
            return Ok(());
        }
        let attempt = Attempt { given_up: &self.given_up };
        self.finish_segments(&index)?;
        let mut ledger = held(&self.ledger);
        self.sync_templates(&mut ledger)?;
        let mut blocks = held(&self.blocks);
        blocks.sync()?;
        ledger.block_files = blocks.lengths().to_vec();
        let folder = self.home.index();
        let mut prepared = index.prepare_commit().map_err(|error| failed(&folder, &error))?;
        prepared.set_payload(&ledger.write());
        prepared.commit().map_err(|error| failed(&folder, &error))?;
        *held(&self.committed) = ledger.checkpoints();
        self.changed.store(false, Ordering::Release);
        attempt.succeeded();
        Ok(())
    }
}

/// Work after whose failure, be it an error or a panic, the writer gives up.
struct Attempt<'a> {
    given_up: &'a AtomicBool,
}

impl Attempt<'_> {
    fn succeeded(self) {
        std::mem::forget(self);
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::Release);
    }
}

/// What is behind a lock. A thread that panicked with it has made the writer give up, so
/// that what it left is not committed.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}
