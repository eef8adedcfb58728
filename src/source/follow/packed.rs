//! Files that can only be read from their start: compressed ones, and UTF-16.
//!
//! Offsets count the bytes that come out. A compressed file is read when it has been quiet
//! for a while: while it grows its last block is not there yet. What it holds is compared
//! with the logs of its family at the place up to which each was read.

use std::io::{self, Read};
use std::rc::Rc;

use crate::model::checkpoint::FINGERPRINT_BYTES;
use crate::source::encoding::{Encoding, Transcoder};
use crate::source::fingerprint::Running;
use crate::source::follow::disk::{Facts, OpenFile, Whole, bytes_at};
use crate::source::follow::generation::Generation;
use crate::source::lines::Cutter;
use crate::source::meter::{Disk as Metered, Meter};
use crate::source::sniff::{self, BLOCK_BYTES, Kind};
use crate::source::{decompress, lines};

/// Bytes unpacked at a time.
const STEP_BYTES: usize = 64 << 10;

/// What a file is, as far as following goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Text that is read where it is.
    Plain,
    /// Something that is read from its start; whether it is text, of two bytes a letter.
    Packed {
        /// Whether its last line may still be written.
        is_text: bool,
    },
    /// Nothing yet.
    Empty,
    /// Files within a file: read once, not followed.
    Archive,
    /// No log, or none that can be read; with what it is.
    Other(&'static str),
}

/// What a file is, by its first bytes.
pub(super) fn form(file: &dyn OpenFile) -> io::Result<Form> {
    let head = bytes_at(file, 0, BLOCK_BYTES)?;
    Ok(match kind(&head) {
        Kind::Empty => Form::Empty,
        Kind::Text(Encoding::Bytes) => Form::Plain,
        Kind::Text(_) => Form::Packed { is_text: true },
        Kind::Compressed(_) => Form::Packed { is_text: false },
        Kind::Tar | Kind::Zip => Form::Archive,
        Kind::NotALog(what) | Kind::Unsupported(what) => Form::Other(what),
    })
}

/// A block of NUL bytes alone is the hole of a log that was cut away.
fn kind(head: &[u8]) -> Kind {
    if lines::leading_nuls(head) == head.len() && !head.is_empty() {
        return Kind::Text(Encoding::Bytes);
    }
    sniff::kind(head)
}

/// A reader of what a file unpacks to.
pub(super) fn unpacked(file: Box<dyn OpenFile>) -> io::Result<Box<dyn Read>> {
    let head = bytes_at(&*file, 0, BLOCK_BYTES)?;
    let meter = Rc::new(Meter::default());
    let input = Metered::streamed(Whole::new(file), &meter);
    Ok(match kind(&head) {
        Kind::Compressed(method) => Box::new(decompress::unpack(method, input, &meter)?),
        Kind::Text(Encoding::Utf16Little) => Box::new(Transcoder::new(input, false)),
        Kind::Text(Encoding::Utf16Big) => Box::new(Transcoder::new(input, true)),
        _ => Box::new(input),
    })
}

/// Which of these generations a file holds.
pub(super) enum Recognised {
    /// All that was read of this one, and perhaps more.
    Whole(usize),
    /// Only a beginning of what was read of this one.
    Beginning(usize),
    /// None of them.
    None,
}

/// A place in a generation and the hash of the bytes before it.
struct Point {
    offset: u64,
    hash: u64,
    number: usize,
}

/// Looks which of the generations `input` begins with. Faults end the look, not the reading.
pub(super) fn recognise(
    input: &mut dyn Read,
    candidates: &[usize],
    generations: &[Generation],
) -> Recognised {
    let mut points = points(candidates, generations);
    points.sort_by_key(|point| point.offset);
    let mut running = Running::default();
    let mut read = 0;
    let mut agreed: Vec<(usize, u64)> = Vec::new();
    let mut differing: Vec<usize> = Vec::new();
    for point in &points {
        if differing.contains(&point.number) {
            continue;
        }
        if !feed(input, &mut running, point.offset - read) {
            break;
        }
        read = point.offset;
        agreed.retain(|(number, _)| *number != point.number);
        if running.now().tail == point.hash {
            agreed.push((point.number, point.offset));
        } else {
            // Once different, always different.
            differing.push(point.number);
        }
    }
    // The nearest to the end of what was read is the likeliest, and whole ones before others.
    agreed.sort_by_key(|(number, offset)| (*offset == generations[*number].read, *offset));
    match agreed.last() {
        Some((number, offset)) if *offset == generations[*number].read => {
            Recognised::Whole(*number)
        }
        Some((number, offset)) if generations[*number].marks.has(*offset) => {
            Recognised::Beginning(*number)
        }
        Some(_) | None => Recognised::None,
    }
}

fn points(candidates: &[usize], generations: &[Generation]) -> Vec<Point> {
    let mut points = Vec::new();
    for number in candidates {
        let generation = &generations[*number];
        if generation.read == 0 {
            continue;
        }
        let marks = generation.marks.all().filter(|(offset, _)| *offset < generation.read);
        points.extend(marks.map(|(offset, hash)| Point { offset, hash, number: *number }));
        let page = FINGERPRINT_BYTES as u64;
        if generation.read > page {
            points.push(Point { offset: page, hash: generation.fingerprint.head, number: *number });
        }
        let (offset, hash) = (generation.read, generation.fingerprint.tail);
        points.push(Point { offset, hash, number: *number });
    }
    points
}

/// Feeds so many bytes; false if there are not so many.
fn feed(input: &mut dyn Read, running: &mut Running, mut count: u64) -> bool {
    let mut block = vec![0; STEP_BYTES];
    while count > 0 {
        let wanted = usize::try_from(count).unwrap_or(STEP_BYTES).min(STEP_BYTES);
        match input.read(&mut block[..wanted]) {
            Ok(0) => return false,
            Ok(read) => {
                running.feed(&block[..read]);
                count -= read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
    true
}

/// Lines of a generation from where its reading goes on; none if the file is shorter.
pub(super) fn resumed(
    mut input: Box<dyn Read>,
    generation: &Generation,
) -> Option<Cutter<Box<dyn Read>>> {
    let mut running = Running::default();
    feed(&mut *input, &mut running, generation.position.offset)
        .then(|| Cutter::new(input, generation.position, running))
}

/// A packed file under watch.
pub(super) struct PackedFile {
    pub(super) path: std::path::PathBuf,
    pub(super) facts: Facts,
    /// When it last changed.
    pub(super) since: std::time::Duration,
    /// The generation that it holds.
    pub(super) owner: Option<usize>,
    pub(super) stage: Stage,
    /// Whether it is text, whose last line may still be written.
    pub(super) is_text: bool,
    /// How often it was not found at its path.
    pub(super) missed: u32,
}

/// How far the reading of a packed file has come.
pub(super) enum Stage {
    /// It may still be written.
    Waiting,
    /// It is being read.
    Reading(Box<Cutter<Box<dyn Read>>>),
    /// It was read as it is now.
    Done,
}
