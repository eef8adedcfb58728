//! Log lines that match a query, one a row: the text of `logloom lines`.
//!
//! Where room is scarce a row leaves out, in this order: its place in the files, the year.

use std::io;

use crate::model::entry::Entry;
use crate::render::highlight::{Highlighter, Mark};
use crate::render::moment::{Detail, moment};
use crate::render::painted::{Painted, Role, Services, columns};
use crate::render::requests::matching_text;
use crate::render::statement::Statement;
use crate::render::story::{message_role, severity};
use crate::render::style::Style;

/// From this width on a row has its place in the files and its year.
const WIDTH_WITH_PLACE: usize = 110;
/// A service's name beyond this is cut: the columns must not wander far.
const SERVICE_COLUMNS_MAX: usize = 24;
/// What a message keeps at least.
const MESSAGE_COLUMNS_MIN: usize = 24;

/// Writes entries, one a row, in the order given; `marks` are marked in them.
///
/// # Errors
/// When the writer fails.
pub fn lines(
    out: &mut dyn io::Write,
    entries: &[Entry],
    marks: &[Mark],
    style: &Style,
) -> io::Result<()> {
    Rows::new(marks, style.clone()).write(out, entries)
}

/// Rows that come in parts, each service in the same colour and column in all of them.
pub struct Rows {
    style: Style,
    highlighter: Highlighter,
    services: Services,
    service_columns: usize,
    is_roomy: bool,
}

impl Rows {
    /// Rows in which `marks` are marked.
    pub fn new(marks: &[Mark], style: Style) -> Self {
        Self {
            highlighter: Highlighter::new(marks, style.colour),
            services: Services::default(),
            service_columns: 0,
            is_roomy: style.full || style.columns() >= WIDTH_WITH_PLACE,
            style,
        }
    }

    /// Writes the next entries. The column of services is as wide as the widest so far.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&mut self, out: &mut dyn io::Write, entries: &[Entry]) -> io::Result<()> {
        let widest = entries.iter().map(|entry| columns(&entry.context.service)).max();
        let widest = widest.unwrap_or(0).min(SERVICE_COLUMNS_MAX);
        self.service_columns = self.service_columns.max(widest);
        entries.iter().try_for_each(|entry| self.row(out, entry))
    }

    fn row(&mut self, out: &mut dyn io::Write, entry: &Entry) -> io::Result<()> {
        let row = self.lead(entry);
        if self.style.full { self.full(out, row, entry) } else { self.short(out, row, entry) }
    }

    /// Time, service, severity.
    fn lead(&mut self, entry: &Entry) -> Painted {
        let detail = if self.is_roomy { Detail::Dated } else { Detail::Short };
        let time = entry.time().map(|time| moment(time, &self.style.zone, detail));
        let mut row = Painted::of(Role::Dim, time.as_deref().unwrap_or("no time"));
        row.pad_to(detail.columns() + 1);

        let service = &entry.context.service;
        let role = self.services.role(service);
        row.append(&Painted::of(role, service).cut(self.service_columns));
        row.pad_to(detail.columns() + 1 + self.service_columns + 1);
        row.append(&severity(entry.record.severity));
        row
    }

    fn place(&self, entry: &Entry) -> Painted {
        let path = self.style.paths.show(&entry.path);
        Painted::of(Role::Dim, &format!("  ({path}:{})", entry.record.position.line))
    }

    /// One row, cut to fit.
    fn short(&self, out: &mut dyn io::Write, mut row: Painted, entry: &Entry) -> io::Result<()> {
        let mut tail = match Statement::of(entry).rest.len() {
            0 => Painted::new(),
            1 => Painted::of(Role::Dim, "  +1 line"),
            count => Painted::of(Role::Dim, &format!("  +{count} lines")),
        };
        if self.is_roomy {
            tail.append(&self.place(entry));
        }
        let room = self.style.columns().saturating_sub(row.columns());
        let message_room = room.saturating_sub(tail.columns()).max(MESSAGE_COLUMNS_MIN.min(room));
        let text = matching_text(entry, &self.highlighter);
        row.append(&self.highlighter.excerpt(message_role(entry), &text, message_room));
        row.append(&tail.cut(self.style.columns().saturating_sub(row.columns())));
        row.write_line(out, self.style.colour)
    }

    /// Everything, uncut: the terminal wraps it, and a filter behind a pipe sees whole lines.
    fn full(&self, out: &mut dyn io::Write, mut row: Painted, entry: &Entry) -> io::Result<()> {
        let said = Statement::of(entry);
        row.append(&self.highlighter.mark(message_role(entry), &said.first));
        for (name, value) in &said.values {
            row.push(Role::Plain, "  ").push(Role::Dim, name).push(Role::Dim, "=");
            row.append(&self.highlighter.mark(Role::Plain, value));
        }
        row.append(&self.place(entry));
        row.write_line(out, self.style.colour)?;
        for line in &said.rest {
            let mut below = Painted::of(Role::Plain, "    ");
            below.append(&self.highlighter.mark(Role::Plain, line));
            below.write_line(out, self.style.colour)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture::{self, Story};

    fn told(story: &Story, width: usize, full: bool) -> String {
        let entries: Vec<Entry> =
            story.trace.entries.iter().map(|placed| placed.entry.clone()).collect();
        let mut style = fixture::style(width);
        style.full = full;
        let mut out = Vec::new();
        lines(&mut out, &entries, &[Mark::Text("ORD-20417".to_owned())], &style)
            .expect("a Vec takes all bytes");
        String::from_utf8(out).expect("lines are text")
    }

    #[test]
    fn lines_fit_80_columns() {
        let text = told(&fixture::checkout(), 80, false);
        assert!(text.lines().all(|line| columns(line) <= 80));
        insta::assert_snapshot!(text);
    }

    #[test]
    fn lines_in_140_columns_have_their_place() {
        insta::assert_snapshot!(told(&fixture::checkout(), 140, false));
    }

    #[test]
    fn lines_in_full_are_not_cut() {
        insta::assert_snapshot!(told(&fixture::checkout(), 80, true));
    }

    #[test]
    fn nothing_of_a_log_drives_the_terminal() {
        for full in [false, true] {
            let text = told(&fixture::hostile(), 100, full).replace('\n', "");
            assert!(!text.contains(crate::render::escape::is_unsafe), "full: {full}");
        }
    }

    #[test]
    fn a_line_without_a_time_says_so() {
        assert!(told(&fixture::undated(), 80, false).starts_with("no time "));
    }
}
