//! What a store's requests taught, kept with the store and learned anew as it grows.

use std::ops::{ControlFlow, Deref};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::store::{Intake, Reader, StoreError, Window};
use crate::trace::knowledge::Knowledge;
use crate::trace::learn::Learner;

/// A store that has grown by one part in this many since is learned from anew.
const GROWTH: u64 = 10;

/// Entries of one request that are looked at.
const REQUEST_ENTRIES_MAX: usize = 2_000;

/// What was learned, and from how many entries.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Lesson {
    entries: u64,
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

/// Learns from the store's requests if it has grown much since it was last learned from,
/// and keeps what was learned in it.
///
/// # Errors
/// When the store cannot be read or written.
pub fn learn(reader: &dyn Reader, store: &dyn Intake) -> Result<(), StoreError> {
    let entries = reader.summary()?.entries;
    if entries.saturating_sub(last(reader)?.entries) <= entries / GROWTH {
        return Ok(());
    }
    let mut learner = Learner::default();
    reader.each_trace(&Window::default(), REQUEST_ENTRIES_MAX, &mut |id, found| {
        if learner.observe(id, found.items) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    let lesson = Lesson { entries, knowledge: learner.learn() };
    let note = serde_json::to_vec(&lesson).expect("numbers and texts are JSON");
    store.keep_note(&note)
}

fn last(reader: &dyn Reader) -> Result<Lesson, StoreError> {
    Ok(read(reader.note()?.as_deref()))
}

fn read(note: Option<&[u8]>) -> Lesson {
    note.and_then(|note| serde_json::from_slice(note).ok()).unwrap_or_default()
}
