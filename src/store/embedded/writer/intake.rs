//! One thread's part in taking a batch in: groups to blocks, blocks to the file, and the index's
//! documents of the groups.

use std::ops::Range;

use tantivy::{IndexWriter, TantivyDocument};

use crate::model::entry::Entry;
use crate::model::templated::TemplatedLine;
use crate::store::Batch;
use crate::store::embedded::block::{BlockBuilder, NewLine};
use crate::store::embedded::document::{self, Numbered, Statement};
use crate::store::embedded::frame::Packer;
use crate::store::embedded::group_table::{self, Document};
use crate::store::embedded::groups::Group;
use crate::store::embedded::home::Home;
use crate::store::embedded::identifiers::Key;
use crate::store::embedded::segment::{NewDocument, OpenSegment};
use crate::store::embedded::templates::KnownTemplate;
use crate::store::embedded::terms::Terms;
use crate::store::embedded::writer::{StoreWriter, held};
use crate::store::error::StoreError;

/// A block is closed when it has grown to this. Larger ones compress a little better and
/// make the one request that is wanted slower to read.
const BLOCK_BYTES: usize = 64 << 10;

/// A batch on its way in.
pub(super) struct Work<'a> {
    pub(super) writer: &'a StoreWriter,
    pub(super) index: &'a IndexWriter,
    pub(super) paths: Numbered,
    pub(super) batch: &'a Batch,
    /// Its templates, by their places in the batch.
    pub(super) known: &'a [Option<KnownTemplate>],
    pub(super) number: u64,
}

/// A group whose block is not yet written.
struct Pending {
    terms: TantivyDocument,
    /// Which of the keys are those of its ids.
    keys: Range<usize>,
    facts: group_table::Group,
    reaches: Vec<u64>,
}

/// One thread's share of a batch on its way in.
pub(super) struct BatchIntake<'a> {
    work: &'a Work<'a>,
    segment: Option<OpenSegment>,
    packer: Packer,
    block: BlockBuilder,
    /// The last block before it was packed; used again for the next one.
    plain: Vec<u8>,
    /// The groups of the block.
    pending: Vec<Pending>,
    /// The keys of their ids.
    keys: Vec<Key>,
    terms: Terms,
}

impl<'a> BatchIntake<'a> {
    /// Goes on with a segment that is not full, if there is one.
    pub(super) fn new(work: &'a Work<'a>) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Io { path: work.writer.home.blocks(), source };
        Ok(Self {
            work,
            segment: held(&work.writer.segments).pop(),
            packer: Packer::new().map_err(failed)?,
            block: BlockBuilder::default(),
            plain: Vec::new(),
            pending: Vec::new(),
            keys: Vec::new(),
            terms: Terms::default(),
        })
    }

    /// Takes these groups of the batch in.
    pub(super) fn take_in(mut self, groups: &[Group]) -> Result<(), StoreError> {
        for group in groups {
            self.add(group)?;
        }
        self.flush()?;
        held(&self.work.writer.segments).extend(self.segment);
        Ok(())
    }

    fn add(&mut self, group: &Group) -> Result<(), StoreError> {
        let Batch { entries, templated, .. } = self.work.batch;
        let entries = group.entries.iter().map(|place| &entries[*place as usize]);
        let lines = group.lines.iter().map(|place| &templated.lines()[*place as usize]);
        let known = |line: &TemplatedLine| {
            let known = self.work.known[line.template as usize].as_ref();
            known.expect("lines of unknown templates became entries")
        };
        let new_lines = lines.clone().map(|line| NewLine {
            number: known(line).number,
            template: templated.template(line),
            filled: templated.filled(line),
            position: line.position,
        });
        let slot = self.block.add(group.entries.len(), entries.clone(), new_lines);
        self.terms.clear();
        if let Some(id) = group.trace {
            self.terms.trace(id);
        }
        self.terms.collect(entries.clone());
        for line in lines.clone() {
            self.terms.line(known(line), templated.template(line), &templated.filled(line));
        }
        let of_entries = entries.map(|entry| Statement {
            path: &entry.path,
            offset: entry.record.position.offset,
            time: entry.time(),
        });
        let of_lines = lines.map(|line| Statement {
            path: &templated.template(line).sample.path,
            offset: line.position.offset,
            time: Some(line.time),
        });
        let mut facts = group_table::Group::new(group.trace, slot, self.work.number);
        let statements = of_entries.chain(of_lines);
        let reaches = document::counted(&mut facts, statements, &self.work.paths);
        let first = self.keys.len();
        self.keys.extend_from_slice(self.terms.identifiers());
        let keys = first..self.keys.len();
        let terms = document::of(&self.work.writer.fields, &self.terms);
        self.pending.push(Pending { terms, keys, facts, reaches });
        if self.block.len() >= BLOCK_BYTES { self.flush() } else { Ok(()) }
    }

    /// Writes the block and indexes its groups.
    fn flush(&mut self) -> Result<(), StoreError> {
        if self.block.is_empty() {
            return Ok(());
        }
        self.plain.clear();
        self.block.finish(&mut self.plain);
        let packed = self.packer.pack(&self.plain);
        let packed = packed
            .map_err(|source| StoreError::Io { path: self.work.writer.home.blocks(), source })?
            .ok_or_else(|| too_large(&self.work.writer.home, &self.work.batch.entries))?;
        let place = held(&self.work.writer.blocks).append(packed)?;
        let folder = self.work.writer.home.index();
        let mut segment = match self.segment.take() {
            Some(segment) => segment,
            None => OpenSegment::new(self.work.index, &folder)?,
        };
        for mut pending in self.pending.drain(..) {
            pending.facts.place = place;
            let document = NewDocument {
                terms: pending.terms,
                keys: &self.keys[pending.keys],
                facts: Document::Group(pending.facts),
                reaches: &pending.reaches,
            };
            segment.add(document, &folder)?;
        }
        self.keys.clear();
        if segment.is_full() {
            return segment.finish(self.work.index, &folder);
        }
        self.segment = Some(segment);
        Ok(())
    }
}

/// A block grows beyond its limit only by one gigantic entry: the batch's largest.
fn too_large(home: &Home, batch: &[Entry]) -> StoreError {
    let largest = batch.iter().max_by_key(|entry| entry.record.raw.len());
    let stream = largest.map_or_else(String::new, |entry| entry.path.to_string());
    StoreError::TooLarge { path: home.path().to_owned(), stream }
}
