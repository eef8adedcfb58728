//! The index's lists of documents: opened, gone through, and held against groups that are
//! left already.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Range;

use tantivy::postings::{SegmentPostings, TermInfo};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, TERMINATED, Term};

use crate::store::embedded::identifiers::Key;
use crate::store::embedded::index::{damaged, failed};
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};
use crate::store::error::StoreError;

/// The documents with one term or id, in each segment that has any.
#[derive(Debug, Clone)]
pub(super) struct List {
    parts: Vec<(u32, Part)>,
}

/// The documents of one segment.
#[derive(Debug, Clone)]
enum Part {
    /// Those of a term, and where they are.
    Term(Field, TermInfo),
    /// These, in order.
    Known(Vec<DocId>),
}

impl List {
    /// The documents with this term.
    pub(super) fn of(term: &Term, snapshot: &Snapshot) -> Result<Self, StoreError> {
        let failed = |error| failed(snapshot.folder(), &error);
        let (field, mut parts) = (term.field(), Vec::new());
        for (segment, ordinal) in snapshot.segments().iter().zip(0..) {
            let index = segment.inverted_index(field).map_err(failed)?;
            let found = index.get_term_info(term).map_err(|error| failed(error.into()))?;
            parts.extend(found.map(|place| (ordinal, Part::Term(field, place))));
        }
        Ok(Self { parts })
    }

    /// The documents with an id that has one of these keys.
    pub(super) fn identified(keys: &Range<Key>, snapshot: &Snapshot) -> Result<Self, StoreError> {
        let mut parts = Vec::new();
        for (table, ordinal) in snapshot.identifiers().iter().zip(0..) {
            let found = table.documents(keys);
            let found = found.map_err(|malformed| damaged(snapshot.folder(), malformed.0))?;
            if !found.is_empty() {
                parts.push((ordinal, Part::Known(found)));
            }
        }
        Ok(Self { parts })
    }

    /// The documents with a term that begins like this, a list for each term; none if there
    /// are more than `most`.
    pub(super) fn beginning(
        field: Field,
        first: &str,
        most: usize,
        snapshot: &Snapshot,
    ) -> Result<Option<Vec<Self>>, StoreError> {
        // Words are letters and digits; this is neither, and sorts behind all of them.
        let behind = format!("{first}{}", char::MAX);
        let mut lists = Vec::new();
        for (segment, ordinal) in snapshot.segments().iter().zip(0..) {
            let failed = |error| failed(snapshot.folder(), &error);
            let index = segment.inverted_index(field).map_err(failed)?;
            let range = index.terms().range().ge(first).lt(&behind).without_keys();
            let mut terms = range.into_stream().map_err(|error| failed(error.into()))?;
            while terms.advance() {
                if lists.len() == most {
                    return Ok(None);
                }
                let part = Part::Term(field, terms.value().clone());
                lists.push(Self { parts: vec![(ordinal, part)] });
            }
        }
        Ok(Some(lists))
    }

    /// How many documents.
    pub(super) fn count(&self) -> u64 {
        let count = |part: &Part| match part {
            Part::Term(_, place) => u64::from(place.doc_freq),
            Part::Known(documents) => documents.len() as u64,
        };
        self.parts.iter().map(|(_, part)| count(part)).sum()
    }

    /// In how many segments some are.
    pub(super) fn segments(&self) -> u64 {
        self.parts.len() as u64
    }

    /// Calls `visit` with each document.
    pub(super) fn each(
        &self,
        snapshot: &Snapshot,
        visit: &mut dyn FnMut(GroupAddress),
    ) -> Result<(), StoreError> {
        for (ordinal, part) in &self.parts {
            let mut add = |document| visit(GroupAddress::new(*ordinal, document));
            match part {
                Part::Known(documents) => documents.iter().copied().for_each(add),
                Part::Term(field, place) => {
                    let mut postings = open(*ordinal, *field, place, snapshot)?;
                    while postings.doc() != TERMINATED {
                        add(postings.doc());
                        postings.advance();
                    }
                }
            }
        }
        Ok(())
    }

    /// Calls `visit` with the index of each of `among`, which is in order, that is in the list.
    pub(super) fn each_among(
        &self,
        among: &[GroupAddress],
        snapshot: &Snapshot,
        visit: &mut dyn FnMut(usize),
    ) -> Result<(), StoreError> {
        for (ordinal, part) in &self.parts {
            let from = among.partition_point(|group| group.segment_ord < *ordinal);
            let to = among.partition_point(|group| group.segment_ord <= *ordinal);
            let own = &among[from..to];
            if own.is_empty() {
                continue;
            }
            let mut find = |at| visit(from + at);
            match part {
                Part::Known(documents) => {
                    for document in documents {
                        let found = own.binary_search_by_key(document, |group| group.doc_id);
                        found.into_iter().for_each(&mut find);
                    }
                }
                Part::Term(field, place) => {
                    leap(own, open(*ordinal, *field, place, snapshot)?, &mut find);
                }
            }
        }
        Ok(())
    }
}

fn open(
    ordinal: u32,
    field: Field,
    place: &TermInfo,
    snapshot: &Snapshot,
) -> Result<SegmentPostings, StoreError> {
    let failed = |error| failed(snapshot.folder(), &error);
    let index = snapshot.segments()[ordinal as usize].inverted_index(field).map_err(failed)?;
    let postings = index.read_postings_from_terminfo(place, IndexRecordOption::Basic);
    postings.map_err(|error| failed(error.into()))
}

/// Finds the groups that are among some documents: each side leaps over what the other lacks.
fn leap(groups: &[GroupAddress], mut postings: SegmentPostings, find: &mut dyn FnMut(usize)) {
    let mut at = 0;
    while at < groups.len() && postings.doc() != TERMINATED {
        let (wanted, there) = (groups[at].doc_id, postings.doc());
        match there.cmp(&wanted) {
            Ordering::Less => drop(postings.seek(wanted)),
            Ordering::Equal => {
                find(at);
                at += 1;
            }
            Ordering::Greater => at += behind(&groups[at..], there),
        }
    }
}

/// The terms of a field of texts.
pub(super) fn terms(snapshot: &Snapshot, field: Field) -> Result<BTreeSet<String>, StoreError> {
    let failed = |error| failed(snapshot.folder(), &error);
    let mut found = BTreeSet::new();
    for segment in snapshot.segments() {
        let index = segment.inverted_index(field).map_err(failed)?;
        let mut terms = index.terms().stream().map_err(|error| failed(error.into()))?;
        while let Some((term, _)) = terms.next() {
            found.insert(String::from_utf8_lossy(term).into_owned());
        }
    }
    Ok(found)
}

/// How many of these groups stand before a document: found in steps that double, since the
/// next one is mostly near.
fn behind(groups: &[GroupAddress], document: DocId) -> usize {
    let mut step = 1;
    while step < groups.len() && groups[step].doc_id < document {
        step *= 2;
    }
    let from = step / 2;
    let to = groups.len().min(step + 1);
    from + groups[from..to].partition_point(|group| group.doc_id < document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_behind_is_found_wherever_it_is() {
        let groups: Vec<GroupAddress> =
            (0..100).map(|number| GroupAddress::new(3, number * 3)).collect();
        for document in 0..310 {
            let expected = groups.iter().filter(|group| group.doc_id < document).count();
            assert_eq!(behind(&groups, document), expected, "document: {document}");
        }
    }
}
