//! What a commit says beside its documents: how far each stream was read, which bytes of
//! the block files count, and what was replaced.
//!
//! It travels as the payload of the index's commit, so that nothing of it can be there
//! without the entries it accounts for. A checksum in front guards it: a flipped digit
//! must not make a writer cut off blocks that count.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_64;

use crate::model::checkpoint::Checkpoint;
use crate::store::Replaced;
use crate::store::embedded::templates::TemplateFrame;

/// Hexadecimal digits of the checksum.
const HASH_DIGITS: usize = 16;

/// The state of a store at a commit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Ledger {
    /// How far each stream was read, by its path.
    checkpoints: BTreeMap<String, Checkpoint>,
    /// Paths of stored entries. Their places here are their numbers.
    paths: Vec<String>,
    /// What was replaced, by the path's number.
    voids: BTreeMap<u32, Vec<Void>>,
    /// How many bytes of each block file count, by the file's number.
    pub(super) block_files: Vec<u64>,
    /// How many bytes of each file of templates count, by the file's number.
    pub(super) template_files: Vec<u64>,
    /// Where the templates are, in the order of their numbers.
    pub(super) template_frames: Vec<TemplateFrame>,
    /// How many templates there are.
    pub(super) templates: u64,
    /// The number of the last batch.
    batches: u64,
    #[serde(skip)]
    numbers: HashMap<String, u32>,
}

/// Entries at or after `offset` from batches before `batch` do not count any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Void {
    pub(super) offset: u64,
    pub(super) batch: u64,
}

impl Ledger {
    /// Reads a payload; the error says what is wrong with it.
    pub(super) fn read(payload: &str) -> Result<Self, String> {
        let (hash, body) = payload.split_at_checked(HASH_DIGITS).ok_or("the ledger is cut off")?;
        if hash != checksum(body) {
            return Err("the ledger's checksum is wrong".to_owned());
        }
        let mut ledger: Self =
            serde_json::from_str(body).map_err(|error| format!("the ledger: {error}"))?;
        let numbered = ledger.paths.iter().zip(0..);
        ledger.numbers = numbered.map(|(path, number)| (path.clone(), number)).collect();
        Ok(ledger)
    }

    /// The payload of the next commit.
    pub(super) fn write(&self) -> String {
        let body = serde_json::to_string(self).expect("texts and numbers are JSON");
        checksum(&body) + &body
    }

    pub(super) fn checkpoints(&self) -> Vec<Checkpoint> {
        self.checkpoints.values().cloned().collect()
    }

    /// The number of a batch that begins now.
    pub(super) fn begin_batch(&mut self) -> u64 {
        self.batches += 1;
        self.batches
    }

    /// The number of a path, given to it when it is first seen.
    pub(super) fn number_of(&mut self, path: &str) -> u32 {
        if let Some(number) = self.numbers.get(path) {
            return *number;
        }
        let number = self.paths.len() as u32;
        self.paths.push(path.to_owned());
        self.numbers.insert(path.to_owned(), number);
        number
    }

    /// The number of a path, if entries of it are stored.
    pub(super) fn known_number_of(&self, path: &str) -> Option<u32> {
        self.numbers.get(path).copied()
    }

    /// Notes how far streams were read.
    pub(super) fn follow(&mut self, checkpoints: impl IntoIterator<Item = Checkpoint>) {
        for checkpoint in checkpoints {
            self.checkpoints.insert(checkpoint.path.clone(), checkpoint);
        }
    }

    /// Of streams that are gone for good only the sum is kept: what each commit says must not
    /// grow with every rotation.
    pub(super) fn forget(&mut self, paths: &[String]) {
        for path in paths {
            let Some(gone) = self.checkpoints.remove(path) else { continue };
            let sum = gone.sum_path();
            let sum =
                self.checkpoints.entry(sum.clone()).or_insert_with(|| Checkpoint::unread(sum));
            sum.add(&gone);
        }
    }

    /// Notes that a batch replaces earlier entries.
    pub(super) fn replace(&mut self, replaced: &Replaced, batch: u64) {
        let number = self.number_of(&replaced.path);
        let voids = self.voids.entry(number).or_default();
        let new = Void { offset: replaced.offset, batch };
        voids.retain(|void| void.offset < new.offset || void.batch > new.batch);
        voids.push(new);
    }

    /// Whether anything was ever replaced.
    pub(super) fn has_voids(&self) -> bool {
        !self.voids.is_empty()
    }

    /// What was replaced in the stream with this number.
    pub(super) fn voids_of(&self, number: u32) -> &[Void] {
        self.voids.get(&number).map_or(&[], Vec::as_slice)
    }

    /// Whether an entry of this stream and batch no longer counts.
    pub(super) fn is_void(&self, path: &str, offset: u64, batch: u64) -> bool {
        let number = self.numbers.get(path);
        number.is_some_and(|number| voids_cover(self.voids_of(*number), offset, batch))
    }
}

/// Whether some replacement covers an entry.
pub(super) fn voids_cover(voids: &[Void], offset: u64, batch: u64) -> bool {
    voids.iter().any(|void| offset >= void.offset && batch < void.batch)
}

fn checksum(body: &str) -> String {
    format!("{:016x}", XxHash3_64::oneshot(body.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(offset: u64) -> Replaced {
        Replaced { path: "a.log".to_owned(), offset }
    }

    #[test]
    fn only_earlier_batches_from_the_offset_on_are_void() {
        let mut ledger = Ledger::default();
        ledger.replace(&replaced(100), 5);
        assert!(ledger.is_void("a.log", 100, 4));
        assert!(!ledger.is_void("a.log", 99, 4));
        assert!(!ledger.is_void("a.log", 100, 5));
        assert!(!ledger.is_void("b.log", 100, 4));
    }

    #[test]
    fn a_later_wider_replacement_stands_for_those_it_covers() {
        let mut ledger = Ledger::default();
        ledger.replace(&replaced(100), 5);
        ledger.replace(&replaced(200), 6);
        ledger.replace(&replaced(50), 7);
        assert_eq!(ledger.voids_of(0), [Void { offset: 50, batch: 7 }]);
    }

    #[test]
    fn of_streams_that_are_gone_the_sum_stays() {
        let mut ledger = Ledger::default();
        let read = |path: &str, read| Checkpoint { read, ..Checkpoint::unread(path.to_owned()) };
        ledger.follow(vec![read("a.log", 5), read("b.log", 7)]);
        ledger.forget(&["a.log".to_owned(), "c.log".to_owned()]);
        ledger.follow(vec![read("a.log", 1)]);
        ledger.forget(&["a.log".to_owned()]);
        let known: Vec<_> =
            ledger.checkpoints().into_iter().map(|known| (known.path, known.read)).collect();
        assert_eq!(known, [("a.log#earlier".to_owned(), 6), ("b.log".to_owned(), 7)]);
        assert!(ledger.checkpoints()[0].is_sum());
    }

    #[test]
    fn a_ledger_is_read_as_it_was_written() {
        let mut ledger = Ledger::default();
        ledger.begin_batch();
        ledger.replace(&replaced(3), 1);
        ledger.block_files = vec![7, 9];
        assert_eq!(Ledger::read(&ledger.write()), Ok(ledger));
    }

    #[test]
    fn a_changed_or_cut_ledger_is_refused() {
        let payload = Ledger { block_files: vec![1234], ..Ledger::default() }.write();
        assert!(Ledger::read(&payload.replace("1234", "1235")).is_err());
        for length in 0..payload.len() {
            assert!(Ledger::read(&payload[..length]).is_err(), "length: {length}");
        }
    }
}
