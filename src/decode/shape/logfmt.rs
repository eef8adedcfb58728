//! Lines of `key=value` pairs.

use std::borrow::Cow;

use crate::decode::json::{Members, Scalar};
use crate::decode::logfmt;

/// Fewer pairs are taken for words that happen to hold a `=`, unless the first key is one
/// that log lines begin with.
const PAIRS_LEAST: usize = 3;
/// Pairs beyond this are kept together as text: one line must not fill the index.
const PAIRS_MAX: usize = 512;
/// The name under which pairs beyond [`PAIRS_MAX`] are kept.
const REST: &str = "logfmt.rest";
/// Keys that log lines begin with.
const FIRST_KEYS: [&str; 9] =
    ["time", "ts", "t", "level", "lvl", "msg", "logger", "at", "timestamp"];

/// Reads a line of pairs; none when it is not one.
///
/// Words without `=` belong to the value before them: some writers forget the quotes.
pub(in crate::decode) fn read(text: &str) -> Option<Members<'_>> {
    if !logfmt::begins(text) {
        return None;
    }
    let mut members: Members<'_> = Vec::new();
    let mut count = 0;
    let mut rest = text;
    while !rest.is_empty() {
        if members.len() >= PAIRS_MAX {
            members.push((REST.into(), Scalar::Resolved(rest.into())));
            break;
        }
        let (pairs, left) = logfmt::pairs(rest);
        count += pairs.len();
        let pairs = pairs.into_iter().map(|(name, value)| (name.into(), Scalar::Resolved(value)));
        members.extend(pairs);
        let (word, after) = left.split_once(' ').unwrap_or((left, ""));
        if let Some((_, Scalar::Resolved(value))) = members.last_mut() {
            append(value, word);
        }
        rest = after;
    }
    let known = members.first().is_some_and(|(name, _)| FIRST_KEYS.contains(&name.as_ref()));
    (count >= PAIRS_LEAST || (known && count > 1)).then_some(members)
}

/// Pairs whose values are not quoted and go on up to the next key, as CEF has them.
pub(in crate::decode) fn loose(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for word in text.split([' ', '\t']).take(PAIRS_MAX) {
        let key = word.split_once('=').filter(|(key, _)| is_key(key));
        match (key, found.last_mut()) {
            (Some((key, value)), _) => found.push((key.to_owned(), plain(value))),
            (None, Some((_, value))) if !word.is_empty() => {
                value.push(' ');
                value.push_str(&plain(word));
            }
            (None, _) => {}
        }
    }
    found
}

fn is_key(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

/// A value without CEF's escapes and without quotes around it.
fn plain(value: &str) -> String {
    value.trim_matches('"').replace("\\=", "=").replace("\\|", "|")
}

fn append(value: &mut Cow<'_, str>, word: &str) {
    if word.is_empty() {
        return;
    }
    let value = value.to_mut();
    if !value.is_empty() {
        value.push(' ');
    }
    value.push_str(word);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&[&str]>) {
        let found = read(text).map(|members| {
            let show = |(name, value): (Cow<'_, str>, Scalar<'_>)| {
                format!("{name}={}", value.as_text().unwrap_or_default())
            };
            members.into_iter().map(show).collect::<Vec<_>>()
        });
        let expected = expected.map(|list| list.iter().map(ToString::to_string).collect());
        assert_eq!(found, expected, "text: {text}");
    }

    #[test]
    fn few_pairs_are_a_line_only_behind_a_known_key() {
        check("a=1 b=2", None);
        check("level=info b=2", Some(&["level=info", "b=2"]));
        check("a=1 b=2 c=3", Some(&["a=1", "b=2", "c=3"]));
        check("level=info", None);
        check("words a=1 b=2 c=3", None);
    }

    #[test]
    fn words_without_quotes_belong_to_the_value_before_them() {
        check("msg=stock is  low sku=A", Some(&["msg=stock is low", "sku=A"]));
    }

    #[test]
    fn pairs_are_limited_and_the_rest_is_kept() {
        let members = read(&"a=1 ".repeat(5000)).map(|members| members.len());
        assert_eq!(members, Some(PAIRS_MAX + 1));
    }
}
