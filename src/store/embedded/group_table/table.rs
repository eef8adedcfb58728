//! The table of one segment.
//!
//! ```text
//! chunks | for each chunk where it begins (8)
//!        | for each template its document (4) and its number (4)
//!        | number of templates (4) | number of documents (4) | "LLG1"
//! ```

use std::io::Write;
use std::ops::Range;
use std::sync::OnceLock;

use tantivy::DocId;
use tantivy::directory::OwnedBytes;

use crate::store::embedded::group_table::chunk::Chunk;
use crate::store::embedded::group_table::{CHUNK_DOCUMENTS, Document};
use crate::store::embedded::schema::reach_path;
use crate::store::embedded::wire::Malformed;

const MAGIC: &[u8; 4] = b"LLG1";
const TRAILER_BYTES: usize = 12;
const ENTRY_BYTES: usize = 8;

/// Writes a table, document by document.
#[derive(Default)]
pub(super) struct TableWriter {
    chunks: Vec<u8>,
    directory: Vec<u8>,
    open: Chunk,
    templates: Vec<u8>,
    documents: DocId,
}

impl TableWriter {
    /// Adds the next document and how far it reaches in its streams.
    pub(super) fn add(&mut self, document: Document, reaches: &[u64]) {
        if let Document::Template(number) = document {
            self.templates.extend_from_slice(&self.documents.to_le_bytes());
            self.templates.extend_from_slice(&number.to_le_bytes());
        }
        self.open.documents.push(document);
        self.documents += 1;
        let known = &mut self.open.reaches;
        for reach in reaches {
            let same = |known: &u64| reach_path(*known).cmp(&reach_path(*reach));
            match known.binary_search_by(same) {
                Ok(place) => known[place] = known[place].max(*reach),
                Err(place) => known.insert(place, *reach),
            }
        }
        if self.open.documents.len() == CHUNK_DOCUMENTS {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if !self.open.documents.is_empty() {
            self.directory.extend_from_slice(&(self.chunks.len() as u64).to_le_bytes());
            self.open.write(&mut self.chunks);
            self.open.documents.clear();
            self.open.reaches.clear();
        }
    }

    /// Bytes it takes in memory.
    pub(super) fn memory(&self) -> usize {
        self.chunks.capacity() + self.directory.capacity()
    }

    /// Writes the table.
    pub(super) fn finish(mut self, out: &mut impl Write) -> std::io::Result<()> {
        self.flush();
        out.write_all(&self.chunks)?;
        out.write_all(&self.directory)?;
        out.write_all(&self.templates)?;
        out.write_all(&((self.templates.len() / ENTRY_BYTES) as u32).to_le_bytes())?;
        out.write_all(&self.documents.to_le_bytes())?;
        out.write_all(MAGIC)
    }
}

/// A table that was written; chunks are read when they are first asked for.
#[derive(Debug)]
pub(in crate::store::embedded) struct GroupTable {
    bytes: OwnedBytes,
    /// Where the directory is.
    directory: Range<usize>,
    /// Where the list of templates is.
    templates: Range<usize>,
    documents: DocId,
    chunks: Vec<OnceLock<Result<Chunk, Malformed>>>,
}

impl GroupTable {
    /// The table in these bytes.
    pub(super) fn open(bytes: OwnedBytes) -> Result<Self, Malformed> {
        let (rest, trailer) = bytes
            .split_last_chunk::<TRAILER_BYTES>()
            .filter(|(_, trailer)| trailer.ends_with(MAGIC))
            .ok_or(Malformed("no table of groups"))?;
        let number = |at: usize| {
            u32::from_le_bytes([trailer[at], trailer[at + 1], trailer[at + 2], trailer[at + 3]])
        };
        let (templates, documents): (u32, DocId) = (number(0), number(4));
        let cut_off = || Malformed("a table of groups is cut off");
        let start = rest.len().checked_sub(templates as usize * ENTRY_BYTES);
        let templates = start.ok_or_else(cut_off)?..rest.len();
        let count = (documents as usize).div_ceil(CHUNK_DOCUMENTS);
        let start = templates.start.checked_sub(count * ENTRY_BYTES);
        let directory = start.ok_or_else(cut_off)?..templates.start;
        let chunks = std::iter::repeat_with(OnceLock::new).take(count).collect();
        Ok(Self { bytes, directory, templates, documents, chunks })
    }

    /// How many documents there are.
    pub(in crate::store::embedded) const fn documents(&self) -> DocId {
        self.documents
    }

    /// The documents of templates in order, and the templates' numbers.
    pub(in crate::store::embedded) fn templates(&self) -> impl Iterator<Item = (DocId, u32)> + '_ {
        let (entries, _) = self.bytes[self.templates.clone()].as_chunks::<ENTRY_BYTES>();
        entries.iter().map(|entry| {
            let number = |at: usize| {
                u32::from_le_bytes([entry[at], entry[at + 1], entry[at + 2], entry[at + 3]])
            };
            (number(0), number(4))
        })
    }

    /// What is known of a document.
    pub(in crate::store::embedded) fn get(&self, document: DocId) -> Result<&Document, Malformed> {
        let chunk = self.chunk(document as usize / CHUNK_DOCUMENTS)?;
        let found = chunk.documents.get(document as usize % CHUNK_DOCUMENTS);
        found.ok_or(Malformed("a group is missing"))
    }

    /// How far a document and its neighbours reach in their streams.
    pub(in crate::store::embedded) fn reaches(&self, document: DocId) -> Result<&[u64], Malformed> {
        Ok(&self.chunk(document as usize / CHUNK_DOCUMENTS)?.reaches)
    }

    fn chunk(&self, number: usize) -> Result<&Chunk, Malformed> {
        let chunk = self.chunks.get(number).ok_or(Malformed("a group is missing"))?;
        chunk.get_or_init(|| self.read(number)).as_ref().map_err(|malformed| *malformed)
    }

    fn read(&self, number: usize) -> Result<Chunk, Malformed> {
        let start = self.start(number).ok_or(Malformed("a chunk is missing"))?;
        let end = self.start(number + 1).unwrap_or(self.directory.start);
        let bytes = self.bytes.get(start..end.min(self.directory.start));
        Chunk::read(bytes.ok_or(Malformed("a chunk is missing"))?)
    }

    fn start(&self, number: usize) -> Option<usize> {
        let at = self.directory.start + number * ENTRY_BYTES;
        let start = self.bytes.get(at..self.directory.end)?.first_chunk()?;
        usize::try_from(u64::from_le_bytes(*start)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::embedded::group_table::Group;
    use crate::store::embedded::schema::reach;

    fn table(documents: u64) -> GroupTable {
        let mut writer = TableWriter::default();
        for number in 0..documents {
            let group = Document::Group(Group::new(None, number, 1));
            writer.add(group, &[reach(number as u32 % 3, number << 30)]);
        }
        let mut bytes = Vec::new();
        writer.finish(&mut bytes).expect("memory takes everything");
        GroupTable::open(OwnedBytes::new(bytes)).expect("a table")
    }

    #[test]
    fn every_document_is_found_in_its_chunk() {
        for count in [0, 1, 64, 65, 1000] {
            let table = table(count);
            assert_eq!(u64::from(table.documents()), count);
            for number in 0..count {
                let expected = Document::Group(Group::new(None, number, 1));
                assert_eq!(table.get(number as DocId), Ok(&expected));
            }
            assert!(table.get(count as DocId).is_err());
            assert_eq!(table.templates().next(), None);
        }
    }

    #[test]
    fn templates_are_found_without_reading_a_chunk() {
        let mut writer = TableWriter::default();
        for number in 0..200 {
            let group = Document::Group(Group::new(None, number, 1));
            let is_template = number % 50 == 7;
            let template = Document::Template(number as u32 + 1000);
            writer.add(if is_template { template } else { group }, &[]);
        }
        let mut bytes = Vec::new();
        writer.finish(&mut bytes).expect("memory takes everything");
        let table = GroupTable::open(OwnedBytes::new(bytes)).expect("a table");
        let expected = [(7, 1007), (57, 1057), (107, 1107), (157, 1157)];
        assert_eq!(table.templates().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_chunk_reaches_as_far_as_the_farthest_of_its_groups() {
        let table = table(70);
        assert_eq!(
            table.reaches(0),
            Ok(&[reach(0, 63 << 30), reach(1, 61 << 30), reach(2, 62 << 30)][..])
        );
    }
}
