//! Files whose end says what the rest must be, so that every changed byte of them is found.
//!
//! ```text
//! the bytes | "LLS1" | XXH3 of all before
//!             4        8
//! ```
//! The index's own checksums leave out their own heads and tails; these leave out nothing.

use std::fs::File;
use std::hash::Hasher;
use std::io::{self, Read};

use twox_hash::XxHash3_64;

use crate::store::embedded::wire::Malformed;

/// Bytes of a seal.
pub(super) const SEAL_BYTES: usize = 12;

const MAGIC: [u8; 4] = *b"LLS1";

/// So much of a file is held while it is checked.
const PIECE_BYTES: usize = 64 << 10;

/// Makes the seal of bytes that come piece by piece.
pub(super) struct Sealer(XxHash3_64);

impl Sealer {
    pub(super) fn new() -> Self {
        Self(XxHash3_64::new())
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    /// The seal of all that was added.
    pub(super) fn seal(mut self) -> [u8; SEAL_BYTES] {
        self.add(&MAGIC);
        let mut seal = [0; SEAL_BYTES];
        seal[..MAGIC.len()].copy_from_slice(&MAGIC);
        seal[MAGIC.len()..].copy_from_slice(&self.0.finish().to_le_bytes());
        seal
    }
}

/// Bytes with their seal.
pub(super) fn sealed(bytes: &[u8]) -> Vec<u8> {
    let mut sealer = Sealer::new();
    sealer.add(bytes);
    [bytes, &sealer.seal()].concat()
}

/// The bytes before a seal that is right.
pub(super) fn unsealed(mut bytes: Vec<u8>) -> Result<Vec<u8>, Malformed> {
    let length = bytes.len().checked_sub(SEAL_BYTES).ok_or(CUT_OFF)?;
    let mut sealer = Sealer::new();
    sealer.add(&bytes[..length]);
    if bytes[length..] != sealer.seal() {
        return Err(BROKEN);
    }
    bytes.truncate(length);
    Ok(bytes)
}

/// Whether a file has the seal that it must have. Little of it is in memory at a time.
pub(super) fn check(file: &mut File) -> io::Result<Result<(), Malformed>> {
    let Some(mut left) = file.metadata()?.len().checked_sub(SEAL_BYTES as u64) else {
        return Ok(Err(CUT_OFF));
    };
    let (mut sealer, mut piece) = (Sealer::new(), vec![0; PIECE_BYTES]);
    while left > 0 {
        let wanted = usize::try_from(left).map_or(PIECE_BYTES, |left| left.min(PIECE_BYTES));
        file.read_exact(&mut piece[..wanted])?;
        sealer.add(&piece[..wanted]);
        left -= wanted as u64;
    }
    let mut seal = [0; SEAL_BYTES];
    file.read_exact(&mut seal)?;
    Ok(if seal == sealer.seal() { Ok(()) } else { Err(BROKEN) })
}

const CUT_OFF: Malformed = Malformed("the file is cut off");
const BROKEN: Malformed = Malformed("the file's checksum is wrong");

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom, Write};

    use super::*;

    #[track_caller]
    fn check_both(bytes: &[u8], is_right: bool) {
        let mut file = tempfile::tempfile().expect("scratch space");
        file.write_all(bytes).expect("a file");
        file.seek(SeekFrom::Start(0)).expect("a file");
        assert_eq!(check(&mut file).expect("a file").is_ok(), is_right);
        assert_eq!(unsealed(bytes.to_vec()).is_ok(), is_right);
    }

    #[test]
    fn a_sealed_file_is_read_as_it_was_written() {
        for length in [0, 1, 100, PIECE_BYTES, PIECE_BYTES * 2 + 7] {
            let bytes = vec![7; length];
            check_both(&sealed(&bytes), true);
            assert_eq!(unsealed(sealed(&bytes)), Ok(bytes));
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let whole = sealed(b"what was concluded");
        for place in 0..whole.len() {
            for bit in 0..8 {
                let mut changed = whole.clone();
                changed[place] ^= 1 << bit;
                check_both(&changed, false);
            }
            check_both(&whole[..place], false);
        }
    }
}
