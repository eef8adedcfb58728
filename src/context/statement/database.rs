//! Statements of data access layers: a query that was sent, and how long it took.

use crate::context::duration::{self, Unit};
use crate::context::statement::Said;
use crate::model::field::Field;
use crate::model::span::{Mark, SpanKind, SpanStatus};

/// The words with which queries begin.
const VERBS: [&str; 10] =
    ["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "CREATE", "ALTER", "DROP", "WITH"];

/// What a message says of a query, if it is one of those known. Some frameworks write the
/// query on the lines behind the first.
pub(super) fn read(message: &str) -> Option<Said> {
    match message.trim_start().as_bytes().first()? {
        b'E' => entity_framework(message),
        b'Q' => ecto(message),
        b'[' => gorm(message),
        b'(' => django(message),
        _ => active_record(message),
    }
}

/// EF Core: `Executed DbCommand (12ms) [Parameters=[…], …]` and the query below it.
fn entity_framework(message: &str) -> Option<Said> {
    let (head, query) = message.split_once('\n').unwrap_or((message, ""));
    let rest = head.strip_prefix("Executed DbCommand (");
    let failed = head.strip_prefix("Failed executing DbCommand (");
    let (took, _) = rest.or(failed)?.split_once(')')?;
    let took = duration::with_unit(&took.replace(',', ""))?;
    let status = failed.map(|_| SpanStatus::Error);
    Some(Said { status, ..called(query.trim(), Some(took)) })
}

/// Ecto: `QUERY OK source="orders" db=1.2ms` and the query below it.
fn ecto(message: &str) -> Option<Said> {
    let (head, query) = message.split_once('\n').unwrap_or((message, ""));
    let rest = head.strip_prefix("QUERY ")?;
    let is_ok = rest.starts_with("OK ");
    let took = rest.split_once("db=")?.1.split(' ').next().and_then(duration::with_unit);
    let status = (!is_ok).then_some(SpanStatus::Error);
    Some(Said { status, ..called(query.trim(), took) })
}

/// GORM: `[1.234ms] [rows:1] SELECT …`.
fn gorm(message: &str) -> Option<Said> {
    let (took, rest) = message.strip_prefix('[')?.split_once("] [rows:")?;
    let (_, query) = rest.split_once("] ")?;
    Some(called(query, Some(duration::with_unit(took)?))).filter(|_| verb(query).is_some())
}

/// Django: `(0.001) SELECT …; args=(1,)`.
fn django(message: &str) -> Option<Said> {
    let (took, query) = message.strip_prefix('(')?.split_once(") ")?;
    let query = query.split("; args=").next()?;
    verb(query)?;
    Some(called(query, Some(duration::of_number(took, Unit::SECOND)?)))
}

/// Rails: `  Order Load (0.3ms)  SELECT …`.
fn active_record(message: &str) -> Option<Said> {
    let line = message.trim_start().lines().next()?;
    let (name, rest) = line.split_once(" (")?;
    let (took, query) = rest.split_once(")  ")?;
    let is_name = name.len() <= 64
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b':'));
    verb(query).filter(|_| is_name)?;
    Some(called(query, Some(duration::with_unit(took)?)))
}

/// The call of a database by this query.
fn called(query: &str, took: Option<u64>) -> Said {
    let attributes =
        if query.is_empty() { Vec::new() } else { vec![Field::text("db.query.text", query)] };
    Said {
        name: summary(query),
        kind: Some(SpanKind::Client),
        duration: took,
        mark: Some(Mark::End),
        attributes,
        ..Said::default()
    }
}

fn verb(query: &str) -> Option<&'static str> {
    let word = query.split_whitespace().next()?;
    VERBS.iter().find(|verb| verb.eq_ignore_ascii_case(word)).copied()
}

/// `SELECT orders`: the verb and the first table.
fn summary(query: &str) -> Option<String> {
    let verb = verb(query)?;
    let mut words = query.split_whitespace();
    let before = if verb == "UPDATE" { "UPDATE" } else { "" };
    let is_before = |word: &str| {
        word.eq_ignore_ascii_case("FROM")
            || word.eq_ignore_ascii_case("INTO")
            || (!before.is_empty() && word.eq_ignore_ascii_case(before))
    };
    let table = words.find(|word| is_before(word)).and_then(|_| words.next());
    let table = table
        .map(|table| table.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '_'));
    match table.filter(|table| !table.is_empty()) {
        Some(table) => Some(format!("{verb} {}", table.replace(['"', '`', '[', ']'], ""))),
        None => Some(verb.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &str, name: Option<&str>, took: u64) {
        let said = read(message).unwrap_or_else(|| panic!("nothing is said: {message}"));
        assert_eq!((said.name.as_deref(), said.duration), (name, Some(took)), "{message}");
        assert_eq!(said.kind, Some(SpanKind::Client));
    }

    #[test]
    fn frameworks_tell_how_long_a_query_took() {
        check(
            "Executed DbCommand (1,012ms) [Parameters=[@p0='?'], CommandType='Text']\nSELECT o.id\nFROM \"orders\" AS o",
            Some("SELECT orders"),
            1_012_000_000,
        );
        check(
            "  Order Load (0.3ms)  SELECT \"orders\".* FROM \"orders\" WHERE id = 42",
            Some("SELECT orders"),
            300_000,
        );
        check("[1.234ms] [rows:1] UPDATE `stock` SET n = 1", Some("UPDATE stock"), 1_234_000);
        check(
            "(0.001) INSERT INTO shop.orders VALUES (1); args=(1,)",
            Some("INSERT shop.orders"),
            1_000_000,
        );
        check("QUERY OK source=\"orders\" db=1.2ms\nSELECT 1", Some("SELECT"), 1_200_000);
    }

    #[test]
    fn other_brackets_are_no_queries() {
        for message in
            ["(see below) x", "[12ms] done", "Order Load (0.3ms)", "Quite (12ms)  SELECTED", ""]
        {
            assert_eq!(read(message), None, "message: {message}");
        }
    }
}
