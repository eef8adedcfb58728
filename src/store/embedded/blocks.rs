//! Reads blocks, and keeps the last ones read.

use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::HashMap;

use crate::model::template::Template;
use crate::store::embedded::block::Block;
use crate::store::embedded::files::{Files, Place};
use crate::store::embedded::home::Home;
use crate::store::embedded::ledger::Ledger;
use crate::store::embedded::templates::Templates;
use crate::store::embedded::wire::Malformed;
use crate::store::error::StoreError;

/// Blocks in memory take at most this much. Requests read in order of time come back to
/// the same blocks of many streams: a thousand blocks serve as many streams.
const CACHE_BYTES_MAX: usize = 64 << 20;

/// The blocks that a commit counts.
#[derive(Debug)]
pub(super) struct Blocks {
    files: Files,
    templates: Templates,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    cached: HashMap<Place, Cached>,
    cached_bytes: usize,
    /// Counts uses, to find the block whose last use is longest ago.
    clock: u64,
}

#[derive(Debug)]
struct Cached {
    block: Arc<Block>,
    used: u64,
}

impl Blocks {
    fn new(files: Files, templates: Templates) -> Self {
        Self { files, templates, state: Mutex::default() }
    }

    /// Those of this ledger.
    pub(super) fn of(home: &Home, ledger: &Ledger) -> Self {
        let (lengths, frames) = (ledger.template_files.clone(), ledger.template_frames.clone());
        let templates = Templates::new(home.templates(), lengths, frames);
        Self::new(Files::new(home.blocks(), ledger.block_files.clone()), templates)
    }

    /// The block that begins here.
    pub(super) fn get(&self, place: Place) -> Result<Arc<Block>, StoreError> {
        if let Some(block) = self.with_state(|state| state.cached(place)) {
            return Ok(block);
        }
        // Read without the lock: others may read meanwhile, at worst the same block.
        let block = Arc::new(self.read(place)?);
        self.with_state(|state| state.keep(place, block.clone()));
        Ok(block)
    }

    /// Bytes that the block takes on disk.
    pub(super) fn bytes_on_disk(&self, place: Place) -> Result<u64, StoreError> {
        self.files.bytes_on_disk(place)
    }

    /// The template with this number.
    pub(super) fn template(&self, number: u64) -> Result<Arc<Template>, Malformed> {
        self.templates.get(number)
    }

    /// The damage that foreign bytes in a block are.
    pub(super) fn damaged(&self, place: Place, malformed: Malformed) -> StoreError {
        self.files.damaged(place, malformed)
    }

    fn read(&self, place: Place) -> Result<Block, StoreError> {
        let bytes = self.files.read(place)?;
        Block::parse(bytes).map_err(|malformed| self.damaged(place, malformed))
    }

    fn with_state<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn cached(&mut self, place: Place) -> Option<Arc<Block>> {
        self.clock += 1;
        let cached = self.cached.get_mut(&place)?;
        cached.used = self.clock;
        Some(cached.block.clone())
    }

    fn keep(&mut self, place: Place, block: Arc<Block>) {
        self.cached_bytes += block.memory();
        let used = self.clock;
        if let Some(before) = self.cached.insert(place, Cached { block, used }) {
            self.cached_bytes -= before.block.memory();
        }
        while self.cached_bytes > CACHE_BYTES_MAX {
            let oldest = self.cached.iter().min_by_key(|(_, cached)| cached.used);
            let Some(oldest) = oldest.map(|(place, _)| *place) else { break };
            if let Some(removed) = self.cached.remove(&oldest) {
                self.cached_bytes -= removed.block.memory();
            }
        }
    }
}
