//! Runs that are ended before their time: what was read is kept, the next run goes on, and in
//! the end every line is there once.
#![cfg(unix)]

use std::fs;
use std::io::{Read, Write};
use std::process::{Child, Command, Output, Stdio};
use std::time::Instant;

use super::desk::{Desk, PATIENCE, numbered};

/// Files and lines in each: enough to be in the middle of it for a while.
const FILES: usize = 6;
const LINES: usize = 2_000;

/// How often runs are ended early, each time a little later.
const CYCLES: usize = 5;

fn desk() -> Desk {
    let desk = Desk::new();
    for file in 0..FILES {
        desk.file(format!("logs/{file}.log"), numbered(file * LINES..(file + 1) * LINES));
    }
    desk
}

fn start(desk: &Desk, arguments: &[&str]) -> Child {
    let mut command = desk.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("it can be started")
}

pub(super) fn signal(running: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &running.id().to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "the signal cannot be sent");
}

/// Waits until something holds.
#[track_caller]
pub(super) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "{what} never happened");
        std::thread::yield_now();
    }
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Whether the process has asked for SIGINT (bit 2 of the mask).
#[cfg(target_os = "linux")]
fn listens(running: &Child) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", running.id())).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    caught
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 2 != 0)
}

/// Fails unless the logs give every order once, and the summary says so.
#[track_caller]
fn check_whole(desk: &Desk) {
    let again = desk.run(&["index", "logs"]).ends_with(0);
    assert_eq!(again.summed("lines").replace(',', ""), (FILES * LINES).to_string());
    assert_eq!(again.summed("requests").replace(',', ""), (FILES * LINES / 10).to_string());
    let lines = desk.all_lines(&["logs"]);
    assert_eq!(lines.len(), FILES * LINES);
    let mut places: Vec<_> =
        lines.iter().map(|line| (line["path"].to_string(), line["offset"].as_u64())).collect();
    places.dedup();
    assert_eq!(places.len(), FILES * LINES, "no line is there twice");
    desk.run(&["index", "logs"]).ends_with(0).says("nothing new");
}

/// Standard input that stays open keeps the reading in its middle for as long as the test wants.
#[cfg(target_os = "linux")]
#[test]
fn an_interruption_keeps_what_was_read() {
    let desk = desk();
    let count = |arguments: &[&str]| desk.run(arguments).ends_with(0).out.trim().parse::<usize>();
    desk.run(&["index", "logs/0.log", "--store", "store"]).ends_with(0);
    let mut running = start(&desk, &["index", "logs", "-", "--store", "store"]);
    let mut input = running.stdin.take().expect("it is piped");
    // More than a pipe holds: when all of it is taken, reading is under way.
    input.write_all(numbered(900_000..903_000).as_bytes()).expect("it is read");
    until("listening", || listens(&running));
    signal(&running, "INT");
    // The end of what it waits for lets the reader see that it shall stop.
    drop(input);
    let output = running.wait_with_output().expect("it ends");
    let said = words(&output);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("interrupted: what was read is kept"), "{said}");
    let kept = count(&["lines", "*", "--store", "store", "--count"]);
    assert!(kept.is_ok_and(|kept| kept >= LINES), "the store can be asked");
    desk.run(&["index", "logs", "--store", "store"]).ends_with(0);
    for order in [0, LINES - 1, LINES, FILES * LINES - 1] {
        let found = count(&["lines", &format!("ORD-{order}"), "--store", "store", "--count"]);
        assert_eq!(found, Ok(1), "ORD-{order}");
    }
}

/// Ends runs by a signal at many moments, then lets one run through.
#[track_caller]
fn check_ended_by(name: &str, code: Option<i32>) {
    let desk = desk();
    let folder = desk.cache().join("logloom/stores");
    for cycle in 0..CYCLES {
        let mut running = start(&desk, &["index", "logs"]);
        // A later moment each time: when so many files of the store are there.
        until("the store", || {
            let ended = running.try_wait().expect("it is ours").is_some();
            ended || files_below(&folder) >= 3 + cycle * 2
        });
        if running.try_wait().expect("it is ours").is_none() {
            signal(&running, name);
        }
        let output = running.wait_with_output().expect("it ends");
        // It may have been done before the signal came. Before it listens, the signal ends it
        // as any program: without a code.
        let status = output.status.code();
        let expected = status.is_none() || status == Some(0) || status == code;
        assert!(expected, "cycle {cycle}: {status:?} {}", words(&output));
    }
    check_whole(&desk);
}

fn files_below(folder: &std::path::Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| if entry.path().is_dir() { files_below(&entry.path()) } else { 1 })
        .sum()
}

#[test]
fn killed_at_any_moment_the_next_run_ends_with_every_line_once() {
    check_ended_by("KILL", None);
}

#[test]
fn interrupted_at_any_moment_the_next_run_ends_with_every_line_once() {
    check_ended_by("INT", Some(130));
}

/// Standard input that never ends is left at the second signal, whatever is being done.
#[cfg(target_os = "linux")]
#[test]
fn a_second_interruption_ends_at_once() {
    let desk = Desk::new();
    let mut running = start(&desk, &["lines", "*", "-"]);
    let input = running.stdin.take().expect("it is piped");
    until("listening", || listens(&running));
    signal(&running, "INT");
    until("the end", || {
        signal(&running, "INT");
        running.try_wait().expect("it is ours").is_some()
    });
    drop(input);
    let mut said = String::new();
    let mut errors = running.stderr.take().expect("it is piped");
    errors.read_to_string(&mut said).expect("messages are text");
    assert_eq!(running.wait().expect("it ended").code(), Some(130), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_signal_of_a_service_manager_is_obeyed_too() {
    let desk = desk();
    let mut running = start(&desk, &["index", "logs", "-", "--store", "store"]);
    let mut input = running.stdin.take().expect("it is piped");
    input.write_all(numbered(900_000..903_000).as_bytes()).expect("it is read");
    until("listening", || listens(&running));
    signal(&running, "TERM");
    drop(input);
    let output = running.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{}", words(&output));
    desk.run(&["index", "logs", "--store", "store"]).ends_with(0);
}
