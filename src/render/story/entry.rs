//! One entry of the story: when, how bad, what it says.

use std::io;

use super::Teller;
use super::layout::Step;
use crate::model::entry::Entry;
use crate::model::record::TimeBasis;
use crate::model::severity::Severity;
use crate::render::painted::{Painted, Role};
use crate::render::statement::Statement;

/// Columns of a severity and the blank behind it.
const SEVERITY_COLUMNS: usize = 6;
/// What a message keeps at least, however deep it stands.
const MESSAGE_COLUMNS_MIN: usize = 16;
/// Lines that follow an entry and are shown even in full: a dump of a heap is not a story.
const FOLLOWING_LINES_MAX: usize = 1_000;

pub(super) fn write(
    out: &mut dyn io::Write,
    teller: &Teller<'_>,
    step: &Step,
    index: usize,
) -> io::Result<()> {
    let placed = &teller.trace.entries[index];
    let entry = &placed.entry;
    let is_stated =
        entry.record.time.as_ref().is_none_or(|time| time.basis != TimeBasis::Inherited);
    let offset = teller.offset(teller.trace.time(index), is_stated);
    let guides = step.guides(teller.levels_max(), "│ ");

    let mut lead = teller.margin(&offset, entry.is_error());
    lead.append(&guides).append(&severity(entry.record.severity));
    let mut lead_below = teller.margin("", false);
    lead_below.append(&guides).pad_to(lead.columns());

    let room = teller.style.columns().saturating_sub(lead.columns()).max(MESSAGE_COLUMNS_MIN);
    let rows = Rows { lead, lead_below, room, colour: teller.style.colour };
    if teller.style.full { rows.full(out, teller, index) } else { rows.short(out, teller, index) }
}

/// The rows an entry takes: what stands left of each, and the room that is left.
struct Rows {
    lead: Painted,
    lead_below: Painted,
    room: usize,
    colour: bool,
}

impl Rows {
    /// One row, cut to fit, and one more for what follows.
    fn short(
        mut self,
        out: &mut dyn io::Write,
        teller: &Teller<'_>,
        index: usize,
    ) -> io::Result<()> {
        let said = Statement::brief(&teller.trace.entries[index].entry, |_| false);
        let mark = failure_mark(teller, index);
        let room = self.room.saturating_sub(mark.columns()).max(MESSAGE_COLUMNS_MIN);
        self.lead.append(&text(teller, index, &said).cut(room)).append(&mark);
        teller.write(out, self.lead)?;

        let Some((next, others)) = said.rest.split_first() else { return Ok(()) };
        let more = match others.len() {
            0 => Painted::new(),
            1 => Painted::of(Role::Dim, "  … 1 more line"),
            count => Painted::of(Role::Dim, &format!("  … {count} more lines")),
        };
        let mut following = Painted::of(Role::Dim, "↳ ");
        following.push(Role::Plain, next.trim_start());
        let room = self.room.saturating_sub(more.columns()).max(MESSAGE_COLUMNS_MIN);
        self.lead_below.append(&following.cut(room)).append(&more);
        teller.write(out, self.lead_below)
    }

    /// Everything, wrapped, with its place in the files.
    fn full(
        mut self,
        out: &mut dyn io::Write,
        teller: &Teller<'_>,
        index: usize,
    ) -> io::Result<()> {
        let entry = &teller.trace.entries[index].entry;
        let said = Statement::of(entry);
        let mut text = text(teller, index, &said);
        text.append(&failure_mark(teller, index));
        let path = teller.style.paths.show(&entry.path);
        text.push(Role::Dim, &format!("  ({path}:{})", entry.record.position.line));
        self.wrapped(out, text)?;
        for line in said.rest.iter().take(FOLLOWING_LINES_MAX) {
            self.wrapped(out, Painted::of(Role::Plain, line))?;
        }
        match said.rest.len().saturating_sub(FOLLOWING_LINES_MAX) {
            0 => Ok(()),
            left => self.wrapped(out, Painted::of(Role::Dim, &format!("… {left} more lines"))),
        }
    }

    /// Writes a text in as many rows as it takes.
    fn wrapped(&mut self, out: &mut dyn io::Write, text: Painted) -> io::Result<()> {
        for row in text.wrap(self.room) {
            let mut lead = std::mem::replace(&mut self.lead, self.lead_below.clone());
            lead.append(&row);
            lead.write_line(out, self.colour)?;
        }
        Ok(())
    }
}

/// The severity in five columns; what went wrong in capitals, so that it shows without colour.
pub(in crate::render) fn severity(severity: Option<Severity>) -> Painted {
    let name = severity.map_or("", Severity::name);
    let mut cell = match severity {
        Some(severity) if severity.is_error() => Painted::of(Role::Error, &name.to_uppercase()),
        Some(severity) if severity >= Severity::WARN => {
            Painted::of(Role::Warning, &name.to_uppercase())
        }
        _ => Painted::of(Role::Dim, name),
    };
    cell.pad_to(SEVERITY_COLUMNS);
    cell
}

/// The message and the values it leaves out.
fn text(teller: &Teller<'_>, index: usize, said: &Statement<'_>) -> Painted {
    let placed = &teller.trace.entries[index];
    let mut text = Painted::new();
    let service = &placed.entry.context.service;
    if *service != teller.trace.span(placed.span).service {
        text.push(Role::Dim, service).push(Role::Dim, ": ");
    }
    text.push(message_role(&placed.entry), &said.first);
    for (name, value) in &said.values {
        text.push(Role::Plain, if text.is_empty() { "" } else { "  " });
        text.push(Role::Dim, name).push(Role::Dim, "=").push(Role::Plain, value);
    }
    text
}

/// Errors stand out; all else is of one weight.
pub(in crate::render) fn message_role(entry: &Entry) -> Role {
    match entry.record.severity {
        Some(severity) if severity.is_error() => Role::Error,
        Some(severity) if severity >= Severity::WARN => Role::Warning,
        _ => Role::Plain,
    }
}

/// Which part the entry plays in the request's failure.
fn failure_mark(teller: &Teller<'_>, index: usize) -> Painted {
    let Some(failure) = &teller.analysis.failure else { return Painted::new() };
    if failure.origin == index {
        Painted::of(Role::Error, "  ◀ failed first")
    } else if failure.echoes.contains(&index) {
        Painted::of(Role::Dim, "  ◁ echo")
    } else {
        Painted::new()
    }
}
