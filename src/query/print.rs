//! A query as text: what it prints parses to the same query again.
//!
//! This holds for every query that [`parse`](crate::query::parse::parse) gives and for all
//! others whose words are words and whose field names are names in its sense.

use std::fmt;

use crate::query::condition::{Comparison, Condition, Query, Test};
use crate::query::parse::is_plain_value;

impl fmt::Display for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.conditions.is_empty() {
            return formatter.write_str("*");
        }
        for (index, condition) in self.conditions.iter().enumerate() {
            if index > 0 {
                formatter.write_str(" ")?;
            }
            write!(formatter, "{condition}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => match words.as_slice() {
                [word] => formatter.write_str(word),
                words => write_quoted(formatter, &words.join(" ")),
            },
            Self::Prefix(word) => write!(formatter, "{word}*"),
            Self::Value(value) => {
                formatter.write_str("*:")?;
                write_value(formatter, value)
            }
            Self::Field { name, test } => write!(formatter, "{name}:{test}"),
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
