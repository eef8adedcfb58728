//! The store's directory: what makes it a store, and who may write to it.
//!
//! ```text
//! logloom-store.json   the format's version; what marks the directory as a store
//! writer.lock          locked by the writing process, holds its id
//! note.json            what was concluded from the entries, and can be again
//! blocks/NNNNNN.block  the entries
//! templates/           what lines of one shape have in common
//! index/               where which words are, and how far each stream was read
//! ```
//!
//! Always: a directory that holds anything else is left alone. A crash at any step of
//! making a store leaves one that the next writer completes.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::store::embedded::volume::{RealVolume, Volume, replace};
use crate::store::error::StoreError;

/// The format of everything in the directory. Raised whenever an older logloom could not
/// read it any more.
pub(in crate::store) const FORMAT: u64 = 3;

const MARKER: &str = "logloom-store.json";
const MARKER_DRAFT: &str = "logloom-store.json.new";
const NOTE: &str = "note.json";
const NOTE_DRAFT: &str = "note.json.new";
const LOCK: &str = "writer.lock";
const BLOCKS: &str = "blocks";
const TEMPLATES: &str = "templates";
const INDEX: &str = "index";

/// A lock file holds a process id; more is not read.
const LOCK_BYTES_MAX: u64 = 32;

/// A note is a few hundred kilobytes for a large system; more is not read.
const NOTE_BYTES_MAX: u64 = 16 << 20;

/// The marker holds one short object; more is not read.
const MARKER_BYTES_MAX: u64 = 4096;

#[derive(Serialize, Deserialize)]
struct Marker {
    /// Always `logloom store`, for whoever finds the file.
    kind: String,
    format: u64,
}

/// The directory of a store.
#[derive(Debug, Clone)]
pub(super) struct Home {
    path: PathBuf,
    volume: Arc<dyn Volume>,
}

impl Home {
    /// The store at this place.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let home = Self { path: path.to_owned(), volume: Arc::new(RealVolume) };
        if home.marked()? {
            return Ok(home);
        }
        match home.stranger()? {
            Some(found) => Err(StoreError::Foreign { path: home.path, found }),
            None => Err(StoreError::Missing { path: home.path }),
        }
    }

    /// The store at this place, made if nothing is there, and locked for writing as long
    /// as the lock lives.
    pub(super) fn open_or_create(
        path: &Path,
        volume: Arc<dyn Volume>,
    ) -> Result<(Self, WriterLock), StoreError> {
        let home = Self { path: path.to_owned(), volume };
        if !home.marked()? {
            if let Some(found) = home.stranger()? {
                return Err(StoreError::Foreign { path: home.path, found });
            }
            home.make_directory(&home.path)?;
        }
        let lock = WriterLock::take(home.path.join(LOCK))?;
        if !home.marked()? {
            home.mark()?;
        }
        for folder in [home.blocks(), home.templates(), home.index()] {
            home.make_directory(&folder)?;
        }
        let failed = |source| StoreError::Io { path: home.path.clone(), source };
        home.volume.sync_directory(&home.path).map_err(failed)?;
        Ok((home, lock))
    }

    /// Where the store's files are changed.
    pub(super) fn volume(&self) -> Arc<dyn Volume> {
        Arc::clone(&self.volume)
    }

    fn make_directory(&self, path: &Path) -> Result<(), StoreError> {
        let failed = |source| StoreError::Io { path: path.to_owned(), source };
        self.volume.make_directory(path).map_err(failed)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn blocks(&self) -> PathBuf {
        self.path.join(BLOCKS)
    }

    pub(super) fn templates(&self) -> PathBuf {
        self.path.join(TEMPLATES)
    }

    pub(super) fn index(&self) -> PathBuf {
        self.path.join(INDEX)
    }

    /// Whether the directory is marked as a store of this format.
    fn marked(&self) -> Result<bool, StoreError> {
        let path = self.path.join(MARKER);
        let text = match read_some(&path, MARKER_BYTES_MAX) {
            Err(StoreError::Io { source, .. }) if is_absent(&source) => return Ok(false),
            other => other?,
        };
        let marker: Marker = serde_json::from_slice(&text).map_err(|error| {
            let reason = format!("it should name the store's format ({error})");
            StoreError::Damaged { path: path.clone(), offset: None, reason }
        })?;
        if marker.format == FORMAT {
            return Ok(true);
        }
        Err(StoreError::Version { path, found: marker.format, expected: FORMAT })
    }

    /// A name in the directory that is not from a store in the making.
    fn stranger(&self) -> Result<Option<String>, StoreError> {
        let failed = |source| StoreError::Io { path: self.path.clone(), source };
        let names = match fs::read_dir(&self.path) {
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(failed)?,
        };
        for name in names {
            let name = name.map_err(failed)?.file_name();
            if name != LOCK && name != MARKER_DRAFT {
                return Ok(Some(name.to_string_lossy().into_owned()));
            }
        }
        Ok(None)
    }

    /// Marks the directory as a store, whole or not at all.
    fn mark(&self) -> Result<(), StoreError> {
        let marker = Marker { kind: "logloom store".to_owned(), format: FORMAT };
        let text = serde_json::to_string(&marker).expect("a text and a number are JSON");
        self.replace(MARKER, MARKER_DRAFT, format!("{text}\n").as_bytes())
    }

    /// Keeps a note in place of the last one.
    pub(super) fn keep_note(&self, note: &[u8]) -> Result<(), StoreError> {
        self.replace(NOTE, NOTE_DRAFT, note)
    }

    /// The note that was kept last, if any.
    pub(super) fn note(&self) -> Result<Option<Vec<u8>>, StoreError> {
        match read_some(&self.path.join(NOTE), NOTE_BYTES_MAX) {
            Err(StoreError::Io { source, .. }) if is_absent(&source) => Ok(None),
            other => other.map(Some),
        }
    }

    /// Puts a file in place of the one with its name, whole or not at all.
    fn replace(&self, name: &str, draft: &str, bytes: &[u8]) -> Result<(), StoreError> {
        replace(&*self.volume, &self.path.join(draft), &self.path.join(name), bytes)
    }
}

/// The right to write, held until it is dropped or the process ends.
#[derive(Debug)]
pub(super) struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// A left-over file of a process that ended is not locked and does no harm.
    fn take(path: PathBuf) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Io { path: path.clone(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = read_some(&path, LOCK_BYTES_MAX)
                    .ok()
                    .and_then(|text| String::from_utf8(text).ok()?.trim().parse().ok());
                return Err(StoreError::Locked { path, pid });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        file.set_len(0).map_err(failed)?;
        file.write_all(format!("{}\n", std::process::id()).as_bytes()).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

fn read_some(path: &Path, most: u64) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(|source| StoreError::Io { path: path.to_owned(), source })?;
    Ok(bytes)
}

/// Whether a file is simply not there.
fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound)
}
