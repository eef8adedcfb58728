//! Standard input as a stream that is followed: it cannot be read again, so its last line
//! is kept even without an end.

use std::io::{self, Read};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, TryRecvError, bounded};
use memchr::{memchr_iter, memrchr};

use crate::engine::live::Live;
use crate::model::checkpoint::Fingerprint;
use crate::model::line::{LINE_BYTES_MAX, Position};
use crate::source::follow::Listener;
use crate::source::{Chunk, Stream};

/// Bytes read at a time.
const BLOCK_BYTES: usize = 64 << 10;

/// Blocks that may wait: a writer that is faster than we are has to wait too.
const BLOCKS_WAITING_MAX: usize = 64;

/// The number of the stream. Files have numbers from 0 up.
const NUMBER: usize = usize::MAX;

/// Whether more is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// There is more at once.
    More,
    /// Nothing is there now.
    Waiting,
    /// It has ended.
    Over,
}

/// Lines of standard input, read by a thread of its own.
pub(super) struct StandardInput {
    blocks: Receiver<Vec<u8>>,
    lines: InputLines,
}

impl StandardInput {
    /// Starts reading.
    pub(super) fn start() -> Self {
        let (sender, blocks) = bounded(BLOCKS_WAITING_MAX);
        let reading = move || {
            let mut input = io::stdin().lock();
            loop {
                let mut block = vec![0; BLOCK_BYTES];
                match input.read(&mut block) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Ok(0) | Err(_) => return,
                    Ok(count) => block.truncate(count),
                }
                if sender.send(block).is_err() {
                    return;
                }
            }
        };
        // The thread ends with its input, or with the process.
        let _ = thread::Builder::new().name("input".to_owned()).spawn(reading);
        Self { blocks, lines: InputLines::default() }
    }

    /// Hands over what has come.
    pub(super) fn take(&mut self, live: &mut Live) -> State {
        self.lines.begin(live);
        for _ in 0..BLOCKS_WAITING_MAX {
            match self.blocks.try_recv() {
                Ok(block) => self.lines.take(&block, live),
                Err(TryRecvError::Empty) => return State::Waiting,
                Err(TryRecvError::Disconnected) => {
                    self.lines.end(live);
                    return State::Over;
                }
            }
        }
        State::More
    }
}

/// Cuts blocks into lines.
struct InputLines {
    /// What follows the last line end.
    rest: Vec<u8>,
    position: Position,
    /// Bytes of an overlong line that were dropped so far.
    cut: u64,
    has_begun: bool,
}

impl Default for InputLines {
    fn default() -> Self {
        Self { rest: Vec::new(), position: Position::START, cut: 0, has_begun: false }
    }
}

impl InputLines {
    fn begin(&mut self, listener: &mut dyn Listener) {
        if !self.has_begun {
            self.has_begun = true;
            let stream = Stream { path: Arc::from("-"), size: None, modified: None };
            listener.begin(NUMBER, &stream, Position::START, None);
        }
    }

    fn take(&mut self, block: &[u8], listener: &mut dyn Listener) {
        let mut block = block;
        if self.cut > 0 || self.rest.len() + block.len() > LINE_BYTES_MAX {
            block = self.overlong(block, listener);
        }
        self.rest.extend_from_slice(block);
        if let Some(end) = memrchr(b'\n', &self.rest) {
            let tail = self.rest.split_off(end + 1);
            let bytes = std::mem::replace(&mut self.rest, tail);
            self.give(bytes, 0, listener);
        }
    }

    /// Ends a line that may be too long for one chunk: its beginning is kept. Gives what
    /// follows it.
    fn overlong<'b>(&mut self, block: &'b [u8], listener: &mut dyn Listener) -> &'b [u8] {
        let end = memchr_iter(b'\n', block).next();
        let (line, after) = block.split_at(end.unwrap_or(block.len()));
        let kept = line.len().min(LINE_BYTES_MAX - self.rest.len());
        self.rest.extend_from_slice(&line[..kept]);
        self.cut += (line.len() - kept) as u64;
        if end.is_none() {
            return after;
        }
        self.rest.push(b'\n');
        let (bytes, cut) = (std::mem::take(&mut self.rest), std::mem::take(&mut self.cut));
        self.give(bytes, cut, listener);
        &after[1..]
    }

    fn end(&mut self, listener: &mut dyn Listener) {
        if !self.rest.is_empty() {
            let (bytes, cut) = (std::mem::take(&mut self.rest), std::mem::take(&mut self.cut));
            self.give(bytes, cut, listener);
        }
    }

    fn give(&mut self, bytes: Vec<u8>, cut: u64, listener: &mut dyn Listener) {
        let first = self.position;
        self.position.line += memchr_iter(b'\n', &bytes).count() as u64;
        self.position.offset += bytes.len() as u64 + cut;
        let (read, fingerprint) = (self.position.offset, Fingerprint::default());
        listener.lines(NUMBER, Chunk { bytes, first, cut, read, fingerprint });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::checkpoint::Checkpoint;
    use crate::model::skipped::Skipped;
    use crate::source::follow::Looked;

    #[derive(Default)]
    struct Heard(Vec<(String, u64, u64)>);

    impl Listener for Heard {
        fn begin(&mut self, _: usize, _: &Stream, _: Position, _: Option<Checkpoint>) {}
        fn lines(&mut self, _: usize, chunk: Chunk) {
            let text = String::from_utf8_lossy(&chunk.bytes).into_owned();
            self.0.push((text, chunk.first.offset, chunk.cut));
        }
        fn partial(&mut self, _: usize, _: Chunk) {}
        fn looked(&mut self, _: usize, _: Looked) {}
        fn forgotten(&mut self, _: usize, _: &str) {}
        fn skipped(&mut self, _: Skipped) {}
    }

    #[track_caller]
    fn check(blocks: &[&[u8]], expected: &[(&str, u64, u64)]) {
        let (mut heard, mut lines) = (Heard::default(), InputLines::default());
        for block in blocks {
            lines.take(block, &mut heard);
        }
        lines.end(&mut heard);
        let heard: Vec<_> =
            heard.0.iter().map(|(text, at, cut)| (text.as_str(), *at, *cut)).collect();
        assert_eq!(heard, expected);
    }

    #[test]
    fn lines_are_put_together_from_blocks_and_the_last_needs_no_end() {
        check(&[b"on", b"e\ntwo\nth", b"ree"], &[("one\ntwo\n", 0, 0), ("three", 8, 0)]);
    }

    #[test]
    fn an_overlong_line_is_cut_and_counted() {
        let half = vec![b'x'; LINE_BYTES_MAX / 2 + 1];
        let kept = "x".repeat(LINE_BYTES_MAX) + "\n";
        check(
            &[&half, &half, b"xyz", b"\nnext\n"],
            &[(&kept, 0, 5), ("next\n", LINE_BYTES_MAX as u64 + 6, 0)],
        );
    }
}
