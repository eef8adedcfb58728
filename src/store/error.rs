//! What can go wrong with a store, and where.

use std::path::PathBuf;

/// A store that cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file of the store cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no store at this place.
    #[error("{}: no store is here; `logloom index` makes one", path.display())]
    Missing {
        /// The directory.
        path: PathBuf,
    },
    /// The directory holds something else.
    #[error(
        "{}: not empty and no logloom store (it holds `{found}`); name a new or an empty directory",
        path.display()
    )]
    Foreign {
        /// The directory.
        path: PathBuf,
        /// One of the names in it.
        found: String,
    },
    /// The store is of a format that this version does not know.
    #[error(
        "{}: the store has format {found} and this logloom reads format {expected}; use the \
         version that wrote it, or index the logs into a new directory",
        path.display()
    )]
    Version {
        /// The file that says so.
        path: PathBuf,
        /// The format it names.
        found: u64,
        /// The format known here.
        expected: u64,
    },
    /// Another process writes to the store.
    #[error("{}: the store is being written by {}; wait for it to end", path.display(), writer(*pid))]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it, if it could be read.
        pid: Option<u32>,
    },
    /// A file of the store does not hold what was written to it.
    #[error(
        "{}{}: damaged: {reason}; remove the store and index the logs again",
        path.display(),
        at(*offset)
    )]
    Damaged {
        /// The file, or the folder if the file is not known.
        path: PathBuf,
        /// The byte where the damage shows, if one is known.
        offset: Option<u64>,
        /// What is wrong.
        reason: String,
    },
    /// The full-text index refused something that is neither I/O nor damage.
    #[error("{}: {reason}", path.display())]
    Index {
        /// The folder of the index.
        path: PathBuf,
        /// Its words.
        reason: String,
    },
    /// An entry is larger than a block may be.
    #[error("{}: an entry of `{stream}` is too large to be stored", path.display())]
    TooLarge {
        /// The store.
        path: PathBuf,
        /// The stream it was read from.
        stream: String,
    },
    /// The writer failed before. The store itself stands at its last commit.
    #[error(
        "{}: writing failed before and was given up; what was committed is safe, run again to \
         go on from there",
        path.display()
    )]
    GivenUp {
        /// The store.
        path: PathBuf,
    },
}

fn writer(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

fn at(offset: Option<u64>) -> String {
    offset.map_or_else(String::new, |offset| format!(" at byte {offset}"))
}
