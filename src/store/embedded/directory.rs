//! The folder of the full-text index, made durable.
//!
//! tantivy renames a new `meta.json` into place and does not sync the folder afterwards:
//! after a power cut the old one may be there again, while files that only it needs were
//! removed. Here the folder is synced before the write counts as done. All changes go through
//! the store's volume.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, DirectoryLock, FileHandle, Lock, MmapDirectory, TerminatingWrite, WatchCallback,
    WatchHandle, WritePtr,
};

use crate::store::embedded::index::DRAFT_PREFIX;
use crate::store::embedded::volume::{Made, Volume, VolumeFile, replace};
use crate::store::error::StoreError;

/// A folder of which every change is on disk before it is acknowledged.
#[derive(Debug, Clone)]
pub(super) struct DurableDirectory {
    inner: MmapDirectory,
    folder: PathBuf,
    volume: Arc<dyn Volume>,
}

impl DurableDirectory {
    pub(super) const fn new(
        inner: MmapDirectory,
        folder: PathBuf,
        volume: Arc<dyn Volume>,
    ) -> Self {
        Self { inner, folder, volume }
    }
}

impl tantivy::Directory for DurableDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.inner.get_file_handle(path)
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
        let file = self.volume.open(&self.folder.join(path), Made::Now);
        let file = file.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => OpenWriteError::FileAlreadyExists(path.to_owned()),
            _ => OpenWriteError::wrap_io_error(error, path.to_owned()),
        })?;
        Ok(BufWriter::new(Box::new(Growing { file, length: 0 })))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.inner.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let draft = self.folder.join(format!("{DRAFT_PREFIX}-{name}"));
        replace(&*self.volume, &draft, &self.folder.join(path), data).map_err(|error| match error {
            StoreError::Io { source, .. } => source,
            other => io::Error::other(other),
        })
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

/// A file of the index that grows at its end, and is durable when it is done.
#[derive(Debug)]
struct Growing {
    file: Box<dyn VolumeFile>,
    length: u64,
}

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes, self.length)?;
        self.length += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TerminatingWrite for Growing {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        self.file.sync()
    }
}
