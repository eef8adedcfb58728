//! A block: groups of entries with the dictionary they share.
//!
//! ```text
//! dictionary | number of groups | for each group the lengths of its two parts
//!            | what is known of the entries of each group | their original bytes
//! ```

use std::ops::Range;

use crate::model::entry::Entry;
use crate::store::embedded::codec::Previous;
use crate::store::embedded::codec::read::EntryReader;
use crate::store::embedded::codec::write::EntryWriter;
use crate::store::embedded::dictionary::{Dictionary, DictionaryBuilder};
use crate::store::embedded::wire::{Cursor, Malformed, put_number};

/// A block on its way to disk.
#[derive(Debug, Default)]
pub(super) struct BlockBuilder {
    dictionary: DictionaryBuilder,
    lengths: Vec<[u64; 2]>,
    known: Vec<u8>,
    raw: Vec<u8>,
}

impl BlockBuilder {
    /// Adds a group and gives its place in the block.
    pub(super) fn add<'a>(
        &mut self,
        count: usize,
        entries: impl Iterator<Item = &'a Entry>,
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
        let lengths = [self.known.len() - starts[0], self.raw.len() - starts[1]];
        self.lengths.push(lengths.map(|length| length as u64));
        self.lengths.len() as u64 - 1
    }

    /// Bytes so far, without the dictionary.
    pub(super) fn len(&self) -> usize {
        self.known.len() + self.raw.len()
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
    }
}

/// A block that was read.
#[derive(Debug)]
pub(super) struct Block {
    dictionary: Dictionary,
    groups: Vec<Group>,
    bytes: Vec<u8>,
}

/// Where the parts of a group are in its block.
#[derive(Debug, Clone)]
struct Group {
    known: Range<usize>,
    raw: Range<usize>,
}

impl Block {
    pub(super) fn parse(bytes: Vec<u8>) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(&bytes);
        let dictionary = Dictionary::read(&mut cursor)?;
        let count = cursor.count()?;
        let lengths = (0..count).map(|_| Ok([cursor.size()?, cursor.size()?]));
        let lengths: Vec<[usize; 2]> = lengths.collect::<Result<_, _>>()?;
        let start = bytes.len() - cursor.left();
        let known = ranges(start, bytes.len(), lengths.iter().map(|both| both[0]))?;
        let start = known.last().map_or(start, |last| last.end);
        let raw = ranges(start, bytes.len(), lengths.iter().map(|both| both[1]))?;
        let groups = known.into_iter().zip(raw).map(|(known, raw)| Group { known, raw }).collect();
        Ok(Self { dictionary, groups, bytes })
    }

    /// The entries of a group, in the order in which they were submitted.
    pub(super) fn entries(&self, group: u64) -> Result<Vec<Entry>, Malformed> {
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
        (0..count).map(|_| reader.read()).collect()
    }

    /// Bytes it takes in memory, roughly.
    pub(super) fn memory(&self) -> usize {
        self.bytes.len() + self.dictionary.bytes() + self.groups.len() * size_of::<Group>()
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
