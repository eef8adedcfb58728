//! What the care of a store speaks of: what takes which bytes, what is damaged, what was let go.

use std::path::PathBuf;

use crate::model::checkpoint::Checkpoint;

/// What takes which bytes of a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    /// The version of the store's format.
    pub format: u64,
    /// What the store consists of, the largest part first.
    pub parts: Vec<Part>,
    /// What was read, in order of path.
    pub sources: Vec<SourceShare>,
    /// Lines held.
    pub lines: u64,
    /// Bytes on disk of all parts.
    pub bytes: u64,
}

/// Files of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// What is in them.
    pub name: String,
    /// How many there are.
    pub files: u64,
    /// Bytes on disk.
    pub bytes: u64,
}

/// What one source takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceShare {
    /// How far it was read, and what was in it.
    pub checkpoint: Checkpoint,
    /// Lines of it that the store holds.
    pub lines: u64,
    /// Bytes of the blocks that hold them: each block's bytes, shared out by the bytes of
    /// the lines in it.
    pub block_bytes: u64,
}

/// What a look at every byte of a store found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Files that were read.
    pub files: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Blocks that were read.
    pub blocks: u64,
    /// Groups of lines of which the index and the blocks were compared.
    pub groups: u64,
    /// Lines that were put together.
    pub lines: u64,
    /// Bytes behind what the last commit counts: of a writer that is at work, or was ended.
    pub uncommitted: u64,
    /// What is wrong, in the order in which it was found; at most [`DAMAGE_MAX`] are told.
    pub damage: Vec<Damage>,
    /// How many more were found.
    pub damage_more: u64,
}

/// More places are not told one by one: by then all of the store is suspect.
pub const DAMAGE_MAX: usize = 1_000;

impl Verification {
    /// Notes something wrong.
    pub fn damaged(&mut self, damage: Damage) {
        if self.damage.contains(&damage) {
            return;
        }
        if self.damage.len() < DAMAGE_MAX {
            self.damage.push(damage);
        } else {
            self.damage_more += 1;
        }
    }

    /// Whether nothing is wrong.
    pub const fn is_whole(&self) -> bool {
        self.damage.is_empty()
    }
}

/// Something in a store that is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file, or the folder if the file is not known.
    pub path: PathBuf,
    /// The byte where it shows, if one is known.
    pub offset: Option<u64>,
    /// What is wrong.
    pub reason: String,
}

/// What writing a store anew did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// Lines that were kept.
    pub kept_lines: u64,
    /// Lines that were let go.
    pub dropped_lines: u64,
    /// Their bytes, as they were read.
    pub dropped_bytes: u64,
    /// Bytes on disk before.
    pub bytes_before: u64,
    /// Bytes on disk after.
    pub bytes_after: u64,
}
