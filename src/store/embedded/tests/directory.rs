//! Which directories are taken for a store, and who may write.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::store::embedded::tests::samples::plain_entry;
use crate::store::embedded::{StoreReader, StoreWriter};
use crate::store::error::StoreError;
use crate::store::{Batch, Intake, Page, Reader, Window};

fn scratch() -> TempDir {
    TempDir::new().expect("scratch space")
}

fn refused_to_write(directory: &Path) -> StoreError {
    StoreWriter::open_or_create(directory).err().expect("an error")
}

fn refused_to_read(directory: &Path) -> StoreError {
    StoreReader::open(directory).err().expect("an error")
}

#[test]
fn a_store_is_made_where_nothing_is_and_in_an_empty_directory() {
    let scratch = scratch();
    let nested = scratch.path().join("a/b");
    for directory in [&nested, &scratch.path().join("c")] {
        drop(StoreWriter::open_or_create(directory).expect("a new store"));
        drop(StoreWriter::open_or_create(directory).expect("the same store"));
        StoreReader::open(directory).expect("an empty store");
    }
}

#[test]
fn a_directory_that_holds_something_else_is_refused_and_left_alone() {
    let scratch = scratch();
    fs::write(scratch.path().join("holiday.jpg"), "sun").expect("a file");
    for error in [refused_to_write(scratch.path()), refused_to_read(scratch.path())] {
        assert!(error.to_string().contains("holiday.jpg"), "{error}");
    }
    assert_eq!(fs::read_dir(scratch.path()).expect("names").count(), 1);
}

#[test]
fn reading_where_no_store_is_makes_none() {
    let scratch = scratch();
    let absent = scratch.path().join("absent");
    assert!(matches!(refused_to_read(&absent), StoreError::Missing { .. }));
    assert!(!absent.exists());
}

#[test]
fn a_store_of_another_format_is_refused_by_name() {
    let scratch = scratch();
    for format in [1, 2, 3, 9] {
        let marker = format!(r#"{{"kind":"logloom store","format":{format},"later":true}}"#);
        fs::write(scratch.path().join("logloom-store.json"), marker).expect("a file");
        for error in [refused_to_write(scratch.path()), refused_to_read(scratch.path())] {
            let text = error.to_string();
            let named = text.contains(&format!("format {format}")) && text.contains("format 4");
            assert!(named && text.contains("index the logs"), "{text}");
        }
    }
}

#[test]
fn an_unreadable_marker_is_named() {
    let scratch = scratch();
    fs::write(scratch.path().join("logloom-store.json"), "{").expect("a file");
    let text = refused_to_write(scratch.path()).to_string();
    assert!(text.contains("logloom-store.json"), "{text}");
}

#[test]
fn a_second_writer_is_refused_and_told_who_writes() {
    let scratch = scratch();
    let first = StoreWriter::open_or_create(scratch.path()).expect("a new store");
    let text = refused_to_write(scratch.path()).to_string();
    assert!(text.contains(&format!("process {}", std::process::id())), "{text}");
    assert!(text.contains("writer.lock"), "{text}");
    drop(first);
    StoreWriter::open_or_create(scratch.path()).expect("the left-over file does no harm");
}

#[test]
fn a_store_whose_making_was_cut_short_is_completed() {
    for left_over in [&["writer.lock"][..], &["writer.lock", "logloom-store.json.new"]] {
        let scratch = scratch();
        for name in left_over {
            fs::write(scratch.path().join(name), "").expect("a file");
        }
        StoreWriter::open_or_create(scratch.path()).expect("a new store");
        StoreReader::open(scratch.path()).expect("an empty store");
    }
}

#[cfg(unix)]
#[test]
fn only_the_user_enters_a_store() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = scratch();
    let directory = scratch.path().join("store");
    drop(StoreWriter::open_or_create(&directory).expect("a new store"));
    let mode = fs::metadata(&directory).expect("metadata").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn nothing_is_seen_before_the_commit_and_all_of_it_after() {
    let scratch = scratch();
    let writer = StoreWriter::open_or_create(scratch.path()).expect("a new store");
    let reader = StoreReader::open(scratch.path()).expect("an empty store");
    let page = Page { limit: 10, window: Window::default() };
    let seen = || reader.lines(&crate::query::condition::Query::default(), &page).expect("lines");
    let mut batch = Batch { entries: vec![plain_entry("a.log", 1)], ..Batch::default() };
    writer.submit(&mut batch).expect("a submit");
    assert_eq!(seen().total, 0);
    writer.commit().expect("a commit");
    assert_eq!(seen().total, 1);
    writer.close().expect("the end");
    assert_eq!(seen().total, 1);
}
