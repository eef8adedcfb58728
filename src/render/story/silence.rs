//! A stretch of time in which nothing was logged, as a row of its own.

use std::io;

use super::Teller;
use super::layout::Step;
use crate::render::duration::duration;
use crate::render::painted::{Painted, Role};

pub(super) fn write(
    out: &mut dyn io::Write,
    teller: &Teller<'_>,
    step: &Step,
    index: usize,
) -> io::Result<()> {
    let silence = &teller.analysis.silences[index];
    let service = &teller.trace.span(silence.span).service;
    let mut row = teller.margin("", false);
    row.append(&step.guides(teller.levels_max(), "┊ "));
    row.push(Role::Dim, "· · · ");
    let mut text = Painted::of(Role::Warning, &duration(silence.end - silence.start));
    text.push(Role::Plain, ", nothing logged by ");
    text.push(teller.roles[silence.span.0], service);
    let room = teller.style.columns().saturating_sub(row.columns());
    row.append(&text.cut(room.max(1)));
    teller.write(out, row)
}
