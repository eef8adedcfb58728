//! A disk that is full stops nothing for good: writing pauses, says so, and goes on when
//! there is room.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::cli::console::Console;
use crate::store::StoreError;
use crate::store::embedded::{StoreWriter, size_on_disk};
use crate::store::room::{ROOM_BYTES_MIN, has_room};

/// How often room is looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How soon an interruption is seen meanwhile.
const STOP_WITHIN: Duration = Duration::from_millis(50);

/// Writes to a store as often as it takes.
pub struct Patience<'a> {
    /// Where the pause is told.
    pub console: &'a Console,
    /// The store.
    pub directory: &'a Path,
}

impl Patience<'_> {
    /// Does some work with a writer. When the disk is full, it waits until there is as much
    /// room as was needed, opens the store at its last commit and does the work again, which
    /// reads on from there. None when it was to stop meanwhile.
    ///
    /// # Errors
    /// When the store cannot be written for another reason.
    pub fn with_room<Done>(
        &self,
        mut store: StoreWriter,
        stop: &AtomicBool,
        work: &mut dyn FnMut(&StoreWriter) -> Result<Done, StoreError>,
    ) -> Result<Option<(StoreWriter, Done)>, StoreError> {
        loop {
            let full = match work(&store) {
                Ok(done) => return Ok(Some((store, done))),
                Err(error) if error.is_full() => error,
                Err(error) => return Err(error),
            };
            let filled = size_on_disk(self.directory)?;
            drop(store);
            self.console.warn(&format!("{full}; waiting for room, what was committed is kept"));
            let Some(opened) = self.reopened(stop, filled)? else { return Ok(None) };
            store = opened;
            self.console.note("there is room again, going on");
        }
    }

    /// The store at its last commit, once there is room for what it had beyond it.
    fn reopened(&self, stop: &AtomicBool, filled: u64) -> Result<Option<StoreWriter>, StoreError> {
        loop {
            // Opening gives back what was not committed, and is then closed again: room is
            // looked for without holding anything.
            match StoreWriter::open_or_create(self.directory) {
                Ok(store) => {
                    let needed = filled.saturating_sub(size_on_disk(self.directory)?);
                    if has_room(self.directory, needed.max(ROOM_BYTES_MIN)) {
                        return Ok(Some(store));
                    }
                }
                Err(error) if error.is_full() => {}
                Err(error) => return Err(error),
            }
            let mut waited = Duration::ZERO;
            while waited < LOOK_EVERY {
                if stop.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                thread::sleep(STOP_WITHIN);
                waited += STOP_WITHIN;
            }
        }
    }
}
