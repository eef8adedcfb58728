//! Reads blocks, and keeps the last ones read.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::HashMap;

use crate::store::embedded::block::Block;
use crate::store::embedded::files::{Place, name_of};
use crate::store::embedded::frame::read_block;
use crate::store::embedded::wire::Malformed;
use crate::store::error::StoreError;

/// Blocks in memory take at most this much. Requests read in order of time come back to
/// the same blocks of many streams: a thousand blocks serve as many streams.
const CACHE_BYTES_MAX: usize = 64 << 20;

/// The blocks that a commit counts.
#[derive(Debug)]
pub(super) struct Blocks {
    folder: PathBuf,
    lengths: Vec<u64>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    files: HashMap<u64, Arc<File>>,
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
    pub(super) fn new(folder: PathBuf, lengths: Vec<u64>) -> Self {
        Self { folder, lengths, state: Mutex::default() }
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

    /// The damage that foreign bytes in a block are.
    pub(super) fn damaged(&self, place: Place, malformed: Malformed) -> StoreError {
        StoreError::Damaged {
            path: self.path_of(place),
            offset: Some(place.offset),
            reason: malformed.0.to_owned(),
        }
    }

    fn read(&self, place: Place) -> Result<Block, StoreError> {
        let length = usize::try_from(place.file).ok().and_then(|file| self.lengths.get(file));
        let length = length.ok_or_else(|| self.damaged(place, Malformed("no such file")))?;
        let file = self.file(place)?;
        let bytes = read_block(&file, &self.path_of(place), place.offset, *length)?;
        Block::parse(bytes).map_err(|malformed| self.damaged(place, malformed))
    }

    fn file(&self, place: Place) -> Result<Arc<File>, StoreError> {
        if let Some(file) = self.with_state(|state| state.files.get(&place.file).cloned()) {
            return Ok(file);
        }
        let path = self.path_of(place);
        let file = match File::open(&path) {
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                return Err(self.damaged(place, Malformed("the file is gone")));
            }
            other => other.map_err(|source| StoreError::Io { path, source })?,
        };
        let file = Arc::new(file);
        self.with_state(|state| state.files.insert(place.file, file.clone()));
        Ok(file)
    }

    fn path_of(&self, place: Place) -> PathBuf {
        self.folder.join(name_of(usize::try_from(place.file).unwrap_or(usize::MAX)))
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
