//! How many groups may hold an entry that fulfils a condition, so that the rarest condition
//! is looked up first. An estimate: it decides in which order is asked, never what is found.

use tantivy::Term;
use tantivy::schema::Field;

use crate::query::boolean::{Boolean, Shape};
use crate::query::condition::{Condition, Test};
use crate::query::names::{WellKnown, normalised, well_known};
use crate::query::words::words;
use crate::store::embedded::identifiers::query::Identified;
use crate::store::embedded::identifiers::{is_identifier, key_of};
use crate::store::embedded::narrowing::{WORDS_MAX, level_terms};
use crate::store::embedded::snapshot::Snapshot;
use crate::store::embedded::terms::{name_term, service_term, term};
use crate::store::error::StoreError;

/// What is found by the beginnings of words or by levels has no single term to count; it is
/// taken for frequent.
const FREQUENT: u64 = 1 << 40;

/// The estimate; the greatest number where the index can tell nothing.
pub(super) fn at_most(condition: &Condition, snapshot: &Snapshot) -> Result<u64, StoreError> {
    let each = |parts: &[Condition]| -> Result<Vec<u64>, StoreError> {
        parts.iter().map(|part| at_most(part, snapshot)).collect()
    };
    match condition.shape() {
        Shape::All(parts) => Ok(each(parts)?.into_iter().min().unwrap_or(u64::MAX)),
        Shape::Any(parts) => Ok(each(parts)?.into_iter().fold(0, u64::saturating_add)),
        Shape::Not(_) => Ok(u64::MAX),
        Shape::Atom => of_atom(condition, snapshot),
    }
}

fn of_atom(condition: &Condition, snapshot: &Snapshot) -> Result<u64, StoreError> {
    match condition {
        Condition::Words(wanted) => rarest(wanted.iter().map(String::as_str), snapshot),
        Condition::Value(value) => rarest_word(value, snapshot),
        Condition::Field { name, .. }
            if well_known(&normalised(name)) == Some(WellKnown::Level) =>
        {
            let mut sum: u64 = 0;
            for term in level_terms(condition, &snapshot.fields) {
                sum = sum.saturating_add(snapshot.groups_with(&term)?);
            }
            Ok(sum)
        }
        Condition::Field { name, test } => of_field(&normalised(name), test, snapshot),
        Condition::Matches(_) => Ok(u64::MAX),
        _ => Ok(FREQUENT),
    }
}

fn of_field(name: &str, test: &Test, snapshot: &Snapshot) -> Result<u64, StoreError> {
    let fields = &snapshot.fields;
    match (well_known(name), test) {
        (Some(WellKnown::TraceId | WellKnown::SpanId), Test::Equals(_)) => Ok(1),
        (Some(WellKnown::Service), Test::Equals(service)) => {
            groups(fields.service, &service_term(service), snapshot)
        }
        (Some(WellKnown::Template), Test::Equals(_)) => Ok(FREQUENT),
        (Some(WellKnown::Path | WellKnown::Format | WellKnown::Template), _) => Ok(u64::MAX),
        (_, Test::Equals(value)) => rarest_word(value, snapshot),
        (None, Test::Exists | Test::Compare(..)) => match name_term(name) {
            Some(name) => groups(fields.name, &name, snapshot),
            None => Ok(0),
        },
        _ => Ok(FREQUENT),
    }
}

fn rarest_word(value: &str, snapshot: &Snapshot) -> Result<u64, StoreError> {
    let words: Vec<_> = words(value).take(WORDS_MAX).collect();
    rarest(words.iter().map(|word| &**word), snapshot)
}

fn rarest<'a>(
    words: impl Iterator<Item = &'a str>,
    snapshot: &Snapshot,
) -> Result<u64, StoreError> {
    let mut least = FREQUENT;
    for word in words.take(WORDS_MAX) {
        let term = term(word);
        least = least.min(if is_identifier(term) {
            snapshot.groups_identified(&Identified::by_key(key_of(term)))?
        } else {
            groups(snapshot.fields.word, term, snapshot)?
        });
    }
    Ok(least)
}

fn groups(field: Field, text: &str, snapshot: &Snapshot) -> Result<u64, StoreError> {
    snapshot.groups_with(&Term::from_field_text(field, text))
}
