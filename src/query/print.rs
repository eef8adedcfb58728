//! A query as text: what it prints parses to the same query again.
//!
//! This holds for every question that [`parse`](crate::query::parse::parse) gives and for
//! all others that are in the form of [`boolean`](crate::query::boolean), whose words are
//! words and whose field names are names in its sense.

use std::fmt;

use crate::query::boolean::{Boolean, Shape};
use crate::query::condition::{Comparison, Condition, Query, Test};
use crate::query::lexer::is_plain_value;
use crate::query::question::{CountTest, Pattern, Question, Relation, Whole};

impl fmt::Display for Question {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(_) | Self::Any(_) | Self::Not(_) => write_tree(formatter, self),
            Self::Line(condition) => write!(formatter, "{condition}"),
            Self::Whole(whole) => write!(formatter, "{whole}"),
            Self::Pattern(pattern) => write!(formatter, "{pattern}"),
            Self::Absent(condition) => write!(formatter, "!{{ {condition} }}"),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(_) | Self::Any(_) | Self::Not(_) => write_tree(formatter, self),
            Self::Words(words) => match words.as_slice() {
                [word] => formatter.write_str(word),
                words => write_quoted(formatter, &words.join(" ")),
            },
            Self::Prefix(word) => write!(formatter, "{word}*"),
            Self::Matches(expression) => write!(formatter, "/{}/", expression.as_str()),
            Self::Value(value) => {
                formatter.write_str("*:")?;
                write_value(formatter, value)
            }
            Self::Field { name, test } => write!(formatter, "{name}:{test}"),
        }
    }
}

/// `a b`, `a OR b`, `NOT a`; parentheses where a part binds less.
fn write_tree<T: Boolean + fmt::Display>(
    formatter: &mut fmt::Formatter<'_>,
    tree: &T,
) -> fmt::Result {
    match tree.shape() {
        Shape::All([]) => formatter.write_str("*"),
        Shape::All(parts) => {
            write_joined(formatter, parts, " ", |shape| matches!(shape, Shape::Any(_)))
        }
        Shape::Any(parts) => write_joined(formatter, parts, " OR ", |_| false),
        Shape::Not(inner) => {
            formatter.write_str("NOT ")?;
            let is_bare = !matches!(inner.shape(), Shape::All([_, ..]) | Shape::Any(_));
            if is_bare { write!(formatter, "{inner}") } else { write!(formatter, "({inner})") }
        }
        Shape::Atom => write!(formatter, "{tree}"),
    }
}

fn write_joined<T: Boolean + fmt::Display>(
    formatter: &mut fmt::Formatter<'_>,
    parts: &[T],
    between: &str,
    binds_less: impl Fn(&Shape<'_, T>) -> bool,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            formatter.write_str(between)?;
        }
        if binds_less(&part.shape()) {
            write!(formatter, "({part})")?;
        } else {
            write!(formatter, "{part}")?;
        }
    }
    Ok(())
}

impl fmt::Display for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.conditions.is_empty() {
            return formatter.write_str("*");
        }
        write_joined(formatter, &self.conditions, " ", |shape| matches!(shape, Shape::Any(_)))
    }
}

impl fmt::Display for Whole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duration(comparison, length) => {
                write!(formatter, "duration:{comparison}{length}")
            }
            Self::Count(quantity, CountTest::Is(count)) => {
                write!(formatter, "{}:{count}", quantity.name())
            }
            Self::Count(quantity, CountTest::Compare(comparison, count)) => {
                write!(formatter, "{}:{comparison}{count}", quantity.name())
            }
            Self::RootService(test) => write!(formatter, "root.service:{test}"),
            Self::RootOperation(test) => write!(formatter, "root.operation:{test}"),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{{ {} }}", self.first)?;
        self.rest
            .iter()
            .try_for_each(|(relation, group)| write!(formatter, " {relation} {{ {group} }}"))
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parent => formatter.write_str(">"),
            Self::Ancestor => formatter.write_str(">>"),
            Self::Before(None) => formatter.write_str("->"),
            Self::Before(Some(bound)) => write!(formatter, "->{bound}"),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(value) => write_value(formatter, value),
            Self::Prefix(value) => {
                write_value(formatter, value)?;
                formatter.write_str("*")
            }
            Self::Exists => formatter.write_str("*"),
            Self::Compare(comparison, value) => write!(formatter, "{comparison}{value}"),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        })
    }
}

fn write_value(formatter: &mut fmt::Formatter<'_>, value: &str) -> fmt::Result {
    if is_plain_value(value) {
        return formatter.write_str(value);
    }
    write_quoted(formatter, value)
}

fn write_quoted(formatter: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    formatter.write_str("\"")?;
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            formatter.write_str("\\")?;
        }
        write!(formatter, "{character}")?;
    }
    formatter.write_str("\"")
}
