//! The store in a directory of this machine: compressed blocks of entries, and a full-text
//! index that knows which of them to read.
//!
//! Entries of one request are kept side by side, in groups. A question finds groups by
//! the index, reads them, and verifies every entry, so that answers are exact. What each
//! file holds is told in `home`; what a commit promises, in `writer`.

mod block;
mod blocks;
mod candidates;
mod codec;
mod columns;
mod dictionary;
mod directory;
mod document;
mod extension;
mod facts;
mod entries;
mod files;
mod frame;
mod group_table;
mod groups;
mod home;
mod identifiers;
mod index;
mod ledger;
mod line_at;
mod lines;
mod lookup;
mod narrowing;
mod postings;
mod reader;
mod requests;
mod rewrite;
mod schema;
mod sealed;
mod segment;
mod snapshot;
mod sought;
mod statistics;
mod template_codec;
mod templates;
mod terms;
#[cfg(test)]
mod tests;
mod traces;
mod verify;
mod volume;
mod wire;
mod writer;

pub(in crate::store) use home::FORMAT;
pub use reader::{StoreReader, size_on_disk};
pub use statistics::{newest_within, statistics};
pub use verify::verify;
pub use writer::StoreWriter;
