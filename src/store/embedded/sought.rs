//! What is looked up in the index: terms, and how the groups that have them go together.

use std::ops::Range;

use tantivy::Term;
use tantivy::schema::Field;

use crate::store::embedded::identifiers::Key;

/// The groups that are sought.
#[derive(Debug, Clone)]
pub(super) enum Sought {
    /// Those with this term, or with a line of a template that has it.
    Term(Term),
    /// Those with a term of this field that begins like this.
    Beginning(Field, String),
    /// Those with an id that has one of these keys, or with a line of a template that has it.
    Identified(Range<Key>),
    /// Those that are in all of these; at least two.
    All(Vec<Sought>),
    /// Those that are in one of these.
    Any(Vec<Sought>),
}

impl Sought {
    /// No group.
    pub(super) const NOTHING: Self = Self::Any(Vec::new());

    /// Those with this text as a term.
    pub(super) fn text(field: Field, text: &str) -> Self {
        Self::Term(Term::from_field_text(field, text))
    }

    /// Those with this number as a term.
    pub(super) fn number(field: Field, number: u64) -> Self {
        Self::Term(Term::from_field_u64(field, number))
    }

    /// Those that are in all of these; none if there is nothing to tell them by.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut parts: Vec<Self> = parts.into_iter().collect();
        match parts.len() {
            0 | 1 => parts.pop(),
            _ => Some(Self::All(parts)),
        }
    }
}
