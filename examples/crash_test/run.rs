//! What is asked for, what came of it, and the worker as a process.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::worker::WORKER;

const USAGE: &str = "usage: crash_test [--short] [--kills 1000] [--calls 300] [--cuts 200] \
                     [--full 100] [--steps 1] [--flips 1] [--seed N] [--only WORDS]";

/// How often each kind of crash is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) kills: u64,
    pub(crate) calls: u64,
    pub(crate) cuts: u64,
    pub(crate) full: u64,
    /// Every so many-th step fails; none if 0.
    pub(crate) steps: u64,
    /// Every so many-th byte is flipped; none if 0.
    pub(crate) flips: usize,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) seed: u64,
    pub(crate) counts: Counts,
    /// Only kinds whose names hold this.
    pub(crate) only: Option<String>,
}

impl Options {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let counts = Counts { kills: 700, calls: 300, cuts: 200, full: 100, steps: 1, flips: 1 };
        let mut options = Self { seed: 1, counts, only: None };
        while let Some(flag) = arguments.next() {
            if flag == "--short" {
                options.counts =
                    Counts { kills: 12, calls: 8, cuts: 6, full: 2, steps: 40, flips: 97 };
                continue;
            }
            let value = arguments.next().ok_or(USAGE)?;
            let number = || value.parse::<u64>().map_err(|_| USAGE.to_owned());
            match flag.as_str() {
                "--kills" => options.counts.kills = number()?,
                "--calls" => options.counts.calls = number()?,
                "--cuts" => options.counts.cuts = number()?,
                "--full" => options.counts.full = number()?,
                "--steps" => options.counts.steps = number()?,
                "--flips" => options.counts.flips = number()? as usize,
                "--seed" => options.seed = number()?,
                "--only" => options.only = Some(value),
                _ => return Err(USAGE.to_owned()),
            }
        }
        Ok(options)
    }
}

/// What came of one kind of crash.
#[derive(Debug, Clone, Default)]
pub(crate) struct Report {
    pub(crate) times: u64,
    /// Lines that were compared with the logs in the end.
    pub(crate) lines: u64,
    pub(crate) lost: u64,
    pub(crate) twice: u64,
    pub(crate) damaged: u64,
    pub(crate) note: String,
}

impl Report {
    /// A kind that this machine does not permit.
    pub(crate) fn left_out(why: &str) -> Self {
        Self { note: format!("left out: {why}"), ..Self::default() }
    }

    pub(crate) const fn is_well(&self) -> bool {
        self.lost == 0 && self.twice == 0 && self.damaged == 0
    }

    /// Notes what is wrong with a store, and the first of it in words.
    pub(crate) fn wrong(&mut self, told: &str) {
        self.damaged += 1;
        if self.note.is_empty() {
            told.clone_into(&mut self.note);
        }
    }
}

/// The worker on its way, or one command in front of it that does something to it.
pub(crate) fn worker(
    before: &[&str],
    store: &Path,
    logs: &Path,
    seed: u64,
    rounds: u64,
) -> Result<Child, String> {
    let own = std::env::current_exe().map_err(|error| format!("own program: {error}"))?;
    let mut command = match before {
        [] => Command::new(&own),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(&own);
            command
        }
    };
    command
        .args([store, logs])
        .args([seed, rounds].map(|number| number.to_string()))
        .env(WORKER, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("worker: {error}"))
}

/// What a worker said last of the bytes that are committed, once it has ended.
pub(crate) fn acknowledged(child: &mut Child) -> u64 {
    let Some(output) = child.stdout.take() else { return 0 };
    let numbers = BufReader::new(output).lines().map_while(Result::ok);
    let whole = numbers.filter_map(|line| line.strip_suffix('.')?.parse().ok());
    whole.last().unwrap_or(0)
}

/// Whether a program can be run.
pub(crate) fn is_there(program: &str, argument: &str) -> bool {
    let mut command = Command::new(program);
    let quiet = command.arg(argument).stdin(Stdio::null()).stdout(Stdio::null());
    quiet.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Runs a program to its end.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}
