//! A lane takes in the streams that were given to it and hands batches to the store.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use crossbeam_channel::Receiver;

use crate::engine::adoption::adopt_strangers;
use crate::engine::ingest::Shared;
use crate::engine::stream::Intake;
use crate::model::checkpoint::Checkpoint;
use crate::model::line::Position;
use crate::model::skipped::Skipped;
use crate::source::{Chunk, Stream};
use crate::store::{Batch, Replaced};

/// A batch is handed on when its lines reach this size: large enough that a request's lines
/// stand together, small enough that a few of them fit into memory.
const BATCH_BYTES: u64 = 16 << 20;

/// How much is taken in between commits: what a crash costs, at most, is reading this again.
const COMMIT_BYTES: u64 = 512 << 20;

/// What a lane is told.
pub(super) enum Message {
    /// A stream begins.
    Begin {
        /// Its number.
        number: usize,
        /// The stream.
        stream: Stream,
        /// Where reading begins.
        from: Position,
        /// How far it had been read before.
        known: Option<Box<Checkpoint>>,
    },
    /// Lines of a stream.
    Lines {
        /// Its number.
        number: usize,
        /// The lines.
        chunk: Chunk,
    },
    /// A stream was read to its end.
    End {
        /// Its number.
        number: usize,
        /// What of it could not be read.
        skipped: Vec<Skipped>,
    },
}

/// Decodes and attributes the lines of its streams.
pub(super) struct Lane<'a> {
    shared: &'a Shared<'a>,
    streams: HashMap<usize, Intake>,
    batch: Batch,
    bytes: u64,
}

impl<'a> Lane<'a> {
    /// A lane without streams.
    pub(super) fn new(shared: &'a Shared<'a>) -> Self {
        Self { shared, streams: HashMap::new(), batch: Batch::default(), bytes: 0 }
    }

    /// Works until all senders are gone, then hands on what is left.
    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        for message in messages {
            self.take(message);
        }
        // A reader that was told to stop leaves its streams open: they keep the place they
        // have reached, and the next run reads on from there.
        self.submit();
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Begin { number, stream, from, known } => {
                if known.is_some() {
                    let path = stream.path.to_string();
                    self.batch.replaced.push(Replaced { path, offset: from.offset });
                }
                let definitions = self.shared.definitions.clone();
                self.streams.insert(
                    number,
                    Intake::new(stream, from, known.map(|known| *known), definitions),
                );
            }
            Message::Lines { number, chunk } => {
                let Some(stream) = self.streams.get_mut(&number) else { return };
                stream.lines(&chunk, &mut self.batch);
                if let Some(time) = stream.reached() {
                    self.shared.pace.reach(number, time);
                }
                self.count(&chunk);
            }
            Message::End { number, skipped } => {
                let Some(mut stream) = self.streams.remove(&number) else { return };
                self.shared.pace.end(number);
                stream.end(skipped, &mut self.batch.entries);
                self.batch.checkpoints.push(stream.checkpoint());
            }
        }
        if self.bytes >= BATCH_BYTES {
            self.submit();
        }
    }

    fn count(&mut self, chunk: &Chunk) {
        let bytes = chunk.bytes.len() as u64;
        self.bytes += bytes;
        self.shared.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn submit(&mut self) {
        self.bytes = 0;
        let mut batch = std::mem::take(&mut self.batch);
        batch.checkpoints.extend(self.streams.values().map(Intake::checkpoint));
        if batch.entries.is_empty() && batch.templated.is_empty() && batch.checkpoints.is_empty() {
            return;
        }
        adopt_strangers(&mut batch);
        let templated = batch.templated.lines().iter();
        let (lines, bytes) = batch
            .entries
            .iter()
            .map(|entry| (u64::from(entry.record.lines), entry.record.raw.len() as u64))
            .chain(templated.map(|line| (1, line.length() as u64)))
            .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let done = self.shared.store.submit(batch).and_then(|()| {
            self.shared.lines.fetch_add(lines, Ordering::Relaxed);
            let since = self.shared.since_commit.fetch_add(bytes, Ordering::Relaxed) + bytes;
            if since < COMMIT_BYTES {
                return Ok(());
            }
            self.shared.since_commit.store(0, Ordering::Relaxed);
            self.shared.store.commit()
        });
        if let Err(error) = done {
            self.shared.fail(error);
        }
    }
}
