//! What reaches a terminal: no control character of foreign text, no complaint about a
//! closed pipe, rows that fit.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use super::desk::{Desk, TRACE, line, numbered};

/// Everything that a terminal might obey: escapes, eight-bit controls, bells, a carriage
/// return, marks that turn the direction of text.
const HOSTILE: &str = "\u{1b}]0;owned\u{7} \u{1b}[2J\u{1b}[31m \u{9b}31m \u{9d}0;x\u{9c} \r \u{8} \u{7f} \u{202e}txt \u{2066}";

/// The same as JSON holds it.
fn escaped() -> String {
    serde_json::to_string(HOSTILE).expect("a text is JSON").trim_matches('"').to_owned()
}

/// A desk whose logs are hostile in their texts, services, operations, fields and names.
fn hostile() -> Desk {
    let desk = Desk::new();
    let text = escaped();
    let json: String = (1..4)
        .map(|second| {
            format!(
                "{{\"time\":\"2026-11-21T09:00:0{second}Z\",\"level\":\"error\",\
                 \"service\":\"pay{text}\",\"msg\":\"declined {text} ORD-7\",\
                 \"trace_id\":\"{TRACE}\",\"span_id\":\"00f067aa0ba902b{second}\",\
                 \"name\":\"POST /{text}\",\"key{text}\":\"value {text}\",\
                 \"exception\":\"java.lang.Error: {text}\\n\\tat a.b(C.java:1){text}\"}}\n"
            )
        })
        .collect::<Vec<_>>()
        .concat();
    desk.file("logs/app.json", json);
    desk.file("logs/plain.log", line(5, &format!("declined {HOSTILE} ORD-7")));
    #[cfg(target_os = "linux")]
    {
        desk.file(format!("logs/{}.log", HOSTILE.replace('/', "")), line(6, "declined ORD-7"));
        desk.file(format!("logs/{}.png", HOSTILE.replace('/', "")), b"\x89PNG\r\n\x1a\n\0\0");
        desk.file(format!("logs/{}.gz", HOSTILE.replace('/', "")), b"\x1f\x8b\x08\0cut off");
    }
    desk
}

/// Our own colours: `ESC [ digits and semicolons m`.
fn without_colours(text: &str) -> String {
    let mut rest = text;
    let mut plain = String::new();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let end = after.find(|letter: char| !letter.is_ascii_digit() && letter != ';');
        let end = end.filter(|end| after[*end..].starts_with('m'));
        if let Some(end) = end {
            rest = &after[end + 1..];
        } else {
            plain.push('\u{1b}');
            rest = after;
        }
    }
    plain + rest
}

#[track_caller]
fn check_tame(what: &str, text: &str) {
    let obeyed = |letter: &char| {
        letter.is_control() && *letter != '\n'
            || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let found: Vec<_> = text.chars().filter(obeyed).collect();
    assert!(found.is_empty(), "{what} lets {found:?} through:\n{text:?}");
}

#[test]
fn foreign_text_never_drives_a_terminal() {
    let desk = hostile();
    let store = format!("st{}", HOSTILE.replace('/', ""));
    for arguments in [
        &["trace", "ORD-7", "logs", "--full"][..],
        &["trace", TRACE, "logs"],
        &["search", "ORD-7", "logs"],
        &["lines", "*", "logs"],
        &["lines", "declined", "logs", "--full"],
        &["index", "logs", "--full"],
        &["index", "logs", "--store", &store],
        &["trace", HOSTILE, "logs"],
        &["search", HOSTILE, "logs"],
        &["lines", &format!("x{HOSTILE}:y"), "logs"],
        &["lines", &format!("\"{HOSTILE}"), "logs"],
        &["trace", "x", HOSTILE],
        &["index", HOSTILE],
        &["lines", "*", "--store", HOSTILE],
        &["lines", "*", "logs", "--since", HOSTILE],
        &["lines", "*", "logs", "--include", &format!("[{HOSTILE}")],
        &["lines", "*", "logs", "--zone", HOSTILE],
        &["lines", "*", "logs", "--format", HOSTILE],
        &["lines", "*", "logs", "--limit", HOSTILE],
        &["parser", "test", HOSTILE],
        &["parser", "list", "--parsers", HOSTILE],
        &["export", "--format", "spans", "-o", &format!("/none/{HOSTILE}"), "logs"],
        &[HOSTILE],
        &["lines", &format!("--{HOSTILE}")],
    ] {
        for colour in ["always", "never"] {
            let mut command = desk.command(arguments);
            command.args(["--color", colour]);
            let answer = Desk::finish(command, b"");
            let what = format!("{arguments:?} --color {colour}");
            if colour == "always" {
                check_tame(&what, &without_colours(&answer.out));
                check_tame(&what, &without_colours(&answer.err));
            } else {
                check_tame(&what, &answer.out);
                check_tame(&what, &answer.err);
            }
        }
    }
}

#[test]
fn foreign_text_is_whole_where_programs_read_it() {
    let desk = hostile();
    let answer = desk.run(&["lines", "*", "logs/app.json", "--format", "ndjson"]);
    let whole = answer.objects().iter().all(|line| {
        line["message"].as_str().is_some_and(|message| message.contains("\u{1b}]0;owned\u{7}"))
    });
    assert!(whole, "JSON keeps what the log says");
}

#[test]
fn colours_are_used_when_asked_for_alone() {
    let desk = Desk::new();
    desk.file("app.log", line(1, "hello"));
    let coloured = |arguments: &[&str]| desk.run(arguments).ends_with(0).out.contains("\u{1b}[");
    assert!(!coloured(&["lines", "hello", "app.log"]));
    assert!(coloured(&["lines", "hello", "app.log", "--color", "always"]));
    assert!(!coloured(&["lines", "hello", "app.log", "--color", "never"]));
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    let desk = Desk::new();
    desk.file("app.log", numbered(0..5_000));
    desk.run(&["index", "app.log"]).ends_with(0);
    for arguments in [
        &["lines", "*", "app.log"][..],
        &["lines", "*", "app.log", "--format", "ndjson"],
        &["lines", "*", "app.log", "--format", "csv"],
        &["search", "*", "app.log", "--limit", "1000"],
        &["export", "app.log", "--format", "spans"],
        &["completions", "bash"],
    ] {
        let mut command = desk.command(arguments);
        let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut running = running.expect("it can be started");
        let mut first = String::new();
        let mut reader = BufReader::new(running.stdout.take().expect("it is piped"));
        reader.read_line(&mut first).expect("there is a line");
        drop(reader);
        let output = running.wait_with_output().expect("it ends");
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*words), (Some(0), ""), "{arguments:?}");
        assert!(first.ends_with('\n'), "{arguments:?}");
    }
}

#[test]
fn a_pipe_that_nobody_reads_is_a_quiet_end_too() {
    let desk = Desk::new();
    desk.file("app.log", numbered(0..100));
    let mut command = desk.other("sh");
    command.args(["-c", "\"$@\" | true; wait", "sh"]).arg(super::desk::program());
    command.args(["lines", "*", "app.log"]);
    Desk::finish(command, b"").ends_with(0).says_nothing_else();
}

#[test]
fn rows_fit_a_narrow_terminal() {
    let desk = Desk::new();
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/checkout-incident");
    for columns in ["80", "40"] {
        for arguments in
            [["trace", "ORD-20417", samples], ["search", "*", samples], ["lines", "*", samples]]
        {
            let mut command = desk.command(&arguments);
            command.env("COLUMNS", columns);
            let answer = Desk::finish(command, b"").ends_with(0);
            let most: usize = columns.parse().expect("a number");
            for row in answer.out.lines() {
                assert!(row.chars().count() <= most, "{columns}: {row}");
            }
        }
    }
    // However narrow, there is an answer.
    let mut command = desk.command(&["trace", "ORD-20417", samples]);
    command.env("COLUMNS", "1");
    Desk::finish(command, b"").ends_with(0);
}
