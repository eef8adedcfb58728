//! A block: groups of entries with the dictionary they share.
//!
//! ```text
//! dictionary | number of groups | length of each group | group | group | …
//! group: number of entries | entry | entry | …
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
    group_lengths: Vec<u64>,
    groups: Vec<u8>,
}

impl BlockBuilder {
    /// Adds a group and gives its place in the block.
    pub(super) fn add<'a>(
        &mut self,
        count: usize,
        entries: impl Iterator<Item = &'a Entry>,
    ) -> u64 {
        let start = self.groups.len();
        put_number(&mut self.groups, count as u64);
        let mut previous = Previous::default();
        for entry in entries {
            let mut writer = EntryWriter {
                out: &mut self.groups,
                dictionary: &mut self.dictionary,
                previous: &mut previous,
            };
            writer.write(entry);
        }
        self.group_lengths.push((self.groups.len() - start) as u64);
        self.group_lengths.len() as u64 - 1
    }

    /// Bytes so far, without the dictionary.
    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.group_lengths.is_empty()
    }

    /// The whole block; the builder is empty afterwards.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.groups.len() + self.groups.len() / 8);
        self.dictionary.finish(&mut out);
        put_number(&mut out, self.group_lengths.len() as u64);
        for length in self.group_lengths.drain(..) {
            put_number(&mut out, length);
        }
        out.append(&mut self.groups);
        out
    }
}

/// A block that was read.
#[derive(Debug)]
pub(super) struct Block {
    dictionary: Dictionary,
    groups: Vec<Range<usize>>,
    bytes: Vec<u8>,
}

impl Block {
    pub(super) fn parse(bytes: Vec<u8>) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(&bytes);
        let dictionary = Dictionary::read(&mut cursor)?;
        let count = cursor.count()?;
        let lengths: Vec<usize> = (0..count).map(|_| cursor.size()).collect::<Result<_, _>>()?;
        let mut start = bytes.len() - cursor.left();
        let mut groups = Vec::with_capacity(lengths.len());
        for length in lengths {
            let end = start.checked_add(length).filter(|end| *end <= bytes.len());
            let end = end.ok_or(Malformed("a group ends behind its block"))?;
            groups.push(start..end);
            start = end;
        }
        Ok(Self { dictionary, groups, bytes })
    }

    /// The entries of a group, in the order in which they were submitted.
    pub(super) fn entries(&self, group: u64) -> Result<Vec<Entry>, Malformed> {
        let range = usize::try_from(group)
            .ok()
            .and_then(|group| self.groups.get(group))
            .ok_or(Malformed("the block has no such group"))?;
        let mut cursor = Cursor::new(&self.bytes[range.clone()]);
        let count = cursor.count()?;
        let mut reader =
            EntryReader { cursor, dictionary: &self.dictionary, previous: Previous::default() };
        (0..count).map(|_| reader.read()).collect()
    }

    /// Bytes it takes in memory, roughly.
    pub(super) fn memory(&self) -> usize {
        self.bytes.len() + self.dictionary.bytes() + self.groups.len() * 16
    }
}
