//! One stream on its way through decode and context, and the checkpoint that it leaves.

use std::sync::Arc;

use memchr::memchr_iter;

use crate::context::attributor::Attributor;
use crate::decode::decoder::Decoder;
use crate::decode::definition::Definitions;
use crate::model::checkpoint::{Checkpoint, Fingerprint, Tally};
use crate::model::entry::Entry;
use crate::model::line::{Line, Position};
use crate::model::record::{Record, TimeBasis};
use crate::model::skipped::Skipped;
use crate::source::{Chunk, Stream};

/// What the decoder calls a record that no definition understood.
const PLAIN: &str = "plain";

/// A stream being taken in.
pub(super) struct Intake {
    stream: Stream,
    decoder: Decoder,
    attributor: Attributor,
    checkpoint: Checkpoint,
    /// Finished records that begin after `checkpoint.resume`, and what they count for: should
    /// the stream be read again from there, they count anew.
    unsettled: Vec<(Position, Tally)>,
    records: Vec<Record>,
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
            Some(known) => Checkpoint { size: None, modified: None, tally: known.settled, ..known },
            None => Checkpoint {
                path: stream.path.to_string(),
                read: 0,
                resume: Position::START,
                fingerprint: Fingerprint::default(),
                size: None,
                modified: None,
                tally: Tally::default(),
                settled: Tally::default(),
                skipped: Vec::new(),
            },
        };
        Self {
            decoder: Decoder::new(definitions, stream.modified),
            attributor: Attributor::new(&stream.path),
            stream,
            checkpoint,
            unsettled: Vec::new(),
            records: Vec::new(),
        }
    }

    /// Takes lines in; finished entries go to `entries`.
    pub(super) fn lines(&mut self, chunk: &Chunk, entries: &mut Vec<Entry>) {
        let mut position = chunk.first;
        let mut start = 0;
        for end in memchr_iter(b'\n', &chunk.bytes) {
            self.line(&chunk.bytes[start..end], position, chunk.cut, true);
            position =
                Position { line: position.line + 1, offset: chunk.first.offset + end as u64 + 1 };
            start = end + 1;
        }
        if start < chunk.bytes.len() {
            self.line(&chunk.bytes[start..], position, chunk.cut, false);
            position.line += 1;
        }
        position.offset = chunk.read;
        self.checkpoint.read = chunk.read;
        self.checkpoint.fingerprint = chunk.fingerprint;
        self.checkpoint.tally.cut_bytes += chunk.cut;
        self.checkpoint.settled.cut_bytes += chunk.cut;
        self.checkpoint.resume = self.decoder.open_since().unwrap_or(position);
        self.attribute(entries);
    }

    fn line(&mut self, bytes: &[u8], position: Position, cut: u64, terminated: bool) {
        let line = Line { bytes, position, cut, terminated };
        self.decoder.push(line, &mut self.records);
    }

    /// The stream was read to its end: what is still open is closed. Should the stream grow,
    /// its last records are read again. What was `skipped` is told again while it does not.
    pub(super) fn end(&mut self, skipped: Vec<Skipped>, entries: &mut Vec<Entry>) {
        self.decoder.finish(&mut self.records);
        self.attribute(entries);
        self.checkpoint.skipped = skipped;
        self.checkpoint.size = self.stream.size;
        self.checkpoint.modified = self.stream.modified;
    }

    /// How far the stream was read.
    pub(super) fn checkpoint(&self) -> Checkpoint {
        self.checkpoint.clone()
    }

    fn attribute(&mut self, entries: &mut Vec<Entry>) {
        for record in self.records.drain(..) {
            let entry = self.attributor.attribute(record);
            let tally = tally(&entry);
            self.checkpoint.tally.add(&tally);
            self.unsettled.push((entry.record.position, tally));
            entries.push(entry);
        }
        let (resume, settled) = (self.checkpoint.resume, &mut self.checkpoint.settled);
        self.unsettled.retain(|(position, tally)| {
            let open = *position >= resume;
            if !open {
                settled.add(tally);
            }
            open
        });
    }
}

/// What one entry counts for.
fn tally(entry: &Entry) -> Tally {
    let lines = u64::from(entry.record.lines);
    let time = entry.record.time.as_ref();
    let when = |holds: bool| if holds { lines } else { 0 };
    Tally {
        lines,
        records: 1,
        with_time: when(time.is_some_and(|time| time.basis != TimeBasis::Inherited)),
        with_trace: when(entry.context.trace_id.is_some()),
        with_span: when(entry.context.span_id.is_some()),
        plain: when(&*entry.record.format == PLAIN),
        cut_bytes: 0,
    }
}
