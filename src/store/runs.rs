//! All requests of a store as of one commit, in runs: several threads can share the reading,
//! and put what they read in order again by the runs' numbers.

use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::store::{Found, StoreError};

/// Requests of a run: neighbours in time lie in the same blocks, which are read once then, and
/// the handing over from thread to thread is cheap.
pub const RUN: usize = 32;

/// Requests with their entries.
pub type Run = Vec<(TraceId, Found<Entry>)>;

/// The requests of one commit, oldest first (by the first entry's time, then by id), those
/// without a time last.
pub trait Runs: Sync {
    /// How many runs there are. Some may have nothing in them.
    fn count(&self) -> usize;

    /// The wanted requests of a run, each whole but for the limit; others are not read. Nothing
    /// if there is no such run.
    ///
    /// # Errors
    /// When the store cannot be read or is damaged.
    fn run(&self, number: usize, wanted: &dyn Fn(TraceId) -> bool) -> Result<Run, StoreError>;
}
