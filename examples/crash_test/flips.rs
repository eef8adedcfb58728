//! Flipped bytes: `verify` finds each one of a small store.

use std::fs;
use std::path::{Path, PathBuf};

use logloom::store::embedded::{StoreWriter, verify};

use crate::kills::Place;
use crate::logs;
use crate::random::Random;
use crate::run::{Options, Report};
use crate::worker;

/// Lines of each log at most.
const LINES: u64 = 30;

/// Flips every so many-th byte of every file, one at a time.
pub(crate) fn sweep(options: &Options, step: usize) -> Result<Report, String> {
    let mut report = Report::default();
    if step == 0 {
        return Ok(Report::left_out("not asked for"));
    }
    let place = Place::new(None)?;
    let grown = logs::grow(&place.logs, &mut Random::new(options.seed), LINES);
    grown.map_err(|error| format!("logs: {error}"))?;
    let written = StoreWriter::open_or_create(&place.store).and_then(|writer| {
        worker::read(&writer, &place.logs)?;
        writer.close()
    });
    written.map_err(|error| error.to_string())?;
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let mut files = Vec::new();
    list(&place.store, &mut files).map_err(|error| failed(&place.store, error))?;
    for file in files {
        let whole = fs::read(&file).map_err(|error| failed(&file, error))?;
        for at in (0..whole.len()).step_by(step) {
            let mut changed = whole.clone();
            changed[at] ^= 1 << (at % 8);
            fs::write(&file, changed).map_err(|error| failed(&file, error))?;
            report.times += 1;
            // A store that is refused by name is found as well.
            if verify(&place.store).is_ok_and(|found| found.is_whole()) {
                report.wrong(&format!("{} at byte {at} was not found", file.display()));
            }
        }
        fs::write(&file, whole).map_err(|error| failed(&file, error))?;
    }
    if !verify(&place.store).is_ok_and(|found| found.is_whole()) {
        report.wrong("the store is not whole again");
    }
    Ok(report)
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for name in fs::read_dir(folder)? {
        let path = name?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
