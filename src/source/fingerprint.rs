//! The running fingerprint of a stream: hashes of its first and last bytes, kept while it
//! is read, so that a checkpoint costs two hashes of a page and no second reading.

use twox_hash::XxHash3_64;

use crate::model::checkpoint::{FINGERPRINT_BYTES, Fingerprint};

/// Remembers both ends of what was read so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Running {
    /// The first bytes, until there are enough of them for `head_hash`.
    head: Vec<u8>,
    head_hash: Option<u64>,
    tail: Vec<u8>,
}

impl Running {
    /// As if a stream with these ends had been read. Each end is the first, or last,
    /// [`FINGERPRINT_BYTES`] of what was read, or all of it if that is less.
    pub(super) fn resumed(head: Vec<u8>, tail: Vec<u8>) -> Self {
        Self { head, head_hash: None, tail }
    }

    /// As if a stream with this fingerprint had been read, whose last bytes are `tail`: as
    /// many as a fingerprint covers, or all if it was shorter.
    pub(super) fn after(fingerprint: Fingerprint, tail: Vec<u8>) -> Self {
        if tail.len() < FINGERPRINT_BYTES {
            return Self::resumed(tail.clone(), tail);
        }
        Self { head: Vec::new(), head_hash: Some(fingerprint.head), tail }
    }

    /// Takes in the next bytes of the stream.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if self.head_hash.is_none() {
            let missing = FINGERPRINT_BYTES - self.head.len();
            self.head.extend_from_slice(&bytes[..missing.min(bytes.len())]);
            if self.head.len() == FINGERPRINT_BYTES {
                self.head_hash = Some(XxHash3_64::oneshot(&self.head));
            }
        }
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
        let head = self.head_hash.unwrap_or_else(|| XxHash3_64::oneshot(&self.head));
        Fingerprint { head, tail: XxHash3_64::oneshot(&self.tail) }
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

    proptest! {
        #[test]
        fn a_fingerprint_and_the_last_bytes_are_enough_to_go_on(
            before in prop::collection::vec(any::<u8>(), 0..9000),
            after in prop::collection::vec(any::<u8>(), 0..9000),
        ) {
            let tail = before[before.len().saturating_sub(FINGERPRINT_BYTES)..].to_vec();
            let mut running = Running::after(whole(&before), tail);
            running.feed(&after);
            prop_assert_eq!(running.now(), whole(&[before, after].concat()));
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
