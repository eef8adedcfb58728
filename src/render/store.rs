//! What is told of a store: what takes which bytes, what is damaged, what was let go.

use std::io;

use crate::engine::ledger::Ledger;
use crate::render::painted::{Painted, Role};
use crate::render::style::Style;
use crate::render::summary::{bytes, count, grouped};
use crate::render::table::{Column, Table};
use crate::store::care::{Rewritten, SourceShare, Statistics, Verification};

const PARTS: [Column<'_>; 3] =
    [Column::words("PART"), Column::number("FILES"), Column::number("ON DISK")];

const SOURCES: [Column<'_>; 8] = [
    Column::words("SOURCE").shrinking_to(20),
    Column::number("LINES"),
    Column::number("READ"),
    Column::number("STORED"),
    Column::number("QUARANTINED"),
    Column::number("SKIPPED"),
    Column::number("LET GO"),
    Column::number("ON DISK"),
];

/// A source with its ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// What it takes.
    pub share: SourceShare,
    /// What became of each of its bytes.
    pub ledger: Ledger,
}

/// Writes what takes which bytes.
///
/// # Errors
/// When the writer fails.
pub fn statistics(
    out: &mut dyn io::Write,
    held: &Statistics,
    rows: &[SourceRow],
    style: &Style,
) -> io::Result<()> {
    let mut table = Table::new(&PARTS);
    for part in &held.parts {
        table.row(plain(&[part.name.clone(), grouped(part.files), bytes(part.bytes)]), Vec::new());
    }
    let files = held.parts.iter().map(|part| part.files).sum();
    table.row(strong(&["all".to_owned(), grouped(files), bytes(held.bytes)]), Vec::new());
    table.write(out, style.columns(), style.colour)?;
    writeln!(out)?;
    let mut table = Table::new(&SOURCES);
    let mut all = (Ledger::default(), [0; 3]);
    for row in rows {
        let SourceRow { share, ledger } = row;
        let path = style.paths.show(&share.checkpoint.path).into_owned();
        let sums = [share.lines, share.checkpoint.dropped.bytes, share.block_bytes];
        table.row(plain(&cells(path, ledger, sums)), Vec::new());
        all.0.add(ledger);
        all.1 = [0, 1, 2].map(|place| all.1[place] + sums[place]);
    }
    table.row(strong(&cells("all".to_owned(), &all.0, all.1)), Vec::new());
    table.write(out, style.columns(), style.colour)
}

fn cells(path: String, ledger: &Ledger, [lines, dropped, on_disk]: [u64; 3]) -> [String; 8] {
    let [read, stored, quarantined, skipped] =
        [ledger.read, ledger.stored + ledger.open, ledger.quarantined, ledger.skipped].map(bytes);
    [path, grouped(lines), read, stored, quarantined, skipped, bytes(dropped), bytes(on_disk)]
}

fn plain<const COUNT: usize>(cells: &[String; COUNT]) -> Vec<Painted> {
    cells.iter().map(|cell| Painted::of(Role::Plain, cell)).collect()
}

fn strong<const COUNT: usize>(cells: &[String; COUNT]) -> Vec<Painted> {
    cells.iter().map(|cell| Painted::of(Role::Strong, cell)).collect()
}

/// Writes what a look at every byte found.
///
/// # Errors
/// When the writer fails.
pub fn verification(
    out: &mut dyn io::Write,
    found: &Verification,
    style: &Style,
) -> io::Result<()> {
    for damage in &found.damage {
        let path = style.paths.show(&damage.path.to_string_lossy()).into_owned();
        let at = damage.offset.map_or_else(String::new, |offset| format!(" at byte {offset}"));
        let mut line = Painted::of(Role::Error, "damaged");
        line.push(Role::Plain, &format!(": {path}{at}: {}", damage.reason));
        line.write_line(out, style.colour)?;
    }
    if found.damage_more > 0 {
        writeln!(out, "and {} more", found.damage_more)?;
    }
    let [files, blocks, groups, lines] = [
        count(found.files, "file"),
        count(found.blocks, "block"),
        count(found.groups, "group"),
        count(found.lines, "line"),
    ];
    writeln!(out, "{files} of {} read: {blocks}, {groups}, {lines}", bytes(found.bytes))?;
    if found.is_whole() {
        writeln!(out, "every byte is as it was written, and index, lines and ledger agree")?;
    }
    Ok(())
}

/// Writes what was let go.
///
/// # Errors
/// When the writer fails.
pub fn pruned(out: &mut dyn io::Write, done: &Rewritten, style: &Style) -> io::Result<()> {
    let mut line = Painted::of(Role::Strong, &count(done.dropped_lines, "line"));
    line.push(Role::Plain, &format!(" ({}) let go, ", bytes(done.dropped_bytes)));
    line.push(Role::Strong, &grouped(done.kept_lines));
    let (before, after) = (bytes(done.bytes_before), bytes(done.bytes_after));
    line.push(Role::Plain, &format!(" kept; {before} before, {after} now"));
    line.write_line(out, style.colour)
}
