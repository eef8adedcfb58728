//! What became of the bytes of each stream: a ledger that always adds up.
//!
//! Every byte read is stored, quarantined (kept whole, but understood by no definition),
//! skipped (cut off an overlong line, or no line at all), or open (part of a record that may
//! still grow). What is stored, quarantined and skipped is counted record by record, apart
//! from what is read: a byte lost or doubled on the way shows.

use crate::model::checkpoint::{Checkpoint, Tally};

/// The ledger of one stream, or the sum of several, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Taken from the source, after decompression and transcoding.
    pub read: u64,
    /// In records that a definition understood.
    pub stored: u64,
    /// In records that none understood; kept all the same.
    pub quarantined: u64,
    /// Cut off overlong lines, or no lines: holes and marks.
    pub skipped: u64,
    /// In records that may still grow.
    pub open: u64,
}

impl Ledger {
    /// The ledger of the stream that left this checkpoint.
    pub fn of(checkpoint: &Checkpoint) -> Self {
        let closed = Self::counted(checkpoint.read, 0, &checkpoint.tally);
        if closed.adds_up() {
            return closed;
        }
        let open = checkpoint.read.saturating_sub(checkpoint.resume.offset);
        Self::counted(checkpoint.read, open, &checkpoint.settled)
    }

    fn counted(read: u64, open: u64, tally: &Tally) -> Self {
        Self {
            read,
            stored: tally.record_bytes.saturating_sub(tally.plain_bytes),
            quarantined: tally.plain_bytes,
            skipped: tally.cut_bytes.saturating_add(tally.blank_bytes),
            open,
        }
    }

    /// Adds another ledger to this one.
    pub fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.stored += other.stored;
        self.quarantined += other.quarantined;
        self.skipped += other.skipped;
        self.open += other.open;
    }

    /// Whether every byte that was read is accounted for, once.
    pub const fn adds_up(&self) -> bool {
        self.read == self.stored + self.quarantined + self.skipped + self.open
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::decode::definition::Definitions;
    use crate::engine::stream::Intake;
    use crate::model::checkpoint::Fingerprint;
    use crate::model::line::Position;
    use crate::source::{Chunk, Stream};
    use crate::store::Batch;

    /// Takes in chunks, each from its offset on, and checks the ledger after every one.
    #[track_caller]
    fn check(chunks: &[(u64, &str, u64)], ends: bool) -> Ledger {
        let stream = Stream { path: Arc::from("a.log"), size: None, modified: None };
        let mut intake = Intake::new(stream, Position::START, None, Definitions::embedded());
        let mut batch = Batch::default();
        let mut line = 1;
        for (offset, text, cut) in chunks {
            let chunk = Chunk {
                bytes: text.as_bytes().to_vec(),
                first: Position { line, offset: *offset },
                cut: *cut,
                read: offset + text.len() as u64 + cut,
                fingerprint: Fingerprint::default(),
            };
            line += text.matches('\n').count() as u64;
            intake.lines(&chunk, &mut batch);
            let ledger = Ledger::of(&intake.checkpoint());
            assert!(ledger.adds_up(), "{ledger:?} after {text:?}");
        }
        if ends {
            intake.end(Vec::new(), &mut batch.entries);
        }
        let ledger = Ledger::of(&intake.checkpoint());
        assert!(ledger.adds_up(), "{ledger:?}");
        ledger
    }

    #[test]
    fn a_line_of_many_records_is_counted_once() {
        let line = "[{\"level\":\"info\",\"msg\":\"a\"},{\"level\":\"info\",\"msg\":\"b\"}]\n";
        let ledger = check(&[(0, line, 0), (line.len() as u64, "{\"msg\":\"c\"}\n", 0)], true);
        assert_eq!(ledger.stored, line.len() as u64 + 12);
    }

    #[test]
    fn what_is_understood_is_told_from_what_is_not() {
        let understood = "{\"level\":\"info\",\"msg\":\"a\"}\n";
        let ledger = check(&[(0, understood, 0), (understood.len() as u64, "?\n", 0)], true);
        assert_eq!((ledger.stored, ledger.quarantined), (understood.len() as u64, 2));
    }

    #[test]
    fn marks_holes_cut_bytes_and_a_missing_end_are_counted() {
        let ledger =
            check(&[(3, "a\n", 0), (4096, "b\n", 0), (4098, "cc\n", 1000), (5101, "d", 0)], true);
        let expected =
            Ledger { read: 5102, stored: 0, quarantined: 8, skipped: 3 + 4091 + 1000, open: 0 };
        assert_eq!(ledger, expected);
    }

    #[test]
    fn a_record_that_may_still_grow_is_open() {
        let first = "a\n".repeat(300);
        let last = first.len() as u64;
        assert_eq!(check(&[(0, &first, 0), (last, "b\n", 0)], false).open, 2);
    }

    proptest! {
        #[test]
        fn the_ledger_of_any_text_adds_up(
            texts in prop::collection::vec("([a-z {}\":\\[\\]0-9\tF]{0,20}\n){0,5}", 0..8), ends: bool
        ) {
            let mut offset = 0;
            let mut chunks = Vec::new();
            for text in &texts {
                chunks.push((offset, text.as_str(), 0));
                offset += text.len() as u64;
            }
            check(&chunks, ends);
        }
    }
}
