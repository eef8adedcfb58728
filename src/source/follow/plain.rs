//! Reads on in a file of plain text that may be written, cut away or overwritten meanwhile.
//!
//! Only whole lines are taken; the rest stays where it is until its end is written. Before
//! and after every reading the bytes before it are compared with what was read there: a file
//! that was cut away and has grown again does not agree, and nothing of it is taken for the
//! old log.

use std::io;
use std::time::Duration;

use memchr::{memchr, memrchr};
use twox_hash::XxHash3_64;

use crate::model::checkpoint::Checkpoint;
use crate::model::line::{LINE_BYTES_MAX, Position};
use crate::source::Chunk;
use crate::source::fingerprint::Running;
use crate::source::follow::disk::{Facts, OpenFile, Range, bytes_at};
use crate::source::follow::generation::{Generation, last_bytes};
use crate::source::lines::{Cutter, Piece};

/// Bytes read at a time: the longest line and its end.
const BLOCK_BYTES: usize = LINE_BYTES_MAX + 1;

/// Blocks of one file in one turn. Then the others have theirs, however much is left.
const BLOCKS_IN_TURN: u32 = 8;

/// What a turn at a file brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Everything that is a whole line was read.
    Done,
    /// There is more to read at once.
    More,
    /// The file no longer holds what was read of it.
    CutAway,
}

/// What comes of reading.
#[derive(Debug)]
pub(super) enum Given {
    /// Lines follow from here on.
    Begin(Position, Option<Box<Checkpoint>>),
    /// Lines.
    Lines(Chunk),
}

/// Reads whole lines, as many as one turn allows.
pub(super) fn read(
    generation: &mut Generation,
    file: &dyn OpenFile,
    facts: &Facts,
    give: &mut dyn FnMut(Given),
) -> io::Result<Turn> {
    if facts.size < generation.read.max(generation.position.offset) {
        return Ok(Turn::CutAway);
    }
    if generation.known.is_some() {
        if !generation.agrees(file)? {
            return Ok(Turn::CutAway);
        }
        generation.restore(file)?;
        generation.begun = true;
        give(Given::Begin(generation.position, generation.known.take().map(Box::new)));
    }
    for _ in 0..BLOCKS_IN_TURN {
        match block(generation, file, give)? {
            Turn::More => {}
            other => return Ok(other),
        }
    }
    Ok(Turn::More)
}

/// Reads up to the last line end of one block.
fn block(
    generation: &mut Generation,
    file: &dyn OpenFile,
    give: &mut dyn FnMut(Given),
) -> io::Result<Turn> {
    let start = generation.position.offset;
    let before = last_bytes(file, start)?;
    if !follows(generation, &before) {
        return Ok(Turn::CutAway);
    }
    let bytes = bytes_at(file, start, BLOCK_BYTES)?;
    let is_full = bytes.len() == BLOCK_BYTES;
    let end = match memrchr(b'\n', &bytes) {
        Some(end) => start + end as u64 + 1,
        None if is_full => match overlong(generation, file)? {
            Ok(end) => end,
            Err(turn) => return Ok(turn),
        },
        None => {
            generation.scanned = start + bytes.len() as u64;
            return Ok(if still_agrees(generation, file, start)? {
                Turn::Done
            } else {
                Turn::CutAway
            });
        }
    };
    let running = Running::after(generation.fingerprint, before.clone());
    let input: Box<dyn io::Read + '_> = if end <= start + bytes.len() as u64 {
        Box::new(io::Cursor::new(&bytes[..(end - start) as usize]))
    } else {
        Box::new(Range::new(file, start, end))
    };
    let mut cutter = Cutter::new(input, generation.position, running);
    let mut chunks = Vec::new();
    while let Some(piece) = cutter.next_piece() {
        match piece {
            Piece::Lines(chunk) => chunks.push(chunk),
            Piece::Hole { .. } => {}
            Piece::Fault { error, .. } => return Err(error),
        }
    }
    let (position, running) = cutter.into_place();
    // Was it cut away and written anew while it was read? Then nothing counts.
    if position.offset != end || !still_agrees(generation, file, end)? {
        return Ok(Turn::CutAway);
    }
    if !generation.begun {
        generation.begun = true;
        give(Given::Begin(generation.position, None));
    }
    for chunk in chunks {
        generation.gave(&before, &chunk);
        give(Given::Lines(chunk));
    }
    generation.position = position;
    generation.read = position.offset;
    generation.fingerprint = running.now();
    generation.scanned = 0;
    Ok(if is_full { Turn::More } else { Turn::Done })
}

/// Whether these bytes are those that were read last.
fn follows(generation: &Generation, before: &[u8]) -> bool {
    generation.position.offset == 0 || XxHash3_64::oneshot(before) == generation.fingerprint.tail
}

/// Whether the file, up to `end`, still is the one in which reading went on.
fn still_agrees(generation: &Generation, file: &dyn OpenFile, end: u64) -> io::Result<bool> {
    let before = last_bytes(file, generation.position.offset)?;
    Ok(file.facts()?.size >= end && follows(generation, &before))
}

/// Looks for the end of a line that is longer than a block: the place behind it, or how the
/// turn ends. What was looked at is not looked at again, and nothing of it is held.
fn overlong(generation: &mut Generation, file: &dyn OpenFile) -> io::Result<Result<u64, Turn>> {
    let mut at = generation.scanned.max(generation.position.offset + BLOCK_BYTES as u64);
    let bytes = bytes_at(file, at, BLOCK_BYTES)?;
    let found = memchr(b'\n', &bytes);
    at += found.map_or(bytes.len(), |end| end + 1) as u64;
    generation.scanned = at;
    let turn = if bytes.len() == BLOCK_BYTES { Turn::More } else { Turn::Done };
    Ok(if found.is_some() { Ok(at) } else { Err(turn) })
}

/// The unfinished last line, to be shown as it is: it is not read yet, its end will come.
pub(super) fn partial(generation: &Generation, file: &dyn OpenFile) -> io::Result<Option<Chunk>> {
    let start = generation.position.offset;
    let before = last_bytes(file, start)?;
    if !follows(generation, &before) {
        return Ok(None);
    }
    let running = Running::after(generation.fingerprint, before);
    let rest = Range::new(file, start, generation.size);
    let mut cutter = Cutter::new(rest, generation.position, running);
    loop {
        match cutter.next_piece() {
            Some(Piece::Lines(chunk)) => return Ok(Some(chunk)),
            Some(Piece::Hole { .. }) => {}
            Some(Piece::Fault { error, .. }) => return Err(error),
            None => return Ok(None),
        }
    }
}

/// How long to wait before a file is looked at again that last changed `quiet` ago: what
/// just changed soon changes again.
pub(super) fn pause(quiet: Duration, longest: Duration) -> Duration {
    (quiet / 8).clamp(PAUSE_MIN, longest)
}

/// A file that is written all the time is looked at so often.
const PAUSE_MIN: Duration = Duration::from_millis(10);
