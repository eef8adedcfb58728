//! Lines of known templates on their way past decode and context.
//!
//! A line that a template explains is held until it is sure that the next one of its lane
//! does not go on with it; then it counts. Before a line goes the general way, so does what
//! is held, and the decoder stands as if it had seen every line.

use std::ops::Range;
use std::sync::Arc;

use crate::decode::decoder::Decoder;
use crate::decode::definition::Definitions;
use crate::engine::teacher::LineTeacher;
use crate::model::line::{Line, Position};
use crate::model::record::Record;
use crate::model::template::{Filled, Template};
use crate::model::templated::TemplatedLines;
use crate::model::time::Timestamp;
use crate::template::table::Table;

/// Streams inside one stream of which a line may be held; a decoder keeps no more apart.
const HELD_MAX: usize = 32;

/// The known templates of a stream, and the last lines that they explained.
pub(super) struct KnownLines {
    table: Table,
    teacher: LineTeacher,
    held: Vec<Held>,
}

/// The last line of a lane.
struct Held {
    lane: u64,
    template: Arc<Template>,
    /// Where it is in the chunk.
    bytes: Range<usize>,
    slots: Vec<Range<u32>>,
    position: Position,
    time: Timestamp,
}

impl KnownLines {
    /// For the stream of this path; that of its `file` says whose it is.
    pub(super) fn new(path: &Arc<str>, file: &Arc<str>, definitions: Arc<Definitions>) -> Self {
        let teacher = LineTeacher::new(path, file, definitions);
        Self { table: Table::default(), teacher, held: Vec::new() }
    }

    /// Takes a line of a chunk, if a template explains it. What is sure goes to `lines`, what
    /// it ends to `records`.
    pub(super) fn take(
        &mut self,
        chunk: &[u8],
        bytes: Range<usize>,
        position: Position,
        decoder: &mut Decoder,
        out: &mut Out<'_>,
    ) -> bool {
        let Some(taken) = self.table.take(&chunk[bytes.clone()], &mut self.teacher) else {
            return false;
        };
        let basis = taken.template.sample.record.time.as_ref().map(|time| time.basis);
        if !basis.is_some_and(|basis| decoder.agrees(basis)) {
            return false;
        }
        if let Some(held) = self.held.iter_mut().find(|held| held.lane == taken.lane) {
            held.release(chunk, out.lines);
            if !Arc::ptr_eq(&held.template, taken.template) {
                held.template = Arc::clone(taken.template);
            }
            held.slots.clear();
            held.slots.extend_from_slice(taken.slots);
            (held.bytes, held.position, held.time) = (bytes, position, taken.time);
            return true;
        }
        if self.held.len() == HELD_MAX || !decoder.yield_to_alone(taken.lane, out.records) {
            return false;
        }
        self.held.push(Held {
            lane: taken.lane,
            template: Arc::clone(taken.template),
            bytes,
            slots: taken.slots.to_vec(),
            position,
            time: taken.time,
        });
        true
    }

    /// Hands what is held to the decoder, in the order of its lines.
    pub(super) fn hand_over(&mut self, chunk: &[u8], decoder: &mut Decoder, out: &mut Vec<Record>) {
        self.held.sort_unstable_by_key(|held| held.position);
        for held in self.held.drain(..) {
            let bytes = &chunk[held.bytes];
            decoder.push(Line { bytes, position: held.position, cut: 0, terminated: true }, out);
        }
    }
}

/// Where lines go.
pub(super) struct Out<'a> {
    pub(super) lines: &'a mut TemplatedLines,
    pub(super) records: &'a mut Vec<Record>,
}

impl Held {
    fn release(&self, chunk: &[u8], lines: &mut TemplatedLines) {
        let filled = Filled { line: &chunk[self.bytes.clone()], slots: &self.slots };
        lines.push(&self.template, &filled, self.position, self.time);
    }
}
