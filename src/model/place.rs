//! Where in the code an entry was written, as far as the log shows it.
//!
//! Many loggers print file and line; where they do not, the logger and the constant words
//! with which the message begins stand for the place. A place is a hash: it is compared,
//! never shown.

use std::hash::Hasher;

use twox_hash::XxHash3_64;

use crate::model::entry::Entry;
use crate::model::field;

/// How many leading words of a message tell its statement from others of the same logger.
const WORDS: usize = 4;

/// The field in which structured loggers state the line of code.
pub const LINE_FIELD: &str = "code.line.number";

/// A place in a service's code.
pub type Place = u64;

/// The place at which an entry was written.
pub fn place(entry: &Entry) -> Place {
    let mut hasher = XxHash3_64::new();
    hasher.write(entry.context.service.as_bytes());
    let logger = entry.record.logger.as_deref().unwrap_or_default();
    hasher.write(logger.as_bytes());
    let line = field::find(&entry.record.fields, LINE_FIELD);
    if let Some(line) = line.and_then(|line| line.as_text()) {
        hasher.write(line.as_bytes());
    } else if !names_a_line(logger) {
        let words = entry.record.message.split_whitespace().filter(|word| is_constant(word));
        words.take(WORDS).for_each(|word| hasher.write(word.as_bytes()));
    }
    hasher.finish()
}

/// The statement that wrote an entry, whether or not it states ids: where one definition finds
/// a logger in front of the ids, another, of a line without them, finds it in the message.
pub fn statement(entry: &Entry) -> Place {
    let logger = entry.record.logger.as_deref().unwrap_or_default();
    let words = logger.split_whitespace().chain(entry.record.message.split_whitespace());
    let words = words.filter(|word| names_a_line(word) || is_constant(word) && !names_an_id(word));
    let mut hasher = XxHash3_64::new();
    words.take(WORDS).for_each(|word| hasher.write(word.as_bytes()));
    hasher.finish()
}

/// Whether a word stands before an id: `TraceID:`, `span_id`.
fn names_an_id(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    ["trace", "span"].iter().any(|name| word.contains(name))
}

/// Whether a logger's name ends with a line number: `TravelService#486`, `pay.py:41`.
fn names_a_line(logger: &str) -> bool {
    logger
        .rsplit_once(['#', ':'])
        .is_some_and(|(_, line)| !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a word is likely part of the statement rather than a value put into it.
fn is_constant(word: &str) -> bool {
    !word.bytes().any(|byte| byte.is_ascii_digit() || matches!(byte, b'=' | b'/' | b'@'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::entry;

    #[test]
    fn a_statement_is_the_same_with_and_without_ids() {
        let mut stated =
            entry("pay", "TraceID: 7b2f9c41 SpanID: c19f04a7 charged order 7 at once").done();
        stated.record.logger = Some("pay.Charge#41".to_owned());
        let bare = entry("pay", "pay.Charge#41 charged order 9 at once").done();
        let other = entry("pay", "pay.Charge#48 charged order 9 at once").done();
        assert_eq!(statement(&stated), statement(&bare));
        assert_ne!(statement(&bare), statement(&other));
    }
}
