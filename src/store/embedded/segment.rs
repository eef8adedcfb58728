//! A part of the index in the making, filled by one thread at a time.
//!
//! The index's own writer would queue ten thousand groups of any size; here a segment
//! takes a group at once, and its memory has a limit.

use std::path::Path;

use tantivy::index::Segment;
use tantivy::indexer::{AddOperation, SegmentWriter};
use tantivy::{IndexWriter, PluginWriter, TantivyDocument};

use crate::store::embedded::group_table::plugin::Groups;
use crate::store::embedded::group_table::{self, Document};
use crate::store::embedded::identifiers::plugin::Identifiers;
use crate::store::embedded::identifiers::{self, Key};
use crate::store::embedded::index::failed;
use crate::store::error::StoreError;

/// A segment that has grown to this in memory is written out. Two of them and what the
/// engine holds stay far below a gigabyte.
pub(super) const SEGMENT_BYTES_MAX: usize = 64 << 20;

/// A document of the index with what is kept beside the index.
pub(super) struct NewDocument<'a> {
    pub(super) terms: TantivyDocument,
    /// The keys of its ids.
    pub(super) keys: &'a [Key],
    pub(super) facts: Document,
    /// How far it reaches in its streams.
    pub(super) reaches: &'a [u64],
}

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

    /// Adds a document.
    pub(super) fn add(&mut self, new: NewDocument<'_>, folder: &Path) -> Result<(), StoreError> {
        self.part::<Identifiers>(identifiers::plugin::EXTENSION).add(new.keys);
        self.part::<Groups>(group_table::plugin::EXTENSION).add(new.facts, new.reaches);
        // Stamps order deletions, and nothing is ever deleted.
        let operation = AddOperation { opstamp: 0, document: new.terms };
        self.writer.add_document(operation).map_err(|error| failed(folder, &error))
    }

    /// A part of the segment that is not the full-text index's own.
    fn part<T: PluginWriter>(&mut self, extension: &str) -> &mut T {
        let part = self.writer.custom_plugin_writer_mut(extension);
        part.and_then(|part| part.as_any_mut().downcast_mut())
            .expect("every index of a store has its plugins")
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
