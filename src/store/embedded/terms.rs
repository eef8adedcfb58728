//! What is written into the index about a group, and the same forms for questions.
//!
//! Always: a term that a question looks up is formed by the function that formed it when
//! the group was written. The index may find groups in vain, it never misses one.

use std::borrow::Cow;
use std::hash::BuildHasher;

use hashbrown::{HashSet, HashTable};

use crate::model::entry::Entry;
use crate::model::id::{SpanId, TraceId};
use crate::model::template::{Filled, Piece, Template};
use crate::query::matching::{folded, texts, values};
use crate::query::names::normalised;
use crate::query::words::visit_words;
use crate::store::embedded::identifiers::{Key, is_identifier, key_of, key_of_half};
use crate::store::embedded::templates::KnownTemplate;
use crate::store::embedded::terms::known::Words;

mod known;

pub(super) use known::KnownTerms;

/// Longer words, names and services are indexed by their beginning: a line of a million
/// letters is not worth a term of a million letters.
const TERM_BYTES_MAX: usize = 256;

/// A field's name with more dots than this is not indexed by each of its tails, which
/// would take the square of its length.
const DOTS_MAX: usize = 32;

/// Stands for every name, in groups with a field of so many dots.
pub(super) const ANY_NAME: &str = "*";

/// A word, service or name as a term: its beginning, if it is long.
pub(super) fn term(text: &str) -> &str {
    let mut end = text.len().min(TERM_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A field's name as a term; none if nothing is left of it.
pub(super) fn name_term(name: &str) -> Option<Cow<'_, str>> {
    let name = normalised(name);
    let plain = if name.contains(|character: char| character.is_ascii_whitespace()) {
        // Whitespace parts the names of a group from each other.
        Cow::Owned(name.replace(|character: char| character.is_ascii_whitespace(), ""))
    } else {
        name
    };
    let length = term(&plain).len();
    match plain {
        _ if length == 0 => None,
        Cow::Borrowed(text) => Some(Cow::Borrowed(&text[..length])),
        Cow::Owned(mut text) => {
            text.truncate(length);
            Some(Cow::Owned(text))
        }
    }
}

/// A service as a term.
pub(super) fn service_term(service: &str) -> String {
    let folded: String = folded(service).collect();
    term(&folded).to_owned()
}

/// A span id as a term among the words.
pub(super) fn span_term(id: SpanId) -> String {
    id.to_string()
}

/// Texts that were seen already.
type Seen<'a> = HashSet<&'a str, foldhash::fast::RandomState>;

/// The terms of one group, each once. Used again for the next group.
#[derive(Debug, Default)]
pub(super) struct Terms {
    pub(super) words: TermSet,
    pub(super) names: TermSet,
    pub(super) services: HashSet<String>,
    /// The keys of the words that are ids or numbers; some may be there more than once.
    identifiers: Vec<Key>,
    /// Bit n stands for severity number n.
    pub(super) levels: u32,
    /// The numbers of the templates that lines are of.
    templates: HashSet<u32, foldhash::fast::RandomState>,
    /// A text that a line makes of its slots.
    made: String,
    buffer: String,
}

impl Terms {
    /// Forgets the terms of the group before.
    pub(super) fn clear(&mut self) {
        self.words.clear();
        self.names.clear();
        self.services.clear();
        self.templates.clear();
        self.identifiers.clear();
        self.levels = 0;
    }

    /// Adds the terms of entries.
    pub(super) fn collect<'a>(&mut self, entries: impl Iterator<Item = &'a Entry>) {
        // Most texts of a group (services, loggers, hosts) come again and again.
        let mut texts_seen = Seen::default();
        let mut names_seen = Seen::default();
        let mut span_seen = None;
        for entry in entries {
            texts(entry, |text| self.text(text, &mut texts_seen));
            // A key's value within a longer word of the message is no text, but a value.
            values(entry, |_, value| self.text(value, &mut texts_seen));
            self.names_of(entry, &mut names_seen);
            let service = entry.context.service.as_str();
            if !self.services.contains(service) {
                self.services.insert(service_term(service));
            }
            if let Some(severity) = entry.record.severity {
                self.levels |= 1 << severity.number();
            }
            let span = entry.context.span_id;
            if let Some(id) = span.filter(|_| span != span_seen) {
                self.word(&span_term(id));
                span_seen = span;
            }
        }
    }

    /// Adds the terms of a line of a known template that are not in all lines of it.
    pub(super) fn line(&mut self, known: &KnownTemplate, template: &Template, filled: &Filled<'_>) {
        self.templates.insert(known.number);
        let (words, identifiers) = (&mut self.words, &mut self.identifiers);
        for run in &known.terms.runs {
            let text = match run.pieces.as_slice() {
                // A slot alone needs no copy.
                [Piece::Slot(slot)] => filled.slot(*slot),
                pieces => {
                    self.made.clear();
                    filled.write(&mut self.made, pieces);
                    self.made.as_bytes()
                }
            };
            match run.words {
                Words::One => add_bytes(words, identifiers, text),
                Words::Between(separator) => text
                    .split(|byte| *byte == separator)
                    .for_each(|word| add_bytes(words, identifiers, word)),
                Words::Any => {
                    let text = std::str::from_utf8(text).unwrap_or_default();
                    visit_words(text, &mut self.buffer, |word| {
                        add_word(words, identifiers, word);
                        true
                    });
                }
            }
        }
        if !known.terms.spells_span
            && let Some(id) = template.span_of(filled)
        {
            self.word(&span_term(id));
        }
    }

    /// The numbers of the templates that lines are of.
    pub(super) fn templates(&self) -> impl Iterator<Item = u32> {
        self.templates.iter().copied()
    }

    /// The keys of the ids and numbers, each once, in order.
    pub(super) fn identifiers(&mut self) -> &[Key] {
        self.identifiers.sort_unstable();
        self.identifiers.dedup();
        &self.identifiers
    }

    /// Adds the trace that the group belongs to.
    pub(super) fn trace(&mut self, id: TraceId) {
        self.identifiers.push(key_of_half(id.low_half()));
    }

    fn text<'a>(&mut self, text: &'a str, seen: &mut Seen<'a>) {
        if seen.insert(text) {
            self.words_of(text);
        }
    }

    fn words_of(&mut self, text: &str) {
        let (words, identifiers) = (&mut self.words, &mut self.identifiers);
        visit_words(text, &mut self.buffer, |word| {
            add_word(words, identifiers, word);
            true
        });
    }

    fn word(&mut self, word: &str) {
        add_word(&mut self.words, &mut self.identifiers, word);
    }

    fn names_of<'a>(&mut self, entry: &'a Entry, seen: &mut Seen<'a>) {
        for field in &entry.record.fields {
            let name = field.name.as_str();
            if !seen.insert(name) {
                continue;
            }
            self.name(name);
            for (dot, _) in name.match_indices('.').take(DOTS_MAX) {
                self.name(&name[dot + 1..]);
            }
            if name.match_indices('.').nth(DOTS_MAX).is_some() {
                self.names.insert(ANY_NAME);
            }
        }
        for key in &entry.context.keys {
            let name = key.name.as_str();
            self.name(name);
            if let Some(noun) = name.strip_suffix("_id") {
                self.name(noun);
            }
        }
    }

    fn name(&mut self, name: &str) {
        if let Some(term) = name_term(name) {
            self.names.insert(&term);
        }
    }
}

fn add_word(words: &mut TermSet, identifiers: &mut Vec<Key>, word: &str) {
    let term = term(word);
    if is_identifier(term.as_bytes()) {
        identifiers.push(key_of(term.as_bytes()));
    } else {
        words.insert(term);
    }
}

/// Adds a word of small letters and digits: most are ids, for which the bytes are enough.
fn add_bytes(words: &mut TermSet, identifiers: &mut Vec<Key>, word: &[u8]) {
    if word.len() <= TERM_BYTES_MAX && is_identifier(word) {
        identifiers.push(key_of(word));
    } else {
        add_word(words, identifiers, std::str::from_utf8(word).unwrap_or_default());
    }
}

/// Terms without whitespace, each once, written one after the other.
#[derive(Debug, Default)]
pub(super) struct TermSet {
    /// The terms, each followed by a blank.
    joined: String,
    places: HashTable<(usize, usize)>,
    hasher: foldhash::fast::RandomState,
}

impl TermSet {
    /// The terms with blanks between them.
    pub(super) fn joined(&self) -> &str {
        &self.joined
    }

    fn clear(&mut self) {
        self.joined.clear();
        self.places.clear();
    }

    fn insert(&mut self, term: &str) {
        let Self { joined, places, hasher } = self;
        let hash = hasher.hash_one(term);
        if places.find(hash, |(start, end)| &joined[*start..*end] == term).is_some() {
            return;
        }
        let start = joined.len();
        joined.push_str(term);
        let end = joined.len();
        joined.push(' ');
        let rehash = |(start, end): &(usize, usize)| hasher.hash_one(&joined[*start..*end]);
        places.insert_unique(hash, (start, end), rehash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::entry::Key;
    use crate::model::field::Field;
    use crate::store::embedded::tests::samples::plain_entry;

    #[track_caller]
    fn check_names(field: &str, key: &str, expected: &str) {
        let mut entry = plain_entry("a.log", 1);
        entry.record.fields = vec![Field::text(field, "1")];
        entry.context.keys = vec![Key { name: key.to_owned(), value: String::new() }];
        let mut terms = Terms::default();
        terms.collect(std::iter::once(&entry));
        assert_eq!(terms.names.joined().trim_end(), expected, "field: {field}, key: {key}");
    }

    #[test]
    fn names_are_found_by_their_tails_and_keys_without_their_id() {
        check_names("http.status_code", "order_id", "httpstatuscode statuscode orderid order");
        check_names("Weird\tName", "user", "weirdname user");
    }

    #[test]
    fn a_name_of_very_many_dots_stands_for_every_name() {
        let entry = "a.".repeat(100_000);
        let mut plain = plain_entry("a.log", 1);
        plain.record.fields = vec![Field::text(entry, "1")];
        let mut terms = Terms::default();
        terms.collect(std::iter::once(&plain));
        assert!(terms.names.joined().split(' ').any(|name| name == ANY_NAME));
    }

    #[test]
    fn a_long_word_is_cut_between_characters() {
        let word = "é".repeat(200);
        assert_eq!(term(&word), "é".repeat(128));
        assert_eq!(term(&format!("x{word}")), format!("x{}", "é".repeat(127)));
        assert_eq!(term("short"), "short");
    }
}
