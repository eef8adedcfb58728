//! I/O errors: the k-th write, sync or rename of each thread fails, for every k.

use crate::judge;
use crate::kills::Place;
use crate::logs;
use crate::random::Random;
use crate::run::{Options, Report, acknowledged, is_there, worker};

/// What fails, and how.
const FAILURES: [(&str, &str); 6] = [
    ("pwrite64", "EIO"),
    ("pwrite64", "ENOSPC"),
    ("fdatasync", "EIO"),
    ("fsync", "EIO"),
    ("rename", "EIO"),
    ("ftruncate", "EIO"),
];

/// Lines of each log.
const LINES: u64 = 60;

/// More steps than a worker has.
const STEPS_MAX: u64 = 1_000;

/// Sweeps over every so many-th k until a worker meets no error any more.
pub(crate) fn sweep(options: &Options, every: u64) -> Result<Report, String> {
    if every == 0 {
        return Ok(Report::left_out("not asked for"));
    }
    if !is_there("strace", "-V") {
        return Ok(Report::left_out("strace is not there"));
    }
    let mut report = Report::default();
    for (call, error) in FAILURES {
        for step in (1..STEPS_MAX).step_by(every as usize) {
            let failed = once(options, call, error, step, &mut report)?;
            if !failed {
                break;
            }
            report.times += 1;
        }
    }
    Ok(report)
}

/// One worker that meets an error; whether it did.
fn once(
    options: &Options,
    call: &str,
    error: &str,
    step: u64,
    report: &mut Report,
) -> Result<bool, String> {
    let place = Place::new(None)?;
    let mut random = Random::new(options.seed);
    // Two readings into one store: the first is whole, the second meets the error.
    for round in 0..2 {
        let grown = logs::grow(&place.logs, &mut random, LINES);
        grown.map_err(|error| format!("logs: {error}"))?;
        if round == 0 {
            judge::finish(&place.store, &place.logs, report)?;
        }
    }
    let trace = format!("trace={call}");
    let inject = format!("inject={call}:error={error}:when={step}");
    let before = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
    let mut child = worker(&before, &place.store, &place.logs, options.seed, 1)?;
    let said = acknowledged(&mut child);
    let status = child.wait().map_err(|error| format!("wait: {error}"))?;
    judge::check(&place.store, said, report);
    judge::finish(&place.store, &place.logs, report)?;
    Ok(!status.success())
}
