//! A lane takes in the streams that were given to it and hands on what it has understood.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crossbeam_channel::Receiver;

use crate::engine::adoption::adopt_strangers;
use crate::engine::gathering::Gathering;
use crate::engine::ingest::Shared;
use crate::engine::stream::Intake;
use crate::model::checkpoint::Checkpoint;
use crate::model::line::Position;
use crate::model::skipped::Skipped;
use crate::source::{Chunk, Stream};
use crate::store::{Batch, Replaced};

/// What a lane has taken in is handed on when its lines reach this size: large enough that most
/// lines without a request have those around them that have one.
const PART_BYTES: u64 = 4 << 20;

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
    gathering: Arc<Gathering>,
    streams: HashMap<usize, Intake>,
    batch: Batch,
    bytes: u64,
}

impl<'a> Lane<'a> {
    /// A lane without streams.
    pub(super) fn new(shared: &'a Shared<'a>, gathering: Arc<Gathering>) -> Self {
        Self { shared, gathering, streams: HashMap::new(), batch: Batch::default(), bytes: 0 }
    }

    /// Works until all senders are gone, then hands on what is left.
    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        for message in messages {
            self.take(message);
        }
        // A reader that was told to stop leaves its streams open: they keep the place they
        // have reached, and the next run reads on from there.
        self.hand_on();
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
                self.shared.pace.reach(number, stream.reached());
                self.count(&chunk);
            }
            Message::End { number, skipped } => {
                let Some(mut stream) = self.streams.remove(&number) else { return };
                self.shared.pace.end(number);
                stream.end(skipped, &mut self.batch.entries);
                self.batch.checkpoints.push(stream.checkpoint());
            }
        }
        if self.bytes >= PART_BYTES {
            self.hand_on();
        }
    }

    fn count(&mut self, chunk: &Chunk) {
        let bytes = chunk.bytes.len() as u64;
        self.bytes += bytes;
        self.shared.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Hands on what was taken in.
    fn hand_on(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        self.batch.checkpoints.extend(self.streams.values().map(Intake::checkpoint));
        if self.batch.is_empty() {
            return;
        }
        adopt_strangers(&mut self.batch);
        self.gathering.add(&mut self.batch, bytes);
    }
}
