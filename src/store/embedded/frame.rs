//! Blocks on disk: compressed, each with its length and checksum, one after the other in
//! append-only files.
//!
//! ```text
//! "LLB2" | XXH3 of what follows | length of the block | length on disk | zstd
//!  4       8                      4                     4
//! ```
//!
//! Always: a block that does not hold what was written is named with its file and byte.

use std::cell::RefCell;
use std::fs::File;
use std::path::Path;

use twox_hash::XxHash3_64;
use zstd::bulk::Decompressor;

use crate::store::error::StoreError;

/// Names the format of frame, block and codec.
const MAGIC: &[u8; 4] = b"LLB2";

/// Bytes before the compressed block.
const HEAD_BYTES: usize = 20;

/// Where the checksum stands, and where what it covers begins.
const HASH_AT: usize = 4;
const COVERED_FROM: usize = 12;

/// zstd's level: columns are small, so that this costs little more than the first; higher
/// ones gain little on blocks of 64 KB and cost much.
const COMPRESSION_LEVEL: i32 = 3;

/// The first read of a block takes this much: nearly every block is whole in it.
const FIRST_READ_BYTES: usize = 24 << 10;

/// A larger block is not written and not believed: it would have to be held in memory.
const BLOCK_BYTES_MAX: usize = 1 << 30;

/// Compresses blocks, one after the other.
pub(super) struct Packer {
    compressor: zstd::bulk::Compressor<'static>,
    /// Used again for the next block.
    packed: Vec<u8>,
}

impl Packer {
    pub(super) fn new() -> std::io::Result<Self> {
        let compressor = zstd::bulk::Compressor::new(COMPRESSION_LEVEL)?;
        Ok(Self { compressor, packed: Vec::new() })
    }

    /// The block as it stands on disk, or none if it is too large.
    pub(super) fn pack(&mut self, block: &[u8]) -> std::io::Result<Option<&[u8]>> {
        if block.len() > BLOCK_BYTES_MAX {
            return Ok(None);
        }
        let bound = HEAD_BYTES + zstd::zstd_safe::compress_bound(block.len());
        if self.packed.len() < bound {
            self.packed.resize(bound, 0);
        }
        let (head, body) = self.packed.split_at_mut(HEAD_BYTES);
        let length = self.compressor.compress_to_buffer(block, body)?;
        head[..HASH_AT].copy_from_slice(MAGIC);
        head[COVERED_FROM..16].copy_from_slice(&(block.len() as u32).to_le_bytes());
        head[16..].copy_from_slice(&(length as u32).to_le_bytes());
        let hash = XxHash3_64::oneshot(&self.packed[COVERED_FROM..HEAD_BYTES + length]);
        self.packed[HASH_AT..COVERED_FROM].copy_from_slice(&hash.to_le_bytes());
        Ok(Some(&self.packed[..HEAD_BYTES + length]))
    }
}

/// Reads the block at `offset` of a file of which the first `length` bytes count.
pub(super) fn read_block(
    file: &File,
    path: &Path,
    offset: u64,
    length: u64,
) -> Result<Vec<u8>, StoreError> {
    read_frame(file, path, offset, length).map(|(block, _)| block)
}

/// Bytes that the block at `offset` takes on disk, if it is whole.
pub(super) fn bytes_on_disk(file: &File, path: &Path, offset: u64) -> Result<u64, StoreError> {
    let mut head = [0; HEAD_BYTES];
    read_at(file, &mut head, offset)
        .map_err(|source| StoreError::Io { path: path.to_owned(), source })?;
    Ok((HEAD_BYTES + number(&head, 16)) as u64)
}

/// The same as [`read_block`], with the bytes that the block takes on disk.
pub(super) fn read_frame(
    file: &File,
    path: &Path,
    offset: u64,
    length: u64,
) -> Result<(Vec<u8>, u64), StoreError> {
    let damaged = |reason: &str| StoreError::Damaged {
        path: path.to_owned(),
        offset: Some(offset),
        reason: reason.to_owned(),
    };
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::UnexpectedEof => damaged("the file is cut off"),
        _ => StoreError::Io { path: path.to_owned(), source },
    };
    let there = usize::try_from(length.saturating_sub(offset)).unwrap_or(usize::MAX);
    if there < HEAD_BYTES {
        return Err(damaged("a block is missing"));
    }
    let mut frame = vec![0; there.min(FIRST_READ_BYTES)];
    read_at(file, &mut frame, offset).map_err(failed)?;
    if &frame[..HASH_AT] != MAGIC {
        return Err(damaged("no block begins here"));
    }
    let (plain, packed) = (number(&frame, COVERED_FROM), number(&frame, 16));
    if packed > there - HEAD_BYTES || plain > BLOCK_BYTES_MAX {
        return Err(damaged("a block's length is wrong"));
    }
    let first = frame.len();
    frame.resize(HEAD_BYTES + packed, 0);
    if frame.len() > first {
        read_at(file, &mut frame[first..], offset + first as u64).map_err(failed)?;
    }
    let hash = XxHash3_64::oneshot(&frame[COVERED_FROM..]);
    if frame[HASH_AT..COVERED_FROM] != hash.to_le_bytes() {
        return Err(damaged("a block's checksum is wrong"));
    }
    let block = decompressed(&frame[HEAD_BYTES..], plain)
        .map_err(|_| damaged("a block cannot be decompressed"))?;
    if block.len() != plain {
        return Err(damaged("a block's length is wrong"));
    }
    Ok((block, frame.len() as u64))
}

thread_local! {
    /// To make one takes about as long as to decompress a small block.
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

fn decompressed(packed: &[u8], plain: usize) -> std::io::Result<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|kept| {
        let decompressor = match kept {
            Some(decompressor) => decompressor,
            None => kept.insert(Decompressor::new()?),
        };
        decompressor.decompress(packed, plain)
    })
}

fn number(frame: &[u8], at: usize) -> usize {
    let bytes: [u8; 4] = frame[at..at + 4].try_into().expect("the range has four bytes");
    u32::from_le_bytes(bytes) as usize
}

/// Fills `buffer` from a place in the file, without moving the file's own place: many
/// threads read one file at once.
#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> std::io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !buffer.is_empty() {
        let read = file.seek_read(buffer, offset)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        buffer = &mut buffer[read..];
        offset += read as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// A file of two blocks, and where the second begins.
    fn two_blocks() -> (Vec<u8>, u64) {
        let mut packer = Packer::new().expect("a compressor");
        let mut bytes = Vec::new();
        bytes.extend(packer.pack(&[b'a'; 3000]).expect("packed").expect("not too large"));
        let second = bytes.len() as u64;
        bytes.extend(packer.pack(b"the second block").expect("packed").expect("not too large"));
        (bytes, second)
    }

    fn read(bytes: &[u8], offset: u64) -> Result<Vec<u8>, StoreError> {
        let mut file = tempfile::tempfile().expect("scratch space");
        file.write_all(bytes).expect("a file");
        read_block(&file, Path::new("000000.block"), offset, bytes.len() as u64)
    }

    #[test]
    fn blocks_are_read_as_they_were_written() {
        let (bytes, second) = two_blocks();
        assert_eq!(read(&bytes, 0).expect("a block"), [b'a'; 3000]);
        assert_eq!(read(&bytes, second).expect("a block"), b"the second block");
    }

    #[test]
    fn a_block_larger_than_one_read_is_whole() {
        let mut state = 1u64;
        let mut noise = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        let block: Vec<u8> = (0..FIRST_READ_BYTES * 3).map(|_| noise()).collect();
        let mut compressor = Packer::new().expect("a compressor");
        let packed = compressor.pack(&block).expect("packed").expect("not too large");
        assert!(packed.len() > FIRST_READ_BYTES);
        assert_eq!(read(packed, 0).expect("a block"), block);
    }

    #[test]
    fn every_flipped_bit_of_a_block_is_found() {
        let (bytes, second) = two_blocks();
        for place in second as usize..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[place] ^= 1 << bit;
                let found = read(&changed, second);
                let Err(StoreError::Damaged { offset, .. }) = found else {
                    panic!("byte {place}, bit {bit}: {found:?}");
                };
                assert_eq!(offset, Some(second));
            }
        }
    }

    #[test]
    fn every_cut_of_a_block_is_found() {
        let (bytes, second) = two_blocks();
        for length in 0..bytes.len() {
            let found = read(&bytes[..length], second);
            assert!(matches!(found, Err(StoreError::Damaged { .. })), "length: {length}");
        }
    }
}
