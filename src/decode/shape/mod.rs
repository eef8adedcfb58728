//! The shapes of a text: a JSON object, `key=value` or `label:value` pairs, a pattern, or any line
//! that shows when or how bad.

pub(super) mod json;
pub(super) mod keyed;
pub(super) mod logfmt;
pub(super) mod ltsv;
pub(super) mod pattern;
pub(super) mod reach;
pub(super) mod scan;
pub(super) mod table;

pub(super) use json::JsonShape;
pub(super) use pattern::{PATTERN_BYTES_MAX, Part, Pattern, PatternMistake};
pub(super) use table::TableShape;

/// How a definition's texts look.
#[derive(Debug)]
pub(super) enum Shape {
    Json(JsonShape),
    Logfmt(JsonShape),
    /// `label:value` parted by tabs.
    Ltsv(JsonShape),
    Pattern(Vec<Pattern>),
    /// Columns, named by a line before them.
    Table(TableShape),
    /// Whatever begins with a time or a level.
    Scan,
}

impl Shape {
    /// The word by which definitions choose it.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Json(_) => "json",
            Self::Logfmt(_) => "logfmt",
            Self::Ltsv(_) => "ltsv",
            Self::Pattern(_) => "pattern",
            Self::Table(_) => "table",
            Self::Scan => "scan",
        }
    }
}
