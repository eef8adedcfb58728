//! What a definition adds to the fields of its lines: values that also stand under another
//! name, and values that hold for all of them.
//!
//! A field keeps the name that the log gives it; the added one says what it means
//! (`duration_ms`, `peer.service`, `http.request.method`).

use std::sync::OnceLock;

use regex::Regex;

use crate::decode::draft::{Draft, Rules};
use crate::decode::shape::{PATTERN_BYTES_MAX, Part};
use crate::model::field;

/// A value that also stands under another name.
#[derive(Debug, Clone)]
pub(super) struct Copy {
    /// What it is: the name of a part or a field.
    pub(super) target: String,
    /// The field it is taken from.
    pub(super) from: String,
    /// The part of the value that is taken: its first group, or all that matches.
    pub(super) cut: Option<Cut>,
}

/// A pattern for a part of a value, compiled when it is first needed.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    source: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Cut {
    /// Checks a pattern without compiling it; the reason if it is none.
    pub(super) fn new(source: &str) -> Result<Self, String> {
        regex_syntax::parse(source).map_err(|error| error.to_string())?;
        Ok(Self { source: source.to_owned(), compiled: OnceLock::new() })
    }

    fn of<'a>(&self, value: &'a str) -> Option<&'a str> {
        let compile =
            || regex::RegexBuilder::new(&self.source).size_limit(PATTERN_BYTES_MAX).build().ok();
        let found = self.compiled.get_or_init(compile).as_ref()?.captures(value)?;
        found.get(1).or_else(|| found.get(0)).map(|part| part.as_str())
    }
}

/// Adds to a draft what its definition says of its fields.
pub(super) fn enrich(draft: &mut Draft<'_>, rules: &Rules) {
    for copy in &rules.copies {
        let value = field::find(&draft.fields, &copy.from).map(ToString::to_string);
        let Some(value) = value.filter(|value| !rules.is_absent(value)) else { continue };
        let cut = match &copy.cut {
            Some(cut) => cut.of(&value),
            None => Some(value.as_str()),
        };
        if let Some(value) = cut {
            Part::of(&copy.target).put(value, rules, draft);
        }
    }
    for (name, value) in &rules.constants {
        Part::of(name).put(value, rules, draft);
    }
}
