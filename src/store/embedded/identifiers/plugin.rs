//! The table of ids as a part of a segment: written with it, merged with it, removed with it.

use std::any::Any;

use tantivy::directory::TerminatingWrite;
use tantivy::index::{Segment, SegmentReader};
use tantivy::indexer::doc_id_mapping::DocIdMapping;
use tantivy::{DocId, PluginMergeContext, PluginWriter, PluginWriterContext, SegmentPlugin};

use crate::store::embedded::extension::{self, corrupt};
use crate::store::embedded::identifiers::table::{Table, TableWriter};
use crate::store::embedded::identifiers::{KEY_BITS, Key};

/// How the files of tables end.
pub(in crate::store::embedded) const EXTENSION: &str = "ids";

/// A segment in memory has fewer documents than this: it is written out long before.
const DOCUMENT_BITS: u32 = u64::BITS - KEY_BITS;

/// Tables are merged part by part, so that few keys are held at once.
const PARTS: u64 = 4_096;

/// Adds the table to the parts of a segment.
pub(in crate::store::embedded) struct IdentifierPlugin;

/// The table of a segment in the making.
#[derive(Default)]
pub(in crate::store::embedded) struct Identifiers {
    /// Keys, each with a document in its low bits.
    pairs: Vec<u64>,
    documents: DocId,
}

impl Identifiers {
    /// The next document has these keys.
    pub(in crate::store::embedded) fn add(&mut self, keys: &[Key]) {
        let document = u64::from(self.documents);
        self.pairs.extend(keys.iter().map(|key| key << DOCUMENT_BITS | document));
        self.documents += 1;
    }
}

/// The table of a segment that was written.
pub(in crate::store::embedded) fn table_of(segment: &SegmentReader) -> tantivy::Result<Table> {
    Table::open(extension::read(segment, EXTENSION)?).map_err(corrupt)
}

impl SegmentPlugin for IdentifierPlugin {
    fn extensions(&self) -> &[&str] {
        &[EXTENSION]
    }

    fn create_writer(
        &self,
        _context: &PluginWriterContext<'_>,
    ) -> tantivy::Result<Box<dyn PluginWriter>> {
        Ok(Box::new(Identifiers::default()))
    }

    fn merge(&self, context: PluginMergeContext<'_>) -> tantivy::Result<()> {
        extension::refuse_unless_in_order(&context)?;
        let mut sources = Vec::with_capacity(context.readers.len());
        let mut documents = 0;
        for reader in context.readers {
            sources.push((table_of(reader)?, documents));
            documents += reader.max_doc();
        }
        let mut table =
            TableWriter::new(extension::create(context.target_segment, EXTENSION)?, documents);
        let keys_of_part = (1 << KEY_BITS) / PARTS;
        let mut pairs: Vec<(Key, DocId)> = Vec::new();
        for part in 0..PARTS {
            let keys = part * keys_of_part..(part + 1) * keys_of_part;
            for (source, before) in &sources {
                let mut add = |key, document| pairs.push((key, before + document));
                source.each(&keys, &mut add).map_err(corrupt)?;
            }
            pairs.sort_unstable();
            pairs.drain(..).try_for_each(|(key, document)| table.add(key, document))?;
        }
        Ok(table.finish()?.terminate()?)
    }
}

impl PluginWriter for Identifiers {
    fn serialize(
        mut self: Box<Self>,
        segment: &Segment,
        _mapping: Option<&DocIdMapping>,
    ) -> tantivy::Result<()> {
        self.pairs.sort_unstable();
        let mut table = TableWriter::new(extension::create(segment, EXTENSION)?, self.documents);
        for pair in &self.pairs {
            let document = pair & ((1 << DOCUMENT_BITS) - 1);
            table.add(pair >> DOCUMENT_BITS, document as DocId)?;
        }
        Ok(table.finish()?.terminate()?)
    }

    fn mem_usage(&self) -> usize {
        self.pairs.capacity() * size_of::<u64>()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}
