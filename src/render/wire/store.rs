//! What is told of a store: `logloom.store-stats/1` and `logloom.store-verify/1`.

use std::io;

use serde::Serialize;

use super::json;
use crate::engine::ledger::Ledger;
use crate::render::path::PathView;
use crate::render::store::SourceRow;
use crate::store::care::{Part, Statistics, Verification};

#[derive(Serialize)]
struct WireStatistics<'a> {
    schema: &'static str,
    format: u64,
    bytes: u64,
    lines: u64,
    parts: Vec<WirePart<'a>>,
    sources: Vec<WireSource>,
}

#[derive(Serialize)]
struct WirePart<'a> {
    name: &'a str,
    files: u64,
    bytes: u64,
}

impl<'a> WirePart<'a> {
    fn of(part: &'a Part) -> Self {
        Self { name: &part.name, files: part.files, bytes: part.bytes }
    }
}

/// A source; all numbers but the lines are bytes.
#[derive(Serialize)]
struct WireSource {
    path: String,
    lines: u64,
    read: u64,
    stored: u64,
    quarantined: u64,
    skipped: u64,
    open: u64,
    adds_up: bool,
    dropped_lines: u64,
    dropped: u64,
    on_disk: u64,
}

/// Writes what takes which bytes as one JSON document.
///
/// # Errors
/// When the writer fails.
pub fn statistics(
    out: &mut dyn io::Write,
    held: &Statistics,
    rows: &[SourceRow],
    paths: &PathView,
) -> io::Result<()> {
    let source = |row: &SourceRow| {
        let Ledger { read, stored, quarantined, skipped, open } = row.ledger;
        let checkpoint = &row.share.checkpoint;
        WireSource {
            path: paths.show(&checkpoint.path).into_owned(),
            lines: row.share.lines,
            read,
            stored,
            quarantined,
            skipped,
            open,
            adds_up: row.ledger.adds_up(),
            dropped_lines: checkpoint.dropped.lines,
            dropped: checkpoint.dropped.bytes,
            on_disk: row.share.block_bytes,
        }
    };
    let answer = WireStatistics {
        schema: "logloom.store-stats/1",
        format: held.format,
        bytes: held.bytes,
        lines: held.lines,
        parts: held.parts.iter().map(WirePart::of).collect(),
        sources: rows.iter().map(source).collect(),
    };
    json::write_line(out, &answer)
}

#[derive(Serialize)]
struct WireVerification<'a> {
    schema: &'static str,
    whole: bool,
    files: u64,
    bytes: u64,
    blocks: u64,
    groups: u64,
    lines: u64,
    uncommitted: u64,
    damage: Vec<WireDamage<'a>>,
    damage_more: u64,
}

#[derive(Serialize)]
struct WireDamage<'a> {
    path: String,
    offset: Option<u64>,
    reason: &'a str,
}

/// Writes what a look at every byte found as one JSON document.
///
/// # Errors
/// When the writer fails.
pub fn verification(
    out: &mut dyn io::Write,
    found: &Verification,
    paths: &PathView,
) -> io::Result<()> {
    let damage = found.damage.iter().map(|damage| WireDamage {
        path: paths.show(&damage.path.to_string_lossy()).into_owned(),
        offset: damage.offset,
        reason: &damage.reason,
    });
    let answer = WireVerification {
        schema: "logloom.store-verify/1",
        whole: found.is_whole(),
        files: found.files,
        bytes: found.bytes,
        blocks: found.blocks,
        groups: found.groups,
        lines: found.lines,
        uncommitted: found.uncommitted,
        damage: damage.collect(),
        damage_more: found.damage_more,
    };
    json::write_line(out, &answer)
}
