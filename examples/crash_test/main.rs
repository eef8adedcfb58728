//! Ends logloom at every kind of bad moment and counts what that costs: lines lost, lines
//! there twice, lines that are not what was read. All three must be 0, and the ledger must add
//! up, every time.
//!
//! ```text
//! cargo run --release --example crash_test
//! cargo run --release --example crash_test -- --short
//! cargo run --release --example crash_test -- --kills 100 --cuts 0 --seed 7
//! ```
//!
//! A worker writes logs and reads them into a store, again and again, and says what was
//! committed. It is killed at random moments and at the k-th system call (by strace), meets an
//! I/O error in each k-th write and sync (by strace), loses power (ext4 on a loop device that
//! is shut down), and runs out of disk (a small tmpfs). Then the store is compared with the
//! logs, byte by byte. What the machine does not permit is left out and said.

#[path = "../generate_corpus/random.rs"]
mod random;
mod logs;
mod worker;
mod judge;
mod run;
mod kills;
mod errors;
mod power;
mod full;
mod flips;

use std::io::{self, Write};
use std::process::ExitCode;

use run::{Counts, Options, Report};

fn main() -> ExitCode {
    // The worker, and the program itself, are this file run once more.
    if std::env::var_os(worker::WORKER).is_some() {
        return worker::main();
    }
    if std::env::var_os(worker::PROGRAM).is_some() {
        return logloom::cli::main();
    }
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            let _ = writeln!(io::stderr(), "error: {message}");
            return ExitCode::from(2);
        }
    };
    match all(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            let _ = writeln!(io::stderr(), "error: {message}");
            ExitCode::from(2)
        }
    }
}

/// One kind of crash, made as often as is asked for.
type Kind<'a> = &'a dyn Fn() -> Result<Report, String>;

/// Runs every kind of crash; whether all went well.
fn all(options: &Options) -> Result<bool, String> {
    let mut out = io::stdout().lock();
    let wrote = |result: io::Result<()>| result.map_err(|error| format!("output: {error}"));
    wrote(writeln!(out, "seed {}", options.seed))?;
    wrote(writeln!(
        out,
        "{:<34} {:>7} {:>10} {:>6} {:>6} {:>8}  note",
        "what happened", "times", "lines", "lost", "twice", "damaged"
    ))?;
    let Counts { kills, calls, cuts, full, steps, flips } = options.counts;
    let kinds: [(&str, Kind<'_>); 6] = [
        ("killed at a random moment", &|| kills::at_random(options, kills)),
        ("killed at the k-th system call", &|| kills::at_calls(options, calls)),
        ("k-th write or sync fails", &|| errors::sweep(options, steps)),
        ("power cut", &|| power::cuts(options, cuts)),
        ("disk full", &|| full::cycles(options, full)),
        ("byte flipped, then verified", &|| flips::sweep(options, flips)),
    ];
    let mut is_well = true;
    for (name, kind) in kinds {
        if !options.only.as_ref().is_none_or(|only| name.contains(only.as_str())) {
            continue;
        }
        let report = kind().map_err(|error| format!("{name}: {error}"))?;
        is_well &= report.is_well();
        let Report { times, lines, lost, twice, damaged, note } = report;
        wrote(writeln!(
            out,
            "{name:<34} {times:>7} {lines:>10} {lost:>6} {twice:>6} {damaged:>8}  {note}"
        ))?;
        wrote(out.flush())?;
    }
    Ok(is_well)
}
