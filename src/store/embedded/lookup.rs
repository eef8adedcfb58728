//! What is looked up in the index term by term, without a query.

use std::collections::BTreeSet;

use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, TERMINATED, Term};

use crate::store::embedded::index::failed;
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};
use crate::store::error::StoreError;

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

/// The groups of each of these low halves of trace ids.
pub(super) fn groups_of_halves(
    snapshot: &Snapshot,
    halves: &[u64],
) -> Result<Vec<(u64, GroupAddress)>, StoreError> {
    let failed = |error| failed(snapshot.folder(), &error);
    let mut found = Vec::new();
    for (segment, ordinal) in snapshot.segments().iter().zip(0..) {
        let index = segment.inverted_index(snapshot.fields.half).map_err(failed)?;
        for &half in halves {
            let term = Term::from_field_u64(snapshot.fields.half, half);
            let postings = index.read_postings(&term, IndexRecordOption::Basic);
            let Some(mut postings) = postings.map_err(|error| failed(error.into()))? else {
                continue;
            };
            while postings.doc() != TERMINATED {
                found.push((half, GroupAddress::new(ordinal, postings.doc())));
                postings.advance();
            }
        }
    }
    Ok(found)
}
