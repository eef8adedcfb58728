//! Aligned tables that fit the terminal: one column gives way when room is scarce.

use std::io;

use crate::render::painted::{Painted, Role, columns};

/// Blanks between two columns.
const GAP: usize = 2;

/// On which side a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub struct Column<'t> {
    /// What stands above it.
    pub title: &'t str,
    /// On which side its text stands.
    pub align: Align,
    /// Columns it keeps when room is scarce; none if it never gives way.
    pub shrinks_to: Option<usize>,
}

impl<'t> Column<'t> {
    /// A column of words.
    pub const fn words(title: &'t str) -> Self {
        Self { title, align: Align::Left, shrinks_to: None }
    }

    /// A column of numbers.
    pub const fn number(title: &'t str) -> Self {
        Self { title, align: Align::Right, shrinks_to: None }
    }

    /// The same column, giving way down to so many columns.
    #[must_use]
    pub const fn shrinking_to(mut self, columns: usize) -> Self {
        self.shrinks_to = Some(columns);
        self
    }
}

/// A table.
#[derive(Debug)]
pub struct Table<'a> {
    columns: &'a [Column<'a>],
    rows: Vec<TableRow>,
}

#[derive(Debug)]
struct TableRow {
    cells: Vec<Painted>,
    below: Vec<Painted>,
}

impl<'a> Table<'a> {
    /// A table without rows.
    pub const fn new(columns: &'a [Column<'a>]) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row: a cell for each column, and lines that stand below it over the whole width.
    pub fn row(&mut self, cells: Vec<Painted>, below: Vec<Painted>) {
        self.rows.push(TableRow { cells, below });
    }

    /// Writes the table in at most `width` columns.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(self, out: &mut dyn io::Write, width: usize, colour: bool) -> io::Result<()> {
        let widths = self.widths(width);
        let titles = self.columns.iter().map(|column| Painted::of(Role::Dim, column.title));
        self.line(titles.collect(), &widths).cut(width).write_line(out, colour)?;
        for row in &self.rows {
            self.line(row.cells.clone(), &widths).cut(width).write_line(out, colour)?;
            for below in &row.below {
                below.clone().cut(width).write_line(out, colour)?;
            }
        }
        Ok(())
    }

    fn line(&self, cells: Vec<Painted>, widths: &[usize]) -> Painted {
        let mut line = Painted::new();
        let mut begin = 0;
        for ((cell, column), width) in cells.into_iter().zip(self.columns).zip(widths) {
            let cell = cell.cut(*width);
            let indent = if column.align == Align::Right { width - cell.columns() } else { 0 };
            line.pad_to(begin + indent).append(&cell);
            begin += width + GAP;
        }
        line
    }

    fn widths(&self, width: usize) -> Vec<usize> {
        let mut widths: Vec<usize> =
            self.columns.iter().map(|column| columns(column.title)).collect();
        for row in &self.rows {
            for (widest, cell) in widths.iter_mut().zip(&row.cells) {
                *widest = (*widest).max(cell.columns());
            }
        }
        let gaps = GAP * widths.len().saturating_sub(1);
        let mut excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(width);
        for (widest, column) in widths.iter_mut().zip(self.columns) {
            let gives = column.shrinks_to.map_or(0, |least| widest.saturating_sub(least));
            let taken = gives.min(excess);
            *widest -= taken;
            excess -= taken;
        }
        widths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] =
        [Column::words("NAME"), Column::words("WHAT").shrinking_to(4), Column::number("COUNT")];

    #[track_caller]
    fn check(width: usize, expected: &[&str]) {
        let mut table = Table::new(&COLUMNS);
        let cells = |texts: [&str; 3]| texts.map(|text| Painted::of(Role::Plain, text)).to_vec();
        table.row(cells(["cart", "loads a cart", "7"]), vec![Painted::of(Role::Dim, "  below")]);
        table.row(cells(["inventory", "reserves", "1,204"]), Vec::new());
        let mut out = Vec::new();
        table.write(&mut out, width, false).expect("a Vec takes all bytes");
        let text = String::from_utf8(out).expect("tables are text");
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        check(
            80,
            &[
                "NAME       WHAT          COUNT",
                "cart       loads a cart      7",
                "  below",
                "inventory  reserves      1,204",
            ],
        );
    }

    #[test]
    fn the_column_that_may_shrink_gives_way() {
        check(
            26,
            &[
                "NAME       WHAT      COUNT",
                "cart       loads a…      7",
                "  below",
                "inventory  reserves  1,204",
            ],
        );
    }

    #[test]
    fn a_table_never_sticks_out() {
        check(12, &["NAME       …", "cart       …", "  below", "inventory  …"]);
    }
}
