//! Fingerprints of many beginnings of one log, to know a shorter copy of it again.
//!
//! A rotator that copies and then cuts the log away may copy less than was read by then. Such
//! a copy ends anywhere; the last mark before its end says whether it is one. Marks are kept
//! while the process lives; what a restart needs is in the checkpoint.

use memchr::memchr_iter;
use twox_hash::XxHash3_64;

use crate::model::checkpoint::FINGERPRINT_BYTES;
use crate::source::Chunk;

/// Marks of one log. Beyond it every second of the older ones goes: a copy most likely ends
/// near the end.
const MARKS_MAX: usize = 192;

/// Places in a log, ascending, each with the hash of the (at most) [`FINGERPRINT_BYTES`]
/// bytes before it.
#[derive(Debug, Default)]
pub(super) struct Marks(Vec<(u64, u64)>);

impl Marks {
    /// Notes a chunk that follows `before`, the last bytes that were read.
    pub(super) fn note(&mut self, before: &[u8], chunk: &Chunk) {
        let start = chunk.first.offset;
        if before.len() < FINGERPRINT_BYTES && before.len() as u64 == start {
            let page = [before, &chunk.bytes[..chunk.bytes.len().min(FINGERPRINT_BYTES)]].concat();
            let page = &page[..page.len().min(FINGERPRINT_BYTES)];
            let ends =
                memchr_iter(b'\n', page).map(|end| end + 1).filter(|end| *end > before.len());
            let marks = ends.map(|end| (end as u64, XxHash3_64::oneshot(&page[..end])));
            self.0.extend(marks.filter(|mark| mark.0 < chunk.read));
        }
        self.0.push((chunk.read, chunk.fingerprint.tail));
        if self.0.len() > MARKS_MAX {
            let mut index = 0;
            let older = MARKS_MAX / 2;
            self.0.retain(|_| {
                index += 1;
                index > older || index % 2 == 0
            });
        }
    }

    /// All of them, ascending.
    pub(super) fn all(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.0.iter().copied()
    }

    /// Whether there is one at this very offset.
    pub(super) fn has(&self, offset: u64) -> bool {
        self.0.binary_search_by_key(&offset, |mark| mark.0).is_ok()
    }

    /// The last mark at or before an offset.
    pub(super) fn before(&self, offset: u64) -> Option<(u64, u64)> {
        let count = self.0.partition_point(|mark| mark.0 <= offset);
        self.0[..count].last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::checkpoint::Fingerprint;
    use crate::model::line::Position;

    fn chunk(offset: u64, bytes: &[u8]) -> Chunk {
        Chunk {
            bytes: bytes.to_vec(),
            first: Position { line: 1, offset },
            cut: 0,
            read: offset + bytes.len() as u64,
            fingerprint: Fingerprint { head: 0, tail: XxHash3_64::oneshot(bytes) },
        }
    }

    #[test]
    fn every_line_of_the_first_page_is_marked() {
        let mut marks = Marks::default();
        marks.note(b"", &chunk(0, b"one\ntwo\n"));
        marks.note(b"one\ntwo\n", &chunk(8, b"three\nfour\n"));
        assert_eq!(marks.before(3), None);
        assert_eq!(marks.before(7), Some((4, XxHash3_64::oneshot(b"one\n"))));
        assert_eq!(marks.before(14), Some((14, XxHash3_64::oneshot(b"one\ntwo\nthree\n"))));
    }

    #[test]
    fn marks_are_bounded_and_the_newest_stay() {
        let mut marks = Marks::default();
        for number in 0..10_000 {
            marks.note(&[0; FINGERPRINT_BYTES], &chunk(100_000 + number * 10, b"123456789\n"));
        }
        assert!(marks.0.len() <= MARKS_MAX);
        assert_eq!(marks.before(u64::MAX).map(|mark| mark.0), Some(200_000));
        assert_eq!(marks.before(199_999).map(|mark| mark.0), Some(199_990));
    }
}
