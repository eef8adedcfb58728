//! What was passed over instead of read. Nothing is left out in silence.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something that was not read, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Its path.
    pub path: String,
    /// Why, in words for a person, with the byte where it went wrong if there is one.
    pub reason: String,
    /// What kind of thing happened.
    pub kind: SkipKind,
}

/// Whether something skipped means that the answer may lack lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SkipKind {
    /// It is no log (binary, empty, device) or was excluded by its nature: nothing is missing.
    NotALog,
    /// It should have been read and was not, or not to its end: the answer may lack lines.
    Unreadable,
}

impl fmt::Display for Skipped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.path, self.reason)
    }
}
