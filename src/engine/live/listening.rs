//! What a follower tells, taken in.

use std::sync::Arc;

use crate::engine::ledger::Ledger;
use crate::engine::live::Live;
use crate::engine::live::followed::Followed;
use crate::model::checkpoint::Checkpoint;
use crate::model::line::Position;
use crate::model::skipped::Skipped;
use crate::source::follow::{Listener, Looked};
use crate::source::{Chunk, Stream};
use crate::store::Batch;

impl Listener for Live {
    fn begin(&mut self, number: usize, stream: &Stream, from: Position, known: Option<Checkpoint>) {
        let holds_more = known.as_ref().is_some_and(|known| known.tally != known.settled);
        if holds_more {
            self.batch.replace(&stream.path, from.offset);
        }
        let intake = self.intake(stream, from, known);
        self.streams.insert(number, Followed::new(intake, stream.clone(), self.now));
    }

    fn lines(&mut self, number: usize, chunk: Chunk) {
        self.wake(number);
        let Some(followed) = self.streams.get_mut(&number) else { return };
        if followed.shown.take().is_some() {
            // The unfinished line that was kept is replaced by the whole one.
            let path = Arc::clone(&followed.stream.path);
            self.batch.replace(&path, chunk.first.offset);
        }
        let mark = self.batch.mark();
        followed.intake.lines(&chunk, self.batch.batch());
        followed.heard = self.now;
        followed.is_glimpsed = false;
        followed.looked = None;
        if followed.intake.is_open() && !followed.is_listed {
            followed.is_listed = true;
            self.open.push(number);
        }
        self.note(number, mark);
    }

    fn partial(&mut self, number: usize, chunk: Chunk) {
        self.wake(number);
        let Some(followed) = self.streams.get(&number) else { return };
        let checkpoint = followed.intake.checkpoint();
        if checkpoint.resume != chunk.first {
            return;
        }
        // It is kept beside the stream, which goes on as if it had not seen it.
        let (stream, was_shown) = (followed.stream.clone(), followed.shown.is_some());
        let mut beside = self.intake(&stream, chunk.first, Some(checkpoint));
        let mut batch = Batch::default();
        beside.lines(&chunk, &mut batch);
        beside.end(Vec::new(), &mut batch.entries);
        if was_shown {
            self.batch.replace(&stream.path, chunk.first.offset);
        }
        if let Some(followed) = self.streams.get_mut(&number) {
            followed.shown = Some(beside.checkpoint());
            if !std::mem::replace(&mut followed.has_moved, true) {
                self.moved.push(number);
            }
        }
        self.since.get_or_insert(self.now);
        self.batch.entries().extend(batch.entries);
    }

    fn looked(&mut self, number: usize, looked: Looked) {
        self.wake(number);
        let Some(followed) = self.streams.get_mut(&number) else { return };
        let has_ended = looked.followed.ended;
        followed.intake.looked(looked.followed.clone());
        followed.looked = Some(looked);
        if !followed.has_moved {
            followed.has_moved = true;
            self.moved.push(number);
        }
        self.since.get_or_insert(self.now);
        if has_ended && !self.ended.contains(&number) {
            self.ended.push(number);
        }
    }

    fn forgotten(&mut self, number: usize, path: &str) {
        let followed = self.streams.remove(&number).map(|followed| followed.intake.checkpoint());
        let checkpoint = followed.or(self.resting.remove(&number).map(|rest| rest.checkpoint));
        if let Some(checkpoint) = checkpoint {
            self.forgotten.add(&Ledger::of(&checkpoint));
        }
        self.batch.forget(path);
        self.since.get_or_insert(self.now);
    }

    fn skipped(&mut self, skipped: Skipped) {
        self.skipped.push(skipped);
    }
}
