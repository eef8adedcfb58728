//! The map of services: a tree and a table for people, graphs for other programs.

pub mod graph;
pub mod table;
pub mod tree;

use crate::analysis::map::series::Count;
use crate::analysis::map::{Known, Map};
use crate::render::duration::duration;
use crate::render::painted::{Painted, Role};
use crate::render::summary::{grouped, share};
use crate::render::table::Column;

/// Stands before calls that were inferred, as in stories.
const INFERRED: &str = "~";

/// The percentiles that are shown.
pub(in crate::render) const PERCENTILES: [f64; 3] = [0.5, 0.95, 0.99];

/// The columns of a table of calls; names give way first.
const fn headings(name: &'static str, waiting: &'static str) -> [Column<'static>; 7] {
    [
        Column::words(name).shrinking_to(20),
        Column::number("CALLS"),
        Column::number("ERRORS"),
        Column::number("P50"),
        Column::number("P95"),
        Column::number("P99"),
        Column::number(waiting),
    ]
}

/// The cells of a row below such [`headings`].
fn figures(name: Painted, total: &Count, known: Known, waiting: i64, map: &Map) -> Vec<Painted> {
    let mut cells = vec![name, calls(total, known), errors(total)];
    cells.extend(percentiles(total));
    cells.push(waited(waiting, map));
    cells
}

/// `1,204`, and `~1,204` where some of the calls were inferred.
fn calls(count: &Count, known: Known) -> Painted {
    let mark = if known.inferred > 0 { INFERRED } else { "" };
    let mut cell = Painted::of(Role::Dim, mark);
    cell.push(Role::Plain, &grouped(count.calls));
    cell
}

/// The share of calls that failed; nothing if none did.
pub(in crate::render) fn errors(count: &Count) -> Painted {
    if count.errors == 0 {
        return Painted::of(Role::Dim, "-");
    }
    Painted::of(Role::Error, &format!("✗ {}", share(count.errors, count.calls)))
}

/// The percentiles, one a cell.
pub(in crate::render) fn percentiles(count: &Count) -> impl Iterator<Item = Painted> {
    PERCENTILES.map(|share| count.durations.quantile(share)).into_iter().map(|found| match found {
        Some(found) => Painted::of(Role::Plain, &duration(found)),
        None => Painted::of(Role::Dim, "-"),
    })
}

/// The share of all waiting that was for this.
fn waited(waited: i64, map: &Map) -> Painted {
    if waited <= 0 || map.path <= 0 {
        return Painted::of(Role::Dim, "-");
    }
    Painted::of(Role::Plain, &share(waited as u64, map.path as u64))
}
