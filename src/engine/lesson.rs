//! What a store's requests taught, kept with the store and learned anew as it grows.

use std::hash::Hasher;
use std::ops::Deref;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_64;

use crate::model::id::TraceId;
use crate::store::{Intake, Reader, StoreError};
use crate::trace::knowledge::Knowledge;
use crate::trace::learn::Learner;
use crate::trace::learn::sample::{REQUEST_ENTRIES_MAX, Sample};

/// Of a store with fewer requests than this, all are learned from, however it grows.
const ALL_MAX: usize = 256;

/// A larger one is learned from anew when its requests have grown by one part in this many.
const GROWTH: usize = 10;

/// What was learned, and from what.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Lesson {
    /// How many entries the store had.
    entries: u64,
    /// A hash of the requests that were learned from, and of how many entries each had.
    sample: u64,
    knowledge: Knowledge,
}

/// What the store's requests taught. Nothing, if it was never learned or by a version of
/// logloom that wrote it differently.
///
/// # Errors
/// When the store cannot be read.
pub fn recall(reader: &dyn Reader) -> Result<Recalled, StoreError> {
    Ok(Recalled { note: reader.note()?, knowledge: OnceLock::new() })
}

/// What was learned, read when it is first needed: a question that finds nothing needs none.
#[derive(Debug, Default)]
pub struct Recalled {
    note: Option<Vec<u8>>,
    knowledge: OnceLock<Knowledge>,
}

impl Deref for Recalled {
    type Target = Knowledge;

    fn deref(&self) -> &Knowledge {
        self.knowledge.get_or_init(|| read(self.note.as_deref()).knowledge)
    }
}

impl From<Knowledge> for Recalled {
    fn from(knowledge: Knowledge) -> Self {
        Self { note: None, knowledge: OnceLock::from(knowledge) }
    }
}

/// Learns from a sample of the store's requests, unless it did so already, and keeps what was
/// learned in the store.
///
/// What is learned depends on what is stored and not on how it came there: of the oldest
/// requests, as many as a row of steps allows each of which is a tenth higher than the one
/// before, those are taken whose ids have the lowest hashes. So a store that is added to is
/// learned from anew once for each step, or when something older came in.
///
/// # Errors
/// When the store cannot be read or written.
pub fn learn(reader: &dyn Reader, store: &dyn Intake) -> Result<(), StoreError> {
    let entries = reader.summary()?.entries;
    let last = read(reader.note()?.as_deref());
    if entries == last.entries {
        return Ok(());
    }
    let mut sizes = reader.sizes()?;
    sizes.truncate(step(sizes.len()));
    let mut chosen = Sample::default();
    for (id, entries) in sizes {
        chosen.offer(id, usize::try_from(entries).unwrap_or(usize::MAX), ());
    }
    let chosen: Vec<(TraceId, usize)> =
        chosen.into_requests().map(|(id, entries, ())| (id, entries)).collect();
    let sample = hash(&chosen);
    let knowledge = if sample == last.sample {
        last.knowledge
    } else {
        let mut learner = Learner::default();
        for (id, _) in chosen {
            learner.observe(id, reader.trace(id, REQUEST_ENTRIES_MAX)?.items);
        }
        learner.learn()
    };
    let lesson = Lesson { entries, sample, knowledge };
    let note = serde_json::to_vec(&lesson).expect("numbers and texts are JSON");
    store.keep_note(&note)
}

/// The highest step that is no higher than so many requests.
fn step(requests: usize) -> usize {
    if requests <= ALL_MAX {
        return requests;
    }
    let mut step = ALL_MAX;
    while step + step / GROWTH <= requests {
        step += step / GROWTH;
    }
    step
}

fn hash(requests: &[(TraceId, usize)]) -> u64 {
    let mut hasher = XxHash3_64::new();
    for (id, entries) in requests {
        hasher.write(&id.value().to_le_bytes());
        hasher.write(&entries.to_le_bytes());
    }
    hasher.finish()
}

fn read(note: Option<&[u8]>) -> Lesson {
    note.and_then(|note| serde_json::from_slice(note).ok()).unwrap_or_default()
}
