//! What a crash or damage leaves: the last commit, or an error that names the file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::model::id::TraceId;
use crate::query::condition::{Condition, Query};
use crate::store::embedded::home::Home;
use crate::store::embedded::index;
use crate::store::embedded::sealed::{sealed, unsealed};
use crate::store::embedded::snapshot::Snapshot;
use crate::store::embedded::tests::samples::{checkpoint, plain_entry};
use crate::store::embedded::{StoreReader, StoreWriter};
use crate::store::error::StoreError;
use crate::store::{Batch, Intake, Page, Reader, Window};

/// Entries in a store that [`store`] makes.
const ENTRIES: u64 = 30;

fn batch(lines: std::ops::Range<u64>) -> Batch {
    let entries = lines.map(|line| {
        let mut entry = plain_entry("a.log", line);
        entry.record.message = format!("order {line} paid");
        entry.context.trace_id = TraceId::new(u128::from(line / 5 + 1));
        entry
    });
    Batch { entries: entries.collect(), ..Batch::default() }
}

/// A store of one commit.
fn store() -> TempDir {
    let scratch = TempDir::new().expect("scratch space");
    let writer = StoreWriter::open_or_create(scratch.path()).expect("a new store");
    writer.submit(&mut batch(1..ENTRIES + 1)).expect("a submit");
    writer.commit().expect("a commit");
    scratch
}

/// Asks the store everything; the number of entries, if there is no error.
fn ask(directory: &Path) -> Result<u64, StoreError> {
    let reader = StoreReader::open(directory)?;
    let page = Page { limit: 1000, window: Window::default() };
    let words = |word: &str| Condition::Words(vec![word.to_owned()]);
    let query = Query { conditions: vec![words("paid"), words("order")] };
    reader.requests(&query, &page)?;
    let found = reader.lines(&query, &page)?.total;
    let mut visited = 0;
    reader.each_trace(&page.window, 1000, &mut |_, entries| {
        visited += entries.total;
        std::ops::ControlFlow::Continue(())
    })?;
    reader.field_names()?;
    let summary = reader.summary()?;
    assert_eq!([found, visited], [summary.entries; 2]);
    Ok(found)
}

fn files(directory: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for name in fs::read_dir(folder).expect("a folder") {
            let path = name.expect("a name").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path);
            }
        }
    }
    found
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).expect("a file of the store"));
        fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
        fs::copy(&file, target).expect("a copy");
    }
}

/// Changes each file of a store by `change`, and asks the store and a new writer.
fn check_damage(mut change: impl FnMut(&[u8]) -> Vec<Vec<u8>>) {
    let original = store();
    let expected = ask(original.path()).expect("the store is whole");
    for file in files(original.path()) {
        let name = file.strip_prefix(original.path()).expect("a file of the store");
        let whole = fs::read(&file).expect("a file");
        for (attempt, changed) in change(&whole).into_iter().enumerate() {
            let scratch = TempDir::new().expect("scratch space");
            copy(original.path(), scratch.path());
            fs::write(scratch.path().join(name), changed).expect("a file");
            let answers = [ask(scratch.path()), ask_writer(scratch.path())];
            for answer in answers.into_iter().flatten() {
                assert_eq!(answer, expected, "{} {attempt}", name.display());
            }
        }
    }
}

/// Opens the store for writing, then asks it.
fn ask_writer(directory: &Path) -> Result<u64, StoreError> {
    drop(StoreWriter::open_or_create(directory)?);
    ask(directory)
}

#[test]
fn a_flipped_byte_gives_an_error_or_the_whole_answer() {
    check_damage(|bytes| {
        let step = (bytes.len() / 12).max(1);
        let places = (0..bytes.len()).step_by(step);
        let flipped = |place: usize| {
            let mut changed = bytes.to_vec();
            changed[place] ^= 0x20;
            changed
        };
        places.map(flipped).collect()
    });
}

#[test]
fn a_file_cut_off_gives_an_error_or_the_whole_answer() {
    check_damage(|bytes| {
        let lengths = [0, 1, bytes.len() / 2, bytes.len().saturating_sub(1)];
        lengths.into_iter().map(|length| bytes[..length.min(bytes.len())].to_vec()).collect()
    });
}

#[test]
fn damage_to_a_block_names_its_file_and_byte() {
    let store = store();
    let file = store.path().join("blocks/000000.block");
    let mut bytes = fs::read(&file).expect("a file");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&file, bytes).expect("a file");
    let text = ask(store.path()).expect_err("damage").to_string();
    assert!(text.contains("000000.block at byte 0: damaged: "), "{text}");
}

#[test]
fn what_was_not_committed_is_gone_after_a_crash_and_takes_no_room() {
    let store = store();
    let block = store.path().join("blocks/000000.block");
    let length = || fs::metadata(&block).expect("a file").len();
    let committed = length();
    for _ in 0..3 {
        let writer = StoreWriter::open_or_create(store.path()).expect("the store");
        assert_eq!(length(), committed);
        writer.submit(&mut batch(100..200)).expect("a submit");
        assert!(length() > committed);
        drop(writer);
        assert_eq!(ask(store.path()).expect("answers"), ENTRIES);
    }
    drop(StoreWriter::open_or_create(store.path()).expect("the store"));
    assert_eq!(length(), committed);
    let known = files(store.path()).len();
    let writer = StoreWriter::open_or_create(store.path()).expect("the store");
    writer.submit(&mut batch(100..200)).expect("a submit");
    writer.commit().expect("a commit");
    drop(writer);
    assert_eq!(ask(store.path()).expect("answers"), ENTRIES + 100);
    assert!(files(store.path()).len() < known * 3);
}

#[test]
fn drafts_of_a_killed_writer_are_removed() {
    let store = store();
    let draft = store.path().join("index/.tmpAbC123");
    fs::write(&draft, "half").expect("a file");
    let stray = store.path().join("blocks/000007.block");
    fs::write(&stray, "half").expect("a file");
    assert_eq!(ask_writer(store.path()).expect("answers"), ENTRIES);
    assert!(!draft.exists() && !stray.exists());
}

#[test]
fn after_a_failed_write_the_writer_takes_nothing_more_and_the_last_commit_stands() {
    let store = store();
    let writer = StoreWriter::open_or_create(store.path()).expect("the store");
    writer.submit(&mut batch(100..200)).expect("a submit");
    let blocks = store.path().join("blocks");
    let aside = store.path().join("aside");
    fs::rename(&blocks, &aside).expect("the folder is moved");
    assert!(matches!(writer.commit(), Err(StoreError::Io { .. })));
    fs::rename(&aside, &blocks).expect("the folder is moved back");
    assert!(matches!(writer.submit(&mut batch(200..201)), Err(StoreError::GivenUp { .. })));
    assert!(matches!(writer.commit(), Err(StoreError::GivenUp { .. })));
    drop(writer);
    assert_eq!(ask_writer(store.path()).expect("answers"), ENTRIES);
}

#[test]
fn a_lost_ledger_is_damage_and_no_reason_to_cut_blocks() {
    let store = store();
    let meta = store.path().join("index/meta.json");
    let text = unsealed(fs::read(&meta).expect("a file")).expect("a sealed file");
    let text = String::from_utf8(text).expect("JSON");
    let lost = sealed(text.replace("\"payload\"", "\"paylord\"").as_bytes());
    fs::write(&meta, lost).expect("a file");
    let block = store.path().join("blocks/000000.block");
    let length = fs::metadata(&block).expect("a file").len();
    let error = ask_writer(store.path()).expect_err("damage");
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert_eq!(fs::metadata(&block).expect("a file").len(), length);
}

#[test]
fn a_reader_sees_whole_commits_only_while_a_writer_commits() {
    let scratch = TempDir::new().expect("scratch space");
    let writer = StoreWriter::open_or_create(scratch.path()).expect("a new store");
    let home = Home::open(scratch.path()).expect("the store");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..40 {
                let mut batch = batch(round * 10 + 1..round * 10 + 11);
                batch.checkpoints = vec![checkpoint("a.log", round * 10 + 10)];
                writer.submit(&mut batch).expect("a submit");
                writer.commit().expect("a commit");
            }
            done.store(true, std::sync::atomic::Ordering::Release);
        });
        loop {
            let last = done.load(std::sync::atomic::Ordering::Acquire);
            let (index, fields) = index::open(&home).expect("the index");
            let snapshot = Snapshot::take(&home, &index, fields).expect("a snapshot");
            let mut entries = 0;
            let groups = snapshot.groups(None, &Window::default()).expect("groups");
            for group in groups {
                entries += snapshot.facts(group).expect("facts").map_or(0, |facts| facts.entries);
            }
            let checkpoints = snapshot.ledger.checkpoints();
            assert_eq!(entries, checkpoints.first().map_or(0, |read| read.tally.lines));
            if last {
                break;
            }
        }
    });
}
