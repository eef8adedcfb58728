//! What the index says of each document beside its terms, in columns: where a group is, of
//! which request and time, and which documents are no groups.

use std::path::Path;

use tantivy::SegmentReader;
use tantivy::columnar::{Column, HasAssociatedColumnType};

use crate::store::embedded::index::{damaged, failed};
use crate::store::embedded::schema::column;
use crate::store::error::StoreError;

/// The columns of one segment.
pub(super) struct Columns {
    pub(super) number: Column<u64>,
    pub(super) half: Column<u64>,
    pub(super) high: Column<u64>,
    pub(super) file: Column<u64>,
    pub(super) offset: Column<u64>,
    pub(super) slot: Column<u64>,
    pub(super) batch: Column<u64>,
    pub(super) first: Column<i64>,
    pub(super) last: Column<i64>,
    pub(super) entries: Column<u64>,
    pub(super) reach: Column<u64>,
    pub(super) documents: u32,
}

impl Columns {
    pub(super) fn open(segment: &SegmentReader, folder: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            number: open_column(segment, column::NUMBER, folder)?,
            half: open_column(segment, column::HALF, folder)?,
            high: open_column(segment, column::HIGH, folder)?,
            file: open_column(segment, column::FILE, folder)?,
            offset: open_column(segment, column::OFFSET, folder)?,
            slot: open_column(segment, column::SLOT, folder)?,
            batch: open_column(segment, column::BATCH, folder)?,
            first: open_column(segment, column::FIRST, folder)?,
            last: open_column(segment, column::LAST, folder)?,
            entries: open_column(segment, column::ENTRIES, folder)?,
            reach: open_column(segment, column::REACH, folder)?,
            documents: segment.max_doc(),
        })
    }
}

/// A column that no group of the segment has a value in is not there at all.
fn open_column<T: HasAssociatedColumnType + PartialOrd + Default>(
    segment: &SegmentReader,
    name: &str,
    folder: &Path,
) -> Result<Column<T>, StoreError>
where
    tantivy::columnar::DynamicColumn: Into<Option<Column<T>>>,
{
    let found = segment.fast_fields().column_opt::<T>(name);
    let column = found
        .map_err(|error| failed(folder, &error))?
        .unwrap_or_else(|| Column::build_empty_column(segment.max_doc()));
    if column.num_docs() == segment.max_doc() {
        return Ok(column);
    }
    Err(damaged(folder, "a column does not fit its segment"))
}
