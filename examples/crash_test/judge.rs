//! Compares a store with the logs that were read into it.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use logloom::engine::ledger::Ledger;
use logloom::query::condition::Query;
use logloom::store::embedded::{StoreReader, StoreWriter, verify};
use logloom::store::{Reader, StoreError, Window};

use crate::run::Report;
use crate::worker;

/// Compares; whatever is wrong is noted. `acknowledged` bytes must be there.
pub(crate) fn check(store: &Path, acknowledged: u64, report: &mut Report) -> u64 {
    let reader = match StoreReader::open(store) {
        // The worker was ended before there was a store.
        Err(StoreError::Missing { .. }) if acknowledged == 0 => return 0,
        other => other,
    };
    let looked = reader.and_then(|reader| look(&reader, acknowledged, report));
    looked.unwrap_or_else(|error| {
        report.wrong(&error.to_string());
        0
    })
}

fn look(reader: &StoreReader, acknowledged: u64, report: &mut Report) -> Result<u64, StoreError> {
    let mut streams: BTreeMap<String, Vec<(u64, Vec<u8>)>> = BTreeMap::new();
    reader.each_line(&Query::default(), &Window::default(), &mut |entry| {
        let stream = streams.entry(entry.path.to_string()).or_default();
        stream.push((entry.record.position.offset, entry.record.raw));
        ControlFlow::Continue(())
    })?;
    let summary = reader.summary()?;
    let (mut read, mut lines) = (0, 0);
    for checkpoint in &summary.checkpoints {
        read += checkpoint.read;
        lines += checkpoint.tally.lines;
        if !Ledger::of(checkpoint).adds_up() {
            report.wrong(&format!("{}: the ledger does not add up", checkpoint.path));
        }
        let mut entries = streams.remove(&checkpoint.path).unwrap_or_default();
        entries.sort();
        let log = fs::read(&checkpoint.path).unwrap_or_default();
        compare(&entries, &log, checkpoint.read, report);
    }
    if !streams.is_empty() {
        report.wrong("lines of a stream that the ledger does not know");
    }
    if read < acknowledged {
        report.lost += 1;
        report.note = format!("{acknowledged} bytes were said to be safe, {read} are there");
    }
    Ok(lines)
}

/// The entries must be the first `read` bytes of the log, each once and one after the other.
fn compare(entries: &[(u64, Vec<u8>)], log: &[u8], read: u64, report: &mut Report) {
    let mut next = 0;
    for (offset, raw) in entries {
        if *offset < next {
            report.twice += 1;
        }
        if *offset > next {
            report.lost += 1;
        }
        let start = *offset as usize;
        if log.get(start..start + raw.len()) != Some(raw.as_slice()) {
            report.wrong(&format!("a line at byte {offset} is not what was read"));
        }
        next = offset + raw.len() as u64 + 1;
    }
    // The last line may have no end yet.
    if next != read && next != read + 1 {
        report.lost += 1;
    }
}

/// Reads on to the end of the logs and compares all of it; looks at every byte of the store.
pub(crate) fn finish(store: &Path, logs: &Path, report: &mut Report) -> Result<(), String> {
    let finished = StoreWriter::open_or_create(store).and_then(|writer| {
        worker::read(&writer, logs)?;
        writer.close()
    });
    if let Err(error) = finished {
        report.wrong(&format!("the next writer: {error}"));
        return Ok(());
    }
    let all: u64 = match fs::read_dir(logs) {
        Ok(names) => names.flatten().filter_map(|name| Some(name.metadata().ok()?.len())).sum(),
        Err(error) => return Err(format!("{}: {error}", logs.display())),
    };
    report.lines += check(store, all, report);
    match verify(store) {
        Ok(found) if found.is_whole() => {}
        Ok(found) => report.wrong(&format!("{:?}", found.damage[0])),
        Err(error) => report.wrong(&error.to_string()),
    }
    Ok(())
}
