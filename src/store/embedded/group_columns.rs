//! What the index says of each document beside its terms, in columns: where a group is, of
//! which request and time, and which documents are no groups.

use std::path::Path;

use tantivy::columnar::{Column, ColumnIndex, HasAssociatedColumnType};
use tantivy::{DocId, SegmentReader};

use crate::store::embedded::index::{damaged, failed};
use crate::store::embedded::schema::column;
use crate::store::error::StoreError;

/// Values of a column that are read at once.
const READ_AT_ONCE: usize = 1 << 10;

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

    /// The documents of templates in order, and the templates' numbers.
    pub(super) fn templates(&self) -> impl Iterator<Item = (DocId, u32)> + '_ {
        let documents: Box<dyn Iterator<Item = DocId>> = match &self.number.index {
            ColumnIndex::Empty { .. } => Box::new(std::iter::empty()),
            ColumnIndex::Optional(present) => Box::new(present.iter_non_null_docs()),
            ColumnIndex::Full | ColumnIndex::Multivalued(_) => Box::new(0..self.documents),
        };
        documents.filter_map(|document| Some((document, self.number.first(document)? as u32)))
    }

    /// Calls `visit` with the halves that are wanted, and the documents that have them. The
    /// others cost next to nothing.
    pub(super) fn each_half(
        &self,
        is_wanted: impl Fn(u64) -> bool,
        mut visit: impl FnMut(u64, DocId),
    ) {
        let mut halves = [0; READ_AT_ONCE];
        let (mut found, mut rows) = (Vec::new(), Vec::new());
        let count = self.half.values.num_vals();
        for start in (0..count).step_by(READ_AT_ONCE) {
            let some = &mut halves[..READ_AT_ONCE.min((count - start) as usize)];
            self.half.values.get_range(u64::from(start), some);
            for (row, half) in (start..).zip(some.iter().copied()) {
                if is_wanted(half) {
                    found.push(half);
                    rows.push(row);
                }
            }
        }
        // Those without a request have no row.
        if let ColumnIndex::Optional(present) = &self.half.index {
            present.select_batch(&mut rows);
        }
        found.into_iter().zip(rows).for_each(|(half, document)| visit(half, document));
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
