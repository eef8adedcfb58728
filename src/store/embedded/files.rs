//! The block files: appended to by one writer, read by many.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::HashMap;

use crate::store::embedded::frame::{self, read_block};
use crate::store::embedded::volume::{Made, Volume, VolumeFile};
use crate::store::embedded::wire::Malformed;
use crate::store::error::StoreError;

/// A file that has grown to this is followed by a new one, so that whoever copies or
/// trims stores moves files of a handy size.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// The name of the block file with this number.
pub(super) fn name_of(number: usize) -> String {
    format!("{number:06}.block")
}

/// Where a block begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) file: u64,
    pub(super) offset: u64,
}

/// Appends blocks.
#[derive(Debug)]
pub(super) struct Appender {
    volume: Arc<dyn Volume>,
    folder: PathBuf,
    /// How many bytes of each file hold blocks.
    lengths: Vec<u64>,
    /// The last file, once it is written to.
    open: Option<Box<dyn VolumeFile>>,
    /// Full files that were not synced yet.
    full: Vec<(usize, Box<dyn VolumeFile>)>,
    grown: bool,
}

impl Appender {
    /// Goes on behind what the last commit counts, and removes what lies beyond it: bytes
    /// of a writer that did not come to commit them.
    pub(super) fn open(
        volume: Arc<dyn Volume>,
        folder: PathBuf,
        lengths: Vec<u64>,
    ) -> Result<Self, StoreError> {
        for (number, length) in lengths.iter().enumerate() {
            cut_back(&*volume, &folder.join(name_of(number)), *length)?;
        }
        let failed = |source| StoreError::Io { path: folder.clone(), source };
        for found in fs::read_dir(&folder).map_err(failed)? {
            let path = found.map_err(failed)?.path();
            let counted = (0..lengths.len()).any(|number| path.ends_with(name_of(number)));
            let is_block = path.extension().is_some_and(|extension| extension == "block");
            if is_block && !counted {
                volume.remove(&path).map_err(|source| StoreError::Io { path, source })?;
            }
        }
        Ok(Self { volume, folder, lengths, open: None, full: Vec::new(), grown: false })
    }

    /// Where the files are.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// How many bytes of each file count if a commit is made now.
    pub(super) fn lengths(&self) -> &[u64] {
        &self.lengths
    }

    /// Appends a packed block and says where it begins.
    pub(super) fn append(&mut self, packed: &[u8]) -> Result<Place, StoreError> {
        self.roll();
        let number = self.lengths.len() - 1;
        let offset = self.lengths[number];
        let path = self.folder.join(name_of(number));
        let failed = |source| StoreError::Io { path: path.clone(), source };
        if self.open.is_none() {
            self.open = Some(self.volume.open(&path, Made::IfMissing).map_err(failed)?);
        }
        let file = self.open.as_mut().expect("the file was opened above");
        file.write(packed, offset).map_err(failed)?;
        self.lengths[number] += packed.len() as u64;
        self.grown = true;
        Ok(Place { file: number as u64, offset })
    }

    /// Turns to a new file when there is none or the last one is full.
    fn roll(&mut self) {
        let last = self.lengths.len().checked_sub(1);
        let Some(last) = last else { return self.lengths.push(0) };
        if self.lengths[last] >= FILE_BYTES_MAX {
            self.full.extend(self.open.take().map(|file| (last, file)));
            self.lengths.push(0);
        }
    }

    /// Makes all that was appended durable, names included.
    pub(super) fn sync(&mut self) -> Result<(), StoreError> {
        if !self.grown {
            return Ok(());
        }
        let last = self.lengths.len().saturating_sub(1);
        let full = self.full.iter().map(|(number, file)| (*number, file));
        for (number, file) in full.chain(self.open.iter().map(|file| (last, file))) {
            let path = self.folder.join(name_of(number));
            file.sync().map_err(|source| StoreError::Io { path, source })?;
        }
        self.full.clear();
        let failed = |source| StoreError::Io { path: self.folder.clone(), source };
        self.volume.sync_directory(&self.folder).map_err(failed)?;
        self.grown = false;
        Ok(())
    }
}

/// Reads blocks from the files that a commit counts.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    lengths: Vec<u64>,
    open: Mutex<HashMap<u64, Arc<File>>>,
}

impl Files {
    pub(super) fn new(folder: PathBuf, lengths: Vec<u64>) -> Self {
        Self { folder, lengths, open: Mutex::default() }
    }

    /// The block that begins here.
    pub(super) fn read(&self, place: Place) -> Result<Vec<u8>, StoreError> {
        let length = usize::try_from(place.file).ok().and_then(|file| self.lengths.get(file));
        let length = length.ok_or_else(|| self.damaged(place, Malformed("no such file")))?;
        let file = self.file(place)?;
        read_block(&file, &self.path_of(place), place.offset, *length)
    }

    /// Bytes that the block which begins here takes on disk.
    pub(super) fn bytes_on_disk(&self, place: Place) -> Result<u64, StoreError> {
        frame::bytes_on_disk(&*self.file(place)?, &self.path_of(place), place.offset)
    }

    /// The damage that foreign bytes in a block are.
    pub(super) fn damaged(&self, place: Place, malformed: Malformed) -> StoreError {
        StoreError::Damaged {
            path: self.path_of(place),
            offset: Some(place.offset),
            reason: malformed.0.to_owned(),
        }
    }

    fn file(&self, place: Place) -> Result<Arc<File>, StoreError> {
        let open = || self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open().get(&place.file) {
            return Ok(Arc::clone(file));
        }
        let path = self.path_of(place);
        let file = match File::open(&path) {
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                return Err(self.damaged(place, Malformed("the file is gone")));
            }
            other => other.map_err(|source| StoreError::Io { path, source })?,
        };
        let file = Arc::new(file);
        open().insert(place.file, Arc::clone(&file));
        Ok(file)
    }

    fn path_of(&self, place: Place) -> PathBuf {
        self.folder.join(name_of(usize::try_from(place.file).unwrap_or(usize::MAX)))
    }
}

/// Cuts a file back to the bytes that count. A shorter one has lost some.
fn cut_back(volume: &dyn Volume, path: &Path, length: u64) -> Result<(), StoreError> {
    let failed = |source| StoreError::Io { path: path.to_owned(), source };
    let missing = |found| StoreError::Damaged {
        path: path.to_owned(),
        offset: Some(found),
        reason: format!("the file should have {length} bytes"),
    };
    let mut file = match volume.open(path, Made::Before) {
        Err(source) if source.kind() == std::io::ErrorKind::NotFound && length == 0 => {
            return Ok(());
        }
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
            return Err(missing(0));
        }
        other => other.map_err(failed)?,
    };
    let found = file.length().map_err(failed)?;
    if found < length {
        return Err(missing(found));
    }
    if found > length { file.cut(length).map_err(failed) } else { Ok(()) }
}
