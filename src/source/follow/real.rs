//! The file system of this machine.

use std::collections::HashSet;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::model::checkpoint::FileIdentity;
use crate::source::find::{UnitKind, find};
use crate::source::follow::disk::{Disk, Facts, OpenFile, Scope};
use crate::source::place;
use crate::source::selection::Selection;

/// Files below the paths that a user named.
pub struct RealDisk {
    paths: Vec<PathBuf>,
    selection: Selection,
    own_files: HashSet<FileIdentity>,
    own_paths: HashSet<PathBuf>,
}

impl RealDisk {
    /// Follows what [`find`] finds below `paths`.
    pub fn new(paths: Vec<PathBuf>, selection: Selection) -> Self {
        Self { paths, selection, own_files: HashSet::new(), own_paths: HashSet::new() }
    }

    /// Leaves out files that this process writes: those that are open, and those that may be
    /// made at these paths.
    #[must_use]
    pub fn without(mut self, open: &[File], paths: &[PathBuf]) -> Self {
        let metadata = open.iter().filter_map(|file| file.metadata().ok());
        let files = metadata.filter(Metadata::is_file);
        self.own_files = files.map(|metadata| identity(&metadata)).collect();
        let full = |path: &PathBuf| {
            let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let directory = directory.unwrap_or_else(|| Path::new(".")).canonicalize().ok()?;
            Some(directory.join(path.file_name()?))
        };
        self.own_paths = paths.iter().filter_map(full).collect();
        self
    }
}

impl Disk for RealDisk {
    fn scope(&mut self) -> Scope {
        let found = find(&self.paths, &self.selection);
        let files = found.units.into_iter().filter(|unit| unit.kind == UnitKind::File);
        Scope { files: files.map(|unit| unit.path).collect(), skipped: found.skipped }
    }

    fn is_own(&self, path: &Path, file: FileIdentity) -> bool {
        self.own_files.contains(&file) || self.own_paths.contains(path)
    }

    fn beside(&mut self, directory: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok);
        let mut paths: Vec<PathBuf> =
            entries.map(|entry| directory.join(entry.file_name())).collect();
        paths.sort();
        paths
    }

    fn facts(&mut self, path: &Path) -> io::Result<Facts> {
        fs::metadata(path).map(|metadata| facts(&metadata))
    }

    fn open(&mut self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        let mut options = OpenOptions::new();
        options.read(true);
        // A pipe that took the file's place a moment ago must not keep us waiting.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, NONBLOCK);
        let file = options.open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
        }
        Ok(Box::new(RealFile(file)))
    }
}

/// `O_NONBLOCK`.
#[cfg(any(target_os = "linux", target_os = "android"))]
const NONBLOCK: i32 = 0o4000;

struct RealFile(File);

impl OpenFile for RealFile {
    fn facts(&self) -> io::Result<Facts> {
        self.0.metadata().map(|metadata| facts(&metadata))
    }

    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.0, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.0, buffer, offset)
    }
}

fn facts(metadata: &Metadata) -> Facts {
    Facts {
        identity: identity(metadata),
        size: metadata.len(),
        modified: place::modified(metadata),
        is_linked: is_linked(metadata),
        is_file: metadata.is_file(),
    }
}

fn born(metadata: &Metadata) -> Option<i64> {
    let since = metadata.created().ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_nanos()).ok()
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> FileIdentity {
    use std::os::unix::fs::MetadataExt;
    FileIdentity { device: metadata.dev(), inode: metadata.ino(), born: born(metadata) }
}

/// Elsewhere the time of birth, which has a resolution of 100 ns there, must do.
#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> FileIdentity {
    FileIdentity { device: 0, inode: 0, born: born(metadata) }
}

#[cfg(unix)]
fn is_linked(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) > 0
}

#[cfg(not(unix))]
fn is_linked(_: &Metadata) -> bool {
    true
}
