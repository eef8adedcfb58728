//! The files that the store keeps beside the index's own in a segment: written with it, merged with
//! it, removed with it. Each has an extension of its own.

use tantivy::directory::{OwnedBytes, WritePtr};
use tantivy::error::DataCorruption;
use tantivy::index::{Segment, SegmentComponent, SegmentReader};
use tantivy::indexer::doc_id_mapping::MappingType;
use tantivy::{PluginMergeContext, TantivyError};

use crate::store::embedded::wire::Malformed;

/// What such a file of a segment holds.
pub(super) fn read(segment: &SegmentReader, extension: &str) -> tantivy::Result<OwnedBytes> {
    let file = segment.open_read(SegmentComponent::Custom(extension.to_owned()))?;
    Ok(file.read_bytes()?)
}

/// A new one.
pub(super) fn create(segment: &Segment, extension: &str) -> tantivy::Result<WritePtr> {
    Ok(segment.open_write(SegmentComponent::Custom(extension.to_owned()))?)
}

/// Foreign bytes in it, in the index's words.
pub(super) fn corrupt(malformed: Malformed) -> TantivyError {
    TantivyError::DataCorruption(DataCorruption::comment_only(malformed.0))
}

/// Fails unless the documents of the merged segments stand one after the other, as they were:
/// nothing is ever deleted, and nothing sorted.
pub(super) fn refuse_unless_in_order(context: &PluginMergeContext<'_>) -> tantivy::Result<()> {
    if context.doc_id_mapping.mapping_type() == MappingType::Stacked {
        return Ok(());
    }
    Err(TantivyError::InternalError("segments are not merged in order".to_owned()))
}
