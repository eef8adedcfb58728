//! A row of bars: how many calls over time. A period without calls is a blank, one in which
//! some failed is red.

use crate::analysis::map::series::{Count, Series};
use crate::model::time::Timestamp;
use crate::render::painted::{Painted, Role};

/// Bars by height.
const BARS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Columns that a row of bars takes.
pub(super) const COLUMNS: usize = 16;

/// The time that a row of bars spans.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
}

impl Axis {
    /// From the first to the last period of a series; none if nothing in it has a time.
    pub(super) fn of(series: &Series) -> Option<Self> {
        let first = series.periods().next()?.0;
        let last = series.periods().last()?.0;
        Some(Self { first, last: last.plus(series.period_seconds().saturating_mul(1_000_000_000)) })
    }
}

/// The bars of a series on an axis of time.
pub(super) fn spark(series: &Series, axis: Axis) -> Painted {
    let mut cells = vec![Count::default(); COLUMNS];
    let mut row = Painted::new();
    let Axis { first, last } = axis;
    let period = series.period_seconds().saturating_mul(1_000_000_000);
    let begin = first.nanoseconds().div_euclid(period).saturating_mul(period);
    let length = i128::from(last.nanoseconds()) - i128::from(begin) + 1;
    for (start, count) in series.periods() {
        let place = (i128::from(start.nanoseconds()) - i128::from(begin)) * COLUMNS as i128;
        let cell = (place / length).clamp(0, COLUMNS as i128 - 1);
        cells[cell as usize].merge(count);
    }
    let highest = cells.iter().map(|cell| cell.calls).max().unwrap_or(0);
    for cell in cells {
        let role = if cell.errors > 0 { Role::Error } else { Role::Plain };
        row.push(role, bar(cell.calls, highest));
    }
    row
}

fn bar(calls: u64, highest: u64) -> &'static str {
    if calls == 0 {
        return " ";
    }
    let height = (calls as f64 / highest as f64 * BARS.len() as f64).ceil() as usize;
    BARS[height.clamp(1, BARS.len()) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_rise_with_the_calls() {
        let heights: Vec<&str> = [0, 1, 50, 100].map(|calls| bar(calls, 100)).to_vec();
        assert_eq!(heights, [" ", "▁", "▄", "█"]);
    }
}
