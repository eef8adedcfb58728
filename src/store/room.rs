//! A disk that is full: how it is known, and waiting until it is not.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::store::error::StoreError;

/// Where room is tried for. The store removes it as it does other drafts.
const PROBE: &str = "room.new";

/// Room is tried for in pieces of this size.
const PIECE_BYTES: usize = 1 << 20;

/// With less room a writer would be stopped again at once.
pub const ROOM_BYTES_MIN: u64 = 8 << 20;

impl StoreError {
    /// Whether there is no room on the disk, or the user's share of it is used up: it can be
    /// tried again when there is.
    pub fn is_full(&self) -> bool {
        let Self::Io { source, .. } = self else { return false };
        matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
    }
}

/// Whether so many bytes can be written beside the store. They are written and removed: only
/// that tells of quotas as well.
pub fn has_room(directory: &Path, bytes: u64) -> bool {
    let probe = directory.join(PROBE);
    let tried = fs::File::create(&probe).and_then(|mut file| {
        let piece = vec![0x5a; PIECE_BYTES];
        for _ in 0..bytes.div_ceil(PIECE_BYTES as u64) {
            file.write_all(&piece)?;
        }
        file.sync_data()
    });
    let removed = fs::remove_file(&probe);
    tried.is_ok() && removed.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: ErrorKind, is_full: bool) {
        let error = StoreError::Io { path: "blocks".into(), source: kind.into() };
        assert_eq!(error.is_full(), is_full);
    }

    #[test]
    fn only_what_may_pass_by_itself_is_waited_for() {
        check(ErrorKind::StorageFull, true);
        check(ErrorKind::QuotaExceeded, true);
        check(ErrorKind::ReadOnlyFilesystem, false);
        check(ErrorKind::FileTooLarge, false);
        assert!(!StoreError::GivenUp { path: "store".into() }.is_full());
    }

    #[test]
    fn room_is_given_back() {
        let scratch = tempfile::tempdir().expect("scratch space");
        assert!(has_room(scratch.path(), 3 << 20));
        assert_eq!(fs::read_dir(scratch.path()).expect("names").count(), 0);
        assert!(!has_room(&scratch.path().join("absent"), 1));
    }
}
