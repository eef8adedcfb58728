//! What is looked up in the index term by term, without a query.

use std::collections::BTreeSet;

use tantivy::schema::Field;

use crate::store::embedded::identifiers::key_of_half;
use crate::store::embedded::identifiers::plugin::table_of;
use crate::store::embedded::index::{damaged, failed};
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
    let mut found = Vec::new();
    for (segment, ordinal) in snapshot.segments().iter().zip(0..) {
        let table = table_of(segment).map_err(|error| failed(snapshot.folder(), &error))?;
        for &half in halves {
            let key = key_of_half(half);
            let documents = table.documents(&(key..key + 1));
            let documents =
                documents.map_err(|malformed| damaged(snapshot.folder(), malformed.0))?;
            let groups = documents.into_iter().map(|group| GroupAddress::new(ordinal, group));
            let own = groups.filter(|group| snapshot.half_of(*group) == Some(half));
            found.extend(own.map(|group| (half, group)));
        }
    }
    Ok(found)
}
