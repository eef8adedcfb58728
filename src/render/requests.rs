//! The requests that match a query, as a table: the text of `logloom search`.

use std::io;

use crate::model::entry::Entry;
use crate::model::trace::Trace;
use crate::render::brief::Brief;
use crate::render::duration::duration;
use crate::render::highlight::{Highlighter, Mark};
use crate::render::moment::{Detail, moment};
use crate::render::painted::{Painted, Role, Services};
use crate::render::statement::Statement;
use crate::render::style::Style;
use crate::render::table::{Column, Table};

/// The columns; what the request was gives way first.
const COLUMNS: [Column; 8] = [
    Column::words("START"),
    Column::number("TOOK"),
    Column::words("SERVICE").shrinking_to(9),
    Column::words("OPERATION").shrinking_to(9),
    Column::number("SVC"),
    Column::number("SPANS"),
    Column::number("LINES"),
    Column::number("ERR"),
];
/// From this width on dates have their year.
const WIDTH_WITH_YEAR: usize = 110;

/// A request that matches.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestRow {
    /// What it is.
    pub brief: Brief,
    /// The entry that made it match.
    pub matched: Entry,
    /// Why it matched, and what cannot be told.
    pub why: Why,
}

/// Why a request matched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Why {
    /// Each condition that is fulfilled, and where the line stands that fulfils it; none for
    /// what is asked of the request as a whole.
    pub reasons: Vec<(String, Option<(String, u64)>)>,
    /// Why it cannot be told whether it matches; empty if it does.
    pub doubts: Vec<String>,
}

impl RequestRow {
    /// The row of this request, which matched by that entry.
    pub fn of(trace: &Trace, matched: Entry, why: Why) -> Self {
        Self { brief: Brief::of(trace), matched, why }
    }
}

/// Writes the requests as a table, each with its id and the line that matched below it;
/// `marks` are marked there.
///
/// # Errors
/// When the writer fails.
pub fn requests(
    out: &mut dyn io::Write,
    rows: &[RequestRow],
    marks: &[Mark],
    style: &Style,
) -> io::Result<()> {
    let highlighter = Highlighter::new(marks, style.colour);
    let mut services = Services::default();
    let mut table = Table::new(&COLUMNS);
    for row in rows {
        let mut below = vec![matched(row, &highlighter, &mut services, style)];
        below.extend(why(row));
        table.row(cells(&row.brief, &mut services, style), below);
    }
    table.write(out, style.columns(), style.colour)
}

fn cells(request: &Brief, services: &mut Services, style: &Style) -> Vec<Painted> {
    let detail = if style.columns() < WIDTH_WITH_YEAR { Detail::Short } else { Detail::Dated };
    let start = request.start.map(|start| moment(start, &style.zone, detail));
    let number = |count: usize| Painted::of(Role::Plain, &count.to_string());
    let errors = if request.errors > 0 {
        Painted::of(Role::Error, &format!("✗ {}", request.errors))
    } else {
        number(0)
    };
    vec![
        Painted::of(Role::Plain, start.as_deref().unwrap_or("no time")),
        Painted::of(Role::Plain, &request.duration.map(duration).unwrap_or_default()),
        Painted::of(services.role(&request.root_service), &request.root_service),
        Painted::of(Role::Strong, &request.root_operation),
        number(request.services),
        number(request.spans),
        number(request.lines),
        errors,
    ]
}

/// What the matched line does not show: further conditions, and what cannot be told.
fn why(row: &RequestRow) -> Option<Painted> {
    let place = (row.matched.path.to_string(), row.matched.record.position.line);
    let elsewhere = |(condition, at): &&(String, Option<(String, u64)>)| {
        at.as_ref() != Some(&place) && !condition.is_empty()
    };
    let also: Vec<&str> =
        row.why.reasons.iter().filter(elsewhere).map(|(condition, _)| condition.as_str()).collect();
    let mut line = Painted::of(Role::Dim, "  ");
    if !row.why.doubts.is_empty() {
        line.push(Role::Warning, "cannot tell: ").push(Role::Plain, &row.why.doubts.join("; "));
        return Some(line);
    }
    if also.is_empty() {
        return None;
    }
    line.push(Role::Dim, "also ").push(Role::Dim, &also.join("  "));
    Some(line)
}

/// `  4bf92f…  payment: charging card of order «ORD-20417»`.
fn matched(
    row: &RequestRow,
    highlighter: &Highlighter,
    services: &mut Services,
    style: &Style,
) -> Painted {
    let mut line = Painted::of(Role::Dim, &format!("  {}  ", row.brief.id));
    let service = &row.matched.context.service;
    line.push(services.role(service), service).push(Role::Plain, ": ");
    let room = style.columns().saturating_sub(line.columns());
    line.append(&highlighter.excerpt(Role::Plain, &matching_text(&row.matched, highlighter), room));
    line
}

/// What an entry says, with the values that the query asked for even if the message says
/// them elsewhere.
pub(in crate::render) fn matching_text(entry: &Entry, highlighter: &Highlighter) -> String {
    let said = Statement::brief(entry, |value| highlighter.finds(value));
    let mut text = said.first.into_owned();
    if !highlighter.finds(&text) {
        let matching = said.rest.iter().find(|line| highlighter.finds(line));
        text.extend(matching.iter().flat_map(|line| ["  ", line.trim()]));
    }
    for (name, value) in &said.values {
        if !text.is_empty() {
            text.push_str("  ");
        }
        text.extend([*name, "=", value.as_str()]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture;

    fn rows() -> Vec<RequestRow> {
        let checkout = fixture::checkout();
        let matched = checkout.trace.entries[3].entry.clone();
        let mut by_field = fixture::entry("auth", "user logged in after a captcha");
        by_field.record.fields.push(crate::model::field::Field::text("user", "ORD-20417"));
        let why = Why {
            reasons: vec![("errors:>0".to_owned(), None)],
            doubts: vec!["payment was called and logged nothing".to_owned()],
        };
        vec![
            RequestRow::of(&checkout.trace, matched, Why::default()),
            RequestRow::of(&fixture::undated().trace, by_field, why),
        ]
    }

    fn table(width: usize) -> String {
        let mut out = Vec::new();
        let words = [Mark::Text("ord-20417".to_owned())];
        requests(&mut out, &rows(), &words, &fixture::style(width)).expect("a Vec takes all bytes");
        String::from_utf8(out).expect("tables are text")
    }

    #[test]
    fn requests_fit_80_columns() {
        let text = table(80);
        assert!(text.lines().all(|line| crate::render::painted::columns(line) <= 80));
        insta::assert_snapshot!(text);
    }

    #[test]
    fn requests_in_140_columns() {
        insta::assert_snapshot!(table(140));
    }
}
