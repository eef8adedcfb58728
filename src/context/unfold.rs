//! Values that a library folds into one text, made fields of their own: New Relic's mark at
//! the end of a message, the scopes of .NET's console.
//!
//! Invariant: the record's raw bytes are never touched, and no field is taken away.

use std::borrow::Cow;

use crate::model::field::{Field, find};
use crate::model::record::Record;

/// More pairs than this in one scope are data.
const PAIRS_MAX: usize = 64;

/// Gives a record the fields that its texts hold.
pub(super) fn unfold(record: &mut Record) {
    linking(record);
    if let Some(scopes) = find(&record.fields, "log.scopes").and_then(|value| value.as_text()) {
        let found = scope_values(scopes);
        add(record, found);
    }
}

/// `… NR-LINKING|<entity>|<host>|<trace>|<span>|<name, URL-encoded>|`: five slots, any of
/// them empty, the last sometimes left out. The message ends before it.
fn linking(record: &mut Record) {
    const MARK: &str = "NR-LINKING|";
    const SLOTS: [&str; 5] = ["entity.guid", "hostname", "trace.id", "span.id", "entity.name"];
    if !record.message.ends_with('|') {
        return;
    }
    let Some(start) = record.message.rfind(MARK) else { return };
    let slots = record.message[start + MARK.len()..].trim_end_matches('|').split('|');
    let found: Vec<Field> = SLOTS
        .iter()
        .zip(slots)
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| Field::text(*name, decoded(value)))
        .collect();
    record.message.truncate(start);
    record.message.truncate(record.message.trim_end().len());
    add(record, found);
}

/// `SpanId:…, TraceId:… => RequestPath:/charge RequestId:…`, each scope after an arrow.
fn scope_values(scopes: &str) -> Vec<Field> {
    let words = scopes.split("=>").flat_map(|scope| scope.split([' ', ','])).map(str::trim);
    words
        .filter_map(|word| word.split_once(':'))
        .filter(|(name, value)| {
            !value.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
        .take(PAIRS_MAX)
        .map(|(name, value)| Field::text(name, value))
        .collect()
}

/// Adds fields of names that the record does not have.
fn add(record: &mut Record, found: Vec<Field>) {
    for field in found {
        if find(&record.fields, &field.name).is_none() {
            record.fields.push(field);
        }
    }
}

/// A text without percent signs for bytes; what is no text in the end stays as it was.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| byte == b'%');
        let code = code.and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(decoded) = code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(decoded);
            rest = &after[2..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[track_caller]
    fn check(message: &str, fields: &[(&str, &str)], left: &str, expected: &[(&str, &str)]) {
        let mut record = fixture::entry("pay", message).done().record;
        record.fields = fields.iter().map(|(name, value)| Field::text(*name, *value)).collect();
        unfold(&mut record);
        let found: Vec<(&str, String)> = record.fields[fields.len()..]
            .iter()
            .map(|field| (field.name.as_str(), field.value.to_string()))
            .collect();
        let expected: Vec<(&str, String)> =
            expected.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        assert_eq!((record.message.as_str(), found), (left, expected), "message: {message}");
    }

    #[test]
    fn new_relics_mark_is_taken_off_the_message() {
        check(
            "paid NR-LINKING|guid|n1|7b2f|c19f|pay%20ments|",
            &[],
            "paid",
            &[
                ("entity.guid", "guid"),
                ("hostname", "n1"),
                ("trace.id", "7b2f"),
                ("span.id", "c19f"),
                ("entity.name", "pay ments"),
            ],
        );
        check(
            "idle NR-LINKING|guid|n1|||pay|",
            &[],
            "idle",
            &[("entity.guid", "guid"), ("hostname", "n1"), ("entity.name", "pay")],
        );
        check(
            "old NR-LINKING|guid|n1|7b2f|c19f|",
            &[],
            "old",
            &[
                ("entity.guid", "guid"),
                ("hostname", "n1"),
                ("trace.id", "7b2f"),
                ("span.id", "c19f"),
            ],
        );
        check("a|b|", &[], "a|b|", &[]);
    }

    #[test]
    fn scopes_become_fields() {
        check(
            "failed",
            &[("log.scopes", "SpanId:c19f, ParentId:3e80 => RequestPath:/charge RequestId:0HN:01")],
            "failed",
            &[
                ("SpanId", "c19f"),
                ("ParentId", "3e80"),
                ("RequestPath", "/charge"),
                ("RequestId", "0HN:01"),
            ],
        );
    }
}
