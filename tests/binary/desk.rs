//! A scratch directory in which the program is run, and what it answers.

use std::ffi::OsStr;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// No run of these tests takes nearly as long; one that does hangs.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The trace id of most lines here, in its usual spelling.
pub(super) const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// A directory to work in and a cache beside it.
pub(super) struct Desk {
    root: TempDir,
}

impl Desk {
    /// An empty desk.
    pub(super) fn new() -> Self {
        let root = tempfile::tempdir().expect("a scratch directory");
        for name in ["work", "cache"] {
            fs::create_dir(root.path().join(name)).expect("the scratch directory is writable");
        }
        Self { root }
    }

    /// The path of something on the desk.
    pub(super) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.path().join("work").join(name)
    }

    /// Where the program keeps its stores.
    pub(super) fn cache(&self) -> PathBuf {
        self.root.path().join("cache")
    }

    /// Writes a file, with the directories around it.
    pub(super) fn file(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        let folder = path.parent().expect("files stand on the desk");
        fs::create_dir_all(folder).expect("the scratch directory is writable");
        fs::write(path, bytes).expect("the scratch directory is writable");
    }

    /// Adds to a file.
    pub(super) fn append(&self, name: &str, bytes: impl AsRef<[u8]>) {
        use std::io::Write;
        let mut file = fs::OpenOptions::new().append(true).open(self.path(name));
        let file = file.as_mut().expect("the file is there");
        file.write_all(bytes.as_ref()).expect("the file can be written");
    }

    /// Another program, on this desk and with the same environment.
    pub(super) fn other(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path(""))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("XDG_CACHE_HOME", self.cache())
            .env("TZ", "UTC")
            .env("COLUMNS", "100")
            .env("NO_COLOR", "1");
        command
    }

    /// The program, not yet started.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.other(program());
        command.args(arguments);
        command
    }

    /// Runs the program to its end.
    #[track_caller]
    pub(super) fn run(&self, arguments: &[&str]) -> Answer {
        Self::finish(self.command(arguments), b"")
    }

    /// Runs the program to its end with this standard input.
    #[track_caller]
    pub(super) fn run_with(&self, input: &[u8], arguments: &[&str]) -> Answer {
        Self::finish(self.command(arguments), input)
    }

    /// Runs a command to its end.
    #[track_caller]
    pub(super) fn finish(command: Command, input: &[u8]) -> Answer {
        let mut command = assert_cmd::Command::from_std(command);
        let output = command.write_stdin(input).timeout(PATIENCE).output();
        let output = output.expect("the program can be started");
        Answer {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("answers are text"),
            err: String::from_utf8(output.stderr).expect("messages are text"),
        }
    }

    /// Every line of the input as JSON objects, ordered by path and line.
    #[track_caller]
    pub(super) fn all_lines(&self, input: &[&str]) -> Vec<Value> {
        let arguments = [&["lines", "*", "--format", "ndjson"], input].concat();
        let mut lines = self.run(&arguments).objects();
        lines.sort_by_key(|line| (line["path"].to_string(), line["line"].as_u64()));
        lines
    }
}

/// The program under test.
pub(super) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_logloom"))
}

/// What a run gave.
#[derive(Debug)]
pub(super) struct Answer {
    /// The exit code; none if a signal ended it.
    pub(super) code: Option<i32>,
    /// Standard output.
    pub(super) out: String,
    /// Standard error.
    pub(super) err: String,
}

impl Answer {
    /// What a failed test shows of it.
    fn excerpt(&self) -> String {
        let start = |text: &str| text.chars().take(4_000).collect::<String>();
        format!("\n{}\n{}", start(&self.out), start(&self.err))
    }

    /// Fails unless the run ended with this exit code.
    #[track_caller]
    pub(super) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.excerpt());
        self
    }

    /// Fails unless standard output has this text.
    #[track_caller]
    pub(super) fn says(self, text: &str) -> Self {
        assert!(self.out.contains(text), "no `{text}` in\n{}", self.excerpt());
        self
    }

    /// Fails if standard output has this text.
    #[track_caller]
    pub(super) fn says_not(self, text: &str) -> Self {
        assert!(!self.out.contains(text), "`{text}` is in\n{}", self.excerpt());
        self
    }

    /// Fails unless standard error has this text.
    #[track_caller]
    pub(super) fn warns(self, text: &str) -> Self {
        assert!(self.err.contains(text), "no `{text}` in\n{}", self.excerpt());
        self
    }

    /// Fails if anything is on standard error.
    #[track_caller]
    pub(super) fn says_nothing_else(self) -> Self {
        assert_eq!(self.err, "", "{}", self.excerpt());
        self
    }

    /// The lines of standard output as JSON, of a run that found something.
    #[track_caller]
    pub(super) fn objects(self) -> Vec<Value> {
        assert_eq!(self.code, Some(0), "{}", self.excerpt());
        self.out.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }

    /// Standard output as one JSON document, of a run that found something.
    #[track_caller]
    pub(super) fn json(self) -> Value {
        assert_eq!(self.code, Some(0), "{}", self.excerpt());
        serde_json::from_str(&self.out).expect("the answer is JSON")
    }

    /// The number in the summary of `index` behind this label, as it is written.
    #[track_caller]
    pub(super) fn summed(&self, label: &str) -> &str {
        let row = self.out.lines().find_map(|row| row.strip_prefix(label)?.strip_prefix(' '));
        let row = row.unwrap_or_else(|| panic!("no `{label}` in\n{}", self.excerpt()));
        row.trim_start().split(' ').next().unwrap_or_default()
    }
}

/// A line of a log with a time, a level and [`TRACE`].
pub(super) fn line(second: usize, text: &str) -> String {
    let (minute, second) = (second / 60 % 60, second % 60);
    format!("2026-11-21T09:{minute:02}:{second:02}.250Z INFO {text} trace_id={TRACE}\n")
}

/// Lines with these numbers, each with an order of its own.
pub(super) fn numbered(numbers: std::ops::Range<usize>) -> String {
    numbers.fold(String::new(), |mut text, number| {
        let (minute, second) = (number / 60 % 60, number % 60);
        writeln!(
            text,
            "2026-11-21T09:{minute:02}:{second:02}.250Z INFO order ORD-{number} taken \
             trace_id={:032x}",
            number / 10 + 1
        )
        .expect("a String takes all text");
        text
    })
}

/// The messages of lines, in their order.
pub(super) fn messages(lines: &[Value]) -> Vec<&str> {
    lines.iter().filter_map(|line| line["message"].as_str()).collect()
}

/// Fails unless the lines below `logs` hold exactly these orders, each once.
#[track_caller]
pub(super) fn check_orders(desk: &Desk, expected: std::ops::Range<usize>) {
    let lines = desk.all_lines(&["logs"]);
    let mut orders: Vec<usize> = messages(&lines)
        .iter()
        .filter_map(|message| message.split_once("ORD-")?.1.split(' ').next()?.parse().ok())
        .collect();
    orders.sort_unstable();
    assert_eq!(orders, expected.collect::<Vec<_>>());
}
