//! Brings a store up to date whose logs were followed: what was rotated since is found by its
//! content, as following would have found it.
//!
//! The follower's clock runs as fast as there is nothing to do, so nothing is waited for.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::decode::definition::Definitions;
use crate::engine::ingest::{Outcome, Watch};
use crate::engine::live::Live;
use crate::source::follow::Follower;
use crate::source::follow::disk::Disk;
use crate::store::{Intake, StoreError};

/// Files that are open at a time.
const DESCRIPTORS_MAX: usize = 128;

/// What is not there after so long, by the follower's clock, will not come.
const LONG_ENOUGH: Duration = Duration::from_secs(70);

/// Whether logs of this store were followed.
pub fn was_followed(store: &dyn Intake) -> bool {
    store.checkpoints().iter().any(|checkpoint| checkpoint.followed.is_some())
}

/// Takes in what is new in the files of `disk`. Gives what was done, and the files that are
/// no followed logs, which are read in the ordinary way.
///
/// # Errors
/// When the store cannot be written; its last commit stays in force.
pub fn catch_up(
    store: &dyn Intake,
    disk: impl Disk,
    definitions: Arc<Definitions>,
    watch: &Watch,
) -> Result<(Outcome, Vec<PathBuf>), StoreError> {
    let mut follower = Follower::new(disk, store.checkpoints(), DESCRIPTORS_MAX);
    let mut live = Live::new(definitions).unwatched();
    let mut outcome = Outcome::default();
    let mut now = Duration::ZERO;
    loop {
        let turn = follower.turn(now, &mut live);
        live.pause(now);
        let taken = live.taken();
        (outcome.lines, outcome.bytes) = (taken.lines, taken.bytes);
        watch.bytes.store(outcome.bytes, Ordering::Relaxed);
        if let Some(mut batch) = live.batch() {
            store.submit(&mut batch)?;
        }
        outcome.stopped = watch.stop.load(Ordering::Relaxed);
        if outcome.stopped || (!turn.is_behind && turn.next > LONG_ENOUGH) {
            break;
        }
        now = turn.next.max(now + Duration::from_micros(1));
    }
    store.submit(&mut live.end())?;
    store.commit()?;
    outcome.skipped = live.skipped();
    outcome.streams = live.streams() as u64;
    Ok((outcome, follower.archives()))
}
