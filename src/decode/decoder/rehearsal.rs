//! The first lines of a stream are read twice: once to learn how it writes times, then for good.

use std::sync::Arc;

use crate::decode::clock::Clock;
use crate::decode::decoder::Decoder;
use crate::decode::definition::Definitions;
use crate::model::line::{Line, Position};
use crate::model::record::Record;

/// Enough lines to tell a zone from chance.
const LINES_MAX: usize = 200;
/// No more bytes than this wait for that.
const BYTES_MAX: usize = 256 * 1024;
/// Of a stream that shows times of day alone, so much waits for its end, where the file's age
/// says which day it is; in a longer one the last line of this much is taken for the end.
const DAYS_BYTES_MAX: usize = 4 << 20;

/// Lines that wait.
#[derive(Debug, Clone)]
pub(super) struct Rehearsal {
    lines: Vec<(Position, Vec<u8>, bool)>,
    bytes: usize,
    /// At how many bytes what they show is looked at.
    due: usize,
}

impl Default for Rehearsal {
    fn default() -> Self {
        Self { lines: Vec::new(), bytes: 0, due: BYTES_MAX }
    }
}

impl Rehearsal {
    /// Where the first of them begins.
    pub(super) fn position(&self) -> Option<Position> {
        self.lines.first().map(|(position, _, _)| *position)
    }

    fn is_due(&self) -> bool {
        self.bytes >= self.due || (self.lines.len() >= LINES_MAX && self.due == BYTES_MAX)
    }
}

impl Decoder {
    /// A decoder for a file that learns from its first lines what their times leave open.
    /// `path` may name a date.
    pub fn of_file(definitions: Arc<Definitions>, modified: Option<i64>, path: &str) -> Self {
        let zone = definitions.zones().of(path);
        let mut decoder = Self::new(definitions, modified);
        decoder.clock.named(path);
        decoder.clock.set_zone(zone);
        decoder.rehearsal = Some(Rehearsal::default());
        decoder
    }

    /// Keeps a line until enough is known; then all that wait are read.
    pub(super) fn rehearse(&mut self, line: Line<'_>, records: &mut Vec<Record>) {
        let Some(rehearsal) = &mut self.rehearsal else { return };
        rehearsal.bytes += line.bytes.len();
        rehearsal.lines.push((line.position, line.bytes.to_vec(), line.terminated));
        if rehearsal.is_due() {
            self.perform(false, records);
        }
    }

    /// Learns from the lines that wait and reads them for good.
    pub(super) fn perform(&mut self, is_end: bool, records: &mut Vec<Record>) {
        let Some(mut rehearsal) = self.rehearsal.take() else { return };
        let mut trial = Self::new(Arc::clone(&self.definitions), None);
        trial.clock = Clock::observing(&self.clock);
        let mut forgotten = Vec::new();
        for (position, bytes, terminated) in &rehearsal.lines {
            trial.push(
                Line { bytes, position: *position, cut: 0, terminated: *terminated },
                &mut forgotten,
            );
            forgotten.clear();
        }
        trial.finish(&mut forgotten);
        let waits = !is_end && rehearsal.bytes < DAYS_BYTES_MAX && trial.clock.lacks_days();
        if waits {
            rehearsal.due = (rehearsal.bytes * 4).min(DAYS_BYTES_MAX);
            self.rehearsal = Some(rehearsal);
            return;
        }
        self.clock.learn(&trial.clock);
        for (position, bytes, terminated) in rehearsal.lines {
            self.push(Line { bytes: &bytes, position, cut: 0, terminated }, records);
        }
    }
}
