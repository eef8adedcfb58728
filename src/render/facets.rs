//! Counts by value, patterns of messages, and counts over time: tables and bars.

use std::io;

use crate::analysis::facets::{Facets, Group};
use crate::analysis::map::series::Count;
use crate::model::time::Timestamp;
use crate::render::csv::{CsvStyle, Record};
use crate::render::map::{PERCENTILES, errors, percentiles};
use crate::render::moment::{Detail, moment};
use crate::render::painted::{Painted, Role};
use crate::render::spark::{Axis, spark};
use crate::render::style::Style;
use crate::render::summary::{grouped, share};
use crate::render::table::{Column, Table};

const BY_VALUE: [Column; 8] = [
    Column::number("COUNT"),
    Column::number("SHARE"),
    Column::number("ERR"),
    Column::number("P50"),
    Column::number("P95"),
    Column::number("P99"),
    Column::words("OVER TIME"),
    Column::words("VALUE").shrinking_to(12),
];

const BY_PATTERN: [Column; 5] = [
    Column::number("COUNT"),
    Column::number("SHARE"),
    Column::number("ERR"),
    Column::words("FIRST SEEN"),
    Column::words("PATTERN").shrinking_to(20),
];

const OVER_TIME: [Column; 7] = [
    Column::words("FROM"),
    Column::number("COUNT"),
    Column::number("ERR"),
    Column::number("P50"),
    Column::number("P95"),
    Column::number("P99"),
    Column::words(""),
];

/// Rows of a histogram: a screen.
const ROWS_MAX: usize = 24;

/// Columns of the longest bar.
const BAR_COLUMNS: usize = 40;

/// Parts of one column that a bar can end with.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// What stands for those without a value, and for values beyond those that were counted.
const NONE: &str = "(none)";
const OTHERS: &str = "(further values)";

/// The values to show, the most frequent first, then what has none.
fn rows(facets: &Facets, limit: usize) -> Vec<(&str, &Group)> {
    let mut rows = facets.most_frequent(limit);
    let beside = [(OTHERS, &facets.others), (NONE, &facets.without)];
    rows.extend(beside.into_iter().filter(|(_, group)| group.series.total().calls > 0));
    rows
}

/// Writes a row for each value.
///
/// # Errors
/// When the writer fails.
pub fn by_value(
    out: &mut dyn io::Write,
    facets: &Facets,
    limit: usize,
    style: &Style,
) -> io::Result<()> {
    let axis = Axis::of(&facets.total.series);
    let all = facets.total.series.total().calls;
    let mut table = Table::new(&BY_VALUE);
    for (value, group) in rows(facets, limit) {
        let count = group.series.total();
        let mut cells = counts(&count, all);
        cells.extend(percentiles(&count));
        cells.push(axis.map_or_else(Painted::new, |axis| spark(&group.series, axis)));
        cells.push(Painted::of(Role::Strong, value));
        table.row(cells, Vec::new());
    }
    table.write(out, style.columns(), style.colour)
}

/// Writes a row for each pattern of messages.
///
/// # Errors
/// When the writer fails.
pub fn patterns(
    out: &mut dyn io::Write,
    facets: &Facets,
    limit: usize,
    style: &Style,
) -> io::Result<()> {
    let all = facets.total.series.total().calls;
    let mut table = Table::new(&BY_PATTERN);
    for (value, group) in rows(facets, limit) {
        let mut cells = counts(&group.series.total(), all);
        let first = group.first.map(|first| moment(first, &style.zone, Detail::Dated));
        cells.push(Painted::of(Role::Plain, first.as_deref().unwrap_or("no time")));
        cells.push(Painted::of(Role::Strong, value));
        table.row(cells, Vec::new());
    }
    table.write(out, style.columns(), style.colour)
}

/// Writes a row with a bar for each period of time.
///
/// # Errors
/// When the writer fails.
pub fn over_time(out: &mut dyn io::Write, group: &Group, style: &Style) -> io::Result<()> {
    let mut group = group.clone();
    let mut periods = every_period(&group);
    while periods.len() > ROWS_MAX {
        group.series.widen_to(group.series.doublings() + 1);
        periods = every_period(&group);
    }
    let highest = periods.iter().map(|(_, count)| count.calls).max().unwrap_or(0);
    let mut table = Table::new(&OVER_TIME);
    for (start, count) in periods {
        let mut cells = vec![Painted::of(Role::Plain, &moment(start, &style.zone, Detail::Dated))];
        cells.push(Painted::of(Role::Plain, &grouped(count.calls)));
        cells.push(errors(&count));
        cells.extend(percentiles(&count));
        let role = if count.errors > 0 { Role::Error } else { Role::Plain };
        cells.push(Painted::of(role, &bar(count.calls, highest)));
        table.row(cells, Vec::new());
    }
    table.write(out, style.columns(), style.colour)
}

/// All periods from the first to the last, also those in which nothing was.
fn every_period(group: &Group) -> Vec<(Timestamp, Count)> {
    let length = group.series.period_seconds().saturating_mul(1_000_000_000);
    let mut all: Vec<(Timestamp, Count)> = Vec::new();
    for (start, count) in group.series.periods() {
        while let Some((last, _)) = all.last().filter(|(last, _)| last.plus(length) < start) {
            all.push((last.plus(length), Count::default()));
        }
        all.push((start, count.clone()));
    }
    all
}

fn bar(calls: u64, highest: u64) -> String {
    let eighths = (calls as f64 / highest.max(1) as f64 * (BAR_COLUMNS * 8) as f64).ceil() as usize;
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

fn counts(count: &Count, all: u64) -> Vec<Painted> {
    vec![
        Painted::of(Role::Plain, &grouped(count.calls)),
        Painted::of(Role::Plain, &share(count.calls, all)),
        errors(count),
    ]
}

/// Writes counts by value as CSV, a header first.
///
/// # Errors
/// When the writer fails.
pub fn csv(
    out: &mut dyn io::Write,
    facets: &Facets,
    limit: usize,
    style: &CsvStyle,
) -> io::Result<()> {
    out.write_all(b"value,count,errors,p50_nano,p95_nano,p99_nano,first\r\n")?;
    for (value, group) in rows(facets, limit) {
        let count = group.series.total();
        let [p50, p95, p99] = PERCENTILES.map(|share| count.durations.quantile(share));
        Record::new(style)
            .text(value)
            .plain(&count.calls)
            .plain(&count.errors)
            .plain_option(p50)
            .plain_option(p95)
            .plain_option(p99)
            .plain_option(group.first)
            .write(out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::facets::Counted;
    use crate::render::fixture;

    fn facets() -> Facets {
        let mut facets = Facets::default();
        for second in 0..40_i64 {
            let counted = Counted {
                start: Some(Timestamp::from_nanoseconds(
                    1_795_253_400_000_000_000 + second * second * 1_000_000_000,
                )),
                duration: Some(second * 1_000_000),
                failed: second % 10 == 9,
            };
            let value = if second % 3 == 0 { "payment \u{1b}[31m" } else { "cart" };
            facets.add([value].into_iter().take(usize::from(second != 7)), counted);
        }
        facets
    }

    #[track_caller]
    fn shown(write: impl Fn(&mut dyn io::Write, &Style) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out, &fixture::style(80)).expect("a Vec takes all bytes");
        let text = String::from_utf8(out).expect("tables are text");
        assert!(text.lines().all(|line| crate::render::painted::columns(line) <= 80));
        assert!(!text.replace('\n', "").contains(crate::render::escape::is_unsafe));
        text
    }

    #[test]
    fn values_are_listed_with_their_numbers() {
        insta::assert_snapshot!(shown(|out, style| by_value(out, &facets(), 10, style)));
    }

    #[test]
    fn patterns_are_listed_with_their_first_time() {
        insta::assert_snapshot!(shown(|out, style| patterns(out, &facets(), 10, style)));
    }

    #[test]
    fn periods_are_drawn_as_bars_also_empty_ones() {
        insta::assert_snapshot!(shown(|out, style| over_time(out, &facets().total, style)));
    }
}
