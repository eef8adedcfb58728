//! The map as a table: each service, below it its operations, then the calls between services.

use std::io;

use super::{figures, headings};
use crate::analysis::map::{Known, Map};
use crate::render::painted::{Painted, Role, Services};
use crate::render::style::Style;
use crate::render::table::{Column, Table};

/// The columns of services and their operations.
const COLUMNS: [Column<'static>; 7] = headings("SERVICE AND OPERATION", "HELD UP");

/// The columns of the calls.
const CALL_COLUMNS: [Column<'static>; 7] = headings("CALLER → CALLEE", "WAITED");

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
        table.row(figures(name, total, Known::default(), service.held_up, map), Vec::new());
        for operation in &service.operations {
            let name = Painted::of(Role::Plain, &format!("  {}", operation.name));
            let total = &operation.flow.total;
            table.row(figures(name, total, Known::default(), operation.held_up, map), Vec::new());
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
        table.row(figures(name, total, edge.known, edge.waited, map), Vec::new());
        for operation in &edge.operations {
            let from = operation.caller.as_deref().unwrap_or("(outside)");
            let name = Painted::of(Role::Plain, &format!("  {from} → {}", operation.callee));
            let total = &operation.flow.total;
            table.row(figures(name, total, operation.known, operation.waited, map), Vec::new());
        }
    }
    table.write(out, style.columns(), style.colour)
}
