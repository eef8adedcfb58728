//! Stores of all conditions: found again, asked alone, refused when they are not ours.

use std::fs;
use std::process::Stdio;

use super::desk::{Desk, TRACE, line, numbered};

#[test]
fn a_store_is_found_again_by_the_paths() {
    let desk = Desk::new();
    desk.file("logs/app.log", numbered(0..50));
    let first = desk.run(&["index", "logs"]).ends_with(0).says("50 lines of 1 file");
    desk.run(&["index", "./logs/"]).ends_with(0).says("nothing new in 1 file");
    desk.run(&["lines", "ORD-7", "logs"]).ends_with(0).says_nothing_else();
    let stores = fs::read_dir(desk.cache().join("logloom/stores")).expect("stores are there");
    assert_eq!(stores.count(), 1);
    assert!(first.out.contains("logloom search 'level:>=error' logs"), "{}", first.out);
    let beside: Vec<_> = fs::read_dir(desk.path("")).expect("the desk is readable").collect();
    assert_eq!(beside.len(), 1, "nothing is written beside the logs");
}

#[test]
fn a_store_with_a_name_is_asked_alone() {
    let desk = Desk::new();
    desk.file("logs/app.log", numbered(0..50));
    desk.run(&["index", "logs", "--store", "here/store"]).ends_with(0);
    fs::remove_dir_all(desk.path("logs")).expect("the desk is writable");
    for arguments in [
        ["trace", "ORD-7", "--store", "here/store"],
        ["lines", "ORD-7", "--store", "here/store"],
        ["search", "ORD-7", "--store", "here/store"],
    ] {
        desk.run(&arguments).ends_with(0).says("ORD-").says_nothing_else();
    }
    desk.run(&["export", "--format", "spans", "--store", "here/store"]).ends_with(0);
    let mut command = desk.command(&["lines", "ORD-7", "--count"]);
    command.env("LOGLOOM_STORE", "here/store");
    assert_eq!(Desk::finish(command, b"").out, "1\n");
    assert_eq!(fs::read_dir(desk.cache()).map(Iterator::count).ok(), Some(0));
}

#[test]
fn a_store_that_is_not_there_is_named() {
    let desk = Desk::new();
    desk.run(&["lines", "x", "--store", "none"])
        .ends_with(2)
        .warns("none: no store is here; `logloom index` makes one");
    assert!(!desk.path("none").exists());
}

#[test]
fn a_directory_of_something_else_is_left_alone() {
    let desk = Desk::new();
    desk.file("app.log", line(1, "hello"));
    desk.file("photos/one.jpg", "a photo");
    for arguments in [
        &["index", "app.log", "--store", "photos"][..],
        &["lines", "*", "app.log", "--store", "photos"],
        &["lines", "*", "--store", "photos"],
    ] {
        desk.run(arguments)
            .ends_with(2)
            .warns("photos: not empty and no logloom store (it holds `one.jpg`)")
            .warns("hint: ");
    }
    let names: Vec<_> = fs::read_dir(desk.path("photos")).expect("it is readable").collect();
    assert_eq!(names.len(), 1);
    desk.run(&["lines", "*", "--store", "app.log"]).ends_with(2).warns("app.log");
    desk.run(&["index", "app.log", "--store", "app.log"]).ends_with(2).warns("app.log");
}

#[test]
fn a_store_of_another_format_is_refused_and_kept() {
    let desk = Desk::new();
    desk.file("app.log", line(1, "hello"));
    desk.run(&["index", "app.log", "--store", "store"]).ends_with(0);
    let marker = "store/logloom-store.json";
    let text = fs::read_to_string(desk.path(marker)).expect("a store has a marker");
    let future = text.replace("\"format\":4", "\"format\":99");
    assert_ne!(text, future);
    desk.file(marker, &future);
    for arguments in
        [&["lines", "*", "app.log", "--store", "store"][..], &["lines", "*", "--store", "store"]]
    {
        desk.run(arguments)
            .ends_with(2)
            .warns("the store has format 99 and this logloom reads format 4")
            .warns("hint: ");
    }
    desk.file(marker, "not a marker");
    desk.run(&["lines", "*", "--store", "store"]).ends_with(2).warns("logloom-store.json");
    desk.file(marker, &text);
    desk.run(&["lines", "*", "--store", "store"]).ends_with(0).says("hello");
}

#[test]
fn a_store_that_was_deleted_is_made_anew() {
    let desk = Desk::new();
    desk.file("logs/app.log", numbered(0..50));
    desk.run(&["index", "logs"]).ends_with(0);
    fs::remove_dir_all(desk.cache()).expect("the cache is writable");
    assert_eq!(desk.run(&["lines", "*", "logs", "--count"]).ends_with(0).out, "50\n");
}

#[test]
fn a_damaged_store_is_named_and_never_answers_wrongly() {
    let desk = Desk::new();
    desk.file("logs/app.log", numbered(0..500));
    desk.run(&["index", "logs", "--store", "store"]).ends_with(0);
    let blocks = fs::read_dir(desk.path("store/blocks")).expect("blocks are there");
    for block in blocks {
        let path = block.expect("blocks are readable").path();
        let mut bytes = fs::read(&path).expect("blocks are readable");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0xff;
        fs::write(&path, bytes).expect("blocks are writable");
    }
    let answer = desk.run(&["lines", "*", "--store", "store"]).ends_with(2).warns("damaged");
    assert!(answer.err.contains("store/blocks/") && answer.err.contains("hint"), "{}", answer.err);
}

#[test]
fn while_another_process_writes_the_last_commit_is_answered() {
    let desk = Desk::new();
    desk.file("logs/app.log", numbered(0..50));
    desk.run(&["index", "logs", "--store", "store"]).ends_with(0);
    let lock = desk.path("store/writer.lock");
    let held = fs::OpenOptions::new().write(true).open(&lock).expect("the lock file stays");
    held.lock().expect("nobody else holds it");
    fs::write(&lock, "4711\n").expect("the lock file is writable");
    desk.append("logs/app.log", numbered(50..60));
    desk.run(&["lines", "ORD-7", "logs", "--store", "store"])
        .ends_with(0)
        .says("ORD-7")
        .warns("the store is being written by process 4711");
    desk.run(&["index", "logs", "--store", "store"])
        .ends_with(2)
        .warns("process 4711")
        .warns("nothing was read");
    desk.run(&["index", "logs", "--store", "new"]).ends_with(0);
    held.unlock().expect("it was held");
    assert_eq!(desk.run(&["lines", "*", "logs", "--store", "store", "--count"]).out, "60\n");
}

#[test]
fn two_processes_at_once_lose_and_double_nothing() {
    let desk = Desk::new();
    for part in 0..20 {
        desk.file(format!("logs/{part}.log"), numbered(part * 500..(part + 1) * 500));
    }
    let start = || {
        let mut command = desk.command(&["index", "logs"]);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it can be started")
    };
    for running in [start(), start(), start()] {
        let output = running.wait_with_output().expect("it ends");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        let good = output.status.success() || words.contains("is being written by");
        assert!(good, "{words}");
    }
    assert_eq!(desk.run(&["lines", "*", "logs", "--count"]).ends_with(0).out, "10000\n");
}

#[test]
fn a_store_inside_the_logs_is_no_log() {
    let desk = Desk::new();
    desk.file("logs/app.log", line(1, "hello"));
    for _ in 0..2 {
        let answer = desk.run(&["index", "logs", "--store", "logs/store"]).ends_with(0);
        assert_eq!(answer.summed("lines"), "1");
    }
    desk.run(&["index", "logs", "--store", "logs/store"]).says("a store of logloom: logs/store");
    desk.run(&["trace", TRACE, "logs", "--store", "logs/store"]).ends_with(0);
}
