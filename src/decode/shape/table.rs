//! Lines of columns, under a line that names them: CSV and TSV exports, and the W3C format.
//!
//! The names hold for all lines of the stream that have as many columns.

use std::borrow::Cow;

use crate::decode::json::{Members, Scalar};
use crate::decode::keys::Keys;

/// Fewer columns are words with a comma between them.
const COLUMNS_LEAST: usize = 3;
/// More columns than any export has.
const COLUMNS_MAX: usize = 512;
/// A longer name is a sentence.
const NAME_BYTES_MAX: usize = 64;
/// Names that must mean something to logs, for a line to be one of names.
const KNOWN_LEAST: usize = 2;
/// What parts the columns of an export, the commonest first.
const SEPARATORS: [char; 4] = [',', '\t', ';', '|'];
/// What begins the line of names in W3C's format; its times are in UTC.
const FIELDS: &str = "#Fields:";

/// Lines of columns and what the names mean.
#[derive(Debug)]
pub(in crate::decode) struct TableShape {
    /// Whether the names stand behind `#Fields:` and spaces part the columns.
    pub(in crate::decode) is_w3c: bool,
    /// What the names mean.
    pub(in crate::decode) keys: Keys,
}

/// The names of a stream's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::decode) struct Columns {
    names: Vec<String>,
    /// None where spaces part the columns.
    separator: Option<char>,
}

impl TableShape {
    /// Reads a line of names; none if it is none.
    pub(in crate::decode) fn names(&self, text: &str) -> Option<Columns> {
        if self.is_w3c {
            let names: Vec<String> =
                text.strip_prefix(FIELDS)?.split_whitespace().map(str::to_owned).collect();
            return (COLUMNS_LEAST..=COLUMNS_MAX)
                .contains(&names.len())
                .then_some(Columns { names, separator: None });
        }
        let separator = SEPARATORS.into_iter().max_by_key(|one| {
            (
                text.matches(*one).count(),
                SEPARATORS.len() - SEPARATORS.iter().position(|other| other == one).unwrap_or(0),
            )
        })?;
        let names: Vec<String> = cells(text, separator)?.into_iter().map(Cow::into_owned).collect();
        let fits = (COLUMNS_LEAST..=COLUMNS_MAX).contains(&names.len())
            && names.iter().all(|name| is_name(name))
            && names.iter().filter(|name| self.keys.likely(name).is_some()).count() >= KNOWN_LEAST;
        fits.then_some(Columns { names, separator: Some(separator) })
    }
}

impl Columns {
    /// Reads a line of values; none if it has another number of columns.
    pub(in crate::decode) fn row<'a>(&self, text: &'a str) -> Option<Members<'a>> {
        let cells: Vec<Cow<'a, str>> = match self.separator {
            Some(separator) => cells(text, separator)?,
            None if text.starts_with('#') => return None,
            None if text.contains('\t') => text.split('\t').map(Cow::Borrowed).collect(),
            None => text.split(' ').map(Cow::Borrowed).collect(),
        };
        if cells.len() != self.names.len() {
            return None;
        }
        let mut members = Members::new();
        if let Some(time) = self.date_and_time(&cells) {
            members.push(("datetime".into(), Scalar::Resolved(time.into())));
        }
        for (name, cell) in self.names.iter().zip(cells) {
            let is_part = members.first().is_some_and(|(first, _)| first == "datetime")
                && matches!(name.to_ascii_lowercase().as_str(), "date" | "time");
            if !cell.is_empty() && !is_part {
                members.push((name.clone().into(), Scalar::Resolved(cell)));
            }
        }
        Some(members)
    }

    /// Date and time stand in two columns in W3C's format and in some exports.
    fn date_and_time(&self, cells: &[Cow<'_, str>]) -> Option<String> {
        let cell = |wanted: &str| {
            let place = self.names.iter().position(|name| name.eq_ignore_ascii_case(wanted))?;
            cells.get(place)
        };
        let zone = if self.separator.is_none() { "Z" } else { "" };
        Some(format!("{} {}{zone}", cell("date")?, cell("time")?))
    }

    /// Whether a line's quotes are not closed, so that a value goes on in the next line.
    pub(in crate::decode) fn goes_on(&self, text: &str) -> bool {
        self.separator.is_some() && memchr::memchr_iter(b'"', text.as_bytes()).count() % 2 == 1
    }
}

/// The cells of a line, as RFC 4180 quotes them; none if a quote is not closed.
fn cells(text: &str, separator: char) -> Option<Vec<Cow<'_, str>>> {
    let mut cells = Vec::new();
    let mut rest = text;
    while cells.len() <= COLUMNS_MAX {
        let (cell, after) = if let Some(quoted) = rest.strip_prefix('"') {
            let end = closing(quoted)?;
            (unquoted(&quoted[..end]), &quoted[end + 1..])
        } else {
            let end = rest.find(separator).unwrap_or(rest.len());
            (Cow::Borrowed(rest[..end].trim_end_matches('\r')), &rest[end..])
        };
        cells.push(cell);
        match after.strip_prefix(separator) {
            Some(next) => rest = next,
            None => return after.trim().is_empty().then_some(cells),
        }
    }
    None
}

/// The inside of quotes; some writers escape with a backslash what they also double.
fn unquoted(raw: &str) -> Cow<'_, str> {
    if raw.contains("\"\"") {
        Cow::Owned(raw.replace("\\\"\"", "\\\"").replace("\"\"", "\""))
    } else {
        Cow::Borrowed(raw)
    }
}

/// Where the quote closes: at one that is not doubled.
fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        at += memchr::memchr(b'"', bytes.get(at..)?)?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

fn is_name(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || b" _.@/()-:#[]".contains(&byte);
    !text.is_empty()
        && text.len() <= NAME_BYTES_MAX
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || "_@#".contains(first))
        && text.bytes().all(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape() -> TableShape {
        let mut keys = Keys::default();
        keys.add(crate::decode::keys::Role::Time, "Timestamp");
        keys.add(crate::decode::keys::Role::Message, "Log");
        TableShape { is_w3c: false, keys }
    }

    #[track_caller]
    fn check(names: &str, row: &str, expected: Option<&[&str]>) {
        let columns = shape().names(names).unwrap();
        let found = columns.row(row).map(|members| {
            let show = |(name, value): (Cow<'_, str>, Scalar<'_>)| {
                format!("{name}={}", value.as_text().unwrap_or_default())
            };
            members.into_iter().map(show).collect::<Vec<_>>()
        });
        let expected = expected.map(|list| list.iter().map(ToString::to_string).collect());
        assert_eq!(found, expected, "row: {row}");
    }

    #[test]
    fn cells_may_be_quoted_and_hold_separators_and_quotes() {
        check(
            "Timestamp,Pod,Log",
            r#"1,a,"said ""no"", twice""#,
            Some(&["Timestamp=1", "Pod=a", "Log=said \"no\", twice"]),
        );
        check("Timestamp\tPod\tLog", "1\ta\tb,c", Some(&["Timestamp=1", "Pod=a", "Log=b,c"]));
        check(
            "Timestamp,Pod,Log",
            r#"1,a,"{""log"":""{\""level\"": 1}\n""}""#,
            Some(&["Timestamp=1", "Pod=a", r#"Log={"log":"{\"level\": 1}\n"}"#]),
        );
        check("Timestamp,Pod,Log", "1,a", None);
        check("Timestamp,Pod,Log", "1,a,\"open", None);
    }

    #[test]
    fn a_line_of_names_holds_names_that_logs_have() {
        assert_eq!(shape().names("red, green, blue and so on"), None);
        assert_eq!(shape().names("a,b,c"), None);
        assert_eq!(shape().names("2026-11-21,Timestamp,Log"), None);
    }

    #[test]
    fn the_names_of_w3c_stand_behind_a_mark_and_its_times_are_utc() {
        let shape = TableShape { is_w3c: true, keys: Keys::default() };
        let columns = shape.names("#Fields: date time cs-method").unwrap();
        let members = columns.row("2026-11-21 09:30:15 GET").unwrap();
        assert_eq!(members[0].1.as_text().as_deref(), Some("2026-11-21 09:30:15Z"));
        assert_eq!(columns.row("#Software: x y"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(names in "[a-cT,;|\té\" ]{0,40}", row in "[a,;|\té\" ]{0,40}") {
            let columns = Columns { names: vec![names.clone(); 3], separator: Some(',') };
            let _ = (shape().names(&names), columns.row(&row));
        }
    }
}
