//! The three shapes of a text: a JSON object, `key=value` pairs, or a pattern.

pub(super) mod json;
pub(super) mod keyed;
pub(super) mod logfmt;
pub(super) mod pattern;
pub(super) mod reach;

pub(super) use json::JsonShape;
pub(super) use pattern::{PATTERN_BYTES_MAX, Pattern, PatternMistake};

use crate::decode::keys::Keys;

/// How a definition's texts look.
#[derive(Debug)]
pub(super) enum Shape {
    Json(JsonShape),
    Logfmt(Keys),
    Pattern(Vec<Pattern>),
}

impl Shape {
    /// The word by which definitions choose it.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Json(_) => "json",
            Self::Logfmt(_) => "logfmt",
            Self::Pattern(_) => "pattern",
        }
    }
}
