//! Lines of known shapes become their entries without being understood anew.
//!
//! A table learns from a teacher, the general way of decode and context: it is shown a line,
//! and the same line with other values in its slots, and takes for a template only what
//! explains all answers. A template is trusted once it has answered like the teacher on real
//! lines, and is held against it again from time to time.
//!
//! Always: the answer is the teacher's, or none. Never: state from line to line; lines that
//! may go on in the next one, or whose meaning depends on those before, are not taken.

mod align;
mod learning;
mod probe;
mod scan;
pub mod table;
#[cfg(test)]
mod tests;
mod variant;

use crate::model::entry::Entry;

/// The general way from a line to its entry.
pub trait Teacher {
    /// What a line means that stands alone: none if that depends on other lines, and if
    /// nothing understands it. The entry's position is the beginning of a stream.
    fn lesson(&mut self, line: &[u8]) -> Option<Lesson>;
}

/// What a teacher says of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// Its entry.
    pub entry: Entry,
    /// Which of the streams inside its stream it belongs to.
    pub lane: u64,
}
