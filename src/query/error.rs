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

impl QueryError {
    /// A mistake at these bytes.
    pub(super) const fn new(
        kind: QueryErrorKind,
        span: Range<usize>,
        expected: &'static str,
    ) -> Self {
        Self { kind, span, expected, hint: None }
    }

    /// The same mistake with what to try instead.
    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
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
    /// There are more regular expressions than a query may have.
    #[error("the query has more than {limit} regular expressions")]
    TooManyExpressions {
        /// How many it may have.
        limit: usize,
    },
    /// Parentheses and negations nest deeper than a query may.
    #[error("the query is nested more than {limit} deep")]
    TooDeep {
        /// How deep it may be.
        limit: usize,
    },
    /// A quotation mark that no other follows.
    #[error("the quotation has no end")]
    OpenQuote,
    /// A bracket that is not closed.
    #[error("`{0}` is not closed")]
    NotClosed(&'static str),
    /// A bracket that was not opened.
    #[error("`{0}` closes nothing")]
    NothingOpened(&'static str),
    /// Brackets without anything in them.
    #[error("nothing stands within `{0}`")]
    NothingWithin(&'static str),
    /// A field without a value, or an operator without a condition.
    #[error("nothing follows `{0}`")]
    NothingFollows(String),
    /// An operator with nothing before it.
    #[error("nothing stands before `{0}`")]
    NothingBefore(String),
    /// Something that has its place elsewhere.
    #[error("`{0}` cannot stand here")]
    Misplaced(String),
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
    /// A length of time that is none.
    #[error("`{0}` is no length of time")]
    NoLength(String),
    /// A number that is none.
    #[error("`{0}` is no number")]
    NoNumber(String),
    /// A regular expression that is none.
    #[error("{0}")]
    NotRegular(String),
}

impl fmt::Display for QueryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, expected {}", self.kind, self.expected)
    }
}

impl std::error::Error for QueryError {}
