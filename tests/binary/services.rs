//! `logloom tail` as a service: others ask while it writes, its settings change, it is told to
//! end, and its own output is not followed.
#![cfg(unix)]

use std::fs::{self, File};
use std::process::{Child, Stdio};

use super::desk::{Desk, TRACE, line};
use super::interrupts::{signal, until};

/// Follows `logs`; what it says goes to files.
fn start(desk: &Desk, arguments: &[&str], output: &str) -> Child {
    let file = |name: &str| File::create(desk.path(name)).expect("it can be made");
    let mut command = desk.command(&[&["tail", "logs"], arguments].concat());
    command.stdin(Stdio::null()).stdout(file(output)).stderr(file("messages"));
    command.spawn().expect("it can be started")
}

fn text(desk: &Desk, name: &str) -> String {
    fs::read_to_string(desk.path(name)).unwrap_or_default()
}

/// Ends it; everything that was read is kept.
#[track_caller]
fn end(mut running: Child) {
    signal(&running, "TERM");
    assert_eq!(running.wait().expect("it ends").code(), Some(130));
}

fn alert(name: &str, query: &str) -> String {
    format!("[alert.{name}]\nabout = \"About {name}\"\nquery = \"{query}\"\n")
}

#[test]
fn changed_standing_queries_are_taken_up_and_wrong_ones_are_not() {
    let desk = Desk::new();
    desk.file("logs/app.log", line(1, "begun"));
    desk.file("watch.toml", alert("first", "zebra"));
    let arguments =
        ["--watch", "watch.toml", "--query", "*", "--format", "ndjson", "--since", "2020-01-01"];
    let running = start(&desk, &arguments, "output");
    until("the log is followed", || text(&desk, "output").contains("begun"));
    desk.file("watch.toml", alert("second", "taken"));
    until("settings are taken up", || text(&desk, "messages").contains("taken up anew"));
    desk.file("watch.toml", "[alert");
    until("they are refused", || text(&desk, "messages").contains("stay as they were"));
    signal(&running, "HUP");
    desk.append("logs/app.log", line(3, "taken"));
    until("the line is shown", || text(&desk, "output").contains("taken"));
    end(running);
    let output = text(&desk, "output");
    let alerts: Vec<&str> = output.lines().filter(|line| line.contains("\"alert\"")).collect();
    assert!(alerts.len() == 1 && alerts[0].contains("\"second\""), "{output}");
}

#[test]
fn others_ask_while_it_writes_and_a_second_writer_is_refused() {
    let desk = Desk::new();
    desk.file("logs/app.log", line(1, "begun"));
    let running = start(&desk, &["--store", "store"], "output");
    let store = ["lines", "*", "--store", "store", "--format", "ndjson"];
    until("it is kept", || desk.run(&store).out.contains("begun"));
    desk.append("logs/app.log", line(2, "going on"));
    until("it is kept as well", || desk.run(&store).out.contains("going on"));
    desk.run(&["trace", TRACE, "--store", "store"]).ends_with(0).says("going on");
    let second = desk.run(&["tail", "logs", "--store", "store", "--for", "0s"]).ends_with(2);
    second.warns("is being written by");
    end(running);
    desk.run(&["tail", "logs", "--store", "store", "--for", "0s"]).ends_with(0);
}

#[test]
fn its_own_output_is_not_followed() {
    let desk = Desk::new();
    desk.file("logs/app.log", line(1, "begun"));
    let running = start(&desk, &["--since", "2000-01-01", "--store", "store"], "logs/output.log");
    until("the line is shown", || text(&desk, "logs/output.log").contains("begun"));
    desk.append("logs/app.log", line(2, "going on"));
    until("the next is shown", || text(&desk, "logs/output.log").contains("going on"));
    end(running);
    let lines = desk.run(&["lines", "*", "--store", "store", "--format", "ndjson"]).objects();
    assert_eq!(lines.len(), 2, "{lines:?}");
}

#[test]
fn standard_input_may_hold_anything_and_need_not_end() {
    let desk = Desk::new();
    let input =
        [line(1, "one").as_bytes(), b"\xff\x00 binary\n", b"2026-11-21T09:30:15Z INFO last"]
            .concat();
    let lines = desk.run_with(&input, &["tail", "-", "--format", "ndjson"]).objects();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[2]["message"].as_str(), Some("last"));
    desk.run_with(b"", &["tail", "-"]).ends_with(0);
    // What came through a pipe is kept as well, where a store is named.
    desk.run_with(&input, &["tail", "-", "--store", "store"]).ends_with(0);
    let kept = desk.run(&["lines", "*", "--store", "store", "--format", "ndjson"]).objects();
    assert_eq!(kept.len(), 3, "{kept:?}");
}
