//! A block: groups of entries with the dictionary they share.
//!
//! ```text
//! dictionary | number of groups | for each group the lengths of its two parts and its lines
//!            | what is known of the entries of each group | their original bytes
//!            | the columns of the lines of known templates
//! ```

use std::ops::Range;

use crate::model::entry::Entry;
use crate::model::line::Position;
use crate::model::template::{Filled, Template};
use crate::store::Batch;
use crate::store::embedded::codec::Previous;
use crate::store::embedded::codec::read::EntryReader;
use crate::store::embedded::codec::write::EntryWriter;
use crate::store::embedded::columns::read::{StoredLines, TemplateOf};
use crate::store::embedded::columns::write::ColumnsWriter;
use crate::store::embedded::dictionary::{Dictionary, DictionaryBuilder};
use crate::store::embedded::wire::{Cursor, Malformed, put_number};

/// Room is made for at most so many entries before they are read: their number is foreign.
const RESERVED_MAX: usize = 4096;

/// A block on its way to disk.
#[derive(Debug, Default)]
pub(super) struct BlockBuilder {
    dictionary: DictionaryBuilder,
    lengths: Vec<[u64; 3]>,
    known: Vec<u8>,
    raw: Vec<u8>,
    columns: ColumnsWriter,
    /// Bytes of the lines in `columns`.
    line_bytes: usize,
}

/// A line of a known template on its way into a block.
pub(super) struct NewLine<'a> {
    /// The template's number.
    pub(super) number: u32,
    pub(super) template: &'a Template,
    pub(super) filled: Filled<'a>,
    pub(super) position: Position,
}

impl BlockBuilder {
    /// Adds a group and gives its place in the block.
    pub(super) fn add<'a>(
        &mut self,
        count: usize,
        entries: impl Iterator<Item = &'a Entry>,
        lines: impl ExactSizeIterator<Item = NewLine<'a>>,
    ) -> u64 {
        let starts = [self.known.len(), self.raw.len()];
        put_number(&mut self.known, count as u64);
        let mut previous = Previous::default();
        for entry in entries {
            let mut writer = EntryWriter {
                out: &mut self.known,
                raw: &mut self.raw,
                dictionary: &mut self.dictionary,
                previous: &mut previous,
            };
            writer.write(entry);
        }
        let lengths = [self.known.len() - starts[0], self.raw.len() - starts[1], lines.len()];
        for line in lines {
            self.line_bytes += line.filled.line.len();
            self.columns.add(line.number, line.template, &line.filled, line.position);
        }
        self.lengths.push(lengths.map(|length| length as u64));
        self.lengths.len() as u64 - 1
    }

    /// Bytes that whoever reads the block has to put together, without the dictionary.
    pub(super) fn len(&self) -> usize {
        self.known.len() + self.raw.len() + self.line_bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// Writes the whole block to `out`; the builder is empty afterwards.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        self.dictionary.finish(out);
        put_number(out, self.lengths.len() as u64);
        for length in self.lengths.drain(..).flatten() {
            put_number(out, length);
        }
        out.append(&mut self.known);
        out.append(&mut self.raw);
        self.columns.finish(out);
        self.line_bytes = 0;
    }
}

/// A block that was read.
#[derive(Debug)]
pub(super) struct Block {
    dictionary: Dictionary,
    groups: Vec<Group>,
    bytes: Vec<u8>,
    /// Where the columns begin.
    columns: usize,
    lines: StoredLines,
}

/// Where the parts of a group are in its block.
#[derive(Debug, Clone)]
struct Group {
    known: Range<usize>,
    raw: Range<usize>,
    lines: Range<usize>,
}

impl Block {
    pub(super) fn parse(bytes: Vec<u8>) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(&bytes);
        let dictionary = Dictionary::read(&mut cursor)?;
        let count = cursor.count()?;
        let lengths = (0..count).map(|_| Ok([cursor.size()?, cursor.size()?, cursor.size()?]));
        let lengths: Vec<[usize; 3]> = lengths.collect::<Result<_, _>>()?;
        let start = bytes.len() - cursor.left();
        let known = ranges(start, bytes.len(), lengths.iter().map(|both| both[0]))?;
        let start = known.last().map_or(start, |last| last.end);
        let raw = ranges(start, bytes.len(), lengths.iter().map(|both| both[1]))?;
        let start = raw.last().map_or(start, |last| last.end);
        // A line takes at least a byte of the columns.
        let lines = ranges(0, bytes.len() - start, lengths.iter().map(|all| all[2]))?;
        let count = lines.last().map_or(0, |last| last.end);
        let parts = known.into_iter().zip(raw).zip(lines);
        let groups = parts.map(|((known, raw), lines)| Group { known, raw, lines }).collect();
        Ok(Self { dictionary, groups, bytes, columns: start, lines: StoredLines::new(count) })
    }

    /// The entries of a group: those submitted as entries, then the lines of known templates,
    /// both in the order in which they were submitted.
    pub(super) fn entries(
        &self,
        group: u64,
        template_of: &TemplateOf<'_>,
    ) -> Result<Vec<Entry>, Malformed> {
        let mut entries = Vec::new();
        self.append(group, template_of, &mut entries)?;
        Ok(entries)
    }

    /// Puts the entries of a group behind others.
    pub(super) fn append(
        &self,
        group: u64,
        template_of: &TemplateOf<'_>,
        entries: &mut Vec<Entry>,
    ) -> Result<(), Malformed> {
        let group = usize::try_from(group)
            .ok()
            .and_then(|group| self.groups.get(group))
            .ok_or(Malformed("the block has no such group"))?;
        let mut cursor = Cursor::new(&self.bytes[group.known.clone()]);
        let count = cursor.count()?;
        let mut reader = EntryReader {
            cursor,
            raw: Cursor::new(&self.bytes[group.raw.clone()]),
            dictionary: &self.dictionary,
            previous: Previous::default(),
        };
        entries.reserve(count.min(RESERVED_MAX) + group.lines.len());
        for _ in 0..count {
            entries.push(reader.read()?);
        }
        let columns = &self.bytes[self.columns..];
        self.lines.append(columns, group.lines.clone(), template_of, entries)
    }

    /// Puts the wanted entries of a group into a batch, lines of known templates as such.
    pub(super) fn copy(
        &self,
        group: u64,
        batch: &mut Batch,
        template_of: &TemplateOf<'_>,
        is_wanted: &mut dyn FnMut(&Entry) -> bool,
    ) -> Result<(), Malformed> {
        let of_group = usize::try_from(group).ok().and_then(|group| self.groups.get(group));
        let lines = of_group.map_or(0..0, |group| group.lines.clone());
        let mut entries = self.entries(group, template_of)?;
        let as_lines = entries.split_off(entries.len() - lines.len());
        batch.entries.extend(entries.into_iter().filter(|entry| is_wanted(entry)));
        if lines.is_empty() {
            return Ok(());
        }
        let stored = self.lines.all(&self.bytes[self.columns..], template_of)?;
        for (line, entry) in lines.zip(as_lines) {
            if is_wanted(&entry) {
                stored.copy(line, entry, batch);
            }
        }
        Ok(())
    }

    /// How many groups it holds.
    pub(super) const fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Bytes it takes in memory, roughly.
    pub(super) fn memory(&self) -> usize {
        self.bytes.len()
            + self.dictionary.bytes()
            + self.lines.memory()
            + self.groups.len() * size_of::<Group>()
    }
}

/// Ranges of these lengths, one after the other.
fn ranges(
    start: usize,
    end: usize,
    lengths: impl Iterator<Item = usize>,
) -> Result<Vec<Range<usize>>, Malformed> {
    let mut start = start;
    let range = |length: usize| {
        let stop = start.checked_add(length).filter(|stop| *stop <= end);
        let range = start..stop.ok_or(Malformed("a group ends behind its block"))?;
        start = range.end;
        Ok(range)
    };
    lengths.map(range).collect()
}
