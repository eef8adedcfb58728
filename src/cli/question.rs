//! A query as a person typed it, with mistakes drawn where they stand.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::cli::failure::Failure;
use crate::cli::session::of_store;
use crate::query::condition::{Condition, Query, Test};
use crate::query::error::QueryError;
use crate::query::{names, parse};
use crate::store::Reader;

/// Refuses what is no query, before anything is read for it.
///
/// # Errors
/// When it is no query.
pub fn refuse_mistakes(text: &str) -> Result<(), Failure> {
    parse::parse(text).map(drop).map_err(|error| mistake(text, &error))
}

/// Reads a query and holds its fields against those that the store knows.
///
/// # Errors
/// When it is no query, or asks for a field that no line has.
pub fn question(text: &str, reader: &dyn Reader) -> Result<Query, Failure> {
    let query = parse::parse(text).map_err(|error| mistake(text, &error))?;
    let mut known = None;
    for condition in &query.conditions {
        let Condition::Field { name, .. } = condition else { continue };
        let wanted = names::normalised(name);
        if names::well_known(&wanted).is_some() {
            continue;
        }
        if known.is_none() {
            known = Some(reader.field_names().map_err(|error| of_store(&error))?);
        }
        let known = known.as_deref().unwrap_or_default();
        if !known
            .iter()
            .any(|field| names::finds(&wanted, field) || names::finds_key(&wanted, field))
        {
            return Err(unknown_field(text, name, known));
        }
    }
    Ok(query)
}

/// The words of a query that are worth marking where they stand.
pub fn marked_words(query: &Query) -> Vec<String> {
    query
        .conditions
        .iter()
        .filter_map(|condition| match condition {
            Condition::Words(words) => Some(words.join(" ")),
            Condition::Prefix(prefix) => Some(prefix.clone()),
            Condition::Value(value)
            | Condition::Field { test: Test::Equals(value) | Test::Prefix(value), .. } => {
                Some(value.clone())
            }
            Condition::Field { test: Test::Exists | Test::Compare(..), .. } => None,
        })
        .collect()
}

fn mistake(text: &str, error: &QueryError) -> Failure {
    let message = format!("{}\n{}", error.kind, drawn(text, error.span.clone(), error.expected));
    let failure = Failure::yours(message);
    match &error.hint {
        Some(hint) => failure.with_hint(hint.clone()),
        None => failure,
    }
}

fn unknown_field(text: &str, name: &str, known: &[String]) -> Failure {
    let at = text.find(name).unwrap_or(0);
    let drawn = drawn(text, at..at + name.len(), "no line has a field of this name");
    let failure = Failure::yours(format!("unknown field `{name}`\n{drawn}"));
    let candidates =
        known.iter().map(String::as_str).chain(names::WELL_KNOWN_NAMES.iter().copied());
    match names::nearest(name, candidates) {
        Some(nearest) => failure.with_hint(format!("did you mean `{nearest}`?")),
        None => failure.with_hint(format!("quote it to look for the words: '\"{name}\"'")),
    }
}

/// The text with a caret under the place.
fn drawn(text: &str, span: std::ops::Range<usize>, label: &str) -> String {
    let snippet = Snippet::source(text)
        .line_start(1)
        .annotation(AnnotationKind::Primary.span(span).label(label));
    let report = [Group::with_level(Level::ERROR).element(snippet)];
    Renderer::plain().render(&report)
}
