//! The head of a span: service, operation, how its place is known, how long it took.

use std::io;

use super::head::told;
use super::layout::Step;
use super::{Teller, bar};
use crate::model::span::{ExtentBasis, Span, SpanIndex, SpanKind, SpanStatus};
use crate::render::duration::duration;
use crate::render::painted::{Painted, Role, columns};

/// Columns of a duration: `12 min 04 s` would be wider, but is rare.
const DURATION_COLUMNS: usize = 8;
/// What an operation keeps at least when a row is short of columns.
const NAME_COLUMNS_MIN: usize = 12;
/// Clocks are corrected by estimates: below a millisecond nothing is worth saying.
const CLOCK_OFFSET_SHOWN: u64 = 1_000_000;

pub(super) fn write(
    out: &mut dyn io::Write,
    teller: &Teller<'_>,
    step: &Step,
    index: SpanIndex,
) -> io::Result<()> {
    let span = teller.trace.span(index);
    let offset = teller.offset(span.start, span.extent != ExtentBasis::Children);
    let mut row = teller.margin(&offset, span.status == Some(SpanStatus::Error));
    row.append(&step.guides(teller.levels_max(), ""));

    let right = right_side(teller, index);
    let mut marks = marks(span);
    marks.append(&findings(teller, index));
    let room = teller.style.columns().saturating_sub(row.columns() + right.columns() + 1);
    let name_room = room.saturating_sub(marks.columns()).max(NAME_COLUMNS_MIN);
    row.append(&name(teller, index).cut(name_room)).append(&marks);
    row.pad_to(teller.style.columns().saturating_sub(right.columns()));
    row.append(&right);
    teller.write(out, row)
}

/// A head again, for rows of a span that stand apart from it.
pub(super) fn write_resumed(
    out: &mut dyn io::Write,
    teller: &Teller<'_>,
    step: &Step,
    index: SpanIndex,
) -> io::Result<()> {
    let mut row = teller.margin("", false);
    row.append(&step.guides(teller.levels_max(), ""));
    let mark = "  (goes on)";
    let room = teller.style.columns().saturating_sub(row.columns() + columns(mark));
    row.append(&name(teller, index).cut(room.max(NAME_COLUMNS_MIN)));
    row.push(Role::Dim, mark);
    teller.write(out, row)
}

/// `◆ payment  POST /charge → bank`.
fn name(teller: &Teller<'_>, index: SpanIndex) -> Painted {
    let span = teller.trace.span(index);
    let is_critical = teller.analysis.critical_path.contains(index);
    let mut name = Painted::of(teller.roles[index.0], if is_critical { "◆ " } else { "◇ " });
    name.push(teller.roles[index.0], &span.service);
    if !span.name.is_empty() {
        name.push(Role::Plain, "  ").push(Role::Strong, &span.name);
    }
    if let (Some(peer), Some(SpanKind::Client | SpanKind::Producer)) = (&span.peer, span.kind) {
        name.push(Role::Dim, " → ").push(Role::Plain, peer);
    }
    name
}

/// What must be known to trust the head: how its parent was found, what was missing.
fn marks(span: &Span) -> Painted {
    let mut marks = Painted::new();
    if span.parent.basis.is_inferred() {
        let basis = span.parent.basis.name().replace('_', " ");
        marks.push(Role::Warning, &format!("  ~{basis} {:.2}", span.parent.confidence));
    }
    if span.extent == ExtentBasis::Children {
        marks.push(Role::Dim, "  (logged nothing)");
    }
    if span.clock_offset.unsigned_abs() >= CLOCK_OFFSET_SHOWN {
        let sign = if span.clock_offset > 0 { "+" } else { "" };
        marks.push(Role::Dim, &format!("  clock {sign}{}", duration(span.clock_offset)));
    }
    marks
}

/// The findings of the head that are about this span: `[1] [2]`.
fn findings(teller: &Teller<'_>, index: SpanIndex) -> Painted {
    let id = teller.trace.span(index).id;
    let mut marks = Painted::new();
    for (number, finding) in told(teller) {
        if finding.spans.first() == Some(&id) {
            marks.push(Role::Warning, &format!("  [{number}]"));
        }
    }
    marks
}

/// The duration and the bar.
fn right_side(teller: &Teller<'_>, index: SpanIndex) -> Painted {
    let span = teller.trace.span(index);
    let took = span_duration(span).map(duration).unwrap_or_default();
    let mut right = Painted::new();
    right.pad_to(DURATION_COLUMNS.saturating_sub(columns(&took)));
    right.push(Role::Plain, &took);
    let bar_columns = bar::columns(teller.style.columns());
    if bar_columns > 0 {
        right.push(Role::Plain, "  ").append(&bar::bar(teller, index));
        right.pad_to(DURATION_COLUMNS.max(columns(&took)) + 2 + bar_columns);
    }
    right
}

/// How long the span took; none when a single line is all that is known of it.
fn span_duration(span: &Span) -> Option<i64> {
    let took = span.end? - span.start?;
    (took > 0 || span.extent == ExtentBasis::Stated).then_some(took)
}
