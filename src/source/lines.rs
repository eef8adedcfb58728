//! Cuts a stream of bytes into chunks of whole lines, in flat memory.
//!
//! Always holds: a chunk's position is exact; chunks, cut bytes and dropped bytes follow
//! each other without gap or overlap; no chunk has more than [`LINE_BYTES_MAX`] bytes and
//! a line end. Dropped are only
//!
//! - a UTF-8 byte-order mark at the start: the first line then has offset 3;
//! - holes: runs of at least [`HOLE_BYTES_MIN`] NUL bytes at the beginning of a line, as
//!   a file has them that was truncated while its writer kept its place. They are reported
//!   as [`Piece::Hole`], and the line after one has the offset at which it really begins.
//!
//! Shorter runs of NUL, and runs within a line, are bytes of the line like others; in an
//! overlong line they count as cut. `\r` stays; a lone `\r` does not end a line.

use std::io::{self, Read};
use std::mem;

use memchr::{memchr, memchr_iter, memrchr};

use crate::model::line::{LINE_BYTES_MAX, Position};
use crate::source::Chunk;
use crate::source::fingerprint::Running;

/// Fewer NUL bytes at the beginning of a line are left in it: holes are made of pages.
pub(super) const HOLE_BYTES_MIN: usize = 4096;

/// The longest line that is kept whole, with its end. A chunk is at most this long.
const BUFFER_BYTES: usize = LINE_BYTES_MAX + 1;

/// An overlong line is passed over in steps of this size.
const SKIP_BYTES: usize = 64 << 10;

/// What a UTF-8 file may begin with.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The next part of a stream.
#[derive(Debug)]
pub(super) enum Piece {
    /// Whole lines.
    Lines(Chunk),
    /// NUL bytes were dropped.
    Hole {
        /// Where they began.
        offset: u64,
        /// How many they were.
        length: u64,
    },
    /// The stream ends before it should. Nothing follows.
    Fault {
        /// Bytes of the stream that were read.
        offset: u64,
        /// Why.
        error: io::Error,
    },
}

/// Cuts one stream.
pub(super) struct Cutter<R> {
    input: R,
    /// Bytes read and not yet given out; they begin at `position`, at a line's beginning.
    buffer: Vec<u8>,
    position: Position,
    fingerprint: Running,
    /// Length of the hole that ends at `position`, not yet reported.
    hole: u64,
    over: bool,
    fault: Option<io::Error>,
}

impl<R: Read> Cutter<R> {
    /// Cuts `input`, which begins at `position`, at a line's beginning, of a stream whose
    /// bytes before that have this fingerprint.
    pub(super) fn new(input: R, position: Position, fingerprint: Running) -> Self {
        Self { input, buffer: Vec::new(), position, fingerprint, hole: 0, over: false, fault: None }
    }

    /// The next piece; none at the end.
    pub(super) fn next_piece(&mut self) -> Option<Piece> {
        loop {
            self.fill();
            if self.position.offset == 0 && self.buffer.starts_with(BYTE_ORDER_MARK) {
                self.drop_bytes(BYTE_ORDER_MARK.len());
                continue;
            }
            let lines_end = match first_hole(&self.buffer, self.hole > 0) {
                Some((0, length)) => {
                    self.hole += length as u64;
                    self.drop_bytes(length);
                    continue;
                }
                Some((start, _)) => Some(start),
                None => memrchr(b'\n', &self.buffer).map(|end| end + 1),
            };
            if self.hole > 0 {
                let length = mem::take(&mut self.hole);
                return Some(Piece::Hole { offset: self.position.offset - length, length });
            }
            return match lines_end {
                Some(end) => Some(Piece::Lines(self.give(end))),
                None if self.buffer.len() > LINE_BYTES_MAX => {
                    Some(Piece::Lines(self.give_overlong()))
                }
                None if !self.buffer.is_empty() => Some(Piece::Lines(self.give(self.buffer.len()))),
                None => self
                    .fault
                    .take()
                    .map(|error| Piece::Fault { offset: self.position.offset, error }),
            };
        }
    }

    /// Where the bytes that were not given out begin, and what was before them.
    pub(super) fn into_place(self) -> (Position, Running) {
        (self.position, self.fingerprint)
    }

    /// Fills the buffer, unless the input has ended.
    fn fill(&mut self) {
        let missing = BUFFER_BYTES - self.buffer.len();
        if self.over || missing == 0 {
            return;
        }
        match (&mut self.input).take(missing as u64).read_to_end(&mut self.buffer) {
            Ok(count) => self.over = count < missing,
            Err(error) => {
                self.over = true;
                self.fault = Some(error);
            }
        }
    }

    fn drop_bytes(&mut self, count: usize) {
        self.fingerprint.feed(&self.buffer[..count]);
        self.buffer.drain(..count);
        self.position.offset += count as u64;
    }

    /// Gives out the first `end` bytes of the buffer.
    fn give(&mut self, end: usize) -> Chunk {
        let bytes = self.take(end);
        self.fingerprint.feed(&bytes);
        let line_ends = memchr_iter(b'\n', &bytes).count() as u64;
        self.chunk(bytes, line_ends, 0)
    }

    /// Takes the first `end` bytes out of the buffer. The next buffer has room for a whole
    /// chunk, if more is to come.
    fn take(&mut self, end: usize) -> Vec<u8> {
        // `read_to_end` wants a little room to see that the end is reached.
        let room = if self.over { 0 } else { BUFFER_BYTES + 64 };
        let mut rest = Vec::with_capacity(room.max(self.buffer.len() - end));
        rest.extend_from_slice(&self.buffer[end..]);
        self.buffer.truncate(end);
        mem::replace(&mut self.buffer, rest)
    }

    /// Gives out the beginning of a line that does not fit, and passes over its rest.
    fn give_overlong(&mut self) -> Chunk {
        let mut bytes = self.take(LINE_BYTES_MAX);
        self.fingerprint.feed(&bytes);
        let mut block = mem::take(&mut self.buffer);
        let mut cut = 0;
        loop {
            if let Some(end) = memchr(b'\n', &block) {
                self.fingerprint.feed(&block[..=end]);
                cut += end as u64;
                bytes.push(b'\n');
                block.drain(..=end);
                self.buffer = block;
                return self.chunk(bytes, 1, cut);
            }
            self.fingerprint.feed(&block);
            cut += block.len() as u64;
            block.clear();
            self.fill_block(&mut block);
            if block.is_empty() {
                return self.chunk(bytes, 0, cut);
            }
        }
    }

    fn fill_block(&mut self, block: &mut Vec<u8>) {
        if self.over {
            return;
        }
        match (&mut self.input).take(SKIP_BYTES as u64).read_to_end(block) {
            Ok(count) => self.over = count < SKIP_BYTES,
            Err(error) => {
                self.over = true;
                self.fault = Some(error);
            }
        }
    }

    fn chunk(&mut self, bytes: Vec<u8>, line_ends: u64, cut: u64) -> Chunk {
        let first = self.position;
        self.position.line += line_ends;
        self.position.offset += bytes.len() as u64 + cut;
        let (read, fingerprint) = (self.position.offset, self.fingerprint.now());
        Chunk { bytes, first, cut, read, fingerprint }
    }
}

/// How many bytes at the beginning are NUL. A hole can be as large as a disk, so they are
/// looked at many at a time.
pub(super) fn leading_nuls(bytes: &[u8]) -> usize {
    let is_nul = |block: &&[u8]| block.iter().fold(0, |all, byte| all | byte) == 0;
    let whole = bytes.chunks_exact(64).take_while(is_nul).count() * 64;
    whole + bytes[whole..].iter().take_while(|byte| **byte == 0).count()
}

/// The first hole in bytes that begin at a line's beginning: where, and how long. `inside`
/// says that a hole goes on at the first byte, however little of it is left.
fn first_hole(bytes: &[u8], inside: bool) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(found) = memchr(0, &bytes[from..]) {
        let start = from + found;
        let length = leading_nuls(&bytes[start..]);
        let at_line_start = start == 0 || bytes[start - 1] == b'\n';
        if at_line_start && (length >= HOLE_BYTES_MIN || (start == 0 && inside)) {
            return Some((start, length));
        }
        from = start + length;
    }
    None
}

#[cfg(test)]
mod tests;
