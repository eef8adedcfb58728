//! The table of groups as a part of a segment: written with it, merged with it, removed with it.

use std::any::Any;

use tantivy::directory::TerminatingWrite;
use tantivy::index::{Segment, SegmentReader};
use tantivy::indexer::doc_id_mapping::DocIdMapping;
use tantivy::{PluginMergeContext, PluginWriter, PluginWriterContext, SegmentPlugin};

use crate::store::embedded::extension::{self, corrupt};
use crate::store::embedded::group_table::Document;
use crate::store::embedded::group_table::table::{GroupTable, TableWriter};
use crate::store::embedded::wire::Malformed;

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
    let table = GroupTable::open(extension::read(segment, EXTENSION)?).map_err(corrupt)?;
    if table.documents() == segment.max_doc() {
        return Ok(table);
    }
    Err(corrupt(Malformed("a table of groups does not fit its segment")))
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
        extension::refuse_unless_in_order(&context)?;
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
    let mut out = extension::create(segment, EXTENSION)?;
    table.finish(&mut out)?;
    Ok(out.terminate()?)
}
