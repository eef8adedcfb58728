//! The nouns: what a line, a record, an entry, a span and a trace are.
//!
//! Nothing here does I/O or imports another module; every stage speaks in these words.

pub mod checkpoint;
pub mod coverage;
pub mod entry;
pub mod field;
pub mod finding;
#[cfg(test)]
pub(crate) mod fixture;
pub mod id;
pub mod line;
pub mod masking;
pub mod notice;
pub mod place;
pub mod record;
pub mod severity;
pub mod skipped;
pub mod slot;
pub mod span;
pub mod template;
pub mod templated;
pub mod time;
pub mod trace;
