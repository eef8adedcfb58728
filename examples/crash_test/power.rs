//! Power cuts: a file system of its own is shut down while the worker writes. What was not
//! synced is gone when it is mounted again.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::judge;
use crate::kills::Place;
use crate::random::Random;
use crate::run::{Options, Report, acknowledged, run, worker};

/// Bytes of the file system, in megabytes.
const SIZE: &str = "96M";

/// A file system is cut off so often before the next one is made.
const CUTS_A_DISK: u64 = 20;

/// A worker is left alone for so long at most.
const MOMENT_MAX: Duration = Duration::from_millis(400);

/// `EXT4_IOC_SHUTDOWN` without writing the journal out: as if the power were cut.
const SHUTDOWN: &str = r#"open(F, "<", $ARGV[0]) or die; my $how = pack("L", 2); ioctl(F, 0x8004587D, $how) or die "$!""#;

/// An ext4 file system in a file.
struct Disk {
    scratch: TempDir,
    is_mounted: bool,
}

impl Disk {
    fn new() -> Result<Self, String> {
        let scratch = tempfile::tempdir().map_err(|error| format!("scratch space: {error}"))?;
        let mut disk = Self { scratch, is_mounted: false };
        std::fs::create_dir(disk.home()).map_err(|error| format!("scratch space: {error}"))?;
        let image = disk.image();
        run("truncate", &["-s", SIZE, &image])?;
        run("mkfs.ext4", &["-q", "-F", &image])?;
        disk.mount()?;
        Ok(disk)
    }

    fn image(&self) -> String {
        self.scratch.path().join("image").display().to_string()
    }

    fn home(&self) -> PathBuf {
        self.scratch.path().join("disk")
    }

    fn mount(&mut self) -> Result<(), String> {
        run("mount", &["-o", "loop", &self.image(), &self.home().display().to_string()])?;
        self.is_mounted = true;
        Ok(())
    }

    fn unmount(&mut self) -> Result<(), String> {
        run("umount", &[&self.home().display().to_string()])?;
        self.is_mounted = false;
        Ok(())
    }

    fn cut(&self) -> Result<(), String> {
        run("perl", &["-e", SHUTDOWN, &self.home().display().to_string()])
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_mounted {
            let _ = self.unmount();
        }
    }
}

/// Cuts the power again and again.
pub(crate) fn cuts(options: &Options, times: u64) -> Result<Report, String> {
    let mut report = Report::default();
    let mut random = Random::new(options.seed);
    let mut left = times;
    while left > 0 {
        let mut disk = match Disk::new() {
            Ok(disk) => disk,
            Err(error) => return Ok(Report::left_out(&error)),
        };
        let place = Place::new(Some(&disk.home()))?;
        for _ in 0..left.min(CUTS_A_DISK) {
            let said = cut(&mut disk, &place, &mut random)?;
            judge::check(&place.store, said, &mut report);
            report.times += 1;
        }
        judge::finish(&place.store, &place.logs, &mut report)?;
        left = left.saturating_sub(CUTS_A_DISK);
    }
    Ok(report)
}

/// Lets a worker work, cuts the power and gives it back.
fn cut(disk: &mut Disk, place: &Place, random: &mut Random) -> Result<u64, String> {
    let store: &Path = &place.store;
    let mut child = worker(&[], store, &place.logs, random.bits(), u64::MAX)?;
    thread::sleep(Duration::from_micros(random.below(MOMENT_MAX.as_micros() as u64)));
    let is_cut = disk.cut();
    // It may have ended by itself: nothing can be written any more.
    let _ = child.kill();
    child.wait().map_err(|error| format!("wait: {error}"))?;
    is_cut?;
    disk.unmount()?;
    disk.mount()?;
    Ok(acknowledged(&mut child))
}
