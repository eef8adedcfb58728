//! Two groups of requests compared: `logloom.groups/1`.

use std::io;

use serde::Serialize;

use super::findings::{WireFinding, wire_finding};
use super::json;
use crate::analysis::group::{Comparison, Suspect, Told};
use crate::render::path::PathView;

#[derive(Serialize)]
struct Answer<'a> {
    schema: &'static str,
    requests: usize,
    reference_requests: usize,
    /// Things that were compared; intervals are corrected for so many.
    tests: usize,
    differs: bool,
    services: Vec<WireSuspect<'a>>,
    values: Vec<WireFinding<'a>>,
}

#[derive(Serialize)]
struct WireSuspect<'a> {
    service: &'a str,
    score: f64,
    findings: Vec<WireFinding<'a>>,
}

/// Writes the comparison of two groups.
///
/// # Errors
/// When the writer fails.
pub fn json(out: &mut dyn io::Write, comparison: &Comparison, paths: &PathView) -> io::Result<()> {
    let answer = Answer {
        schema: "logloom.groups/1",
        requests: comparison.bad,
        reference_requests: comparison.good,
        tests: comparison.tests,
        differs: comparison.differs,
        services: comparison.suspects.iter().map(|one| suspect(one, paths)).collect(),
        values: findings(&comparison.values, paths),
    };
    json::write_line(out, &answer)
}

fn suspect<'a>(suspect: &'a Suspect, paths: &PathView) -> WireSuspect<'a> {
    WireSuspect {
        service: &suspect.service,
        score: suspect.score,
        findings: findings(&suspect.findings, paths),
    }
}

fn findings<'a>(told: &'a [Told], paths: &PathView) -> Vec<WireFinding<'a>> {
    told.iter().map(|told| wire_finding(&told.finding, paths)).collect()
}
