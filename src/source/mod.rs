//! Where lines come from: files, directories, globs, archives in archives, standard input.
//!
//! [`find`](find::find) turns what a user typed into units; [`read`](read::read) hands the lines of one
//! unit to a [`Receiver`], in chunks of whole lines. Nothing is unpacked to disk, nothing
//! is memory-mapped, and a file that is no log is skipped with its reason.
//!
//! Never: understands a line.

pub mod find;
pub mod follow;
pub mod read;
pub mod selection;

mod decompress;
mod deliver;
mod encoding;
mod fault;
mod fingerprint;
mod glob;
mod label;
mod lines;
mod link;
mod meter;
mod place;
mod salvage;
mod sniff;
mod tarball;
mod zipped;

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::model::checkpoint::{Checkpoint, Fingerprint};
use crate::model::line::Position;
use crate::model::skipped::Skipped;

/// One stream of lines: a file, a member of an archive, or standard input.
#[derive(Debug, Clone)]
pub struct Stream {
    /// Its full path; inside an archive `archive.tar.gz!/name`; `-` for standard input.
    pub path: Arc<str>,
    /// Size on disk of the file (for a member: of its archive), if known.
    pub size: Option<u64>,
    /// Time of modification in nanoseconds since the epoch (for a member: its own), if known.
    pub modified: Option<i64>,
}

/// How much of a stream its receiver wants.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// Nothing: it is known already.
    Nothing,
    /// All of it.
    All,
    /// What follows this checkpoint, if the content still begins as it did; else all.
    Since(Box<Checkpoint>),
}

/// Whole lines of one stream.
#[derive(Debug)]
pub struct Chunk {
    /// The lines, each ended by `\n` but perhaps the stream's last.
    pub bytes: Vec<u8>,
    /// Where the first of them begins.
    pub first: Position,
    /// Bytes cut off the chunk's only line, if it was longer than
    /// [`LINE_BYTES_MAX`](crate::model::line::LINE_BYTES_MAX); such a line is a chunk alone.
    pub cut: u64,
    /// Bytes of the stream read with this chunk.
    pub read: u64,
    /// The fingerprint of those bytes.
    pub fingerprint: Fingerprint,
}

/// Takes in the lines of streams, one stream after the other.
pub trait Receiver {
    /// A stream was found. Says how much of it is wanted.
    fn wanted(&mut self, stream: &Stream) -> Wanted;
    /// Its lines follow, from this position on. A position other than the start means
    /// that the checkpoint still fits.
    fn begin(&mut self, stream: &Stream, from: Position);
    /// The next lines. [`ControlFlow::Break`] ends the reading of the whole unit.
    fn lines(&mut self, chunk: Chunk) -> ControlFlow<()>;
    /// The stream was read as far as it could be; if not to its end, a [`Skipped`] was reported before.
    fn end(&mut self);
    /// Something was passed over, whole or from some byte on.
    fn skipped(&mut self, skipped: Skipped);
    /// Bytes of the unit on disk consumed since the last call, for the progress bar.
    fn progress(&mut self, bytes_on_disk: u64);
}
