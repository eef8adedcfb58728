//! What following needs of a file system: a door behind which a model can stand in tests.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::checkpoint::FileIdentity;
use crate::model::skipped::Skipped;

/// What the system tells of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Which file it is.
    pub identity: FileIdentity,
    /// Its size in bytes.
    pub size: u64,
    /// When it was modified, in nanoseconds since the epoch.
    pub modified: Option<i64>,
    /// Whether some directory still has a name for it.
    pub is_linked: bool,
    /// Whether it is a regular file: nothing else is ever opened.
    pub is_file: bool,
}

/// What there is to follow.
#[derive(Debug, Default)]
pub struct Scope {
    /// Regular files, by canonical path, in order.
    pub files: Vec<PathBuf>,
    /// What was found and is not followed.
    pub skipped: Vec<Skipped>,
}

/// A file system.
pub trait Disk {
    /// The files that are wanted now: patterns and directories are looked at anew.
    fn scope(&mut self) -> Scope;

    /// Whether this process writes the file itself: what it says of a line would be a line again.
    fn is_own(&self, _path: &Path, _file: FileIdentity) -> bool {
        false
    }

    /// All names in a directory, in order; none if it cannot be read.
    fn beside(&mut self, directory: &Path) -> Vec<PathBuf>;

    /// What is at a path, links followed.
    ///
    /// # Errors
    /// When nothing is there or it cannot be looked at.
    fn facts(&mut self, path: &Path) -> io::Result<Facts>;

    /// Opens a regular file for reading. Never waits.
    ///
    /// # Errors
    /// When it cannot be opened or is no regular file.
    fn open(&mut self, path: &Path) -> io::Result<Box<dyn OpenFile>>;
}

/// An open file. It stays readable when its name is gone.
pub trait OpenFile {
    /// What is known of it now.
    ///
    /// # Errors
    /// When the system cannot tell.
    fn facts(&self) -> io::Result<Facts>;

    /// Reads at an offset; 0 at the end of the file.
    ///
    /// # Errors
    /// When the disk cannot be read.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}

/// The bytes of a file from one offset to another, or to its end.
pub(super) struct Range<'a> {
    file: &'a dyn OpenFile,
    offset: u64,
    end: u64,
}

impl<'a> Range<'a> {
    pub(super) fn new(file: &'a dyn OpenFile, offset: u64, end: u64) -> Self {
        Self { file, offset, end }
    }
}

impl io::Read for Range<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let wanted = left.min(buffer.len());
        let count = self.file.read_at(&mut buffer[..wanted], self.offset)?;
        self.offset += count as u64;
        Ok(count)
    }
}

/// Like [`Range`] over a whole file that it owns.
pub(super) struct Whole {
    file: Box<dyn OpenFile>,
    offset: u64,
}

impl Whole {
    pub(super) fn new(file: Box<dyn OpenFile>) -> Self {
        Self { file, offset: 0 }
    }
}

impl io::Read for Whole {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.offset)?;
        self.offset += count as u64;
        Ok(count)
    }
}

/// Reads as much as there is at an offset, up to `length` bytes.
pub(super) fn bytes_at(file: &dyn OpenFile, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(length);
    io::Read::read_to_end(&mut Range::new(file, offset, offset + length as u64), &mut bytes)?;
    Ok(bytes)
}
