//! A span drawn on the request's axis of time: `─` while it was open, `━` while the whole
//! request waited for it. Down the page the heavy parts form the critical path.

use super::Teller;
use crate::model::span::SpanIndex;
use crate::model::time::Timestamp;
use crate::render::painted::{Painted, Role};

/// The columns bars take in rows of this width; 0 where text needs them all.
pub(super) const fn columns(width: usize) -> usize {
    match width {
        ..76 => 0,
        76..100 => 10,
        100..120 => 20,
        120..240 => width / 5,
        _ => 48,
    }
}

/// The bar of a span; empty when its times or the request's are unknown.
pub(super) fn bar(teller: &Teller<'_>, index: SpanIndex) -> Painted {
    let cells_max = columns(teller.style.columns());
    let span = teller.trace.span(index);
    let mut bar = Painted::new();
    let (Some(start), Some(end)) = (span.start, span.end) else { return bar };
    let Some(axis) = Axis::of(teller, cells_max) else { return bar };
    let mut cells = vec![Cell::Before; cells_max];
    fill(&mut cells, axis.cells(start, end), Cell::Open);
    for segment in &teller.analysis.critical_path.segments {
        if segment.span == index && segment.start < segment.end {
            fill(&mut cells, axis.cells(segment.start, segment.end), Cell::Critical);
        }
    }
    for cell in cells {
        match cell {
            Cell::Before => bar.push(Role::Plain, " "),
            Cell::Open => bar.push(Role::Dim, "─"),
            Cell::Critical => bar.push(teller.roles[index.0], "━"),
        };
    }
    bar
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Before,
    Open,
    Critical,
}

/// The request's time mapped to cells.
struct Axis {
    start: Timestamp,
    length: i64,
    cells: usize,
}

impl Axis {
    fn of(teller: &Teller<'_>, cells: usize) -> Option<Self> {
        let (start, length) = (teller.overview.start?, teller.overview.duration?);
        (length > 0 && cells > 0).then_some(Self { start, length, cells })
    }

    /// The first cell and the one behind the last; one cell at least.
    fn cells(&self, start: Timestamp, end: Timestamp) -> (usize, usize) {
        let cell = |time: Timestamp| {
            let offset = i128::from((time - self.start).clamp(0, self.length));
            (offset * self.cells as i128, i128::from(self.length))
        };
        let (from, length) = cell(start);
        let (to, _) = cell(end);
        let first = ((from / length) as usize).min(self.cells - 1);
        // A span that ends inside a cell fills it.
        let last = ((to + length - 1) / length) as usize;
        (first, last.clamp(first + 1, self.cells))
    }
}

fn fill(cells: &mut [Cell], (first, last): (usize, usize), with: Cell) {
    cells[first..last].fill(with);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(start: i64, end: i64, expected: (usize, usize)) {
        let axis = Axis { start: Timestamp::from_nanoseconds(100), length: 1_000, cells: 10 };
        let cells = axis.cells(
            Timestamp::from_nanoseconds(100 + start),
            Timestamp::from_nanoseconds(100 + end),
        );
        assert_eq!(cells, expected);
    }

    #[test]
    fn a_span_fills_the_cells_it_touches_and_one_at_least() {
        check(0, 1_000, (0, 10));
        check(100, 200, (1, 2));
        check(150, 250, (1, 3));
        check(500, 500, (5, 6));
        check(1_000, 1_000, (9, 10));
    }

    #[test]
    fn times_beyond_the_request_stay_on_its_axis() {
        check(-50, 2_000, (0, 10));
        check(i64::MIN / 2, i64::MAX / 2, (0, 10));
    }
}
