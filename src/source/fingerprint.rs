//! The running fingerprint of a stream: hashes of its first and last bytes, kept while it
//! is read, so that a checkpoint costs two hashes of a page and no second reading.

use twox_hash::XxHash3_64;

use crate::model::checkpoint::{FINGERPRINT_BYTES, Fingerprint};

/// Remembers both ends of what was read so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Running {
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Running {
    /// As if a stream with these ends had been read. Each end is the first, or last,
    /// [`FINGERPRINT_BYTES`] of what was read, or all of it if that is less.
    pub(super) fn resumed(head: Vec<u8>, tail: Vec<u8>) -> Self {
        Self { head, tail }
    }

    /// Takes in the next bytes of the stream.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let missing = FINGERPRINT_BYTES - self.head.len();
        self.head.extend_from_slice(&bytes[..missing.min(bytes.len())]);
        if bytes.len() >= FINGERPRINT_BYTES {
            self.tail.clear();
            self.tail.extend_from_slice(&bytes[bytes.len() - FINGERPRINT_BYTES..]);
            return;
        }
        let surplus = (self.tail.len() + bytes.len()).saturating_sub(FINGERPRINT_BYTES);
        self.tail.drain(..surplus);
        self.tail.extend_from_slice(bytes);
    }

    /// The fingerprint of all bytes taken in.
    pub(super) fn now(&self) -> Fingerprint {
        of_ends(&self.head, &self.tail)
    }
}

/// The fingerprint of a stream with these ends.
pub(super) fn of_ends(head: &[u8], tail: &[u8]) -> Fingerprint {
    Fingerprint { head: XxHash3_64::oneshot(head), tail: XxHash3_64::oneshot(tail) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole(bytes: &[u8]) -> Fingerprint {
        let end = bytes.len().min(FINGERPRINT_BYTES);
        of_ends(&bytes[..end], &bytes[bytes.len() - end..])
    }

    proptest! {
        #[test]
        fn the_running_fingerprint_is_that_of_the_whole(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..6000), 0..6)
        ) {
            let mut running = Running::default();
            for piece in &pieces {
                running.feed(piece);
            }
            prop_assert_eq!(running.now(), whole(&pieces.concat()));
        }
    }

    #[test]
    fn a_change_at_either_end_is_seen() {
        let bytes = vec![b'x'; 20_000];
        for changed_at in [0, 4095, 20_000 - 4096, 19_999] {
            let mut changed = bytes.clone();
            changed[changed_at] = b'y';
            assert_ne!(whole(&changed), whole(&bytes), "byte {changed_at}");
        }
    }
}
