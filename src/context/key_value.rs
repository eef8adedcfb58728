//! Which values identify something, and the list of keys found in one record.

use crate::context::identifier::is_uuid;
use crate::context::key_name::Promise;
use crate::context::secret;
use crate::model::entry::Key;

/// More keys than this in one record are a dump, and each costs space in the index.
const KEYS_MAX: usize = 64;

/// A longer value is text, not an identifier.
const VALUE_BYTES_MAX: usize = 128;

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Digits, not zero.
    Integer,
    /// A dashed UUID.
    Uuid,
    /// A prefix that says of what kind it is, and so many bytes long: `ORD-20417`, `inv_9f3c`.
    Typed(usize),
    /// Letters and digits: `G1237`.
    Mixed,
    /// Letters alone.
    Word,
}

/// Judges a value; none for numbers with units, dates, versions and whatever has other
/// characters than letters, digits, `-` and `_`.
pub(super) fn shape(value: &str) -> Option<Shape> {
    let bytes = value.as_bytes();
    if bytes.is_empty() || bytes.len() > VALUE_BYTES_MAX || bytes[0] == b'-' {
        return None;
    }
    let is_part =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || *byte >= 0x80;
    if !bytes.iter().all(is_part) {
        return None;
    }
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == bytes.len() {
        return (digits <= 19 && bytes.iter().any(|byte| *byte != b'0')).then_some(Shape::Integer);
    }
    if is_uuid(value) {
        return bytes.iter().any(|byte| !matches!(byte, b'0' | b'-')).then_some(Shape::Uuid);
    }
    if !bytes.iter().any(u8::is_ascii_digit) {
        return (!is_void(value)).then_some(Shape::Word);
    }
    let is_date = digits == 4 && bytes.get(4) == Some(&b'-');
    let has_unit = digits > 0
        && bytes.len() - digits <= 2
        && bytes[digits..].iter().all(u8::is_ascii_alphabetic);
    let is_version =
        matches!(bytes, [b'v' | b'V', rest @ ..] if rest.iter().all(u8::is_ascii_digit));
    if is_date || has_unit || is_version {
        return None;
    }
    Some(prefix_length(value).map_or(Shape::Mixed, Shape::Typed))
}

/// Words that stand where a value is missing, and truth values.
fn is_void(value: &str) -> bool {
    const VOID: [&str; 8] =
        ["null", "nil", "none", "undefined", "unknown", "true", "false", "anonymous"];
    VOID.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// How long the prefix of a typed identifier is: capitals before `-`, small letters before `_`.
fn prefix_length(value: &str) -> Option<usize> {
    /// Prefixes of standards, threads and machines.
    const NOISE: [&str; 42] = [
        "utf", "iso", "sha", "md", "aes", "rsa", "http", "https", "tls", "ssl", "rfc", "cve",
        "jdk", "java", "exec", "nio", "pool", "thread", "worker", "task", "tcp", "udp", "ip",
        "port", "cpu", "gpu", "node", "step", "phase", "retry", "attempt", "line", "page", "ver",
        "version", "build", "part", "shard", "int", "uint", "float", "size",
    ];
    let length = value.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (prefix, rest) = value.split_at(length);
    let is_cased = match rest.as_bytes().first()? {
        b'-' => prefix.bytes().all(|byte| byte.is_ascii_uppercase()),
        b'_' => prefix.bytes().all(|byte| byte.is_ascii_lowercase()),
        _ => return None,
    };
    let tail = &rest[1..];
    let is_tail = tail.len() >= 2
        && tail.bytes().any(|byte| byte.is_ascii_digit())
        && tail.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_noise = NOISE.iter().any(|noise| prefix.eq_ignore_ascii_case(noise));
    ((2..=10).contains(&length) && is_cased && is_tail && !is_noise).then_some(length)
}

/// Whether a value of this look keeps what its name promises.
pub(super) fn keeps(promise: Promise, shape: Shape) -> bool {
    match (promise, shape) {
        (_, Shape::Uuid | Shape::Typed(_))
        | (Promise::Id | Promise::Party, Shape::Integer | Shape::Mixed)
        | (Promise::Party, Shape::Word)
        | (Promise::Noun, Shape::Mixed) => true,
        (Promise::Noun, Shape::Integer | Shape::Word)
        | (Promise::Id, Shape::Word)
        | (Promise::Bare, Shape::Integer | Shape::Mixed | Shape::Word) => false,
    }
}

/// The keys of one record, each pair once.
#[derive(Debug, Default)]
pub(super) struct Keys {
    found: Vec<Key>,
}

impl Keys {
    /// Adds a key, unless it is known, a secret, or one too many.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        let is_known = self.found.iter().any(|key| key.value == value && key.name == name);
        if is_known || self.is_full() || secret::is_value(value) {
            return;
        }
        self.found.push(Key { name: name.to_owned(), value: value.to_owned() });
    }

    /// Whether the value stands under any name.
    pub(super) fn has_value(&self, value: &str) -> bool {
        self.found.iter().any(|key| key.value == value)
    }

    pub(super) fn is_full(&self) -> bool {
        self.found.len() == KEYS_MAX
    }

    pub(super) fn into_vec(self) -> Vec<Key> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expected: Option<Shape>) {
        assert_eq!(shape(value), expected, "value: {value}");
    }

    #[test]
    fn identifiers_are_known_by_their_look() {
        check("5521", Some(Shape::Integer));
        check("4d2a46c7-71cb-4cf1-b5bb-b68406d9da6f", Some(Shape::Uuid));
        check("ORD-20417", Some(Shape::Typed(3)));
        check("inv_9f3c", Some(Shape::Typed(3)));
        check("G1237", Some(Shape::Mixed));
        check("http-nio-8080", Some(Shape::Mixed));
        check("UTF-16", Some(Shape::Mixed));
        check("acme", Some(Shape::Word));
    }

    #[test]
    fn measures_dates_and_voids_are_no_identifiers() {
        for value in [
            "",
            "0",
            "000",
            "12ms",
            "5s",
            "2026-11-21",
            "v1",
            "null",
            "true",
            "1.5",
            "a b",
            "-1",
            "00000000-0000-0000-0000-000000000000",
        ] {
            check(value, None);
        }
    }
}
