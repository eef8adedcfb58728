//! Tables of the columns that a user chose.

use std::io;

use crate::engine::columns::Cell;
use crate::render::csv::{CsvStyle, Record};
use crate::render::duration::duration;
use crate::render::moment::{Detail, moment};
use crate::render::painted::{Painted, Role};
use crate::render::style::Style;
use crate::render::table::{Column, Table};

/// What several values stand between.
const BETWEEN: &str = ", ";

/// What a column of texts keeps where room is scarce.
const COLUMNS_MIN: usize = 8;

/// Writes rows as a table.
///
/// # Errors
/// When the writer fails.
pub fn table(
    out: &mut dyn io::Write,
    fields: &[String],
    rows: &[Vec<Cell>],
    style: &Style,
) -> io::Result<()> {
    let titles: Vec<String> = fields.iter().map(|field| field.to_uppercase()).collect();
    let columns: Vec<Column<'_>> =
        titles.iter().enumerate().map(|(index, title)| column(title, rows, index)).collect();
    let mut table = Table::new(&columns);
    for row in rows {
        table.row(row.iter().map(|cell| painted(cell, style)).collect(), Vec::new());
    }
    table.write(out, style.columns(), style.colour)
}

fn column<'t>(title: &'t str, rows: &[Vec<Cell>], index: usize) -> Column<'t> {
    let is_number =
        |row: &Vec<Cell>| matches!(row[index], Cell::Number(_) | Cell::Duration(_) | Cell::Missing);
    if !rows.is_empty() && rows.iter().all(is_number) {
        return Column::number(title);
    }
    let is_time = |row: &Vec<Cell>| matches!(row[index], Cell::Time(_));
    if rows.iter().any(is_time) {
        return Column::words(title);
    }
    Column::words(title).shrinking_to(COLUMNS_MIN)
}

fn painted(cell: &Cell, style: &Style) -> Painted {
    match cell {
        Cell::Missing => Painted::of(Role::Dim, "-"),
        Cell::Texts(texts) => Painted::of(Role::Plain, &texts.join(BETWEEN)),
        Cell::Time(time) => Painted::of(Role::Plain, &moment(*time, &style.zone, Detail::Dated)),
        Cell::Duration(nanoseconds) => Painted::of(Role::Plain, &duration(*nanoseconds)),
        Cell::Number(number) => Painted::of(Role::Plain, &number.to_string()),
    }
}

/// Writes rows as CSV, a header first.
///
/// # Errors
/// When the writer fails.
pub fn csv(
    out: &mut dyn io::Write,
    fields: &[String],
    rows: &[Vec<Cell>],
    style: &CsvStyle,
) -> io::Result<()> {
    let header = fields.iter().fold(Record::new(style), |record, field| record.text(field));
    header.write(out)?;
    for row in rows {
        let record = row.iter().fold(Record::new(style), |record, cell| match cell {
            Cell::Missing => record.text(""),
            Cell::Texts(texts) => record.text(&texts.join(BETWEEN)),
            Cell::Time(time) => record.plain(time),
            Cell::Duration(nanoseconds) => record.plain(nanoseconds),
            Cell::Number(number) => record.plain(number),
        });
        record.write(out)?;
    }
    Ok(())
}
