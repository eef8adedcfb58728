//! The constant part of what a line says, and the values put into it.
//!
//! Lines of one statement in the code share a template. It is not known from the code but
//! read off the line: a word with a digit, a quoted text, and what follows `=` are values.

use std::hash::Hasher;

use twox_hash::XxHash3_64;

use crate::model::entry::Entry;

/// Words of a message that are looked at: statements differ in their first words, and a
/// runaway line must not cost more than the rest of the request.
const WORDS_MAX: usize = 24;

/// The template of an entry, as a hash over its service, logger and constant words.
pub fn template(entry: &Entry) -> u64 {
    let mut hasher = XxHash3_64::new();
    hasher.write(entry.context.service.as_bytes());
    hasher.write(entry.record.logger.as_deref().unwrap_or_default().as_bytes());
    hasher.write_u8(0);
    for word in words(&entry.record.message) {
        hasher.write(constant(word).as_bytes());
        hasher.write_u8(0);
    }
    hasher.finish()
}

/// The named values of an entry: its fields, and in its message what follows `=`, or a word
/// with a digit by the word before it.
pub fn values(entry: &Entry) -> Vec<(&str, String)> {
    let fields = entry.record.fields.iter();
    let mut values: Vec<(&str, String)> = fields
        .filter(|field| !field.name.starts_with("exception."))
        .map(|field| (field.name.as_str(), field.value.to_string()))
        .collect();
    let (mut before, mut last) = ("value", "value");
    // Parameters often stand on a line of their own, below the statement.
    for word in entry.record.message.split_whitespace().take(WORDS_MAX * 2) {
        match word.split_once('=') {
            Some(("", "")) => before = last,
            Some((name, value)) => values.push((name, value.trim_matches(['"', ',']).to_owned())),
            None if has_digit(word) => values.push((before, word.to_owned())),
            None => before = word.trim_end_matches(':'),
        }
        last = word;
    }
    values
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.lines().next().unwrap_or_default().split_whitespace().take(WORDS_MAX)
}

/// A word, or what is constant in it.
fn constant(word: &str) -> &str {
    match word.split_once('=') {
        Some((name, _)) if !name.is_empty() => name,
        _ if has_digit(word) || word.starts_with(['"', '\'']) => "{}",
        _ => word,
    }
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::entry;

    #[track_caller]
    fn check(one: &str, other: &str, same: bool) {
        let template = |message: &str| template(&entry("cart", message).done());
        assert_eq!(template(one) == template(other), same, "{one} | {other}");
    }

    #[test]
    fn lines_that_differ_in_values_share_a_template() {
        check("order ORD-1 paid with 2 items", "order ORD-77 paid with 11 items", true);
        check("loading sku=KTL took=1ms", "loading sku=MUG took=9ms", true);
        check("order ORD-1 paid", "order ORD-1 refused", false);
    }

    #[test]
    fn values_are_named_by_what_stands_before_them() {
        let entry = entry("cart", "loading item 7 sku=KTL").done();
        assert_eq!(values(&entry), [("item", "7".to_owned()), ("sku", "KTL".to_owned())]);
        let entry = crate::model::fixture::entry("db", "execute\nparameters: $1 = 'A-7'").done();
        assert!(values(&entry).contains(&("$1", "'A-7'".to_owned())));
    }
}
