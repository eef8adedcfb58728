//! A disk that is full: logloom pauses, says so, and goes on by itself when there is room.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::judge;
use crate::kills::Place;
use crate::logs;
use crate::random::Random;
use crate::run::{Options, Report, run};
use crate::worker::PROGRAM;

/// Megabytes of the disk, and bytes of what fills it up at first.
const SIZE: &str = "size=40m";
const SIZE_BYTES: u64 = 40 << 20;

/// Lines of each log: their store takes more than the least room that is left.
const LINES: u64 = 12_000;

/// What is left at first is between these.
const ROOM: (u64, u64) = (64 << 10, 700 << 10);

/// It goes on so soon after there is room.
const GOES_ON_WITHIN: Duration = Duration::from_secs(5);

/// A disk in memory.
struct Disk {
    home: PathBuf,
    _scratch: TempDir,
}

impl Disk {
    fn new() -> Result<Self, String> {
        let scratch = tempfile::tempdir().map_err(|error| format!("scratch space: {error}"))?;
        let home = scratch.path().join("disk");
        std::fs::create_dir(&home).map_err(|error| format!("scratch space: {error}"))?;
        run("mount", &["-t", "tmpfs", "-o", SIZE, "none", &home.display().to_string()])?;
        Ok(Self { home, _scratch: scratch })
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = run("umount", &[&self.home.display().to_string()]);
    }
}

/// Fills disks again and again.
pub(crate) fn cycles(options: &Options, times: u64) -> Result<Report, String> {
    let mut report = Report::default();
    let mut random = Random::new(options.seed);
    let (mut paused, mut slowest) = (0, Duration::ZERO);
    for _ in 0..times {
        let disk = match Disk::new() {
            Ok(disk) => disk,
            Err(error) => return Ok(Report::left_out(&error)),
        };
        let place = Place::new(Some(&disk.home))?;
        let grown = logs::grow(&place.logs, &mut random, LINES);
        grown.map_err(|error| format!("logs: {error}"))?;
        let ballast = disk.home.join("ballast");
        let filled = SIZE_BYTES - random.between(ROOM.0, ROOM.1);
        std::fs::write(&ballast, vec![0; filled as usize])
            .map_err(|error| format!("ballast: {error}"))?;
        if let Some(went_on) = index(&place, &ballast, &mut report)? {
            paused += 1;
            slowest = slowest.max(went_on);
        }
        report.times += 1;
        judge::finish(&place.store, &place.logs, &mut report)?;
    }
    if report.note.is_empty() {
        report.note = format!("{paused} paused, went on within {:.1} s", slowest.as_secs_f64());
    }
    Ok(report)
}

/// Reads the logs; makes room once it pauses. How soon it went on, if it paused.
fn index(place: &Place, ballast: &Path, report: &mut Report) -> Result<Option<Duration>, String> {
    let own = std::env::current_exe().map_err(|error| format!("own program: {error}"))?;
    let mut child = Command::new(own)
        .arg("index")
        .arg(&place.logs)
        .arg("--store")
        .arg(&place.store)
        .env(PROGRAM, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("logloom: {error}"))?;
    let errors = child.stderr.take().ok_or("no standard error")?;
    let mut errors = BufReader::new(errors);
    let (mut freed, mut went_on) = (None, None);
    let mut said = String::new();
    let mut line = String::new();
    while errors.read_line(&mut line).is_ok_and(|read| read > 0) {
        if line.contains("waiting for room") {
            judge::check(&place.store, 0, report);
            std::fs::remove_file(ballast).map_err(|error| format!("ballast: {error}"))?;
            freed = Some(Instant::now());
        } else if line.contains("there is room again") {
            went_on = freed.map(|freed| freed.elapsed());
        }
        said += &std::mem::take(&mut line);
    }
    let status = child.wait().map_err(|error| format!("wait: {error}"))?;
    if !status.success() {
        report.wrong(&format!("logloom ended with {status}: {}", said.trim()));
    }
    if freed.is_some() && went_on.is_none_or(|after| after > GOES_ON_WITHIN) {
        report.wrong("it did not go on in time");
    }
    Ok(went_on)
}
