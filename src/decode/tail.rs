//! Names and values at the end of a message: `cart loaded {"orderId":"ORD-1"}`,
//! `charge failed order=ORD-1 took=12ms`.
//!
//! Many loggers print what they know beside the message behind it. The message stays whole; what
//! is behind it can be asked for by name as well. Names that would say something of the line
//! itself (whose it is, how bad) count only in the line's own head, and what stands behind a
//! colon is what the message speaks of: both are kept under `message.`, where they say nothing
//! of who writes.

use std::borrow::Cow;

use crate::decode::json::{self, Members};
use crate::decode::logfmt;
use crate::model::field::{Field, find};

/// In a longer message what stands at the end is a dump.
const MESSAGE_BYTES_MAX: usize = 16 << 10;

/// A message may hold braces and signs of equality of its own before its end; so many are tried.
const TRIES_MAX: usize = 16;

/// What a name is put behind that says nothing of the line itself.
const SPOKEN_OF: &str = "message.";

/// Names of what a line's own head states, without separators.
const OF_THE_LINE: [&str; 28] = [
    "service",
    "servicename",
    "app",
    "appname",
    "application",
    "applicationname",
    "microservice",
    "svc",
    "host",
    "hostname",
    "instance",
    "pod",
    "podname",
    "container",
    "containername",
    "name",
    "level",
    "lvl",
    "severity",
    "loglevel",
    "time",
    "ts",
    "timestamp",
    "message",
    "msg",
    "logger",
    "thread",
    "kind",
];

/// Adds to the fields of a record what stands at the end of its message.
pub(super) fn add(fields: &mut Vec<Field>, message: &str) {
    let text = message.trim_end();
    if text.len() > MESSAGE_BYTES_MAX || text.contains('\n') {
        return;
    }
    let found = if text.ends_with('}') { object(text) } else { pairs(text) };
    for field in found {
        if find(fields, &field.name).is_none() {
            fields.push(field);
        }
    }
}

/// The members of the object that the message ends with.
fn object(text: &str) -> Vec<Field> {
    let braces = memchr::memchr_iter(b'{', text.as_bytes());
    let mut starts =
        braces.filter(|at| text[..*at].is_empty() || text[..*at].ends_with([' ', '\t', ':', '=']));
    let found = starts.by_ref().take(TRIES_MAX).find_map(|at| Some((at, json::read(&text[at..])?)));
    let Some((at, members)) = found else { return Vec::new() };
    let is_spoken_of = text[..at].trim_end().ends_with([':', '=']);
    of_members(members, is_spoken_of)
}

fn of_members(members: Members<'_>, is_spoken_of: bool) -> Vec<Field> {
    let named = members.into_iter().filter_map(|(name, value)| Some((name, value.into_value()?)));
    named
        .map(|(name, value)| Field { name: placed(name, is_spoken_of).into_owned(), value })
        .collect()
}

/// The pairs that the message ends with, up to its last letter.
fn pairs(text: &str) -> Vec<Field> {
    let last = text.rsplit([' ', '\t']).next().unwrap_or(text);
    if !last.contains('=') && !last.ends_with(['"', '\'']) {
        return Vec::new();
    }
    let signs = memchr::memchr_iter(b'=', text.as_bytes());
    let mut behind = 0;
    for sign in signs.take(TRIES_MAX) {
        let start = text[..sign].rfind([' ', '\t']).map_or(0, |blank| blank + 1);
        // A sign inside the value that was tried last begins no pair.
        if start < behind {
            continue;
        }
        let (found, rest) = logfmt::pairs(&text[start..]);
        if found.is_empty() {
            continue;
        }
        if rest.is_empty() && !closes(found.last().map_or("", |(_, value)| value)) {
            return found.into_iter().filter_map(|(name, value)| pair(name, &value)).collect();
        }
        behind = text.len() - rest.len();
    }
    Vec::new()
}

/// Whether a value ends with a bracket that was opened before it: `total=9.5)`.
fn closes(value: &str) -> bool {
    [('(', ')'), ('[', ']'), ('{', '}')]
        .iter()
        .any(|(open, close)| value.ends_with(*close) && !value.contains(*open))
}

fn pair(name: &str, value: &str) -> Option<Field> {
    let value = value.trim_end_matches(['.', ';', '!']);
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    (is_name && !value.is_empty()).then(|| Field::text(placed(name.into(), false), value))
}

/// The name under which a value is kept.
fn placed(name: Cow<'_, str>, is_spoken_of: bool) -> Cow<'_, str> {
    let plain: String = name
        .chars()
        .filter(|letter| !matches!(letter, '_' | '-' | '@'))
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    let is_of_the_line = OF_THE_LINE.contains(&plain.as_str());
    if is_spoken_of || is_of_the_line { format!("{SPOKEN_OF}{name}").into() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &str, expected: &[(&str, &str)]) {
        let mut fields = Vec::new();
        add(&mut fields, message);
        let found: Vec<(&str, String)> =
            fields.iter().map(|field| (field.name.as_str(), field.value.to_string())).collect();
        let expected: Vec<(&str, String)> =
            expected.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        assert_eq!(found, expected, "message: {message}");
    }

    #[test]
    fn an_object_behind_the_message_is_beside_it() {
        check(
            r#"cart {1} loaded {"orderId":"ORD-1","n":{"a":3}}"#,
            &[("orderId", "ORD-1"), ("n.a", "3")],
        );
        check(r#"{"orderId":"ORD-1"}"#, &[("orderId", "ORD-1")]);
        check("cart {loaded}", &[]);
        check("cart {}", &[]);
    }

    #[test]
    fn pairs_behind_the_message_are_beside_it() {
        check(
            r#"charge failed order=ORD-1 err="card declined""#,
            &[("order", "ORD-1"), ("err", "card declined")],
        );
        check("a=1 is not b=2.", &[("b", "2")]);
        check("GET /x?a=1 HTTP/1.1", &[]);
        check("Order(id=1, total=9.5)", &[]);
        check("x == y", &[]);
        check("done", &[]);
    }

    #[test]
    fn what_a_message_speaks_of_says_nothing_of_its_writer() {
        check("calling service=pay level=9", &[("message.service", "pay"), ("message.level", "9")]);
        check(
            r#"response: {"status":500,"host":"n1"}"#,
            &[("message.status", "500"), ("message.host", "n1")],
        );
    }

    proptest::proptest! {
        #[test]
        fn any_message_is_read_in_one_go(message in r#"[a =\{\}":,1é\\]{0,40}"#) {
            add(&mut Vec::new(), &message);
        }
    }
}
