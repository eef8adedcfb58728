//! A part of the index in the making, filled by one thread at a time.
//!
//! The index's own writer would queue ten thousand groups of any size; here a segment
//! takes a group at once, and its memory has a limit.

use std::path::Path;

use tantivy::index::Segment;
use tantivy::indexer::{AddOperation, SegmentWriter};
use tantivy::{IndexWriter, TantivyDocument};

use crate::store::embedded::identifiers::Key;
use crate::store::embedded::identifiers::plugin::{EXTENSION, Identifiers};
use crate::store::embedded::index::failed;
use crate::store::error::StoreError;

/// A segment that has grown to this in memory is written out. Two of them and what the
/// engine holds stay far below a gigabyte.
pub(super) const SEGMENT_BYTES_MAX: usize = 64 << 20;

/// A segment that still takes groups.
pub(super) struct OpenSegment {
    writer: SegmentWriter,
    segment: Segment,
}

impl OpenSegment {
    pub(super) fn new(index: &IndexWriter, folder: &Path) -> Result<Self, StoreError> {
        let segment = index.new_segment();
        let writer = SegmentWriter::for_segment(SEGMENT_BYTES_MAX, segment.clone())
            .map_err(|error| failed(folder, &error))?;
        Ok(Self { writer, segment })
    }

    /// Adds a document, and the keys of its ids.
    pub(super) fn add(
        &mut self,
        group: TantivyDocument,
        keys: &[Key],
        folder: &Path,
    ) -> Result<(), StoreError> {
        let identifiers = self.writer.custom_plugin_writer_mut(EXTENSION);
        let identifiers = identifiers.and_then(|writer| writer.as_any_mut().downcast_mut());
        let identifiers: &mut Identifiers =
            identifiers.expect("every index of a store has its plugin");
        identifiers.add(keys);
        // Stamps order deletions, and nothing is ever deleted.
        let operation = AddOperation { opstamp: 0, document: group };
        self.writer.add_document(operation).map_err(|error| failed(folder, &error))
    }

    pub(super) fn is_full(&self) -> bool {
        self.writer.mem_usage() >= SEGMENT_BYTES_MAX
    }

    /// Writes the segment out and hands it to the next commit.
    pub(super) fn finish(self, index: &IndexWriter, folder: &Path) -> Result<(), StoreError> {
        let groups = self.writer.max_doc();
        let finished = self.writer.finalize().and_then(|_| {
            let meta = index.index().new_segment_meta(self.segment.id(), groups);
            index.add_segment(meta)
        });
        finished.map_err(|error| failed(folder, &error))
    }
}
