//! Two requests side by side: what only one of them did, what came in another order, how long
//! each took, and which values differ.

use std::io;

use crate::analysis::pair::{RATIO_SHOWN, Row};
use crate::model::trace::Trace;
use crate::render::duration::duration;
use crate::render::painted::{Painted, Role, Services};
use crate::render::style::Style;
use crate::render::summary::count;
use crate::render::table::{Column, Table};

/// Blanks for each step down the tree; deeper ones than this stand no further right.
const DEPTH_SHOWN: usize = 12;

/// The columns; the step gives way first.
const COLUMNS: [Column; 5] = [
    Column::words(""),
    Column::words("STEP").shrinking_to(24),
    Column::number("FIRST"),
    Column::number("SECOND"),
    Column::number("RATIO"),
];

/// Writes the comparison of two requests; steps that do not differ only if all is to be shown.
///
/// # Errors
/// When the writer fails.
pub fn pair(
    out: &mut dyn io::Write,
    traces: [&Trace; 2],
    rows: &[Row],
    style: &Style,
) -> io::Result<()> {
    for (name, trace) in [("first", traces[0]), ("second", traces[1])] {
        let mut head = Painted::of(Role::Dim, name);
        head.pad_to(8).push(Role::Plain, &trace.id.to_string());
        let lines = count(trace.entries.len() as u64, "line");
        head.push(Role::Dim, &format!("  {lines}"));
        head.cut(style.columns()).write_line(out, style.colour)?;
    }
    out.write_all(b"\n")?;
    let mut table = Table::new(&COLUMNS);
    let mut services = Services::default();
    let mut alike = 0;
    for row in rows {
        if !style.full && row.is_alike() && !(row.is_span && is_slower(row)) {
            alike += 1;
            continue;
        }
        add_row(&mut table, row, traces, &mut services);
    }
    table.write(out, style.columns(), style.colour)?;
    out.write_all(b"\n")?;
    let marks = "< only in the first   > only in the second   ~ in another order";
    let hidden = match alike {
        0 => String::new(),
        _ => format!("   {} alike, shown by --full", count(alike, "step")),
    };
    let legend = [marks, &hidden].concat();
    let rows = Painted::of(Role::Dim, &legend).wrap(style.columns());
    rows.into_iter().try_for_each(|row| row.write_line(out, style.colour))
}

/// Whether one took so much longer than the other that it is worth a row.
fn is_slower(row: &Row) -> bool {
    row.ratio().is_some_and(|ratio| !(1.0 / RATIO_SHOWN..=RATIO_SHOWN).contains(&ratio))
}

fn add_row(table: &mut Table<'_>, row: &Row, traces: [&Trace; 2], services: &mut Services) {
    let (mark, role) = match (&row.left, &row.right) {
        (Some(_), None) => ("<", Role::Warning),
        (None, _) => (">", Role::Warning),
        _ if row.moved => ("~", Role::Warning),
        _ => ("", Role::Plain),
    };
    let took = |side: &Option<crate::analysis::pair::Side>| {
        let took = side.as_ref().and_then(|side| side.took).map(duration);
        Painted::of(Role::Plain, &took.unwrap_or_default())
    };
    let ratio = row.ratio().filter(|_| row.is_span && is_slower(row));
    let digits = |ratio: f64| if ratio < 1.0 { 2 } else { 1 };
    let ratio = ratio.map(|ratio| format!("×{ratio:.*}", digits(ratio))).unwrap_or_default();
    let cells = vec![
        Painted::of(role, mark),
        step(row, traces, services),
        took(&row.left),
        took(&row.right),
        Painted::of(Role::Strong, &ratio),
    ];
    let below = row.values.iter().map(|(name, left, right)| {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let mut line = Painted::new();
        line.pad_to(row.depth.min(DEPTH_SHOWN) * 2 + 5);
        line.push(Role::Dim, &format!("{name}  "));
        line.push(Role::Plain, &shown(left)).push(Role::Dim, " │ ");
        line.push(Role::Plain, &shown(right));
        line
    });
    table.row(cells, below.collect());
}

/// The service and operation of a span, or what a line says.
fn step(row: &Row, traces: [&Trace; 2], services: &mut Services) -> Painted {
    let mut text = Painted::new();
    text.pad_to(row.depth.min(DEPTH_SHOWN) * 2);
    let (trace, side) = match (&row.left, &row.right) {
        (Some(side), _) => (traces[0], side),
        (None, Some(side)) => (traces[1], side),
        (None, None) => return text,
    };
    let Some(placed) = trace.entries.get(side.entry) else { return text };
    let span = trace.span(placed.span);
    if row.is_span {
        text.push(services.role(&span.service), &span.service).push(Role::Plain, " ");
        text.push(Role::Strong, &span.name);
    } else {
        let message = placed.entry.record.message.lines().next().unwrap_or_default();
        let role = if placed.entry.is_error() { Role::Error } else { Role::Plain };
        text.push(role, message);
    }
    text
}
