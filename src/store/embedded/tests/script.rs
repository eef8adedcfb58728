//! What a writer does in the tests of crashes: it reads on in one log, commit by commit, from
//! wherever the store stands, as every ingest does.

use std::path::Path;
use std::sync::Arc;

use crate::model::checkpoint::{Checkpoint, Tally};
use crate::model::line::Position;
use crate::model::template::Filled;
use crate::query::condition::Query;
use crate::store::embedded::tests::samples::checkpoint;
use crate::store::embedded::tests::templated::{General, lines};
use crate::store::embedded::{StoreReader, StoreWriter, verify};
use crate::store::error::StoreError;
use crate::store::{Batch, Intake, Reader, Replaced, Window};
use crate::template::Teacher;
use crate::template::table::Table;

/// Lines of the log.
pub(super) const LINES: u64 = 120;

/// Lines that are committed at once. A multiple of it is what a store holds.
pub(super) const LINES_AT_ONCE: u64 = 30;

/// Lines that are stored before they are known to be whole, and replaced by the next commit.
const LINES_OPEN: u64 = 2;

const PATH: &str = "shop.log";

/// Of the steps at which something may happen every so many-th is tried; each of them, if
/// `LOGLOOM_EVERY_STEP` is set, which takes minutes.
pub(super) fn stride() -> usize {
    if std::env::var_os("LOGLOOM_EVERY_STEP").is_some() { 1 } else { 41 }
}

/// A log and how its lines are understood.
pub(super) struct Script {
    lines: Vec<String>,
    teacher: General,
    table: Table,
}

impl Script {
    pub(super) fn new() -> Self {
        let mut teacher = General::new(&Arc::from(PATH));
        let mut table = Table::default();
        for line in lines() {
            table.take(line.as_bytes(), &mut teacher);
        }
        Self { lines: lines().take(LINES as usize).collect(), teacher, table }
    }

    /// Reads on to the end; `acknowledge` is told what each commit holds.
    pub(super) fn read_on(
        &mut self,
        writer: &StoreWriter,
        mut acknowledge: impl FnMut(u64),
    ) -> Result<(), StoreError> {
        loop {
            let known = writer.checkpoints();
            let read = known.first().map_or(0, |checkpoint| checkpoint.tally.lines);
            if read == LINES {
                return Ok(());
            }
            writer.submit(&mut self.batch(read))?;
            writer.commit()?;
            acknowledge(read + LINES_AT_ONCE);
        }
    }

    /// The next lines. The last ones of the batch before stand in it again: they might have
    /// gone on.
    fn batch(&mut self, read: u64) -> Batch {
        let from = read.saturating_sub(LINES_OPEN);
        let end = read + LINES_AT_ONCE;
        let mut batch = Batch::default();
        for number in from..end {
            self.line(number, &mut batch);
        }
        let path = PATH.to_owned();
        batch.replaced = vec![Replaced { path, offset: position(from).offset }];
        batch.checkpoints = vec![read_to(end)];
        batch
    }

    fn line(&mut self, number: u64, batch: &mut Batch) {
        let line = self.lines[number as usize].as_bytes();
        if let Some(taken) = self.table.take(line, &mut self.teacher) {
            let filled = Filled { line, slots: taken.slots };
            batch.templated.push(taken.template, &filled, position(number), taken.time);
        } else {
            let mut entry = self.teacher.lesson(line).expect("it is understood").entry;
            entry.record.position = position(number);
            batch.entries.push(entry);
        }
    }

    /// How many lines the store holds. Each is there once and as it was read, and they are
    /// what the ledger says.
    #[track_caller]
    pub(super) fn check(&self, directory: &Path, told: &str) -> Result<u64, StoreError> {
        let reader = match StoreReader::open(directory) {
            Err(StoreError::Missing { .. }) => return Ok(0),
            other => other?,
        };
        let mut found = Vec::new();
        reader.each_line(&Query::default(), &Window::default(), &mut |entry| {
            found.push((entry.record.position.line, entry.record.raw));
            std::ops::ControlFlow::Continue(())
        })?;
        found.sort();
        let lines = (1..).zip(self.lines.iter().map(|line| line.clone().into_bytes()));
        let expected: Vec<_> = lines.take(found.len()).collect();
        assert_eq!(found, expected, "{told}");
        let summary = reader.summary()?;
        let read = summary.checkpoints.first().map_or(0, |checkpoint| checkpoint.tally.lines);
        assert_eq!([summary.entries, read], [found.len() as u64; 2], "{told}");
        let verified = verify(directory)?;
        assert!(verified.is_whole(), "{told}: {:?}", verified.damage);
        Ok(read)
    }
}

fn position(number: u64) -> Position {
    Position { line: number + 1, offset: number * 1000 }
}

fn read_to(lines: u64) -> Checkpoint {
    Checkpoint { tally: Tally { lines, ..Tally::default() }, ..checkpoint(PATH, lines) }
}
