//! Which groups may hold an entry that fulfils a condition, by the index alone.
//!
//! Always: no group that holds one is left out; every entry found is verified afterwards
//! by [`fulfils`](crate::query::matching::fulfils).

use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, EmptyQuery, InvertedIndexRangeQuery, Query, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use crate::model::entry::{Context, Entry};
use crate::model::id::{SpanId, TraceId};
use crate::model::line::Position;
use crate::model::record::Record;
use crate::model::severity::Severity;
use crate::query::condition::{Condition, Test};
use crate::query::matching::{folded, fulfils};
use crate::query::names::{WellKnown, normalised, well_known};
use crate::query::template::{constant_parts, template};
use crate::query::words;
use crate::store::embedded::by_template::ByTemplate;
use crate::store::embedded::identifiers::query::Identified;
use crate::store::embedded::identifiers::{is_identifier, key_of, key_of_half, keys_beginning};
use crate::store::embedded::schema::Fields;
use crate::store::embedded::terms::{ANY_NAME, name_term, service_term, span_term, term};

/// At most this many words of one value are looked up; the rest is left to verification.
pub(super) const WORDS_MAX: usize = 32;

/// The severity numbers there are.
const SEVERITIES: std::ops::RangeInclusive<u8> = 1..=24;

/// The groups that may hold an entry fulfilling a condition: all, or what a query finds.
type Narrowed = Option<Box<dyn Query>>;

/// What the index can say of a condition; none if it can say nothing.
pub(super) fn of(condition: &Condition, fields: &Fields) -> Narrowed {
    match condition {
        Condition::All(parts) => all(parts.iter().filter_map(|part| of(part, fields))),
        Condition::Any(parts) => {
            let parts: Option<Vec<_>> = parts.iter().map(|part| of(part, fields)).collect();
            parts.map(|parts| Box::new(BooleanQuery::union(parts)) as Box<dyn Query>)
        }
        // What lacks something, or is told by its letters, may stand anywhere.
        Condition::Not(_) | Condition::Matches(_) => None,
        Condition::Words(words) => {
            all(words.iter().take(WORDS_MAX).map(|word| exact_word(fields, word)))
        }
        Condition::Prefix(prefix) => beginning(fields, prefix),
        Condition::Value(value) => words_of(value, fields),
        Condition::Field { name, test } => field(condition, &normalised(name), test, fields),
    }
}

/// A field is found by its name and its value's words, or as something known of every entry.
fn field(condition: &Condition, name: &str, test: &Test, fields: &Fields) -> Narrowed {
    let by_name = named(name, test, fields);
    let Some(attribute) = well_known(name) else { return by_name };
    let by_attribute = match (attribute, test) {
        (WellKnown::Service, Test::Equals(service)) => {
            Some(exact(fields, fields.service, &service_term(service)))
        }
        (WellKnown::Level, _) => Some(levels(condition, fields)),
        (WellKnown::TraceId, Test::Equals(id)) => Some(trace(id)),
        (WellKnown::SpanId, Test::Equals(id)) => Some(span(id, fields)),
        (WellKnown::Template, Test::Equals(wanted)) => {
            let template = template(wanted);
            all(constant_parts(&template).filter_map(|part| words_of(part, fields)))
        }
        (
            WellKnown::TraceId
            | WellKnown::SpanId
            | WellKnown::Path
            | WellKnown::Format
            | WellKnown::Template,
            _,
        ) => None,
        (
            WellKnown::Service
            | WellKnown::Message
            | WellKnown::Logger
            | WellKnown::Thread
            | WellKnown::Host
            | WellKnown::Instance,
            _,
        ) => valued(test, fields),
    };
    either(by_attribute?, by_name?)
}

fn named(name: &str, test: &Test, fields: &Fields) -> Narrowed {
    if name.is_empty() {
        return Some(Box::new(EmptyQuery));
    }
    let name = name_term(name).and_then(|name| {
        either(exact(fields, fields.name, &name), exact(fields, fields.name, ANY_NAME))
    });
    all([name, valued(test, fields)].into_iter().flatten())
}

/// The words of every value that passes the test.
fn valued(test: &Test, fields: &Fields) -> Narrowed {
    match test {
        Test::Equals(value) => words_of(value, fields),
        Test::Prefix(prefix) => beginning_of(prefix, fields),
        Test::Exists | Test::Compare(..) => None,
    }
}

/// Every word of a value that is equal to `text` without regard to case.
fn words_of(text: &str, fields: &Fields) -> Narrowed {
    if !words_survive_case(text) {
        return None;
    }
    all(words::words(text).take(WORDS_MAX).map(|word| exact_word(fields, &word)))
}

/// The words of a value that begins like `text` without regard to case. The last one may
/// be only a word's beginning.
fn beginning_of(text: &str, fields: &Fields) -> Narrowed {
    if !words_survive_case(text) {
        return None;
    }
    let mut found: Vec<_> = words::words(text).take(WORDS_MAX + 1).collect();
    let cut = text.chars().next_back().is_some_and(|last| last.is_alphanumeric() || last == '_');
    let partial = if cut || found.len() > WORDS_MAX { found.pop() } else { None };
    let whole = found.iter().map(|word| exact_word(fields, word));
    let partial = partial.and_then(|word| beginning(fields, &word));
    all(whole.chain(partial))
}

/// Whether texts that are equal without regard to case have the same words. The one
/// exception is the combining dot above: `İ` becomes `i` and that dot in lower case, and
/// the dot by itself parts words.
fn words_survive_case(text: &str) -> bool {
    folded(text).all(|character| character != COMBINING_DOT)
}

const COMBINING_DOT: char = '\u{307}';

fn exact(fields: &Fields, field: Field, text: &str) -> Box<dyn Query> {
    let term = Term::from_field_text(field, text);
    ByTemplate::boxed(Box::new(TermQuery::new(term, IndexRecordOption::Basic)), fields)
}

/// A word, be it one of a language or an id.
fn exact_word(fields: &Fields, word: &str) -> Box<dyn Query> {
    let term = term(word);
    if is_identifier(term) {
        return ByTemplate::boxed(Box::new(Identified::by_key(key_of(term))), fields);
    }
    exact(fields, fields.word, term)
}

/// Words that begin like this; none for an empty beginning, which every word has.
fn beginning(fields: &Fields, prefix: &str) -> Narrowed {
    if prefix.is_empty() {
        return None;
    }
    let first = term(prefix);
    if first.len() < prefix.len() {
        return Some(exact_word(fields, first));
    }
    let identified = Box::new(Identified::by(keys_beginning(first)));
    if is_identifier(first) {
        return Some(ByTemplate::boxed(identified, fields));
    }
    // Words are letters and digits; this is neither, and sorts behind all of them.
    let behind = format!("{first}{}", char::MAX);
    let range = InvertedIndexRangeQuery::new(
        Bound::Included(Term::from_field_text(fields.word, first)),
        Bound::Excluded(Term::from_field_text(fields.word, &behind)),
    );
    let both = BooleanQuery::union(vec![Box::new(range), identified]);
    Some(ByTemplate::boxed(Box::new(both), fields))
}

/// All of these queries at once; none if there is none.
pub(super) fn all(queries: impl IntoIterator<Item = Box<dyn Query>>) -> Narrowed {
    let mut queries: Vec<_> = queries.into_iter().collect();
    match queries.len() {
        0 | 1 => queries.pop(),
        _ => Some(Box::new(BooleanQuery::intersection(queries))),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it ends a chain of narrowings")]
fn either(left: Box<dyn Query>, right: Box<dyn Query>) -> Narrowed {
    Some(Box::new(BooleanQuery::union(vec![left, right])))
}

/// The levels that pass are found by asking of each.
fn levels(condition: &Condition, fields: &Fields) -> Box<dyn Query> {
    ByTemplate::boxed(Box::new(TermSetQuery::new(level_terms(condition, fields))), fields)
}

/// The levels that pass, as terms.
pub(super) fn level_terms<'a>(
    condition: &'a Condition,
    fields: &'a Fields,
) -> impl Iterator<Item = Term> + 'a {
    let passing = SEVERITIES.filter(|number| fulfils(&entry_of_level(*number), condition));
    passing.map(|number| Term::from_field_u64(fields.level, u64::from(number)))
}

/// An entry that has a level and nothing else.
fn entry_of_level(number: u8) -> Entry {
    let record = Record {
        position: Position::START,
        lines: 1,
        raw: Vec::new(),
        time: None,
        severity: Severity::new(number),
        service: None,
        instance: None,
        host: None,
        logger: None,
        thread: None,
        message: String::new(),
        fields: Vec::new(),
        format: "".into(),
    };
    let context = Context {
        trace_id: None,
        span_id: None,
        parent_span_id: None,
        attribution: None,
        service: String::new(),
        instance: None,
        host: None,
        keys: Vec::new(),
        operation: None,
    };
    Entry { path: "".into(), record, context }
}

fn trace(text: &str) -> Box<dyn Query> {
    let id = TraceId::from_hex(&digits(text));
    id.map_or_else(|| Box::new(EmptyQuery) as Box<dyn Query>, |id| Box::new(half(id.low_half())))
}

/// Groups whose trace id has this low half, and rarely others.
pub(super) fn half(low: u64) -> Identified {
    Identified::by_key(key_of_half(low))
}

fn span(text: &str, fields: &Fields) -> Box<dyn Query> {
    let id = SpanId::from_hex(&digits(text));
    id.map_or_else(
        || Box::new(EmptyQuery) as Box<dyn Query>,
        |id| exact_word(fields, &span_term(id)),
    )
}

/// An id's digits from the first that counts, as they are compared by a query.
fn digits(text: &str) -> String {
    let plain = text.trim_start_matches("0x").replace('-', "");
    plain.trim_start_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What [`words_survive_case`] rests on.
    #[test]
    fn lower_case_makes_letters_of_letters_but_for_one_dot() {
        for character in (0..=0x10_ffff).filter_map(char::from_u32) {
            for lower in character.to_lowercase().filter(|lower| *lower != COMBINING_DOT) {
                let same = lower.is_alphanumeric() == character.is_alphanumeric();
                assert!(same, "character: {character:?}");
            }
        }
    }
}
