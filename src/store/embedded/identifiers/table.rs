//! The table of one segment: keys in order, each with the documents that have it.
//!
//! ```text
//! blocks of 128 keys | for each block its first key and where it begins | trailer
//! block: bits of a step | for each key: the step from the one before | its documents
//! trailer: number of blocks (8) | documents in the segment (4) | "LLI1"
//! ```
//! A single document, the usual case, is a bit and its number; several are their count, the first,
//! and steps.
//!
//! Always: reading foreign bytes gives [`Malformed`], never a panic and never more keys than bits.

use std::io::Write;
use std::ops::Range;

use tantivy::DocId;
use tantivy::directory::OwnedBytes;

use crate::store::embedded::identifiers::Key;
use crate::store::embedded::identifiers::bits::{BitReader, BitWriter};
use crate::store::embedded::wire::Malformed;

/// Keys in one block: a look-up reads one, or a few for a beginning.
const BLOCK_KEYS: usize = 128;

const MAGIC: &[u8; 4] = b"LLI1";
const TRAILER_BYTES: usize = 16;
const ENTRY_BYTES: usize = 16;

/// Bits that a step's width takes.
const STEP_BITS: u32 = 6;

/// Steps of more bits are written in full.
const STEP_BITS_MAX: u32 = 36;

/// Bits for the number of bits of a count.
const COUNT_BITS: u32 = 5;

/// How many bits the number of a document takes in a segment of so many.
const fn width_of(documents: DocId) -> u32 {
    DocId::BITS - documents.leading_zeros()
}

/// How many bits a step between the documents of one key has, about.
const fn step_width(documents: DocId, count: u32) -> u32 {
    let mean = documents / if count == 0 { 1 } else { count };
    width_of(mean).saturating_sub(1)
}

/// Writes a table, key by key.
pub(super) struct TableWriter<W> {
    out: W,
    documents: DocId,
    written: u64,
    /// For each block its first key and where it begins.
    directory: Vec<u8>,
    blocks: u64,
    keys: Vec<Key>,
    /// The documents of the keys of the block, one key after the other, and how many each has.
    members: Vec<DocId>,
    counts: Vec<u32>,
}

impl<W: Write> TableWriter<W> {
    /// For a segment of so many documents.
    pub(super) const fn new(out: W, documents: DocId) -> Self {
        Self {
            out,
            documents,
            written: 0,
            directory: Vec::new(),
            blocks: 0,
            keys: Vec::new(),
            members: Vec::new(),
            counts: Vec::new(),
        }
    }

    /// Adds a document that has a key. Keys come in order, and the documents of each as well.
    pub(super) fn add(&mut self, key: Key, document: DocId) -> std::io::Result<()> {
        if self.keys.last() != Some(&key) {
            if self.keys.len() == BLOCK_KEYS {
                self.flush()?;
            }
            self.keys.push(key);
            self.counts.push(0);
        } else if self.members.last() == Some(&document) {
            return Ok(());
        }
        self.members.push(document);
        *self.counts.last_mut().expect("the key was added above") += 1;
        Ok(())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let Some(first) = self.keys.first() else { return Ok(()) };
        self.directory.extend_from_slice(&first.to_le_bytes());
        self.directory.extend_from_slice(&self.written.to_le_bytes());
        self.blocks += 1;
        let mut bits = BitWriter::default();
        let width = median_width(&self.keys);
        bits.put(u64::from(width), STEP_BITS);
        bits.put(self.keys.len() as u64 - 1, 7);
        let (mut before, mut members) = (*first, &self.members[..]);
        for (key, count) in self.keys.iter().zip(&self.counts) {
            bits.put_rice(key - before, width);
            before = *key;
            let (own, rest) = members.split_at(*count as usize);
            put_members(&mut bits, own, self.documents);
            members = rest;
        }
        let block = bits.take();
        self.out.write_all(&block)?;
        self.written += block.len() as u64;
        self.keys.clear();
        self.members.clear();
        self.counts.clear();
        Ok(())
    }

    /// Writes what is left, and gives the file to be closed.
    pub(super) fn finish(mut self) -> std::io::Result<W> {
        self.flush()?;
        self.out.write_all(&self.directory)?;
        self.out.write_all(&self.blocks.to_le_bytes())?;
        self.out.write_all(&self.documents.to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        Ok(self.out)
    }
}

/// The number of bits of the middle step: half of the steps are smaller.
fn median_width(keys: &[Key]) -> u32 {
    let mut steps: Vec<u64> = keys.windows(2).map(|pair| pair[1] - pair[0]).collect();
    if steps.is_empty() {
        return 0;
    }
    let middle = steps.len() / 2;
    let (_, median, _) = steps.select_nth_unstable(middle);
    (u64::BITS - median.leading_zeros()).saturating_sub(1).min(STEP_BITS_MAX)
}

fn put_members(bits: &mut BitWriter, members: &[DocId], documents: DocId) {
    let (Some(first), count) = (members.first(), members.len() as u32) else { return };
    bits.put(u64::from(count > 1), 1);
    if count > 1 {
        let width = width_of(count);
        bits.put(u64::from(width), COUNT_BITS);
        bits.put(u64::from(count), width);
    }
    bits.put(u64::from(*first), width_of(documents));
    let low = step_width(documents, count);
    for pair in members.windows(2) {
        bits.put_rice(u64::from(pair[1] - pair[0]), low);
    }
}

/// A table that was written.
#[derive(Debug, Clone)]
pub(in crate::store::embedded) struct Table {
    bytes: OwnedBytes,
    /// Where the directory is.
    directory: Range<usize>,
    documents: DocId,
}

impl Table {
    /// The table in these bytes, which are looked at as far as they are asked for.
    pub(in crate::store::embedded) fn open(bytes: OwnedBytes) -> Result<Self, Malformed> {
        let (rest, trailer) = bytes
            .split_last_chunk::<TRAILER_BYTES>()
            .filter(|(_, trailer)| trailer.ends_with(MAGIC))
            .ok_or(Malformed("no table of ids"))?;
        let blocks = u64::from_le_bytes(trailer[..8].try_into().expect("eight bytes"));
        let documents = DocId::from_le_bytes(trailer[8..12].try_into().expect("four bytes"));
        let length =
            usize::try_from(blocks).ok().and_then(|blocks| blocks.checked_mul(ENTRY_BYTES));
        let start = length.and_then(|length| rest.len().checked_sub(length));
        let directory = start.ok_or(Malformed("a table of ids is cut off"))?..rest.len();
        Ok(Self { bytes, directory, documents })
    }

    /// The documents that have one of these keys, in order, each once.
    pub(in crate::store::embedded) fn documents(
        &self,
        keys: &Range<Key>,
    ) -> Result<Vec<DocId>, Malformed> {
        let mut found = Vec::new();
        self.each(keys, &mut |_, document| found.push(document))?;
        if !found.is_sorted() {
            found.sort_unstable();
        }
        found.dedup();
        Ok(found)
    }

    /// Calls `visit` with each of these keys and each document that has it.
    pub(super) fn each(
        &self,
        keys: &Range<Key>,
        visit: &mut dyn FnMut(Key, DocId),
    ) -> Result<(), Malformed> {
        let blocks = self.directory.len() / ENTRY_BYTES;
        let mut block = self.block_of(keys.start, blocks);
        while block < blocks {
            let (first, _) = self.entry(block);
            if first >= keys.end {
                break;
            }
            self.read(block, keys, visit)?;
            block += 1;
        }
        Ok(())
    }

    /// The last block that begins at or before a key.
    fn block_of(&self, key: Key, blocks: usize) -> usize {
        let (mut low, mut high) = (0, blocks);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.entry(middle).0 <= key { low = middle + 1 } else { high = middle }
        }
        low.saturating_sub(1)
    }

    /// The first key of a block and where the block begins.
    fn entry(&self, block: usize) -> (Key, u64) {
        let at = self.directory.start + block * ENTRY_BYTES;
        let number = |at: usize| {
            let bytes = self.bytes[at..at + 8].try_into().expect("eight bytes");
            u64::from_le_bytes(bytes)
        };
        (number(at), number(at + 8))
    }

    fn read(
        &self,
        block: usize,
        keys: &Range<Key>,
        visit: &mut dyn FnMut(Key, DocId),
    ) -> Result<(), Malformed> {
        let (mut key, start) = self.entry(block);
        let rest = usize::try_from(start)
            .ok()
            .and_then(|start| self.bytes.get(start..self.directory.start));
        let mut bits = BitReader::new(rest.ok_or(Malformed("a block of ids is missing"))?);
        let width = bits.number(STEP_BITS)? as u32;
        if width > STEP_BITS_MAX {
            return Err(Malformed("a step of ids is too wide"));
        }
        let count = bits.number(7)? + 1;
        for _ in 0..count {
            key = key.wrapping_add(bits.rice(width)?);
            if key >= keys.end {
                break;
            }
            let is_wanted = key >= keys.start;
            self.members(&mut bits, &mut |document| {
                if is_wanted {
                    visit(key, document);
                }
            })?;
        }
        Ok(())
    }

    fn members(
        &self,
        bits: &mut BitReader<'_>,
        visit: &mut dyn FnMut(DocId),
    ) -> Result<(), Malformed> {
        let mut count = 1;
        if bits.number(1)? == 1 {
            let width = bits.number(COUNT_BITS)? as u32;
            count = bits.number(width)? as u32;
        }
        if count > self.documents {
            return Err(Malformed("an id has too many documents"));
        }
        let mut document = bits.number(width_of(self.documents))?;
        let low = step_width(self.documents, count);
        for place in 0..count {
            if place > 0 {
                document = document.wrapping_add(bits.rice(low)?);
            }
            let known = DocId::try_from(document).ok().filter(|known| *known < self.documents);
            visit(known.ok_or(Malformed("an id has no such document"))?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const DOCUMENTS: DocId = 1 << 20;

    fn table(pairs: &BTreeSet<(Key, DocId)>) -> Vec<u8> {
        let mut writer = TableWriter::new(Vec::new(), DOCUMENTS);
        for (key, document) in pairs {
            writer.add(*key, *document).expect("memory takes everything");
        }
        writer.finish().expect("memory takes everything")
    }

    fn pairs() -> impl Strategy<Value = BTreeSet<(Key, DocId)>> {
        let key = prop_oneof![0u64..1 << 34, 1000u64..1100, Just(7)];
        prop::collection::btree_set((key, 0..DOCUMENTS), 0..2_000)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_range_of_keys_has_the_documents_of_all_of_them(
            pairs in pairs(), start in 0u64..1 << 34, length in 0u64..1 << 33
        ) {
            let table = Table::open(OwnedBytes::new(table(&pairs))).expect("a table");
            for keys in [start..start + length, 1000..1050, 7..8, 0..u64::MAX] {
                let wanted = pairs.iter().filter(|pair| keys.contains(&pair.0)).map(|pair| pair.1);
                let expected: BTreeSet<DocId> = wanted.collect();
                let found = table.documents(&keys).expect("whole");
                prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
            }
        }

        #[test]
        fn damage_is_an_error_or_other_documents_but_no_panic(
            pairs in pairs(), place: prop::sample::Index, bit in 0u32..8
        ) {
            let mut bytes = table(&pairs);
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
            if let Ok(table) = Table::open(OwnedBytes::new(bytes)) {
                let _any_answer = table.documents(&(0..u64::MAX));
            }
        }
    }

    #[test]
    fn ids_of_one_document_each_take_little_more_than_five_bytes() {
        let mut noise = 1u64;
        let mut next = || {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            noise >> 30
        };
        let pairs = (0..100_000).map(|_| (next(), next() as DocId % DOCUMENTS)).collect();
        assert!(table(&pairs).len() < 550_000, "{}", table(&pairs).len());
    }
}
