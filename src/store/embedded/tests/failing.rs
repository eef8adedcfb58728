//! Every step by which the store's files are changed fails once, alone and with all that
//! follow: the store stands at its last commit or at the one that was being made, and the
//! next writer reads on.

use std::io::ErrorKind;
use std::sync::Arc;

use tempfile::TempDir;

use crate::store::embedded::StoreWriter;
use crate::store::embedded::tests::script::{LINES, LINES_AT_ONCE, Script, stride};
use crate::store::embedded::tests::steps::{Failure, Recorded};
use crate::store::error::StoreError;

/// Writes with failures; whether any step failed.
fn check(script: &mut Script, failure: Failure) -> bool {
    let told = format!("{failure:?}");
    let scratch = TempDir::new().expect("scratch space");
    let volume = Recorded::failing(failure);
    let mut acknowledged = 0;
    let written =
        StoreWriter::open_on(Arc::new(volume.clone()), scratch.path()).and_then(|writer| {
            script.read_on(&writer, |lines| acknowledged = lines)?;
            writer.close()
        });
    let failed = volume.failed() > 0;
    if let Err(error) = &written {
        let expected = matches!(error, StoreError::Io { .. });
        assert!(failed && expected, "{told}: {error}");
    }
    let held =
        script.check(scratch.path(), &told).unwrap_or_else(|error| panic!("{told}: {error}"));
    // What was being committed when it failed may be there.
    assert!((acknowledged..=acknowledged + LINES_AT_ONCE).contains(&held), "{told}: {held}");
    let writer = StoreWriter::open_or_create(scratch.path()).expect("the store");
    script.read_on(&writer, |_| {}).expect("the disk is well again");
    writer.close().expect("the disk is well again");
    assert_eq!(script.check(scratch.path(), &told).expect("a whole store"), LINES, "{told}");
    failed
}

/// Lets the k-th step fail, for every k in the long form.
fn sweep(kind: ErrorKind, steps: usize) {
    let mut script = Script::new();
    let mut at = 0;
    while check(&mut script, Failure { at, steps, kind }) {
        at += stride();
    }
    assert!(at > 100, "only {at} steps were seen to fail");
}

#[test]
fn after_any_one_failed_write_or_sync_nothing_is_lost_or_doubled() {
    sweep(ErrorKind::Other, 1);
}

#[test]
fn a_disk_that_is_full_from_any_step_on_loses_and_doubles_nothing() {
    sweep(ErrorKind::StorageFull, usize::MAX / 2);
}
