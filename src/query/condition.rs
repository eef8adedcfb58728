//! The question as a tree.

/// What is asked: every condition must hold. No condition means everything.
///
/// Asked of requests, some entry of the request must fulfil each condition, not
/// necessarily the same one; asked of entries, one entry must fulfil all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The conditions.
    pub conditions: Vec<Condition>,
}

/// One condition on an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// These words (see [`words`](crate::query::words)), one after the other, in one text of the entry.
    Words(Vec<String>),
    /// A word that begins like this.
    Prefix(String),
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

/// What is asked of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// Its value is this, without regard to case.
    Equals(String),
    /// Its value begins like this, without regard to case.
    Prefix(String),
    /// It has a value.
    Exists,
    /// Its value compares like this: severities by rank, numbers by size.
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
