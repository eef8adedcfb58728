//! Named values of a record. Nested names are joined by dots: `http.request.method`.

use std::fmt;

/// The field that keeps a trace id as it is spelled, where it is no number and the id is
/// derived from it: people know it by its spelling.
pub const RAW_TRACE_ID: &str = "trace_id.raw";

/// One named value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name as the log spells it, nesting joined by dots.
    pub name: String,
    /// Its value.
    pub value: Value,
}

impl Field {
    /// A field with a text value.
    pub fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: Value::Text(value.into()) }
    }
}

/// A value as the log states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, unescaped.
    Text(String),
    /// A number by its literal digits: ids of 64 bits would not survive a floating point number.
    Number(String),
    /// A truth value.
    Boolean(bool),
    /// Several values under one name, none of them nested.
    List(Vec<Value>),
}

impl Value {
    /// The text of a text or number; none for truth values and lists.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            Self::Boolean(_) | Self::List(_) => None,
        }
    }
}

/// The value as a person reads it; a list's values are joined by `, `.
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Number(text) => formatter.write_str(text),
            Self::Boolean(value) => write!(formatter, "{value}"),
            Self::List(values) => {
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        formatter.write_str(", ")?;
                    }
                    write!(formatter, "{value}")?;
                }
                Ok(())
            }
        }
    }
}

/// Finds the first field of this name.
pub fn find<'a>(fields: &'a [Field], name: &str) -> Option<&'a Value> {
    fields.iter().find(|field| field.name == name).map(|field| &field.value)
}
