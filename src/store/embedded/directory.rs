//! The folder of the full-text index, made durable.
//!
//! tantivy renames a new `meta.json` into place and does not sync the folder afterwards:
//! after a power cut the old one may be there again, while files that only it needs were
//! removed. Here the folder is synced before the write counts as done. All changes go through
//! the store's volume, and every file is sealed by a checksum, which the index does not see.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, DirectoryLock, FileHandle, FileSlice, Lock, MmapDirectory, TerminatingWrite,
    WatchCallback, WatchHandle, WritePtr,
};

use crate::store::embedded::index::{DRAFT_PREFIX, copied};
use crate::store::embedded::sealed::{SEAL_BYTES, Sealer, sealed, unsealed};
use crate::store::embedded::volume::{Made, Volume, VolumeFile, replace};
use crate::store::error::StoreError;

/// A folder of which every change is on disk before it is acknowledged.
#[derive(Debug, Clone)]
pub(super) struct DurableDirectory {
    inner: MmapDirectory,
    folder: PathBuf,
    volume: Arc<dyn Volume>,
    fault: LastFault,
}

impl DurableDirectory {
    pub(super) const fn new(
        inner: MmapDirectory,
        folder: PathBuf,
        volume: Arc<dyn Volume>,
        fault: LastFault,
    ) -> Self {
        Self { inner, folder, volume, fault }
    }
}

/// The last change of the folder that failed. The index tells of some failures without their
/// cause.
#[derive(Debug, Clone, Default)]
pub(super) struct LastFault(Arc<Mutex<Option<StoreError>>>);

impl LastFault {
    fn note(&self, path: &Path, error: &io::Error) {
        let fault = StoreError::Io { path: path.to_owned(), source: copied(error) };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
    }

    /// The cause of an error, if it has none of its own.
    pub(super) fn explain(&self, error: StoreError) -> StoreError {
        match error {
            StoreError::Index { .. } => {
                let fault = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
                fault.unwrap_or(error)
            }
            other => other,
        }
    }
}

impl tantivy::Directory for DurableDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let handle = self.inner.get_file_handle(path)?;
        let length = handle.len().checked_sub(SEAL_BYTES).ok_or_else(|| {
            let cut_off = io::Error::new(io::ErrorKind::InvalidData, "the file is cut off");
            OpenReadError::wrap_io_error(cut_off, path.to_owned())
        })?;
        Ok(Arc::new(FileSlice::new(handle).slice_to(length)))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.volume.remove(&self.folder.join(path)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => DeleteError::FileDoesNotExist(path.to_owned()),
            _ => DeleteError::IoError { io_error: Arc::new(error), filepath: path.to_owned() },
        })
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.inner.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let path_whole = self.folder.join(path);
        let file = self.volume.open(&path_whole, Made::Now);
        let file = file.inspect_err(|error| self.fault.note(&path_whole, error));
        let file = file.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => OpenWriteError::FileAlreadyExists(path.to_owned()),
            _ => OpenWriteError::wrap_io_error(error, path.to_owned()),
        })?;
        let growing = Growing {
            file,
            length: 0,
            sealer: Some(Sealer::new()),
            path: path_whole,
            fault: self.fault.clone(),
        };
        Ok(BufWriter::new(Box::new(growing)))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        unsealed(self.inner.atomic_read(path)?).map_err(|malformed| {
            let broken = io::Error::new(io::ErrorKind::InvalidData, malformed.0);
            OpenReadError::wrap_io_error(broken, path.to_owned())
        })
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let draft = self.folder.join(format!("{DRAFT_PREFIX}-{name}"));
        let path = self.folder.join(path);
        replace(&*self.volume, &draft, &path, &sealed(data))
            .inspect_err(|error| self.fault.note(&path, error))
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.volume.sync_directory(&self.folder)
    }

    /// Readers take a lock for the moment in which they open files, so that none is
    /// removed meanwhile. Where they cannot write, nobody can lock and the moment must do.
    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        match self.inner.acquire_lock(lock) {
            Err(LockError::IoError(error)) if lock.is_blocking && is_unwritable(&error) => {
                Ok(DirectoryLock::from(Box::new(())))
            }
            other => other,
        }
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.inner.watch(callback)
    }
}

/// Whether nothing can be written there, while what is there can be read.
fn is_unwritable(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
    )
}

/// A file of the index that grows at its end, and is sealed and durable when it is done.
struct Growing {
    file: Box<dyn VolumeFile>,
    length: u64,
    /// None once the seal is written.
    sealer: Option<Sealer>,
    path: PathBuf,
    fault: LastFault,
}

impl Growing {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file
            .write(bytes, self.length)
            .inspect_err(|error| self.fault.note(&self.path, error))?;
        self.length += bytes.len() as u64;
        Ok(())
    }
}

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes)?;
        if let Some(sealer) = &mut self.sealer {
            sealer.add(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TerminatingWrite for Growing {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        if let Some(sealer) = self.sealer.take() {
            self.append(&sealer.seal())?;
        }
        self.file.sync().inspect_err(|error| self.fault.note(&self.path, error))
    }
}
