//! Opening the full-text index, and its errors in the store's words.

use std::collections::BTreeSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use tantivy::directory::MmapDirectory;
use tantivy::directory::error::{OpenDirectoryError, OpenReadError, OpenWriteError};
use tantivy::schema::Schema;
use tantivy::store::Compressor;
use tantivy::{Index, IndexSettings, TantivyError};

use crate::store::embedded::directory::DurableDirectory;
use crate::store::embedded::group_table::plugin::GroupPlugin;
use crate::store::embedded::home::Home;
use crate::store::embedded::identifiers::plugin::IdentifierPlugin;
use crate::store::embedded::ledger::Ledger;
use crate::store::embedded::schema::{Fields, schema};
use crate::store::error::StoreError;

/// How names of files begin that are still being written.
pub(super) const DRAFT_PREFIX: &str = ".tmp";

/// The files in which the index says which others count.
const LISTS: [&str; 2] = ["meta.json", ".managed.json"];

/// The index of a store that has one.
pub(super) fn open(home: &Home) -> Result<(Index, Fields), StoreError> {
    let folder = home.index();
    // Whoever made the store may have been ended before there was an index.
    let none_yet = || StoreError::Missing { path: home.path().to_owned() };
    if !folder.is_dir() {
        return Err(none_yet());
    }
    let directory = directory_of(home)?;
    if !exists(&directory, &folder)? {
        return Err(none_yet());
    }
    let mut index =
        guarded(&folder, || Index::open(directory).map_err(|error| failed(&folder, &error)))?;
    index.register_plugin(Arc::new(IdentifierPlugin));
    index.register_plugin(Arc::new(GroupPlugin));
    let (expected, fields) = schema();
    if index.schema() == expected {
        return Ok((index, fields));
    }
    Err(damaged(&folder, "the index has other fields than the store's format says"))
}

/// The index of a store, made if there is none yet.
pub(super) fn open_or_create(home: &Home) -> Result<(Index, Fields), StoreError> {
    let folder = home.index();
    let directory = directory_of(home)?;
    if exists(&directory, &folder)? {
        return open(home);
    }
    let blocks = home.blocks();
    let any = std::fs::read_dir(&blocks)
        .map_err(|source| StoreError::Io { path: blocks, source })?
        .next();
    if any.is_some() {
        return Err(damaged(&folder, "the index is gone"));
    }
    let (schema, fields) = schema();
    let index = create(directory, schema).map_err(|error| failed(&folder, &error))?;
    Ok((index, fields))
}

fn create(directory: DurableDirectory, schema: Schema) -> tantivy::Result<Index> {
    let settings = IndexSettings {
        // Documents are empty there: many zeros.
        docstore_compression: Compressor::Lz4,
        docstore_compress_dedicated_thread: false,
        ..IndexSettings::default()
    };
    let builder = Index::builder().schema(schema).settings(settings);
    let builder = builder.register_plugin(Arc::new(IdentifierPlugin));
    builder.register_plugin(Arc::new(GroupPlugin)).open_or_create(directory)
}

fn directory_of(home: &Home) -> Result<DurableDirectory, StoreError> {
    let folder = home.index();
    let inner = MmapDirectory::open(&folder).map_err(|error| failed(&folder, &error.into()))?;
    Ok(DurableDirectory::new(inner, folder, home.volume(), home.index_fault().clone()))
}

fn exists(directory: &DurableDirectory, folder: &Path) -> Result<bool, StoreError> {
    Index::exists(directory).map_err(|error| failed(folder, &error.into()))
}

/// Removes files that a killed writer was about to rename into place. Whoever calls this
/// holds the writer's lock.
pub(super) fn remove_drafts(home: &Home) -> Result<(), StoreError> {
    let folder = home.index();
    let failed = |source| StoreError::Io { path: folder.clone(), source };
    for found in std::fs::read_dir(&folder).map_err(failed)? {
        let path = found.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(DRAFT_PREFIX) {
            home.volume().remove(&path).map_err(|source| StoreError::Io { path, source })?;
        }
    }
    Ok(())
}

/// The ledger of the last commit, and the commit's stamp.
pub(super) fn ledger_of(index: &Index, folder: &Path) -> Result<(Ledger, u64), StoreError> {
    let metas = index.load_metas().map_err(|error| failed(folder, &error))?;
    let ledger = match &metas.payload {
        Some(payload) => Ledger::read(payload).map_err(|reason| damaged(folder, &reason))?,
        None if metas.segments.is_empty() && metas.opstamp == 0 => Ledger::default(),
        None => return Err(damaged(folder, "the ledger is gone")),
    };
    Ok((ledger, metas.opstamp))
}

/// The names of the files that the last commit counts, its own among them.
pub(super) fn files_of(index: &Index, folder: &Path) -> Result<BTreeSet<String>, StoreError> {
    let metas = index.load_metas().map_err(|error| failed(folder, &error))?;
    let segments: Vec<String> =
        metas.segments.iter().map(|segment| segment.id().uuid_string()).collect();
    let io = |source| StoreError::Io { path: folder.to_owned(), source };
    let mut files: BTreeSet<String> = LISTS.map(str::to_owned).into();
    for found in std::fs::read_dir(folder).map_err(io)? {
        let name = found.map_err(io)?.file_name().to_string_lossy().into_owned();
        if segments.iter().any(|segment| name.starts_with(segment)) {
            files.insert(name);
        }
    }
    Ok(files)
}

/// Does some work that reads the index. The index's library panics on some damage; that
/// becomes an error here.
pub(super) fn guarded<T>(
    folder: &Path,
    work: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(damaged(folder, "the index cannot be read")))
}

/// Damage to the index.
pub(super) fn damaged(folder: &Path, reason: &str) -> StoreError {
    StoreError::Damaged { path: folder.to_owned(), offset: None, reason: reason.to_owned() }
}

/// An error of the index with its place and cause.
pub(super) fn failed(folder: &Path, error: &TantivyError) -> StoreError {
    let (path, source) = match error {
        TantivyError::IoError(source) => (folder.to_owned(), source),
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, filepath })
        | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, filepath }) => {
            (folder.join(filepath), io_error)
        }
        TantivyError::OpenDirectoryError(OpenDirectoryError::IoError {
            io_error,
            directory_path,
        }) => (directory_path.clone(), io_error),
        TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(path)) => {
            return damaged(&folder.join(path), "the file is gone");
        }
        TantivyError::DataCorruption(_) | TantivyError::OpenReadError(_) => {
            return damaged(folder, &error.to_string());
        }
        _ => {
            let reason = error.to_string();
            return StoreError::Index { path: folder.to_owned(), reason };
        }
    };
    if source.kind() == io::ErrorKind::UnexpectedEof || source.kind() == io::ErrorKind::InvalidData
    {
        return damaged(&path, &source.to_string());
    }
    StoreError::Io { path, source: copied(source) }
}

/// The library shares its errors; ours are owned.
pub(super) fn copied(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(
        || io::Error::new(error.kind(), error.to_string()),
        io::Error::from_raw_os_error,
    )
}
