//! Writes a store anew: what is replaced or no longer wanted is left out, the groups of a
//! request come together again, and the index becomes one.
//!
//! The new generation is made beside the old one by an ordinary writer, from what a reader
//! gives. It counts from the moment at which the marker names it; a crash before leaves the
//! old one, a crash after leaves the new one, and the next writer removes the other.
//!
//! Room: both generations are there for a while.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::model::checkpoint::{Checkpoint, Dropped};
use crate::model::entry::Entry;
use crate::store::care::Rewritten;
use crate::store::embedded::index::{self, guarded};
use crate::store::embedded::reader::size_on_disk;
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};
use crate::store::embedded::writer::StoreWriter;
use crate::store::error::StoreError;
use crate::store::{Batch, Intake};

/// A batch is handed on when its lines reach this size, as those of an ingest are.
const BATCH_BYTES: usize = 16 << 20;

impl StoreWriter {
    /// Writes the store anew with the entries that are wanted. Of a stream that grows, what
    /// might have gone on is read again, and is there again then.
    ///
    /// # Errors
    /// When the store cannot be read or written; it stays as it was then.
    pub fn rewrite(self, is_wanted: &dyn Fn(&Entry) -> bool) -> Result<Rewritten, StoreError> {
        self.commit()?;
        let home = self.home();
        let mut done =
            Rewritten { bytes_before: size_on_disk(home.path())?, ..Rewritten::default() };
        let next = home.next()?;
        guarded(&home.index(), || {
            let (index, fields) = index::open(home)?;
            let snapshot = Snapshot::take(home, &index, fields)?;
            let writer = Self::open_in(next.clone(), None)?;
            Copy::of(&snapshot, &writer, &mut done).run(is_wanted)?;
            if let Some(note) = home.note()? {
                writer.keep_note(&note)?;
            }
            writer.close()
        })?;
        next.choose()?;
        done.bytes_after = size_on_disk(&next.folder())?;
        Ok(done)
    }
}

/// A store on its way into another.
struct Copy<'a> {
    snapshot: &'a Snapshot,
    to: &'a StoreWriter,
    checkpoints: BTreeMap<Arc<str>, Checkpoint>,
    batch: Batch,
    bytes: usize,
    done: &'a mut Rewritten,
}

impl<'a> Copy<'a> {
    fn of(snapshot: &'a Snapshot, to: &'a StoreWriter, done: &'a mut Rewritten) -> Self {
        let checkpoints = snapshot.ledger.checkpoints().into_iter();
        let checkpoints =
            checkpoints.map(|checkpoint| (Arc::from(checkpoint.path.as_str()), checkpoint));
        let checkpoints = checkpoints.collect();
        Self { snapshot, to, checkpoints, batch: Batch::default(), bytes: 0, done }
    }

    fn run(mut self, is_wanted: &dyn Fn(&Entry) -> bool) -> Result<(), StoreError> {
        for group in in_order(self.snapshot) {
            self.group(group, is_wanted)?;
        }
        self.batch.checkpoints = std::mem::take(&mut self.checkpoints).into_values().collect();
        self.hand_on()?;
        self.to.commit()
    }

    fn group(
        &mut self,
        group: GroupAddress,
        is_wanted: &dyn Fn(&Entry) -> bool,
    ) -> Result<(), StoreError> {
        let Self { snapshot, checkpoints, batch, bytes, done, .. } = self;
        snapshot.copy(group, batch, &mut |entry| {
            let lines = u64::from(entry.record.lines);
            if is_wanted(entry) {
                *bytes += entry.record.raw.len();
                done.kept_lines += lines;
                return true;
            }
            let of_entry = Dropped { lines, bytes: entry.record.raw.len() as u64 + lines.min(1) };
            if let Some(checkpoint) = checkpoints.get_mut(&entry.path) {
                checkpoint.dropped.add(&of_entry);
                if entry.record.position < checkpoint.resume {
                    checkpoint.settled_dropped.add(&of_entry);
                }
            }
            done.dropped_lines += of_entry.lines;
            done.dropped_bytes += of_entry.bytes;
            false
        })?;
        if self.bytes >= BATCH_BYTES { self.hand_on() } else { Ok(()) }
    }

    fn hand_on(&mut self) -> Result<(), StoreError> {
        self.bytes = 0;
        self.to.submit(&mut self.batch)
    }
}

/// All groups, those of a request together, in order of time.
fn in_order(snapshot: &Snapshot) -> Vec<GroupAddress> {
    let mut groups = Vec::new();
    snapshot.each_group(|group| groups.push(group));
    let mut begins = HashMap::new();
    for group in &groups {
        if let (Some(id), Some(first)) =
            (snapshot.trace_of(*group), snapshot.first_at_least(*group))
        {
            let begin = begins.entry(id).or_insert(first);
            *begin = first.min(*begin);
        }
    }
    groups.sort_by_cached_key(|group| {
        let id = snapshot.trace_of(*group);
        let begin = id.and_then(|id| begins.get(&id).copied());
        let first = begin.or(snapshot.first_at_least(*group));
        (first, id, snapshot.place_of(*group).ok())
    });
    groups
}
