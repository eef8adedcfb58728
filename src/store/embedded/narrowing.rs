//! Which groups may hold an entry that fulfils a condition, by the index alone.
//!
//! Always: no group that holds one is left out; every entry found is verified afterwards
//! by [`fulfils`](crate::query::matching::fulfils).

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
use crate::store::embedded::identifiers::{is_identifier, key_of, key_of_half, keys_beginning};
use crate::store::embedded::schema::Fields;
use crate::store::embedded::sought::Sought;
use crate::store::embedded::terms::{ANY_NAME, name_term, service_term, span_term, term};

/// At most this many words of one value are looked up; the rest is left to verification.
const WORDS_MAX: usize = 32;

/// The severity numbers there are.
const SEVERITIES: std::ops::RangeInclusive<u8> = 1..=24;

/// The groups that may hold an entry fulfilling a condition: all, or those that are sought.
type Narrowed = Option<Sought>;

/// What the index can say of a condition; none if it can say nothing.
pub(super) fn of(condition: &Condition, fields: &Fields) -> Narrowed {
    match condition {
        Condition::All(parts) => Sought::all(parts.iter().filter_map(|part| of(part, fields))),
        Condition::Any(parts) => {
            let parts: Option<Vec<_>> = parts.iter().map(|part| of(part, fields)).collect();
            parts.map(Sought::Any)
        }
        // What lacks something, or is told by its letters, may stand anywhere.
        Condition::Not(_) | Condition::Matches(_) => None,
        Condition::Words(words) => {
            Sought::all(words.iter().take(WORDS_MAX).map(|word| exact(fields, word)))
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
            Some(Sought::text(fields.service, &service_term(service)))
        }
        (WellKnown::Level, _) => Some(levels(condition, fields)),
        (WellKnown::TraceId, Test::Equals(id)) => Some(trace(id)),
        (WellKnown::SpanId, Test::Equals(id)) => Some(span(id, fields)),
        (WellKnown::Template, Test::Equals(wanted)) => {
            let template = template(wanted);
            Sought::all(constant_parts(&template).filter_map(|part| words_of(part, fields)))
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
    Some(Sought::Any(vec![by_attribute?, by_name?]))
}

fn named(name: &str, test: &Test, fields: &Fields) -> Narrowed {
    if name.is_empty() {
        return Some(Sought::NOTHING);
    }
    let spelled = |name: &str| Sought::text(fields.name, name);
    let name = name_term(name).map(|name| Sought::Any(vec![spelled(&name), spelled(ANY_NAME)]));
    Sought::all([name, valued(test, fields)].into_iter().flatten())
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
    Sought::all(words::words(text).take(WORDS_MAX).map(|word| exact(fields, &word)))
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
    let whole = found.iter().map(|word| exact(fields, word));
    let partial = partial.and_then(|word| beginning(fields, &word));
    Sought::all(whole.chain(partial))
}

/// Whether texts that are equal without regard to case have the same words. The one
/// exception is the combining dot above: `İ` becomes `i` and that dot in lower case, and
/// the dot by itself parts words.
fn words_survive_case(text: &str) -> bool {
    folded(text).all(|character| character != COMBINING_DOT)
}

const COMBINING_DOT: char = '\u{307}';

/// A word, be it one of a language or an id.
fn exact(fields: &Fields, word: &str) -> Sought {
    let term = term(word);
    if is_identifier(term.as_bytes()) {
        let key = key_of(term.as_bytes());
        return Sought::Identified(key..key + 1);
    }
    Sought::text(fields.word, term)
}

/// Words that begin like this; none for an empty beginning, which every word has.
fn beginning(fields: &Fields, prefix: &str) -> Narrowed {
    if prefix.is_empty() {
        return None;
    }
    let first = term(prefix);
    if first.len() < prefix.len() {
        return Some(exact(fields, first));
    }
    let identified = Sought::Identified(keys_beginning(first));
    if is_identifier(first.as_bytes()) {
        return Some(identified);
    }
    Some(Sought::Any(vec![Sought::Beginning(fields.word, first.to_owned()), identified]))
}

/// The levels that pass are found by asking of each.
fn levels(condition: &Condition, fields: &Fields) -> Sought {
    let passing = SEVERITIES.filter(|number| fulfils(&entry_of_level(*number), condition));
    Sought::Any(passing.map(|number| Sought::number(fields.level, u64::from(number))).collect())
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

fn trace(text: &str) -> Sought {
    let key = TraceId::from_hex(&digits(text)).map(|id| key_of_half(id.low_half()));
    key.map_or(Sought::NOTHING, |key| Sought::Identified(key..key + 1))
}

fn span(text: &str, fields: &Fields) -> Sought {
    SpanId::from_hex(&digits(text)).map_or(Sought::NOTHING, |id| exact(fields, &span_term(id)))
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
