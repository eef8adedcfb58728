//! What can be wrong with a query, where, and what was expected there.

use std::fmt;
use std::ops::Range;

/// A mistake in a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// What is wrong.
    pub kind: QueryErrorKind,
    /// The bytes of the query it is about; empty at the place where something is missing.
    pub span: Range<usize>,
    /// What would have been right there.
    pub expected: &'static str,
    /// What to try instead, if anything is known.
    pub hint: Option<String>,
}

/// The kinds of mistakes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryErrorKind {
    /// The text is longer than a query may be.
    #[error("the query has {bytes} bytes, at most {limit} are read")]
    TooLong {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// There are more conditions than a query may have.
    #[error("the query has more than {limit} conditions")]
    TooManyConditions {
        /// How many it may have.
        limit: usize,
    },
    /// Part of the language that is planned and not there yet.
    #[error("not supported yet: `{0}`")]
    NotYet(String),
    /// A quotation mark that no other follows.
    #[error("the quotation has no end")]
    OpenQuote,
    /// A field without a value, or an operator without a condition.
    #[error("nothing follows `{0}`")]
    NothingFollows(String),
    /// An operator with nothing before it.
    #[error("nothing stands before `{0}`")]
    NothingBefore(String),
    /// A condition without a letter or digit to look for.
    #[error("`{0}` has no letter or digit to look for")]
    NoWord(String),
    /// An asterisk where no prefix can be.
    #[error("`*` cannot stand here in `{0}`")]
    MisplacedAsterisk(String),
    /// Something that is compared and has no order.
    #[error("`{0}` cannot be compared")]
    NotComparable(String),
    /// A level that is none.
    #[error("`{0}` is no level")]
    NoLevel(String),
}

impl fmt::Display for QueryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, expected {}", self.kind, self.expected)
    }
}

impl std::error::Error for QueryError {}
