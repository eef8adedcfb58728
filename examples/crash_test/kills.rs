//! kill -9: at a random moment, and at the k-th system call of a thread.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::judge;
use crate::random::Random;
use crate::run::{Options, Report, acknowledged, is_there, worker};

/// A store is killed so often before the next one is begun: comparing takes longer each time.
const CYCLES_A_STORE: u64 = 40;

/// A worker is left alone for so long at most.
const MOMENT_MAX: Duration = Duration::from_millis(250);

/// Enough rounds that a worker never ends by itself.
const FOREVER: u64 = u64::MAX;

/// A worker has about so many calls of a kind in its first rounds.
const CALLS_MAX: u64 = 120;

/// The calls by which files are changed.
const CALLS: [&str; 8] =
    ["pwrite64", "fdatasync", "fsync", "rename", "ftruncate", "unlink", "openat", "mkdir"];

/// Where a store and its logs are.
pub(crate) struct Place {
    _scratch: TempDir,
    pub(crate) store: PathBuf,
    pub(crate) logs: PathBuf,
}

impl Place {
    /// A place without a store; that is made in `home`, if one is named.
    pub(crate) fn new(home: Option<&Path>) -> Result<Self, String> {
        let scratch = tempfile::tempdir().map_err(|error| format!("scratch space: {error}"))?;
        let logs = scratch.path().join("logs");
        std::fs::create_dir(&logs).map_err(|error| format!("scratch space: {error}"))?;
        let store = home.unwrap_or(scratch.path()).join("store");
        Ok(Self { store, logs, _scratch: scratch })
    }
}

/// Kills a worker at random moments.
pub(crate) fn at_random(options: &Options, times: u64) -> Result<Report, String> {
    cycles(options, times, &mut |place, random| {
        let mut child = worker(&[], &place.store, &place.logs, random.bits(), FOREVER)?;
        let moment = random.below(MOMENT_MAX.as_micros() as u64);
        thread::sleep(Duration::from_micros(moment));
        child.kill().map_err(|error| format!("kill: {error}"))?;
        child.wait().map_err(|error| format!("wait: {error}"))?;
        Ok(acknowledged(&mut child))
    })
}

/// Kills a worker when one of its threads makes its k-th call of a kind.
pub(crate) fn at_calls(options: &Options, times: u64) -> Result<Report, String> {
    if !is_there("strace", "-V") {
        return Ok(Report::left_out("strace is not there"));
    }
    cycles(options, times, &mut |place, random| {
        let call = random.pick(&CALLS);
        let inject = format!("inject={call}:signal=SIGKILL:when={}", random.between(1, CALLS_MAX));
        let trace = format!("trace={call}");
        let before = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
        let mut child = worker(&before, &place.store, &place.logs, random.bits(), 6)?;
        let said = acknowledged(&mut child);
        child.wait().map_err(|error| format!("wait: {error}"))?;
        Ok(said)
    })
}

/// Makes crashes one after the other, and compares after each.
fn cycles(
    options: &Options,
    times: u64,
    crash: &mut dyn FnMut(&Place, &mut Random) -> Result<u64, String>,
) -> Result<Report, String> {
    let mut random = Random::new(options.seed);
    let mut report = Report::default();
    let mut place = Place::new(None)?;
    for time in 1..=times {
        let said = crash(&place, &mut random)?;
        judge::check(&place.store, said, &mut report);
        report.times += 1;
        if time % CYCLES_A_STORE == 0 || time == times {
            judge::finish(&place.store, &place.logs, &mut report)?;
            place = Place::new(None)?;
        }
    }
    Ok(report)
}
