//! What the marks of a story mean: those that were used in it, and no others.

use std::io;

use super::{Teller, bar};
use crate::model::record::TimeBasis;
use crate::model::span::SpanStatus;
use crate::render::painted::{Painted, Role, columns};

pub(super) fn write(out: &mut dyn io::Write, teller: &Teller<'_>) -> io::Result<()> {
    let meanings = meanings(teller);
    if meanings.is_empty() {
        return Ok(());
    }
    out.write_all(b"\n")?;
    let mut row = Painted::new();
    for meaning in meanings {
        if !row.is_empty() && row.columns() + 3 + columns(meaning) > teller.style.columns() {
            write_row(out, teller, std::mem::take(&mut row))?;
        }
        row.push(Role::Plain, if row.is_empty() { "" } else { "   " });
        row.push(Role::Dim, meaning);
    }
    write_row(out, teller, row)
}

/// One meaning alone may be wider than a narrow terminal.
fn write_row(out: &mut dyn io::Write, teller: &Teller<'_>, row: Painted) -> io::Result<()> {
    let mut rows = row.wrap(teller.style.columns()).into_iter();
    rows.try_for_each(|row| row.write_line(out, teller.style.colour))
}

fn meanings(teller: &Teller<'_>) -> Vec<&'static str> {
    let trace = teller.trace;
    let has_path = !teller.analysis.critical_path.segments.is_empty() && trace.spans.len() > 1;
    let has_error = teller.overview.errors > 0
        || trace.spans.iter().any(|span| span.status == Some(SpanStatus::Error));
    let has_inherited_time = trace.entries.iter().any(|placed| {
        placed.entry.record.time.as_ref().is_some_and(|time| time.basis == TimeBasis::Inherited)
    });
    let has_bar = has_path && bar::columns(teller.style.columns()) > 0;
    let marks = [
        (has_path, "◆ on the critical path"),
        (has_bar, "━ the request waited for it"),
        (has_error, "✗ error"),
        (teller.overview.edges.total_inferred() > 0, "~flow 0.8 parent inferred, and how surely"),
        (super::head::told(teller).next().is_some(), "[1] what a finding is about"),
        (has_inherited_time, "~1.0 s time of the line before it in its file"),
    ];
    marks.into_iter().filter(|(is_used, _)| *is_used).map(|(_, meaning)| meaning).collect()
}
