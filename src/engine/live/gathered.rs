//! What is gathered for the store until it is enough.

use std::sync::Arc;

use crate::engine::live::Taken;
use crate::model::entry::Entry;
use crate::store::{Batch, Replaced};

/// A batch in the making.
#[derive(Debug, Default)]
pub(super) struct Gathered(Batch);

/// How far a batch had come.
#[derive(Debug, Clone, Copy)]
pub(super) struct BatchMark {
    entries: usize,
    lines: usize,
}

impl Gathered {
    /// The batch, to which a stream adds.
    pub(super) fn batch(&mut self) -> &mut Batch {
        &mut self.0
    }

    /// Its entries, to which a stream adds.
    pub(super) fn entries(&mut self) -> &mut Vec<Entry> {
        &mut self.0.entries
    }

    /// How far it has come.
    pub(super) fn mark(&self) -> BatchMark {
        BatchMark { entries: self.0.entries.len(), lines: self.0.templated.lines().len() }
    }

    /// What has come since.
    pub(super) fn since(&self, mark: BatchMark) -> Taken {
        let entries = self.0.entries[mark.entries..].iter();
        let entries =
            entries.map(|entry| (u64::from(entry.record.lines), entry.record.raw.len() as u64 + 1));
        let lines = self.0.templated.lines()[mark.lines..].iter();
        let lines = lines.map(|line| (1, line.length() as u64 + 1));
        let sum = entries.chain(lines).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        Taken { lines: sum.0, bytes: sum.1 }
    }

    /// The entries that have come since, in the order of their lines.
    pub(super) fn entries_since(&self, mark: BatchMark) -> Vec<Entry> {
        let templated = &self.0.templated;
        let lines = templated.lines()[mark.lines..].iter();
        let lines = lines.filter_map(|line| {
            templated.template(line).entry(&templated.filled(line), line.position)
        });
        let mut entries: Vec<Entry> =
            self.0.entries[mark.entries..].iter().cloned().chain(lines).collect();
        entries.sort_by_key(|entry| entry.record.position);
        entries
    }

    /// What a stream brought from this offset on before is void: here and in the store.
    pub(super) fn replace(&mut self, path: &Arc<str>, offset: u64) {
        self.0.entries.retain(|entry| entry.path != *path || entry.record.position.offset < offset);
        self.0.replaced.push(Replaced { path: path.to_string(), offset });
    }

    /// A stream is gone for good.
    pub(super) fn forget(&mut self, path: &str) {
        self.0.forgotten.push(path.to_owned());
    }

    /// All of it; nothing is left.
    pub(super) fn take(&mut self) -> Batch {
        std::mem::take(&mut self.0)
    }
}
