//! What the full-text index holds: one document for each group of entries, and one for each
//! template, with the terms that all its lines have.
//!
//! Only terms are in it. What is known of a group is in a table beside it, the entries are in blocks.

use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};

/// The index's fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// Every word of every text of the group's entries, but for ids and numbers: they are in a
    /// table of their own.
    pub(super) word: Field,
    /// Names of fields and keys as queries spell them.
    pub(super) name: Field,
    /// Services, in lower case.
    pub(super) service: Field,
    /// Severity numbers.
    pub(super) level: Field,
    /// The numbers of the templates that the group's lines are of.
    pub(super) template: Field,
}

/// The index's schema and its fields.
pub(super) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let words = text("whitespace");
    let whole = text("raw");
    let term = NumericOptions::default().set_indexed();
    let fields = Fields {
        word: builder.add_text_field("word", words.clone()),
        name: builder.add_text_field("name", words),
        service: builder.add_text_field("service", whole),
        level: builder.add_u64_field("level", term.clone()),
        template: builder.add_u64_field("template", term),
    };
    (builder.build(), fields)
}

/// Terms only: no positions, no frequencies, no lengths. Answers are verified, not ranked.
fn text(tokenizer: &str) -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(tokenizer)
        .set_index_option(IndexRecordOption::Basic)
        .set_fieldnorms(false);
    TextOptions::default().set_indexing_options(indexing)
}

/// Bits of a reach that hold the offset. The path's number has the 28 bits above them; a
/// ledger with more paths would not fit in memory.
const REACH_OFFSET_BITS: u32 = 36;

/// Offsets are counted in units of 2^12 bytes, so that 36 bits span 256 TiB.
const REACH_UNIT_BITS: u32 = 12;

/// A stream's number and the greatest offset of its entries in one number. It may say a
/// little too much (offsets are rounded), never too little.
pub(super) fn reach(path: u32, offset: u64) -> u64 {
    let most = (1 << REACH_OFFSET_BITS) - 1;
    u64::from(path) << REACH_OFFSET_BITS | (offset >> REACH_UNIT_BITS).min(most)
}

/// The path's number in a reach.
pub(super) const fn reach_path(reach: u64) -> u32 {
    (reach >> REACH_OFFSET_BITS) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reach_orders_offsets_within_a_path() {
        assert!(reach(1, 4096) > reach(1, 4095));
        assert!(reach(2, 0) > reach(1, u64::MAX));
        assert_eq!(reach_path(reach(7, u64::MAX)), 7);
    }
}
