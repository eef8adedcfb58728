//! The whole request as a story: the text of `logloom trace`.
//!
//! A head says what it was and how sure the tree is; then come its rows in causal order.
//! Each row has the time since the request began, a mark, the guides of the call tree,
//! and what happened. What colours say, characters say as well.
//!
//! ```text
//! +0.031 s   ├─◆ order  POST /orders            3.32 s  ─━━━━━━━━─
//! +0.032 s ✗ │ │ ERROR payment timed out
//! ```

mod bar;
mod entry;
mod head;
mod layout;
mod legend;
mod link;
mod silence;
mod span;

use std::io;

use crate::analysis::Analysis;
use crate::analysis::overview::Overview;
use crate::model::time::Timestamp;
use crate::model::trace::Trace;
use crate::render::duration::OffsetForm;
use crate::render::painted::{Painted, Role, Services, columns};
use crate::render::style::Style;
use crate::timeline::Row;
use layout::{Kind, Step};

pub(in crate::render) use entry::{message_role, severity};

/// Writes the story of a request.
///
/// # Errors
/// When the writer fails.
pub fn story(
    out: &mut dyn io::Write,
    trace: &Trace,
    analysis: &Analysis,
    rows: &[Row],
    style: &Style,
) -> io::Result<()> {
    let teller = Teller::new(trace, analysis, style);
    head::write(out, &teller)?;
    for step in layout::steps(trace, rows) {
        teller.tell(out, &step)?;
    }
    legend::write(out, &teller)
}

/// What every row of the story needs to know.
struct Teller<'a> {
    trace: &'a Trace,
    analysis: &'a Analysis,
    style: &'a Style,
    overview: Overview,
    form: OffsetForm,
    /// Columns of the offset, with its sign.
    time_columns: usize,
    /// The colour of each span's service.
    roles: Vec<Role>,
}

impl<'a> Teller<'a> {
    fn new(trace: &'a Trace, analysis: &'a Analysis, style: &'a Style) -> Self {
        let overview = Overview::of(trace);
        let length = overview.duration.unwrap_or(0);
        let form = OffsetForm::for_length(length);
        let mut services = Services::default();
        let roles = trace.spans.iter().map(|span| services.role(&span.service)).collect();
        let time_columns = columns(&form.show(length)) + 1;
        Self { trace, analysis, style, overview, form, time_columns, roles }
    }

    fn tell(&self, out: &mut dyn io::Write, step: &Step) -> io::Result<()> {
        match step.kind {
            Kind::Span(index) => span::write(out, self, step, index),
            Kind::Resumed(index) => span::write_resumed(out, self, step, index),
            Kind::Entry(index) => entry::write(out, self, step, index),
            Kind::Silence(index) => silence::write(out, self, step, index),
            Kind::Link(index) => link::write(out, self, step, index),
        }
    }

    /// Writes a row, however short of columns the terminal is.
    fn write(&self, out: &mut dyn io::Write, row: Painted) -> io::Result<()> {
        row.cut(self.style.columns()).write_line(out, self.style.colour)
    }

    /// The start of a row: when, and a mark for what went wrong.
    fn margin(&self, offset: &str, is_error: bool) -> Painted {
        let mut row = Painted::new();
        row.pad_to(self.time_columns.saturating_sub(columns(offset)));
        row.push(Role::Dim, offset).push(Role::Plain, " ");
        row.push(Role::Error, if is_error { "✗" } else { " " }).push(Role::Plain, " ");
        row
    }

    /// `+1.204 s`; `~1.204 s` for a time that was not stated; `?` for none.
    fn offset(&self, time: Option<Timestamp>, is_stated: bool) -> String {
        let (Some(time), Some(start)) = (time, self.overview.start) else {
            return "?".to_owned();
        };
        format!("{}{}", if is_stated { "+" } else { "~" }, self.form.show(time - start))
    }

    /// How many levels of the tree are drawn: a quarter of the row at most.
    fn levels_max(&self) -> usize {
        self.style.columns() / 8
    }
}

#[cfg(test)]
mod tests;
