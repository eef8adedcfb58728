//! What the definitions make of files: read as they would be for a store, but only told.

use std::ops::ControlFlow;
use std::sync::Arc;

use memchr::memchr_iter;

use crate::decode::definition::Definitions;
use crate::decode::explain::{Explainer, Explanation};
use crate::model::line::{Line, Position};
use crate::model::skipped::Skipped;
use crate::source::find::Unit;
use crate::source::read::read;
use crate::source::selection::Selection;
use crate::source::{Chunk, Receiver, Stream, Wanted};

/// Tells which definition takes which lines of these units, and what could not be read.
pub fn explain(
    units: &[Unit],
    selection: &Selection,
    definitions: Arc<Definitions>,
) -> (Explanation, Vec<Skipped>) {
    let mut listener = Listener { explainer: Explainer::new(definitions), skipped: Vec::new() };
    for unit in units {
        read(unit, selection, &mut listener);
    }
    (listener.explainer.finish(), listener.skipped)
}

struct Listener {
    explainer: Explainer,
    skipped: Vec<Skipped>,
}

impl Receiver for Listener {
    fn wanted(&mut self, _stream: &Stream) -> Wanted {
        Wanted::All
    }

    fn begin(&mut self, stream: &Stream, _from: Position) {
        self.explainer.begin(&stream.path, stream.modified);
    }

    fn lines(&mut self, chunk: Chunk) -> ControlFlow<()> {
        let mut position = chunk.first;
        let mut start = 0;
        let ends = memchr_iter(b'\n', &chunk.bytes).map(|end| (end, true));
        let tail = (!chunk.bytes.ends_with(b"\n")).then_some((chunk.bytes.len(), false));
        for (end, terminated) in ends.chain(tail.filter(|_| !chunk.bytes.is_empty())) {
            let bytes = &chunk.bytes[start..end];
            self.explainer.push(Line { bytes, position, cut: chunk.cut, terminated });
            start = end + 1;
            let offset = chunk.first.offset + start as u64;
            position = Position { line: position.line + 1, offset };
        }
        ControlFlow::Continue(())
    }

    fn end(&mut self) {}

    fn skipped(&mut self, skipped: Skipped) {
        self.skipped.push(skipped);
    }

    fn progress(&mut self, _bytes_on_disk: u64) {}
}
