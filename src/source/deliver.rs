//! Hands the lines of one stream to the receiver, from the start or from a checkpoint.
//!
//! A plain file is checked at both ends of what was read and read on by seeking. Any
//! other stream cannot go back, so it is read from its start, the fingerprint is taken
//! anew, and what lies between the place to resume at and the checkpoint is held in
//! memory until the fingerprint agrees. If it does not, the beginning is gone: the stream
//! is noted as a misfit and handed over whole by a second reading of the unit.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::sync::Arc;

use twox_hash::XxHash3_64;

use crate::model::checkpoint::{Checkpoint, FINGERPRINT_BYTES};
use crate::model::line::Position;
use crate::model::skipped::SkipKind;
use crate::source::encoding::{Encoding, Transcoder};
use crate::source::fingerprint::{self, Running};
use crate::source::lines::{Cutter, Piece};
use crate::source::meter::Disk;
use crate::source::place::Place;
use crate::source::read::{Head, Reading, missing_from};
use crate::source::{Stream, Wanted};

/// Most bytes held between the place to resume at and the checkpoint: several records of
/// the greatest length. If more are needed, the stream is read anew.
const HELD_BYTES_MAX: u64 = 8 << 20;

/// A stream is checked in steps of this size.
const STEP_BYTES: u64 = 64 << 10;

impl Reading<'_> {
    /// Hands over a file of plain text.
    pub(super) fn deliver_file(
        &mut self,
        mut file: File,
        size: u64,
        place: &Place,
    ) -> ControlFlow<()> {
        let stream = self.stream(place);
        let (from, before) = match self.wanted(&stream) {
            Wanted::Nothing => return ControlFlow::Continue(()),
            Wanted::All => (Position::START, Running::default()),
            Wanted::Since(checkpoint) => match resumed_in_file(&mut file, size, &checkpoint) {
                Ok(Some(before)) => (checkpoint.resume, before),
                // A file that cannot be read says so again below, where it is reported.
                Ok(None) | Err(_) => (Position::START, Running::default()),
            },
        };
        if let Err(error) = file.seek(SeekFrom::Start(from.offset)) {
            self.report_stream(place, SkipKind::Unreadable, missing_from(0, &error));
            return ControlFlow::Continue(());
        }
        let rest = Disk::streamed(file, &self.meter).take(size - from.offset);
        self.hand_over(&stream, Cutter::new(rest, from, before), from, place)
    }

    /// Hands over a stream of text.
    pub(super) fn deliver(
        &mut self,
        head: Head<'_>,
        encoding: Encoding,
        place: &Place,
    ) -> ControlFlow<()> {
        let stream = self.stream(place);
        let wanted = self.wanted(&stream);
        let mut input: Box<dyn Read + '_> = match encoding {
            Encoding::Bytes => Box::new(head),
            Encoding::Utf16Little => Box::new(Transcoder::new(head, false)),
            Encoding::Utf16Big => Box::new(Transcoder::new(head, true)),
        };
        let (from, kept, before) = match wanted {
            Wanted::Nothing => return ControlFlow::Continue(()),
            Wanted::All => (Position::START, Vec::new(), Running::default()),
            Wanted::Since(checkpoint) => match verify(&mut input, &checkpoint) {
                Verdict::Fits { held: kept, before } => (checkpoint.resume, kept, before),
                Verdict::Differs { read } => (Position::START, read, Running::default()),
                Verdict::DiffersLate => {
                    self.misfits.push((self.streams, place.label.clone()));
                    return ControlFlow::Continue(());
                }
            },
        };
        let rest = io::Cursor::new(kept).chain(input);
        self.hand_over(&stream, Cutter::new(rest, from, before), from, place)
    }

    fn hand_over<R: Read>(
        &mut self,
        stream: &Stream,
        mut lines: Cutter<R>,
        from: Position,
        place: &Place,
    ) -> ControlFlow<()> {
        self.receiver.begin(stream, from);
        while let Some(piece) = lines.next_piece() {
            self.show_progress();
            match piece {
                Piece::Lines(chunk) => self.receiver.lines(chunk)?,
                Piece::Hole { offset, length } => {
                    let reason = format!("{length} NUL bytes from byte {offset} on hold no lines");
                    self.report_stream(place, SkipKind::NotALog, reason);
                }
                Piece::Fault { offset, error } => {
                    let reason = missing_from(offset, &error);
                    self.report_stream(place, SkipKind::Unreadable, reason);
                }
            }
        }
        self.receiver.end();
        ControlFlow::Continue(())
    }

    fn stream(&self, place: &Place) -> Stream {
        let path = Arc::from(place.label.as_str());
        Stream { path, size: self.size, modified: place.modified }
    }

    /// What the receiver wants of the next stream. In a second reading that is settled.
    fn wanted(&mut self, stream: &Stream) -> Wanted {
        self.streams += 1;
        if let Some(again) = &self.again {
            let is_misfit = |(number, label): &(u64, String)| {
                *number == self.streams && **label == *stream.path
            };
            return if again.iter().any(is_misfit) { Wanted::All } else { Wanted::Nothing };
        }
        match self.receiver.wanted(stream) {
            // What cannot be read twice cannot be checked: it is new each time.
            Wanted::Since(_) if !self.can_reopen => Wanted::All,
            wanted => wanted,
        }
    }
}

/// The state to read on with in a file that still holds what the checkpoint says; none if
/// it does not. Leaves the file anywhere.
fn resumed_in_file(
    file: &mut File,
    size: u64,
    checkpoint: &Checkpoint,
) -> io::Result<Option<Running>> {
    let (read, resume) = (checkpoint.read, checkpoint.resume.offset);
    if size < read || !is_sound(checkpoint) {
        return Ok(None);
    }
    let mut head = bytes_at(file, 0, read)?;
    let tail = bytes_before(file, read)?;
    if fingerprint::of_ends(&head, &tail) != checkpoint.fingerprint {
        return Ok(None);
    }
    head.truncate(usize::try_from(resume).unwrap_or(usize::MAX));
    Ok(Some(Running::resumed(head, bytes_before(file, resume)?)))
}

/// A checkpoint that contradicts itself is as good as none.
fn is_sound(checkpoint: &Checkpoint) -> bool {
    checkpoint.resume.offset <= checkpoint.read && checkpoint.resume.line > 0
}

/// The last bytes before `end`, as many as a fingerprint covers.
fn bytes_before(file: &mut File, end: u64) -> io::Result<Vec<u8>> {
    let start = end.saturating_sub(FINGERPRINT_BYTES as u64);
    bytes_at(file, start, end - start)
}

/// At most `length` bytes from `start` on, and no more than a fingerprint covers.
fn bytes_at(file: &mut File, start: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(FINGERPRINT_BYTES);
    file.seek(SeekFrom::Start(start))?;
    file.take(length.min(FINGERPRINT_BYTES as u64)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether a stream still holds what a checkpoint says.
enum Verdict {
    /// It does, and was read up to the checkpoint.
    Fits {
        /// The bytes from the place to resume at to the checkpoint.
        held: Vec<u8>,
        /// The fingerprint of the bytes before them.
        before: Running,
    },
    /// It does not, and only these bytes of it were read.
    Differs {
        /// Its first bytes.
        read: Vec<u8>,
    },
    /// It does not, and its beginning is gone.
    DiffersLate,
}

fn verify(input: &mut dyn Read, checkpoint: &Checkpoint) -> Verdict {
    let resume = checkpoint.resume.offset;
    if !is_sound(checkpoint) || checkpoint.read - resume > HELD_BYTES_MAX {
        return Verdict::Differs { read: Vec::new() };
    }
    let mut block = Vec::new();
    let head_bytes = checkpoint.read.min(FINGERPRINT_BYTES as u64);
    if input.take(head_bytes).read_to_end(&mut block).is_err() {
        return Verdict::DiffersLate;
    }
    let is_short = (block.len() as u64) < head_bytes;
    if is_short || XxHash3_64::oneshot(&block) != checkpoint.fingerprint.head {
        return Verdict::Differs { read: block };
    }
    let (mut running, mut before, mut held) = (Running::default(), None, Vec::new());
    let mut read = 0;
    loop {
        let left = usize::try_from(resume.saturating_sub(read)).unwrap_or(usize::MAX);
        let (skipped, kept) = block.split_at(left.min(block.len()));
        running.feed(skipped);
        read += block.len() as u64;
        if before.is_none() && read >= resume {
            before = Some(running.clone());
        }
        running.feed(kept);
        held.extend_from_slice(kept);
        let missing = checkpoint.read - read;
        if missing == 0 {
            break;
        }
        block.clear();
        let step = input.take(missing.min(STEP_BYTES)).read_to_end(&mut block);
        if step.is_err() || block.is_empty() {
            return Verdict::DiffersLate;
        }
    }
    match before {
        Some(before) if running.now() == checkpoint.fingerprint => Verdict::Fits { held, before },
        _ => Verdict::DiffersLate,
    }
}
