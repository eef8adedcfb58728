//! The general way from a line to its entry, for templates to learn from.

use std::sync::Arc;

use crate::context::attributor::Attributor;
use crate::decode::decoder::Decoder;
use crate::decode::definition::Definitions;
use crate::model::entry::Entry;
use crate::template::{Lesson, Teacher};

/// Decodes and attributes single lines of one stream, without its memory.
pub(super) struct LineTeacher {
    path: Arc<str>,
    file: Arc<str>,
    decoder: Decoder,
    attributor: Attributor,
}

impl LineTeacher {
    /// For the stream of this path; that of its `file` says whose it is.
    pub(super) fn new(path: &Arc<str>, file: &Arc<str>, definitions: Arc<Definitions>) -> Self {
        Self {
            path: Arc::clone(path),
            file: Arc::clone(file),
            decoder: Decoder::new(definitions, None),
            attributor: Attributor::new(file),
        }
    }
}

impl Teacher for LineTeacher {
    fn lesson(&mut self, line: &[u8]) -> Option<Lesson> {
        let alone = self.decoder.read_alone(line)?;
        let entry = self.attributor.attribute(alone.record);
        let entry = Entry { path: Arc::clone(&self.path), ..entry };
        if self.attributor.is_unbiased() {
            return Some(Lesson { entry, lane: alone.lane });
        }
        // The line changes how others are read: it must be seen by the stream itself.
        self.attributor = Attributor::new(&self.file);
        None
    }
}
