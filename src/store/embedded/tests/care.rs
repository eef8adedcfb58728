//! The care of a store: damage is found wherever it is, a store is written anew without
//! losing what is wanted, and readers do not notice.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::model::entry::Entry;
use crate::model::severity::Severity;
use crate::query::condition::Query;
use crate::store::embedded::tests::script::{LINES, Script, stride};
use crate::store::embedded::{StoreReader, StoreWriter, statistics, verify};
use crate::store::{Intake, Reader, Window};

/// A store of a whole log, written anew once, with a note.
fn store() -> (TempDir, Script) {
    let scratch = TempDir::new().expect("scratch space");
    let mut script = Script::new();
    let writer = StoreWriter::open_or_create(scratch.path()).expect("a new store");
    script.read_on(&writer, |_| {}).expect("a whole disk");
    writer.keep_note(b"what was concluded").expect("a whole disk");
    writer.close().expect("a whole disk");
    (scratch, script)
}

fn rewrite(directory: &Path, is_wanted: &dyn Fn(&Entry) -> bool) -> crate::store::care::Rewritten {
    let writer = StoreWriter::open_or_create(directory).expect("the store");
    writer.rewrite(is_wanted).expect("a whole disk")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for name in fs::read_dir(folder).expect("a folder") {
        let path = name.expect("a name").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn count(directory: &Path) -> u64 {
    let reader = StoreReader::open(directory).expect("the store");
    let mut lines = 0;
    let count = &mut |entry: Entry| {
        lines += u64::from(entry.record.lines);
        std::ops::ControlFlow::Continue(())
    };
    reader.each_line(&Query::default(), &Window::default(), count).expect("an answer");
    lines
}

#[test]
fn every_flipped_byte_of_a_store_is_found() {
    let (store, _) = store();
    for file in files(store.path()) {
        let whole = fs::read(&file).expect("a file");
        for place in (0..whole.len()).step_by(stride()) {
            let mut changed = whole.clone();
            changed[place] ^= 1 << (place % 8);
            fs::write(&file, &changed).expect("a file");
            // A store of another format, or none: that is told by name as well.
            if let Ok(verified) = verify(store.path()) {
                assert!(!verified.is_whole(), "{} byte {place}", file.display());
            }
        }
        fs::write(&file, &whole).expect("a file");
    }
    assert!(verify(store.path()).expect("a look").is_whole());
}

#[test]
fn every_missing_file_that_counts_is_found() {
    let (store, _) = store();
    for file in files(store.path()) {
        let name = file.to_string_lossy().into_owned();
        let may_go = [".lock", "note.json"].iter().any(|ending| name.ends_with(ending));
        let whole = fs::read(&file).expect("a file");
        fs::remove_file(&file).expect("a file");
        let found = verify(store.path()).is_ok_and(|verified| verified.is_whole());
        assert_eq!(found, may_go, "{name}");
        fs::write(&file, &whole).expect("a file");
    }
}

#[test]
fn a_store_that_is_written_anew_holds_the_same_and_reading_goes_on() {
    let (store, mut script) = store();
    for _ in 0..2 {
        let done = rewrite(store.path(), &|_| true);
        assert_eq!([done.kept_lines, done.dropped_lines], [LINES, 0]);
        assert_eq!(script.check(store.path(), "written anew").expect("a store"), LINES);
        let reader = StoreReader::open(store.path()).expect("the store");
        assert_eq!(reader.note().expect("a note").as_deref(), Some(&b"what was concluded"[..]));
    }
    let folders = files(store.path()).into_iter().filter(|path| path.ends_with("meta.json"));
    assert_eq!(folders.count(), 1, "earlier generations are gone");
    let writer = StoreWriter::open_or_create(store.path()).expect("the store");
    script.read_on(&writer, |_| panic!("all was read")).expect("a whole disk");
}

#[test]
fn what_is_let_go_is_gone_and_counted() {
    let (store, _) = store();
    let is_wanted = |entry: &Entry| entry.record.severity.is_some_and(Severity::is_error);
    let done = rewrite(store.path(), &is_wanted);
    assert_eq!(done.kept_lines + done.dropped_lines, LINES);
    assert!(done.dropped_lines > LINES / 2, "{done:?}");
    assert_eq!(count(store.path()), done.kept_lines);
    let reader = StoreReader::open(store.path()).expect("the store");
    let held = statistics(&reader).expect("sums");
    let dropped = held.sources[0].checkpoint.dropped;
    assert_eq!([dropped.lines, dropped.bytes], [done.dropped_lines, done.dropped_bytes]);
    assert_eq!(held.lines, done.kept_lines);
    assert!(verify(store.path()).expect("a look").is_whole());
}

#[test]
fn a_reader_goes_on_with_what_it_sees_while_the_store_is_written_anew() {
    let (store, script) = store();
    let reader = StoreReader::open(store.path()).expect("the store");
    let mut seen = 0;
    let mut is_rewritten = false;
    let visited = reader.each_line(&Query::default(), &Window::default(), &mut |_| {
        if !is_rewritten {
            rewrite(store.path(), &|_| true);
            is_rewritten = true;
        }
        seen += 1;
        std::ops::ControlFlow::Continue(())
    });
    visited.expect("the files of the commit that is read stay");
    assert_eq!(seen, LINES);
    assert_eq!(script.check(store.path(), "read meanwhile").expect("a store"), LINES);
    drop(reader);
    drop(StoreWriter::open_or_create(store.path()).expect("the store"));
    assert!(!store.path().join("blocks").exists(), "the next writer removes what nobody reads");
}

#[test]
fn the_parts_of_a_store_are_all_of_its_bytes() {
    let (store, _) = store();
    let reader = StoreReader::open(store.path()).expect("the store");
    let held = statistics(&reader).expect("sums");
    let on_disk: u64 =
        files(store.path()).iter().map(|path| fs::metadata(path).expect("a file").len()).sum();
    assert_eq!(held.bytes, on_disk);
    let blocks = held.parts.iter().find(|part| part.name == "lines").expect("there are blocks");
    assert_eq!(held.sources.iter().map(|source| source.block_bytes).sum::<u64>(), blocks.bytes);
    assert_eq!(held.lines, LINES);
}
