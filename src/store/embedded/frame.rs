//! Blocks on disk: compressed, each with its length and checksum, one after the other in
//! append-only files.
//!
//! ```text
//! "LLB1" | XXH3 of what follows | length of the block | length on disk | zstd
//!  4       8                      4                     4
//! ```
//!
//! Always: a block that does not hold what was written is named with its file and byte.

use std::fs::File;
use std::path::Path;

use twox_hash::XxHash3_64;

use crate::store::error::StoreError;

/// Names the format of frame, block and codec.
const MAGIC: &[u8; 4] = b"LLB1";

/// Bytes before the compressed block.
const HEAD_BYTES: usize = 20;

/// Where the checksum stands, and where what it covers begins.
const HASH_AT: usize = 4;
const COVERED_FROM: usize = 12;

/// zstd's level: higher ones gain little on blocks of 64 KB and cost much.
const COMPRESSION_LEVEL: i32 = 1;

/// The first read of a block takes this much: nearly every block is whole in it.
const FIRST_READ_BYTES: usize = 24 << 10;

/// A larger block is not written and not believed: it would have to be held in memory.
const BLOCK_BYTES_MAX: usize = 1 << 30;

/// Compresses blocks, one after the other.
pub(super) struct Packer {
    compressor: zstd::bulk::Compressor<'static>,
}

impl Packer {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self { compressor: zstd::bulk::Compressor::new(COMPRESSION_LEVEL)? })
    }

    /// The block as it stands on disk, or none if it is too large.
    pub(super) fn pack(&mut self, block: &[u8]) -> std::io::Result<Option<Vec<u8>>> {
        if block.len() > BLOCK_BYTES_MAX {
            return Ok(None);
        }
        let bound = zstd::zstd_safe::compress_bound(block.len());
        let mut packed = vec![0; HEAD_BYTES + bound];
        let length = self.compressor.compress_to_buffer(block, &mut packed[HEAD_BYTES..])?;
        packed.truncate(HEAD_BYTES + length);
        packed[..HASH_AT].copy_from_slice(MAGIC);
        packed[COVERED_FROM..16].copy_from_slice(&(block.len() as u32).to_le_bytes());
        packed[16..HEAD_BYTES].copy_from_slice(&(length as u32).to_le_bytes());
        let hash = XxHash3_64::oneshot(&packed[COVERED_FROM..]);
        packed[HASH_AT..COVERED_FROM].copy_from_slice(&hash.to_le_bytes());
        Ok(Some(packed))
    }
}

/// Reads the block at `offset` of a file of which the first `length` bytes count.
pub(super) fn read_block(
    file: &File,
    path: &Path,
    offset: u64,
    length: u64,
) -> Result<Vec<u8>, StoreError> {
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
    let block = zstd::bulk::decompress(&frame[HEAD_BYTES..], plain)
        .map_err(|_| damaged("a block cannot be decompressed"))?;
    if block.len() == plain { Ok(block) } else { Err(damaged("a block's length is wrong")) }
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
