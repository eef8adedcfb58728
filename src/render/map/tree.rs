//! The map as a tree: below each service those it calls. What a service calls is shown once,
//! where most of its calls come from; elsewhere it has a mark.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;

use super::{figures, headings};
use crate::analysis::map::{Edge, Map};
use crate::render::moment::{Detail, moment};
use crate::render::painted::{Painted, Role, Services, columns};
use crate::render::spark::{Axis, spark};
use crate::render::style::Style;
use crate::render::summary::count;
use crate::render::table::{Column, Table};

/// The columns.
const COLUMNS: [Column<'static>; 7] = headings("SERVICE", "WAITED");

/// The column of bars, which a narrow terminal does not get.
const BARS: Column<'static> = Column::words("OVER TIME");

/// From this width on there is room for bars.
const WIDTH_WITH_BARS: usize = 96;

/// A chain of calls is drawn so deep; the rest is in the table.
const DEPTH_MAX: usize = 24;

/// Writes the map as a tree.
///
/// # Errors
/// When the writer fails.
pub fn tree(out: &mut dyn io::Write, map: &Map, style: &Style) -> io::Result<()> {
    head(map, style).write_line(out, style.colour)?;
    out.write_all(b"\n")?;
    let bars = (style.columns() >= WIDTH_WITH_BARS).then_some(BARS);
    let shown: Vec<Column> = COLUMNS.into_iter().chain(bars).collect();
    let mut drawing = Drawing {
        map,
        table: Table::new(&shown),
        services: Services::default(),
        homes: homes(map),
        has_cuts: false,
    };
    for edge in by_calls(map, None) {
        drawing.draw(edge, "", "", 0);
    }
    let Drawing { table, has_cuts, .. } = drawing;
    table.write(out, style.columns(), style.colour)?;
    out.write_all(b"\n")?;
    let mut rows = legend(map, has_cuts, style).into_iter();
    rows.try_for_each(|row| row.write_line(out, style.colour))
}

/// `4,551 requests, 27 services, 2023-01-29 08:42:09.487 UTC to …`.
fn head(map: &Map, style: &Style) -> Painted {
    let mut head = Painted::of(Role::Strong, &count(map.requests, "request"));
    head.push(Role::Plain, &format!(", {}", count(map.services.len() as u64, "service")));
    if let Some((first, last)) = map.extent {
        let first = moment(first, &style.zone, Detail::Dated);
        let last = moment(last, &style.zone, Detail::Zoned);
        head.push(Role::Dim, &format!(", {first} to {last}"));
    }
    head.cut(style.columns())
}

/// What the marks mean, those that were used.
fn legend(map: &Map, has_cuts: bool, style: &Style) -> Vec<Painted> {
    let has_inferred = map.edges.iter().any(|edge| edge.known.inferred > 0);
    let meanings = [
        (has_inferred, "~ some of these calls are inferred"),
        (has_cuts, "↑ what it calls is shown elsewhere"),
        (true, "WAITED share of all waiting that was for it and what it calls"),
    ];
    let mut used = meanings.into_iter().filter(|(is_used, _)| *is_used);
    let mut rows: Vec<Painted> =
        used.next().map(|(_, text)| Painted::of(Role::Dim, text)).into_iter().collect();
    for (_, meaning) in used {
        match rows.last_mut() {
            Some(row) if row.columns() + 3 + columns(meaning) <= style.columns() => {
                row.push(Role::Plain, "   ").push(Role::Dim, meaning);
            }
            _ => rows.push(Painted::of(Role::Dim, meaning)),
        }
    }
    rows.into_iter().flat_map(|row| row.wrap(style.columns())).collect()
}

/// The edges of a caller, the busiest first, then by name.
fn by_calls(map: &Map, caller: Option<usize>) -> Vec<usize> {
    let mut edges: Vec<usize> =
        (0..map.edges.len()).filter(|edge| map.edges[*edge].caller == caller).collect();
    edges.sort_by_key(|edge| (Reverse(map.edges[*edge].flow.total.calls), *edge));
    edges
}

/// The edge by which each service is first reached from outside, always along the busiest edge
/// that leads on (Prim's way to a spanning tree): there what it calls is shown.
fn homes(map: &Map) -> Vec<bool> {
    let mut homes = vec![false; map.edges.len()];
    let mut reached = vec![false; map.services.len()];
    let mut open: BinaryHeap<(u64, Reverse<usize>)> = BinaryHeap::new();
    let mut leading: Vec<usize> = by_calls(map, None);
    loop {
        open.extend(leading.iter().map(|edge| (map.edges[*edge].flow.total.calls, Reverse(*edge))));
        let Some((_, Reverse(edge))) = open.pop() else { return homes };
        let callee = map.edges[edge].callee;
        leading.clear();
        if !std::mem::replace(&mut reached[callee], true) {
            homes[edge] = true;
            leading = by_calls(map, Some(callee));
        }
    }
}

struct Drawing<'a> {
    map: &'a Map,
    table: Table<'a>,
    services: Services,
    /// The edges below which what their callee calls is shown.
    homes: Vec<bool>,
    /// Whether anything is shown elsewhere.
    has_cuts: bool,
}

impl Drawing<'_> {
    fn draw(&mut self, number: usize, guide: &str, branch: &str, depth: usize) {
        let edge = &self.map.edges[number];
        let below = by_calls(self.map, Some(edge.callee));
        let is_cut = !below.is_empty() && (!self.homes[number] || depth >= DEPTH_MAX);
        self.row(edge, &format!("{guide}{branch}"), is_cut);
        if is_cut {
            self.has_cuts = true;
            return;
        }
        let guide = match branch {
            "" => guide.to_owned(),
            "└─ " => format!("{guide}   "),
            _ => format!("{guide}│  "),
        };
        for (index, child) in below.iter().enumerate() {
            let branch = if index + 1 == below.len() { "└─ " } else { "├─ " };
            self.draw(*child, &guide, branch, depth + 1);
        }
    }

    fn row(&mut self, edge: &Edge, guide: &str, is_cut: bool) {
        let service = &self.map.services[edge.callee];
        let mut name = Painted::of(Role::Dim, guide);
        name.push(self.services.role(&service.name), &service.name);
        if !service.logs {
            name.push(Role::Dim, " (logs nothing)");
        } else if is_cut {
            name.push(Role::Dim, " ↑");
        }
        let total = &edge.flow.total;
        let mut cells = figures(name, total, edge.known, edge.waited, self.map);
        let axis = self.map.extent.map(|(first, last)| Axis { first, last });
        cells.push(axis.map_or_else(Painted::new, |axis| spark(&edge.flow.series, axis)));
        self.table.row(cells, Vec::new());
    }
}
