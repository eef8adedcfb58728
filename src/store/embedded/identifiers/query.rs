//! A query for the documents that have one of some keys.

use std::ops::Range;

use tantivy::index::SegmentReader;
use tantivy::query::{ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, TERMINATED, TantivyError};

use crate::store::embedded::identifiers::Key;
use crate::store::embedded::identifiers::plugin::{corrupt, table_of};

/// Finds the documents that have one of these keys.
#[derive(Debug, Clone)]
pub(in crate::store::embedded) struct Identified {
    keys: Range<Key>,
}

impl Identified {
    /// By any of these keys.
    pub(in crate::store::embedded) const fn by(keys: Range<Key>) -> Self {
        Self { keys }
    }

    /// By one key.
    pub(in crate::store::embedded) const fn by_key(key: Key) -> Self {
        Self { keys: key..key + 1 }
    }

    /// The documents of a segment.
    pub(in crate::store::embedded) fn documents(
        &self,
        segment: &SegmentReader,
    ) -> tantivy::Result<Vec<DocId>> {
        table_of(segment)?.documents(&self.keys).map_err(corrupt)
    }
}

impl Query for Identified {
    fn weight(&self, _scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Identified {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let documents = Documents { all: self.documents(segment)?, place: 0 };
        Ok(Box::new(ConstScorer::new(documents, boost)))
    }

    fn explain(&self, _segment: &SegmentReader, document: DocId) -> tantivy::Result<Explanation> {
        Err(TantivyError::InvalidArgument(format!("nothing explains document {document}")))
    }
}

/// Documents in order.
struct Documents {
    all: Vec<DocId>,
    place: usize,
}

impl DocSet for Documents {
    fn advance(&mut self) -> DocId {
        self.place += 1;
        self.doc()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        let rest = self.all.get(self.place..).unwrap_or_default();
        self.place += rest.partition_point(|document| *document < target);
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.all.get(self.place).copied().unwrap_or(TERMINATED)
    }

    fn size_hint(&self) -> u32 {
        self.all.len() as u32
    }
}
