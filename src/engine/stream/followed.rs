//! What a stream knows of itself while it is written and followed.

use std::sync::Arc;

use crate::context::attributor::Attributor;
use crate::decode::decoder::Decoder;
use crate::decode::definition::Definitions;
use crate::engine::known::KnownLines;
use crate::engine::stream::Intake;
use crate::model::checkpoint::{Checkpoint, Followed};
use crate::model::entry::Entry;
use crate::model::line::Position;
use crate::source::Stream;

impl Intake {
    /// A stream that is followed while it is written.
    /// `file` is the path of its file, which says whose it is; the stream's own path tells
    /// the files apart that had this path one after the other.
    pub(in crate::engine) fn followed(
        stream: Stream,
        file: &Arc<str>,
        from: Position,
        known: Option<Checkpoint>,
        definitions: &Arc<Definitions>,
    ) -> Self {
        let mut intake = Self::new(stream, from, known, Arc::clone(definitions));
        intake.attributor = Attributor::new(file);
        intake.file = Arc::clone(file);
        intake.rest(definitions);
        intake.is_followed = true;
        intake
    }

    /// The writer has paused for so long that what is open has ended.
    pub(in crate::engine) fn pause(&mut self, entries: &mut Vec<Entry>) {
        self.decoder.finish(&mut self.records);
        self.ends.resize(self.records.len(), self.checkpoint.read);
        self.attribute(self.next, entries);
    }

    /// What is open, as it would be if its writer had ended here. Nothing changes.
    pub(in crate::engine) fn glimpse(&mut self) -> Vec<Entry> {
        let records = self.decoder.glimpse().into_iter();
        let attributor = &mut self.attributor;
        let path = &self.stream.path;
        let entry = |record| Entry { path: Arc::clone(path), ..attributor.glimpse(record) };
        records.map(entry).collect()
    }

    /// Forgets the templates of its lines; if it becomes fast again it learns them anew.
    pub(in crate::engine) fn rest(&mut self, definitions: &Arc<Definitions>) {
        self.known = KnownLines::new(&self.stream.path, &self.file, Arc::clone(definitions));
    }

    /// From here on lines are understood by other definitions. What is open has ended.
    pub(in crate::engine) fn redefine(
        &mut self,
        definitions: Arc<Definitions>,
        entries: &mut Vec<Entry>,
    ) {
        self.pause(entries);
        self.rest(&definitions);
        self.decoder = Decoder::of_file(definitions, self.stream.modified, &self.stream.path);
    }

    /// Whether a record is open.
    pub(in crate::engine) fn is_open(&self) -> bool {
        self.decoder.open_since().is_some()
    }

    /// What following says of the stream's file.
    pub(in crate::engine) fn looked(&mut self, followed: Followed) {
        self.checkpoint.followed = Some(followed);
    }

    /// What is known of the file at the end of all reading.
    pub(in crate::engine) fn set_file(&mut self, size: Option<u64>, modified: Option<i64>) {
        (self.stream.size, self.stream.modified) = (size, modified);
    }
}
