//! The table of groups as a part of a segment: written with it, merged with it, removed with it.

use std::any::Any;

use tantivy::directory::{TerminatingWrite, WritePtr};
use tantivy::index::{Segment, SegmentComponent, SegmentReader};
use tantivy::indexer::doc_id_mapping::{DocIdMapping, MappingType};
use tantivy::{PluginMergeContext, PluginWriter, PluginWriterContext, SegmentPlugin, TantivyError};

use crate::store::embedded::group_table::Document;
use crate::store::embedded::group_table::table::{GroupTable, TableWriter};
use crate::store::embedded::identifiers::plugin::corrupt;

/// How the files of tables end.
pub(in crate::store::embedded) const EXTENSION: &str = "groups";

/// Adds the table to the parts of a segment.
pub(in crate::store::embedded) struct GroupPlugin;

/// The table of a segment in the making.
#[derive(Default)]
pub(in crate::store::embedded) struct Groups {
    table: TableWriter,
}

impl Groups {
    /// Adds the next document and how far it reaches in its streams.
    pub(in crate::store::embedded) fn add(&mut self, document: Document, reaches: &[u64]) {
        self.table.add(document, reaches);
    }
}

/// The table of a segment that was written.
pub(in crate::store::embedded) fn table_of(segment: &SegmentReader) -> tantivy::Result<GroupTable> {
    let file = segment.open_read(SegmentComponent::Custom(EXTENSION.to_owned()))?;
    let table = GroupTable::open(file.read_bytes()?).map_err(corrupt)?;
    if table.documents() == segment.max_doc() {
        return Ok(table);
    }
    let reason = "a table of groups does not fit its segment".to_owned();
    Err(TantivyError::DataCorruption(tantivy::error::DataCorruption::comment_only(reason)))
}

impl SegmentPlugin for GroupPlugin {
    fn extensions(&self) -> &[&str] {
        &[EXTENSION]
    }

    fn create_writer(
        &self,
        _context: &PluginWriterContext<'_>,
    ) -> tantivy::Result<Box<dyn PluginWriter>> {
        Ok(Box::new(Groups::default()))
    }

    fn merge(&self, context: PluginMergeContext<'_>) -> tantivy::Result<()> {
        // Nothing is ever deleted, and nothing sorted: the segments stand one after the other.
        if context.doc_id_mapping.mapping_type() != MappingType::Stacked {
            return Err(TantivyError::InternalError("segments are not merged in order".to_owned()));
        }
        let mut merged = TableWriter::default();
        for reader in context.readers {
            let source = table_of(reader)?;
            for document in 0..source.documents() {
                let reaches = source.reaches(document).map_err(corrupt)?;
                merged.add(*source.get(document).map_err(corrupt)?, reaches);
            }
        }
        write(merged, context.target_segment)
    }
}

impl PluginWriter for Groups {
    fn serialize(
        self: Box<Self>,
        segment: &Segment,
        _mapping: Option<&DocIdMapping>,
    ) -> tantivy::Result<()> {
        write(self.table, segment)
    }

    fn mem_usage(&self) -> usize {
        self.table.memory()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

fn write(table: TableWriter, segment: &Segment) -> tantivy::Result<()> {
    let mut out: WritePtr = segment.open_write(SegmentComponent::Custom(EXTENSION.to_owned()))?;
    table.finish(&mut out)?;
    Ok(out.terminate()?)
}
