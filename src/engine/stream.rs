//! One stream on its way through decode and context, and the checkpoint that it leaves.
//!
//! Always holds: no record reaches across the place to resume at. Where several containers
//! write to one file, records overlap; the place is then before all that overlap, so that
//! what is read again from there is made of the same lines.

mod followed;

use std::ops::Range;
use std::sync::Arc;

use memchr::memchr_iter;

use crate::context::attributor::Attributor;
use crate::decode::decoder::Decoder;
use crate::decode::definition::Definitions;
use crate::engine::counted::{Counted, Facts, PerTemplate};
use crate::engine::known::{KnownLines, Out};
use crate::model::checkpoint::{Checkpoint, Tally};
use crate::model::entry::Entry;
use crate::model::line::{Line, Position};
use crate::model::record::{Record, TimeBasis};
use crate::model::skipped::Skipped;
use crate::model::templated::{TemplatedLine, TemplatedLines};
use crate::model::time::Timestamp;
use crate::source::{Chunk, Stream};
use crate::store::Batch;

/// What the decoder calls a record that no definition understood.
const PLAIN: &str = "plain";

/// Records that may overlap each other in an unbroken row. A row that is longer than any
/// stack trace is the work of two writers that never pause; then records are cut.
const OVERLAPPING_MAX: usize = 100_000;

/// A followed stream that brings so much at a time is fast, and its templates are worth their
/// memory; of thousands that bring a line now and then they are not.
const FAST_BYTES_MIN: usize = 8 << 10;

/// A stream being taken in.
pub(super) struct Intake {
    stream: Stream,
    /// The path of its file, which says whose it is.
    file: Arc<str>,
    decoder: Decoder,
    attributor: Attributor,
    known: KnownLines,
    checkpoint: Checkpoint,
    /// Finished records that begin after `checkpoint.resume`, and what they count for: should
    /// the stream be read again from there, they count anew.
    unsettled: Vec<Unsettled>,
    counted: Counted,
    records: Vec<Record>,
    /// For each of `records`, an offset that none of its lines lies at or behind.
    ends: Vec<u64>,
    /// Whether the last line has come without its end.
    unterminated: bool,
    /// The time of the last finished line that has one.
    reached: Option<Timestamp>,
    /// Where the next line begins, when all lines had their ends.
    next: Position,
    /// Whether its lines come as they are written.
    is_followed: bool,
}

/// A record that would be read again.
struct Unsettled {
    start: Position,
    end: u64,
    tally: Tally,
    /// What its lines have, and whose they are; none of what is no record.
    facts: Option<Facts>,
}

impl Intake {
    /// A stream that is read from `from` on; `known` is what was left of it, if it fits.
    pub(super) fn new(
        stream: Stream,
        from: Position,
        known: Option<Checkpoint>,
        definitions: Arc<Definitions>,
    ) -> Self {
        let checkpoint = match known.filter(|_| from != Position::START) {
            Some(known) => Checkpoint {
                size: None,
                modified: None,
                tally: known.settled,
                services: known.settled_services.clone(),
                dropped: known.settled_dropped,
                ..known
            },
            None => Checkpoint::unread(stream.path.to_string()),
        };
        Self {
            known: KnownLines::new(&stream.path, &stream.path, Arc::clone(&definitions)),
            file: Arc::clone(&stream.path),
            decoder: Decoder::of_file(definitions, stream.modified, &stream.path),
            attributor: Attributor::new(&stream.path),
            stream,
            checkpoint,
            unsettled: Vec::new(),
            counted: Counted::default(),
            records: Vec::new(),
            ends: Vec::new(),
            unterminated: false,
            reached: None,
            next: from,
            is_followed: false,
        }
    }

    /// Takes lines in; what is finished goes to the batch.
    pub(super) fn lines(&mut self, chunk: &Chunk, batch: &mut Batch) {
        self.passed_over(chunk);
        let first = batch.templated.lines().len();
        let mut position = chunk.first;
        let mut start = 0;
        for end in memchr_iter(b'\n', &chunk.bytes) {
            self.line(chunk, start..end, position, &mut batch.templated);
            position =
                Position { line: position.line + 1, offset: chunk.first.offset + end as u64 + 1 };
            start = end + 1;
        }
        // Chunks are not kept: what may go on in the next one is the decoder's.
        self.hand_over(chunk, position);
        if start < chunk.bytes.len() {
            self.push(&chunk.bytes[start..], position, chunk.cut, false);
            position.line += 1;
        }
        position.offset = chunk.read;
        self.next = position;
        self.checkpoint.read = chunk.read;
        self.checkpoint.fingerprint = chunk.fingerprint;
        self.attribute(position, &mut batch.entries);
        let lines = &batch.templated.lines()[first..];
        self.reached = lines.last().map(|line| line.time).or(self.reached);
        let mut by_template = vec![PerTemplate::default(); batch.templated.templates().len()];
        for line in lines {
            let counts = &mut by_template[line.template as usize];
            self.count(line, tally_of_line(&batch.templated, line), counts, &batch.templated);
        }
        let templates = batch.templated.templates().iter().zip(&by_template);
        for (template, counts) in templates.filter(|(_, counts)| counts.all != [0; 2]) {
            self.counted.add_lines(template, counts.all, &mut self.checkpoint.services);
            self.counted.add_lines(template, counts.settled, &mut self.checkpoint.settled_services);
        }
    }

    /// Takes a whole line: by its template, if one explains it, else the general way.
    fn line(
        &mut self,
        chunk: &Chunk,
        bytes: Range<usize>,
        position: Position,
        lines: &mut TemplatedLines,
    ) {
        let mut out = Out { lines, records: &mut self.records };
        let whole = &chunk.bytes;
        let is_slow = self.is_followed && whole.len() < FAST_BYTES_MIN;
        if !is_slow
            && chunk.cut == 0
            && self.attributor.is_unbiased()
            && self.known.take(whole, bytes.clone(), position, &mut self.decoder, &mut out)
        {
            self.unterminated = false;
            self.ends.resize(self.records.len(), position.offset);
            return;
        }
        self.hand_over(chunk, position);
        self.push(&whole[bytes], position, chunk.cut, true);
    }

    /// Hands lines that may still go on to the decoder; `position` is behind them.
    fn hand_over(&mut self, chunk: &Chunk, position: Position) {
        self.known.hand_over(&chunk.bytes, &mut self.decoder, &mut self.records);
        self.ends.resize(self.records.len(), position.offset);
    }

    /// Counts a line of a known template. It has ended, and reaches across no other's start.
    fn count(
        &mut self,
        line: &TemplatedLine,
        tally: Tally,
        counts: &mut PerTemplate,
        lines: &TemplatedLines,
    ) {
        self.checkpoint.tally.add(&tally);
        counts.add(line.trace.is_some(), line.position < self.checkpoint.resume);
        if line.position < self.checkpoint.resume {
            self.checkpoint.settled.add(&tally);
        } else {
            let end = line.position.offset + tally.record_bytes;
            let facts = self.counted.facts_of_line(lines.template(line), line.trace.is_some());
            let facts = Some(facts);
            self.unsettled.push(Unsettled { start: line.position, end, tally, facts });
        }
    }

    /// Counts what stands before the chunk and is no line, and what is cut off its line.
    fn passed_over(&mut self, chunk: &Chunk) {
        let start =
            Position { offset: self.checkpoint.read.min(chunk.first.offset), ..chunk.first };
        let blank_bytes = chunk.first.offset - start.offset;
        let blank = Tally { blank_bytes, ..Tally::default() };
        let cut = Tally { cut_bytes: chunk.cut, ..Tally::default() };
        let parts = [(start, chunk.first.offset, blank), (chunk.first, chunk.read, cut)];
        for (start, end, tally) in parts.into_iter().filter(|part| part.2 != Tally::default()) {
            self.checkpoint.tally.add(&tally);
            self.unsettled.push(Unsettled { start, end, tally, facts: None });
        }
    }

    fn push(&mut self, bytes: &[u8], position: Position, cut: u64, terminated: bool) {
        let line = Line { bytes, position, cut, terminated };
        self.unterminated = !terminated;
        self.decoder.push(line, &mut self.records);
        // What this line completed ended before it.
        self.ends.resize(self.records.len(), position.offset);
    }

    /// The stream was read to its end: what is still open is closed. Should the stream grow,
    /// its last records are read again. What was `skipped` is told again while it does not.
    pub(super) fn end(&mut self, skipped: Vec<Skipped>, entries: &mut Vec<Entry>) {
        let resume = self.checkpoint.resume;
        self.decoder.finish(&mut self.records);
        self.ends.resize(self.records.len(), self.checkpoint.read);
        self.attribute(resume, entries);
        if std::mem::take(&mut self.unterminated) {
            // The end that the last line has not was counted with its record.
            let is_plain = entries.last().is_some_and(|entry| &*entry.record.format == PLAIN);
            let tally = &mut self.checkpoint.tally;
            tally.record_bytes = tally.record_bytes.saturating_sub(1);
            tally.plain_bytes = tally.plain_bytes.saturating_sub(u64::from(is_plain));
        }
        self.checkpoint.skipped = skipped;
        self.checkpoint.size = self.stream.size;
        self.checkpoint.modified = self.stream.modified;
    }

    /// The time of the last line that was finished, if that is known.
    pub(super) fn reached(&self) -> Option<Timestamp> {
        self.reached
    }

    /// How far the stream was read.
    pub(super) fn checkpoint(&self) -> Checkpoint {
        self.checkpoint.clone()
    }

    /// Gives finished records their context. `position` is where reading goes on, if no
    /// record is open.
    fn attribute(&mut self, position: Position, entries: &mut Vec<Entry>) {
        for (record, end) in self.records.drain(..).zip(self.ends.drain(..)) {
            let mut entry = self.attributor.attribute(record);
            entry.path = Arc::clone(&self.stream.path);
            self.reached = entry.time().or(self.reached);
            let tally = tally(&entry);
            self.checkpoint.tally.add(&tally);
            let start = entry.record.position;
            // Of a record of several lines it is only known what came after it.
            let is_simple = tally.lines == 1 && self.checkpoint.tally.cut_bytes == 0;
            let end = if is_simple { start.offset + tally.record_bytes } else { end };
            let facts = self.counted.facts(&entry);
            self.counted.add(&facts, &mut self.checkpoint.services);
            self.unsettled.push(Unsettled { start, end, tally, facts: Some(facts) });
            entries.push(entry);
        }
        self.checkpoint.resume = self.cut(self.decoder.open_since().unwrap_or(position));
        self.settle();
    }

    /// The last place at or before `resume` that no record reaches across.
    fn cut(&mut self, resume: Position) -> Position {
        self.unsettled.sort_by_key(|record| std::cmp::Reverse(record.start));
        let overlapping = self.unsettled.iter().take(OVERLAPPING_MAX);
        overlapping.fold(resume, |resume, record| {
            let reaches_across = record.start < resume && record.end > resume.offset;
            if reaches_across { record.start } else { resume }
        })
    }

    fn settle(&mut self) {
        let Checkpoint { resume, settled, settled_services, .. } = &mut self.checkpoint;
        let counted = &self.counted;
        self.unsettled.retain(|record| {
            let open = record.start >= *resume;
            if !open {
                settled.add(&record.tally);
                if let Some(facts) = &record.facts {
                    counted.add(facts, settled_services);
                }
            }
            open
        });
    }
}

/// What a line of a known template counts for. Templates state a time and a format.
fn tally_of_line(lines: &TemplatedLines, line: &TemplatedLine) -> Tally {
    let template = lines.template(line);
    let has_span = template.span.is_some() || template.sample.context.span_id.is_some();
    Tally {
        lines: 1,
        records: 1,
        with_time: 1,
        with_trace: u64::from(line.trace.is_some()),
        with_span: u64::from(has_span),
        record_bytes: line.length() as u64 + 1,
        ..Tally::default()
    }
}

/// What one entry counts for.
fn tally(entry: &Entry) -> Tally {
    let lines = u64::from(entry.record.lines);
    // The end of a line counts with the first record that it holds.
    let bytes = entry.record.raw.len() as u64 + lines.min(1);
    let is_plain = &*entry.record.format == PLAIN;
    let time = entry.record.time.as_ref();
    let when = |holds: bool| if holds { lines } else { 0 };
    Tally {
        lines,
        records: 1,
        with_time: when(time.is_some_and(|time| time.basis != TimeBasis::Inherited)),
        with_trace: when(entry.context.trace_id.is_some()),
        with_span: when(entry.context.span_id.is_some()),
        plain: when(is_plain),
        cut_bytes: 0,
        record_bytes: bytes,
        plain_bytes: if is_plain { bytes } else { 0 },
        blank_bytes: 0,
    }
}

#[cfg(test)]
mod tests;
