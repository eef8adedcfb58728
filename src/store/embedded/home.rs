//! The store's directory: what makes it a store, and who may write to it.
//!
//! ```text
//! logloom-store.json   the format's version; what marks the directory as a store
//! writer.lock          locked by the writing process, holds its id
//! generation-N/        all that follows, once the store was written anew N times; the
//!                      marker says which N counts
//! readers.lock         locked by whoever reads
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

use crate::store::embedded::directory::LastFault;
use crate::store::embedded::sealed::{sealed, unsealed};
use crate::store::embedded::volume::{RealVolume, Volume, replace};
use crate::store::error::StoreError;

/// The format of everything in the directory. Raised whenever an older logloom could not
/// read it any more.
pub(in crate::store) const FORMAT: u64 = 4;

const MARKER: &str = "logloom-store.json";
const MARKER_DRAFT: &str = "logloom-store.json.new";
const NOTE: &str = "note.json";
const NOTE_DRAFT: &str = "note.json.new";
const LOCK: &str = "writer.lock";
const BLOCKS: &str = "blocks";
const TEMPLATES: &str = "templates";
const INDEX: &str = "index";
const READERS: &str = "readers.lock";
const GENERATION_PREFIX: &str = "generation-";

/// How often a store may be written anew while it is opened.
const ATTEMPTS_MAX: usize = 16;

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
    /// How often the store was written anew.
    #[serde(default)]
    generation: u64,
}

impl Marker {
    fn of(generation: u64) -> Self {
        Self { kind: "logloom store".to_owned(), format: FORMAT, generation }
    }

    /// The marker as it stands on disk.
    fn text(&self) -> String {
        serde_json::to_string(self).expect("a text and numbers are JSON") + "\n"
    }
}

/// The directory of a store.
#[derive(Debug, Clone)]
pub(super) struct Home {
    path: PathBuf,
    volume: Arc<dyn Volume>,
    generation: u64,
    index_fault: LastFault,
}

impl Home {
    /// The store at this place.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let mut home = Self::at(path, Arc::new(RealVolume));
        if let Some(generation) = home.marked()? {
            home.generation = generation;
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
        let mut home = Self::at(path, volume);
        if home.marked()?.is_none() {
            if let Some(found) = home.stranger()? {
                return Err(StoreError::Foreign { path: home.path, found });
            }
            home.make_directory(&home.path)?;
        }
        let lock = WriterLock::take(home.path.join(LOCK))?;
        match home.marked()? {
            Some(generation) => home.generation = generation,
            None => home.mark()?,
        }
        home.make_folders()?;
        home.remove_other_generations()?;
        Ok((home, lock))
    }

    fn at(path: &Path, volume: Arc<dyn Volume>) -> Self {
        let (path, index_fault) = (path.to_owned(), LastFault::default());
        Self { path, volume, generation: 0, index_fault }
    }

    /// Makes the folders of this generation, and makes them durable.
    fn make_folders(&self) -> Result<(), StoreError> {
        for folder in [self.blocks(), self.templates(), self.index()] {
            self.make_directory(&folder)?;
        }
        for folder in [self.folder(), self.path.clone()] {
            let failed = |source| StoreError::Io { path: folder.clone(), source };
            self.volume.sync_directory(&folder).map_err(failed)?;
        }
        Ok(())
    }

    /// The home of the generation after this one, empty. It counts once it is
    /// [chosen](Self::choose).
    pub(super) fn next(&self) -> Result<Self, StoreError> {
        let mut next = self.clone();
        next.generation += 1;
        self.remove_directory(&next.folder())?;
        next.make_folders()?;
        Ok(next)
    }

    /// Makes this generation the one that counts, and removes the others as far as nobody
    /// reads them.
    pub(super) fn choose(&self) -> Result<(), StoreError> {
        self.mark()?;
        self.remove_other_generations()
    }

    /// Removes what an earlier generation left, or one that was never chosen. One that is
    /// being read is left to the next writer.
    fn remove_other_generations(&self) -> Result<(), StoreError> {
        let failed = |source| StoreError::Io { path: self.path.clone(), source };
        for found in fs::read_dir(&self.path).map_err(failed)? {
            let name = found.map_err(failed)?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(GENERATION_PREFIX));
            let Some(generation) = number.and_then(|number| number.parse().ok()) else { continue };
            if generation != self.generation {
                Self { generation, ..self.clone() }.remove_unread()?;
            }
        }
        if self.generation > 0 {
            Self { generation: 0, ..self.clone() }.remove_unread()?;
        }
        Ok(())
    }

    /// Removes a generation, unless somebody reads it.
    fn remove_unread(&self) -> Result<(), StoreError> {
        let readers = self.folder().join(READERS);
        let lock = File::open(&readers);
        if lock.is_ok_and(|lock| lock.try_lock().is_err()) {
            return Ok(());
        }
        if self.generation > 0 {
            return self.remove_directory(&self.folder());
        }
        for folder in [self.blocks(), self.templates(), self.index()] {
            self.remove_directory(&folder)?;
        }
        for file in [self.path.join(NOTE), readers] {
            match self.volume.remove(&file) {
                Err(source) if !is_absent(&source) => {
                    return Err(StoreError::Io { path: file, source });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn remove_directory(&self, path: &Path) -> Result<(), StoreError> {
        if !path.is_dir() {
            return Ok(());
        }
        let failed = |source| StoreError::Io { path: path.to_owned(), source };
        self.volume.remove_directory(path).map_err(failed)
    }

    /// The store at this place, and what keeps its files there as long as it is held. Where
    /// nothing can be written nobody removes files either.
    pub(super) fn open_to_read(path: &Path) -> Result<(Self, Option<File>), StoreError> {
        let mut home = Self::open(path)?;
        for _ in 0..ATTEMPTS_MAX {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(false);
            let lock = options.open(home.folder().join(READERS)).ok();
            let lock = lock.filter(|lock| lock.lock_shared().is_ok());
            let again = Self::open(path)?;
            if again.generation == home.generation {
                return Ok((home, lock));
            }
            home = again;
        }
        let reason = "it is written anew faster than it can be opened".to_owned();
        Err(StoreError::Index { path: home.path, reason })
    }

    /// Where the files of this generation are.
    pub(super) fn folder(&self) -> PathBuf {
        match self.generation {
            0 => self.path.clone(),
            generation => self.path.join(format!("{GENERATION_PREFIX}{generation}")),
        }
    }

    /// The last change of the index that failed.
    pub(super) const fn index_fault(&self) -> &LastFault {
        &self.index_fault
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
        self.folder().join(BLOCKS)
    }

    pub(super) fn templates(&self) -> PathBuf {
        self.folder().join(TEMPLATES)
    }

    pub(super) fn index(&self) -> PathBuf {
        self.folder().join(INDEX)
    }

    /// The generation that counts, if the directory is marked as a store of this format.
    fn marked(&self) -> Result<Option<u64>, StoreError> {
        let path = self.path.join(MARKER);
        let text = match read_some(&path, MARKER_BYTES_MAX) {
            Err(StoreError::Io { source, .. }) if is_absent(&source) => return Ok(None),
            other => other?,
        };
        let marker: Marker = serde_json::from_slice(&text).map_err(|error| {
            let reason = format!("it should name the store's format ({error})");
            StoreError::Damaged { path: path.clone(), offset: None, reason }
        })?;
        if marker.format == FORMAT {
            return Ok(Some(marker.generation));
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

    /// Marks the directory as a store of this generation, whole or not at all.
    fn mark(&self) -> Result<(), StoreError> {
        let text = Marker::of(self.generation).text();
        self.replace(&self.path.join(MARKER), &self.path.join(MARKER_DRAFT), text.as_bytes())
    }

    /// The files beside the folders: what must be in them, or that their end says so.
    pub(super) fn single_files(&self) -> [(PathBuf, Option<Vec<u8>>); 2] {
        let marker = Marker::of(self.generation).text().into_bytes();
        [(self.path.join(MARKER), Some(marker)), (self.folder().join(NOTE), None)]
    }

    /// Keeps a note in place of the last one.
    pub(super) fn keep_note(&self, note: &[u8]) -> Result<(), StoreError> {
        let folder = self.folder();
        self.replace(&folder.join(NOTE), &folder.join(NOTE_DRAFT), &sealed(note))
    }

    /// The note that was kept last, if any. One that is damaged is none: what it says can be
    /// concluded again.
    pub(super) fn note(&self) -> Result<Option<Vec<u8>>, StoreError> {
        match read_some(&self.folder().join(NOTE), NOTE_BYTES_MAX) {
            Err(StoreError::Io { source, .. }) if is_absent(&source) => Ok(None),
            other => Ok(unsealed(other?).ok()),
        }
    }

    /// Puts a file in place of the one with its name, whole or not at all.
    fn replace(&self, path: &Path, draft: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let failed = |source| StoreError::Io { path: path.to_owned(), source };
        replace(&*self.volume, draft, path, bytes).map_err(failed)
    }
}

/// The right to write, held until it is dropped or the process ends.
#[derive(Debug)]
pub(super) struct WriterLock {
    file: File,
}

impl Drop for WriterLock {
    /// Nobody writes any more. A file that cannot be emptied does no harm.
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
    }
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
        // Who writes is told for convenience: a full disk shall not keep anyone from writing.
        let _ = file.set_len(0);
        let _ = file.write_all(format!("{}\n", std::process::id()).as_bytes());
        Ok(Self { file })
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
