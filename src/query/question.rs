//! What is asked of a request: the whole language as a tree.

use crate::query::boolean::{self, Boolean, Shape};
use crate::query::condition::{Comparison, Condition, Test};
use crate::query::length::Length;

/// A question about one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// All of these; every request, if there is none.
    All(Vec<Question>),
    /// At least one of these; never empty.
    Any(Vec<Question>),
    /// Not this.
    Not(Box<Question>),
    /// Some line of the request fulfils this single condition.
    Line(Condition),
    /// The request as a whole.
    Whole(Whole),
    /// Lines, and how they stand to each other.
    Pattern(Pattern),
    /// No line fulfils this. Where lines may be missing, the logs cannot tell.
    Absent(Condition),
}

/// What is asked of a request as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whole {
    /// How long it took, from its first to its last sign of life.
    Duration(Comparison, Length),
    /// A number.
    Count(Quantity, CountTest),
    /// The service of its root.
    RootService(Test),
    /// What its root did.
    RootOperation(Test),
}

/// What of a request can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// Lines of level ERROR or worse.
    Errors,
    /// Spans.
    Spans,
    /// Services that logged.
    Services,
}

impl Quantity {
    /// The name in queries.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::Spans => "spans",
            Self::Services => "services",
        }
    }
}

/// What is asked of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountTest {
    /// It is this.
    Is(u64),
    /// It compares like this.
    Compare(Comparison, u64),
}

impl CountTest {
    /// Whether a number passes.
    pub fn passes(self, count: u64) -> bool {
        match self {
            Self::Is(wanted) => count == wanted,
            Self::Compare(comparison, bound) => comparison.admits(count.cmp(&bound)),
        }
    }
}

/// Groups of conditions, each fulfilled by one line at once, and how these lines stand to
/// each other: each to the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// What the first line fulfils.
    pub first: Condition,
    /// How the next line stands to the one before, and what it fulfils.
    pub rest: Vec<(Relation, Condition)>,
}

impl Pattern {
    /// What each of its lines fulfils, in order.
    pub fn groups(&self) -> impl Iterator<Item = &Condition> {
        std::iter::once(&self.first).chain(self.rest.iter().map(|(_, group)| group))
    }
}

/// How two lines stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// The first one's span is the parent of the second one's.
    Parent,
    /// The first one's span is an ancestor of the second one's.
    Ancestor,
    /// The first stands before the second in causal order, at most so long.
    Before(Option<Length>),
}

/// A part of a question that only a whole request can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotOfALine(pub String);

impl Question {
    /// What every request fulfils.
    pub const EVERYTHING: Self = Self::All(Vec::new());

    /// The question as one line is asked it.
    ///
    /// # Errors
    /// When a part of it asks how lines stand to each other.
    pub fn of_a_line(self) -> Result<Condition, NotOfALine> {
        let each = |parts: Vec<Self>| {
            parts.into_iter().map(Self::of_a_line).collect::<Result<Vec<Condition>, NotOfALine>>()
        };
        Ok(match self {
            Self::All(parts) => boolean::all_of(each(parts)?),
            Self::Any(parts) => boolean::any_of(each(parts)?),
            Self::Not(inner) => inner.of_a_line()?.negated(),
            Self::Line(condition) => condition,
            Self::Absent(condition) => condition.negated(),
            Self::Pattern(Pattern { first, rest }) if rest.is_empty() => first,
            Self::Whole(whole) => whole.of_a_line()?,
            Self::Pattern(pattern) => return Err(NotOfALine(Self::Pattern(pattern).to_string())),
        })
    }
}

impl Whole {
    /// A line may have a field of the same name.
    fn of_a_line(self) -> Result<Condition, NotOfALine> {
        let (name, test) = match self {
            Self::Duration(comparison, length) => {
                ("duration", Test::Compare(comparison, length.to_string()))
            }
            Self::Count(quantity, CountTest::Is(count)) => {
                (quantity.name(), Test::Equals(count.to_string()))
            }
            Self::Count(quantity, CountTest::Compare(comparison, count)) => {
                (quantity.name(), Test::Compare(comparison, count.to_string()))
            }
            Self::RootService(_) | Self::RootOperation(_) => {
                return Err(NotOfALine(self.to_string()));
            }
        };
        Ok(Condition::Field { name: name.to_owned(), test })
    }
}

impl Boolean for Question {
    fn shape(&self) -> Shape<'_, Self> {
        match self {
            Self::All(parts) => Shape::All(parts),
            Self::Any(parts) => Shape::Any(parts),
            Self::Not(inner) => Shape::Not(inner),
            Self::Line(_) | Self::Whole(_) | Self::Pattern(_) | Self::Absent(_) => Shape::Atom,
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
