//! Brings together what the lanes have read.
//!
//! The lines of one request are in many streams, and the streams in several lanes. What the
//! lanes hand on becomes one batch here, so that a request lies in one place of the store, and its
//! ids are written down once.
//!
//! Always: parts reach the store in the order in which they came. A later place of a stream never
//! comes before an earlier one.

use std::sync::{Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::store::Batch;

/// A batch is handed on when its lines reach this size: large enough that a request's lines
/// stand together, small enough that a few of them fit into memory.
const BATCH_BYTES: u64 = 16 << 20;

/// Parts of a batch, and the way on.
pub(super) struct Gathering {
    open: Mutex<Open>,
    full: Sender<Batch>,
    /// Batches that were emptied, to be filled again.
    spare: Receiver<Batch>,
}

/// Where full batches come out, and empty ones go back.
pub(super) struct Batches {
    pub(super) full: Receiver<Batch>,
    pub(super) spare: Sender<Batch>,
}

#[derive(Default)]
struct Open {
    batch: Batch,
    bytes: u64,
}

impl Gathering {
    /// An empty one, and what will come out of it. Nothing waits in between: a slow store slows
    /// the lanes down.
    pub(super) fn new() -> (Self, Batches) {
        let (full, batches) = bounded(0);
        let (emptied, spare) = bounded(1);
        let batches = Batches { full: batches, spare: emptied };
        (Self { open: Mutex::default(), full, spare }, batches)
    }

    /// Adds a part whose lines have so many bytes. The part is left empty.
    pub(super) fn add(&self, part: &mut Batch, bytes: u64) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.batch.append(part);
        open.bytes += bytes;
        if open.bytes >= BATCH_BYTES {
            open.bytes = 0;
            // Nobody receives any more once the store has failed. The lock is held meanwhile, so
            // that no other part overtakes these.
            let spare = self.spare.try_recv().unwrap_or_default();
            let _ends_anyway = self.full.send(std::mem::replace(&mut open.batch, spare));
        }
    }

    /// Hands on what is left. Nothing comes out afterwards.
    pub(super) fn finish(self) {
        let open = self.open.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !open.batch.is_empty() {
            let _ends_anyway = self.full.send(open.batch);
        }
    }
}
