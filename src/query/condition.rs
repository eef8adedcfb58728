//! What is asked of one line.

use crate::query::boolean::{Boolean, Shape};
use crate::query::regular::RegularExpression;

/// Conditions, each of which must hold. No condition means everything.
///
/// Asked of requests, some entry of the request must fulfil each condition, not
/// necessarily the same one; asked of entries, one entry must fulfil all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The conditions.
    pub conditions: Vec<Condition>,
}

impl From<Condition> for Query {
    fn from(condition: Condition) -> Self {
        Self { conditions: vec![condition] }
    }
}

/// One condition on an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// All of these; every entry, if there is none.
    All(Vec<Condition>),
    /// At least one of these; never empty.
    Any(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// These words (see [`words`](crate::query::words)), one after the other, in one text of the entry.
    Words(Vec<String>),
    /// A word that begins like this.
    Prefix(String),
    /// A text of the entry in which this finds something.
    Matches(RegularExpression),
    /// A field, key or the message whose whole value is this, whatever its name; without regard to case.
    Value(String),
    /// A field.
    Field {
        /// Its name as the user spelled it.
        name: String,
        /// What is asked of it.
        test: Test,
    },
}

impl Condition {
    /// What every entry fulfils.
    pub const EVERYTHING: Self = Self::All(Vec::new());
}

impl Boolean for Condition {
    fn shape(&self) -> Shape<'_, Self> {
        match self {
            Self::All(parts) => Shape::All(parts),
            Self::Any(parts) => Shape::Any(parts),
            Self::Not(inner) => Shape::Not(inner),
            Self::Words(_)
            | Self::Prefix(_)
            | Self::Matches(_)
            | Self::Value(_)
            | Self::Field { .. } => Shape::Atom,
        }
    }

    fn into_all(self) -> Result<Vec<Self>, Self> {
        if let Self::All(parts) = self { Ok(parts) } else { Err(self) }
    }

    fn into_any(self) -> Result<Vec<Self>, Self> {
        if let Self::Any(parts) = self { Ok(parts) } else { Err(self) }
    }

    fn from_all(parts: Vec<Self>) -> Self {
        Self::All(parts)
    }

    fn from_any(parts: Vec<Self>) -> Self {
        Self::Any(parts)
    }

    fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }
}

/// What is asked of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// Its value is this, without regard to case.
    Equals(String),
    /// Its value begins like this, without regard to case.
    Prefix(String),
    /// It has a value.
    Exists,
    /// Its value compares like this: severities by rank, numbers and lengths of time by size.
    Compare(Comparison, String),
}

/// An order relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// Whether something of this order to the bound is meant.
    pub const fn admits(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}
