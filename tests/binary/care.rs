//! The care of a store, by the program and by several processes at once; stores that earlier
//! versions wrote.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::desk::{Desk, numbered};

/// A copy of a store that stands in the repository.
fn golden(desk: &Desk, format: &str) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stores").join(format);
    copy(&from, &desk.path("store"));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the scratch directory is writable");
    for name in fs::read_dir(from).expect("the store is in the repository") {
        let name = name.expect("the store is readable");
        let target = to.join(name.file_name());
        if name.path().is_dir() {
            copy(&name.path(), &target);
        } else {
            fs::copy(name.path(), target).expect("the scratch directory is writable");
        }
    }
}

fn count(desk: &Desk) -> u64 {
    let answer = desk.run(&["lines", "*", "--store", "store", "--count"]).ends_with(0);
    answer.out.trim().parse().expect("a number")
}

#[test]
fn a_store_that_this_format_wrote_is_read_and_whole() {
    let desk = Desk::new();
    golden(&desk, "format-4");
    assert_eq!(count(&desk), 4);
    desk.run(&["trace", "ORD-20417", "--store", "store"]).ends_with(0).says("card declined");
    desk.run(&["store", "verify", "--store", "store"]).ends_with(0).says("every byte");
    desk.run(&["store", "compact", "--store", "store"]).ends_with(0).says("4 lines");
    assert_eq!(count(&desk), 4);
}

#[test]
fn stores_of_earlier_formats_are_refused_by_name_and_kept() {
    let desk = Desk::new();
    golden(&desk, "format-2");
    let marker = fs::read(desk.path("store/logloom-store.json")).expect("a marker");
    for arguments in [
        &["lines", "*", "--store", "store"][..],
        &["store", "verify", "--store", "store"],
        &["store", "prune", "--store", "store", "--older-than", "1d"],
    ] {
        desk.run(arguments).ends_with(2).warns("has format 2").warns("index the logs");
    }
    assert_eq!(fs::read(desk.path("store/logloom-store.json")).expect("a marker"), marker);
    assert!(desk.path("store/blocks/000000.block").exists());
}

#[test]
fn readers_in_other_processes_see_whole_commits_while_one_writes() {
    let desk = Desk::new();
    desk.file("logs/app.log", numbered(0..100));
    desk.run(&["index", "logs", "--store", "store"]).ends_with(0);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut last = 0;
                    loop {
                        let is_last = is_over.load(Ordering::Acquire);
                        let seen = count(&desk);
                        assert!(
                            seen >= last && seen.is_multiple_of(100),
                            "{seen} lines after {last}"
                        );
                        last = seen;
                        if is_last {
                            return last;
                        }
                    }
                })
            })
            .collect();
        for round in 1..6 {
            desk.append("logs/app.log", numbered(round * 100..(round + 1) * 100));
            desk.run(&["index", "logs", "--store", "store"]).ends_with(0);
            if round == 3 {
                desk.run(&["store", "compact", "--store", "store"]).ends_with(0);
            }
        }
        is_over.store(true, Ordering::Release);
        for reader in readers {
            assert_eq!(reader.join().expect("a reader sees whole commits"), 600);
        }
    });
}

#[test]
fn what_is_pruned_is_gone_counted_and_not_read_again() {
    let desk = Desk::new();
    desk.file("logs/app.log", numbered(0..50));
    desk.run(&["index", "logs", "--store", "store"]).ends_with(0);
    desk.run(&["store", "prune", "--store", "store", "--older-than", "2100-01-01"])
        .ends_with(0)
        .says("let go");
    assert!(count_or_none(&desk) < 50);
    desk.run(&["index", "logs", "--store", "store"]).ends_with(0);
    assert!(count_or_none(&desk) < 50, "nothing is read again");
    let answer = desk.run(&["store", "stats", "--store", "store", "--format", "json"]).ends_with(0);
    let told: serde_json::Value = serde_json::from_str(&answer.out).expect("JSON");
    let source = &told["sources"][0];
    assert_eq!(source["adds_up"], true);
    let lines = [&source["lines"], &source["dropped_lines"]].map(serde_json::Value::as_u64);
    assert_eq!(lines[0].zip(lines[1]).map(|(kept, gone)| kept + gone), Some(50), "{told}");
    desk.run(&["store", "verify", "--store", "store"]).ends_with(0);
}

/// The lines of a store that may have none.
fn count_or_none(desk: &Desk) -> u64 {
    desk.run(&["lines", "*", "--store", "store", "--count"]).out.trim().parse().unwrap_or(0)
}

#[test]
fn damage_is_named_and_ends_with_an_error() {
    let desk = Desk::new();
    desk.file("logs/app.log", numbered(0..50));
    desk.run(&["index", "logs", "--store", "store"]).ends_with(0);
    let block = desk.path("store/blocks/000000.block");
    let mut bytes = fs::read(&block).expect("a block");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&block, bytes).expect("a block");
    desk.run(&["store", "verify", "--store", "store"])
        .ends_with(2)
        .says("000000.block at byte 0")
        .warns("hint: ");
}

#[test]
fn a_store_that_is_not_there_is_not_made() {
    let desk = Desk::new();
    desk.file("logs/app.log", numbered(0..5));
    for what in ["stats", "verify"] {
        desk.run(&["store", what, "logs"]).ends_with(2).warns("no store is here");
        desk.run(&["store", what]).ends_with(2).warns("no store is named");
    }
    assert_eq!(fs::read_dir(desk.cache()).expect("a cache").count(), 0);
}
