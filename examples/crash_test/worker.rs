//! The worker: lets the logs grow, reads them into the store, commits, says so, and now and
//! then writes the store anew. It ends by itself only when told how often.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use logloom::decode::definition::Definitions;
use logloom::engine::ingest::{Ingest, Watch, ingest};
use logloom::engine::lesson;
use logloom::source::find::find;
use logloom::source::selection::Selection;
use logloom::store::embedded::{StoreReader, StoreWriter};
use logloom::store::{Intake, StoreError};

use crate::logs;
use crate::random::Random;

/// Set for the process that is the worker.
pub(crate) const WORKER: &str = "LOGLOOM_CRASH_TEST_WORKER";

/// Set for the process that is logloom itself.
pub(crate) const PROGRAM: &str = "LOGLOOM_CRASH_TEST_PROGRAM";

/// Lines by which each file grows at most in a round.
const LINES_A_ROUND: u64 = 60;

pub(crate) fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [store, logs, seed, rounds] = arguments.as_slice() else { return ExitCode::from(2) };
    let (Ok(seed), Ok(rounds)) = (seed.parse(), rounds.parse()) else { return ExitCode::from(2) };
    match work(Path::new(store), Path::new(logs), seed, rounds) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Works for so many rounds; the logs do not grow if there is one only.
fn work(store: &Path, logs: &Path, seed: u64, rounds: u64) -> Result<(), StoreError> {
    let mut random = Random::new(seed);
    for round in 0..rounds {
        let writer = StoreWriter::open_or_create(store)?;
        for _ in 0..random.between(1, 4) {
            if rounds > 1 {
                let grown = logs::grow(logs, &mut random, LINES_A_ROUND);
                grown.map_err(|source| StoreError::Io { path: logs.to_owned(), source })?;
            }
            read(&writer, logs)?;
            acknowledge(&writer);
        }
        lesson::learn(&StoreReader::open(store)?, &writer)?;
        if round % 4 == 3 {
            writer.rewrite(&|_| true)?;
        } else {
            writer.close()?;
        }
    }
    Ok(())
}

/// Reads what is new into the store.
pub(crate) fn read(store: &StoreWriter, logs: &Path) -> Result<(), StoreError> {
    let selection = Selection::default();
    let units = find(&[PathBuf::from(logs)], &selection).units;
    let (definitions, watch) = (Definitions::embedded(), Watch::default());
    let selection = &selection;
    ingest(Ingest { units, selection, definitions, store, threads: 2, watch: &watch }).map(drop)
}

/// Says how many bytes are committed. A line that is whole ends with a full stop.
fn acknowledge(store: &StoreWriter) {
    let read: u64 = store.checkpoints().iter().map(|checkpoint| checkpoint.read).sum();
    // Nobody may be left to hear it.
    let _ = writeln!(io::stdout(), "{read}.");
}
