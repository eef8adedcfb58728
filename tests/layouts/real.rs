//! Real logs: what servers and logging libraries wrote when the scripts in `tests/formats/` ran
//! them, cut to a few lines (`tests/formats/real/`).
//!
//! The libraries were all made to say the same, so that the level of each line is known.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use logloom::model::entry::Entry;
use logloom::model::record::TimeBasis;
use logloom::model::severity::Severity;
use regex::Regex;

use crate::layouts::pairs::entries;

/// How a time looks to somebody who knows no format.
static SHOWN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\d{1,2}:\d\d:\d\d|\d{1,2}:\d\d ?[AP]M|\b17\d{8}\b|\b1\.7\d{9,}e\+?09|\b20\d{6}[T ]?\d{6}",
    )
    .expect("a pattern")
});

/// What the libraries say, and how bad it is.
const SAID: [(&str, &str); 6] = [
    ("cart loaded", "info"),
    ("stock low", "warn"),
    ("looking for", "debug"),
    ("reserve failed", "error"),
    ("charge failed", "error"),
    ("Pod not ready", "info"),
];

/// What writes no level.
const WITHOUT_LEVEL: [&str; 10] = [
    "go-log-micro.log",
    "go-log-prefix.log",
    "go-log-utc.log",
    "go-log.log",
    "node-console.log",
    "node-log4js-messagePassThrough.log",
    // A word like any other at the front.
    "node-npmlog.log",
    "php-error.log",
    "python-eliot.log",
    "python-twisted-text.log",
];

fn files() -> Vec<(String, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/real");
    let mut files: Vec<_> = fs::read_dir(directory)
        .expect("the files are there")
        .map(|entry| entry.expect("the directory is readable").path())
        .map(|path| {
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            (name, fs::read_to_string(path).expect("the files are text"))
        })
        .collect();
    files.sort();
    files
}

/// Whether the entry has a time of its own.
fn is_dated(entry: &Entry) -> bool {
    entry.record.time.as_ref().is_some_and(|time| time.basis != TimeBasis::Inherited)
}

#[test]
fn no_line_of_any_real_file_is_lost() {
    for (name, text) in files() {
        let body = text.strip_suffix('\n').unwrap_or(&text);
        let kept: usize = entries(body, &name)
            .iter()
            .map(|entry| entry.record.raw.len() + usize::from(entry.record.lines > 0))
            .sum();
        assert_eq!(kept, body.len() + 1, "{name}");
    }
}

#[test]
fn what_shows_a_time_has_one() {
    let (mut shown, mut missed) = (0, Vec::new());
    let files = files();
    assert!(files.len() > 100, "only {} files", files.len());
    for (name, text) in &files {
        for entry in entries(text.trim_end_matches('\n'), name) {
            let raw = String::from_utf8_lossy(&entry.record.raw).into_owned();
            if SHOWN.is_match(raw.lines().next().unwrap_or_default()) {
                shown += 1;
                if !is_dated(&entry) {
                    missed.push(format!("{name}:{}: {raw}", entry.record.position.line));
                }
            }
        }
    }
    let share = 1.0 - missed.len() as f64 / f64::from(shown);
    assert!(share >= 0.98, "{share:.4} of {shown} are dated; not:\n{}", missed.join("\n"));
}

#[test]
fn every_line_that_states_a_level_has_it() {
    let mut wrong = String::new();
    let libraries = files().into_iter().filter(|(name, _)| {
        !WITHOUT_LEVEL.contains(&name.as_str())
            && [
                "python-",
                "node-",
                "go-",
                "java-",
                "ruby-",
                "rust-",
                "rsyslog-withpri",
                "rsyslog-rfc",
            ]
            .iter()
            .any(|start| name.starts_with(start))
    });
    for (name, text) in libraries {
        for entry in entries(text.trim_end_matches('\n'), &name) {
            let raw = String::from_utf8_lossy(&entry.record.raw).into_owned();
            let Some((_, level)) = SAID.iter().find(|(words, _)| raw.contains(words)) else {
                continue;
            };
            let found = entry.record.severity.map_or("none", Severity::name);
            // syslog's libraries chose the level by themselves.
            // rich prints the source of a stack trace in boxes.
            let is_source = raw.contains('│') || raw.trim_start().starts_with("raise ");
            if found != *level && !name.starts_with("rsyslog") && !is_source {
                let _ = writeln!(wrong, "{name}: {found}, not {level}: {raw}");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// What is read of each file, to be looked at: line, time and how it is known, level, format,
/// service, message.
#[test]
fn what_is_read_of_each_real_file_stays_the_same() {
    let mut told = String::new();
    for (name, text) in files() {
        let _ = writeln!(told, "\n{name}");
        for entry in entries(text.trim_end_matches('\n'), &name) {
            let record = &entry.record;
            let time = record.time.as_ref().filter(|_| is_dated(&entry));
            let time = time.map_or("-".to_owned(), |time| format!("{} {:?}", time.at, time.basis));
            let level = record.severity.map_or("-", Severity::name);
            let message = record.message.lines().next().unwrap_or_default();
            let message: String = message.chars().take(60).collect();
            let line = record.position.line;
            let _ = writeln!(told, "  {line} {time} {level} {} | {message}", record.format);
        }
    }
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("real-files", told);
    });
}
