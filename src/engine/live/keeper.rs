//! Keeps what is followed: a thread of its own hands batches to the store and commits.

use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use crate::store::{Batch, Intake, StoreError};

/// Batches that may wait. A store that is slower than the logs slows the reading down.
const WAITING_MAX: usize = 4;

/// What was taken in is committed after so long: so far behind are other processes that ask.
const COMMIT_EVERY: Duration = Duration::from_secs(1);

/// The door to the thread that keeps.
pub struct Keeper<'scope> {
    batches: Sender<Batch>,
    thread: ScopedJoinHandle<'scope, Result<(), StoreError>>,
}

impl<'scope> Keeper<'scope> {
    /// Starts the thread.
    pub fn start<'env>(scope: &'scope Scope<'scope, 'env>, store: &'env dyn Intake) -> Self {
        let (batches, waiting) = bounded(WAITING_MAX);
        let thread = scope.spawn(move || keep(store, &waiting));
        Self { batches, thread }
    }

    /// Hands a batch over; waits when too many wait. False when the store has failed.
    #[must_use]
    pub fn keep(&self, batch: Batch) -> bool {
        self.batches.send(batch).is_ok()
    }

    /// Ends: everything that was handed over is committed.
    ///
    /// # Errors
    /// When the store could not be written; its last commit stays in force.
    pub fn end(self) -> Result<(), StoreError> {
        drop(self.batches);
        match self.thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

fn keep(store: &dyn Intake, batches: &Receiver<Batch>) -> Result<(), StoreError> {
    // The first commit is made at once: it says what is followed.
    let mut committed: Option<Instant> = None;
    let mut is_dirty = false;
    loop {
        let since = committed.map_or(COMMIT_EVERY, |committed| committed.elapsed());
        let left = COMMIT_EVERY.saturating_sub(since);
        let batch = if is_dirty {
            batches.recv_timeout(left)
        } else {
            batches.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        let is_over = matches!(batch, Err(RecvTimeoutError::Disconnected));
        if let Ok(mut batch) = batch {
            store.submit(&mut batch)?;
            is_dirty = true;
        }
        let is_due = committed.is_none_or(|committed| committed.elapsed() >= COMMIT_EVERY);
        if is_dirty && (is_over || is_due) {
            store.commit()?;
            committed = Some(Instant::now());
            is_dirty = false;
        }
        if is_over {
            return Ok(());
        }
    }
}
