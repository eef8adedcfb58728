//! The map as a table: each service, below it its operations, then the calls between services.

use std::io;

use super::{calls, errors, percentiles, waited};
use crate::analysis::map::series::Count;
use crate::analysis::map::{Known, Map};
use crate::render::painted::{Painted, Role, Services};
use crate::render::style::Style;
use crate::render::table::{Column, Table};

/// The columns; names give way first.
const COLUMNS: [Column; 7] = [
    Column::words("SERVICE AND OPERATION").shrinking_to(20),
    Column::number("CALLS"),
    Column::number("ERRORS"),
    Column::number("P50"),
    Column::number("P95"),
    Column::number("P99"),
    Column::number("HELD UP"),
];

/// The columns of the calls.
const CALL_COLUMNS: [Column; 7] = [
    Column::words("CALLER → CALLEE").shrinking_to(20),
    Column::number("CALLS"),
    Column::number("ERRORS"),
    Column::number("P50"),
    Column::number("P95"),
    Column::number("P99"),
    Column::number("WAITED"),
];

/// Writes the map as two tables.
///
/// # Errors
/// When the writer fails.
pub fn table(out: &mut dyn io::Write, map: &Map, style: &Style) -> io::Result<()> {
    let mut services = Services::default();
    let mut table = Table::new(&COLUMNS);
    for service in &map.services {
        let name = Painted::of(services.role(&service.name), &service.name);
        let total = &service.flow.total;
        table.row(cells(name, total, Known::default(), service.held_up, map), Vec::new());
        for operation in &service.operations {
            let name = Painted::of(Role::Plain, &format!("  {}", operation.name));
            let total = &operation.flow.total;
            table.row(cells(name, total, Known::default(), operation.held_up, map), Vec::new());
        }
    }
    table.write(out, style.columns(), style.colour)?;
    out.write_all(b"\n")?;
    let mut table = Table::new(&CALL_COLUMNS);
    for edge in &map.edges {
        let target = &map.services[edge.callee].name;
        let mut name = match edge.caller {
            None => Painted::of(Role::Dim, "(outside)"),
            Some(caller) => {
                let caller = &map.services[caller].name;
                Painted::of(services.role(caller), caller)
            }
        };
        name.push(Role::Dim, " → ").push(services.role(target), target);
        let total = &edge.flow.total;
        table.row(cells(name, total, edge.known, edge.waited, map), Vec::new());
        for operation in &edge.operations {
            let from = operation.caller.as_deref().unwrap_or("(outside)");
            let name = Painted::of(Role::Plain, &format!("  {from} → {}", operation.callee));
            let total = &operation.flow.total;
            table.row(cells(name, total, operation.known, operation.waited, map), Vec::new());
        }
    }
    table.write(out, style.columns(), style.colour)
}

fn cells(name: Painted, total: &Count, known: Known, waiting: i64, map: &Map) -> Vec<Painted> {
    let mut cells = vec![name, calls(total, known), errors(total)];
    cells.extend(percentiles(total));
    cells.push(waited(waiting, map));
    cells
}
