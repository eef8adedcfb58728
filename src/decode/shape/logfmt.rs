//! Lines of `key=value` pairs.

use std::borrow::Cow;

use crate::decode::json::{Members, Scalar};
use crate::decode::logfmt;

/// Fewer pairs are taken for words that happen to hold a `=`, unless the first key is one
/// that log lines begin with.
const PAIRS_LEAST: usize = 3;
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
