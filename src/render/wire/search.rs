//! Requests that match: `logloom.search/1`, and one object a line.

use std::io;

use serde::Serialize;

use super::brief::WireBrief;
use super::json;
use super::lines::WireLine;
use crate::render::path::PathView;
use crate::render::requests::RequestRow;

/// A request.
#[derive(Serialize)]
struct WireRequest<'a> {
    trace_id: String,
    #[serde(flatten)]
    brief: WireBrief<'a>,
    matches: &'static str,
    doubts: &'a [String],
    why: Vec<WireReason<'a>>,
    matched: WireLine<'a>,
}

/// A condition that is fulfilled, and by which line.
#[derive(Serialize)]
struct WireReason<'a> {
    condition: &'a str,
    path: Option<String>,
    line: Option<u64>,
}

impl<'a> WireReason<'a> {
    fn of((condition, at): &'a (String, Option<(String, u64)>), paths: &PathView) -> Self {
        let path = at.as_ref().map(|(path, _)| paths.show(path).into_owned());
        Self { condition, path, line: at.as_ref().map(|(_, line)| *line) }
    }
}

/// How an answer was come by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WirePlan {
    /// What was looked up, and how many requests were left by it.
    pub steps: Vec<WireStep>,
    /// Requests that were left by all of it.
    pub candidates: u64,
    /// Requests that were read.
    pub read: u64,
    /// Requests that were put together.
    pub assembled: u64,
    /// Requests that match.
    pub yes: u64,
    /// Requests of which it cannot be told.
    pub cannot_tell: u64,
}

/// One condition that could be looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WireStep {
    /// The condition.
    pub condition: String,
    /// Requests that may fulfil it, of those that were left; none if it was not looked up,
    /// since so few were left that reading them takes less.
    pub requests: Option<u64>,
}

/// What is said of all requests of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WireTotal {
    /// How many match in all, if that is exact; else at least so many.
    pub total: u64,
    /// Whether all were looked at.
    pub exact: bool,
    /// Why better ones may be missing: `deadline` or `too_many`.
    pub partial: Option<&'static str>,
    /// How it was come by, if that was asked for.
    pub plan: Option<WirePlan>,
}

impl<'a> WireRequest<'a> {
    fn of(row: &'a RequestRow, paths: &PathView) -> Self {
        Self {
            trace_id: row.brief.id.to_string(),
            brief: WireBrief::of(&row.brief),
            matches: if row.why.doubts.is_empty() { "yes" } else { "cannot_tell" },
            doubts: &row.why.doubts,
            why: row.why.reasons.iter().map(|why| WireReason::of(why, paths)).collect(),
            matched: WireLine::of(&row.matched, paths),
        }
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    schema: &'static str,
    #[serde(flatten)]
    total: WireTotal,
    requests: Vec<WireRequest<'a>>,
}

/// Writes requests as one answer; `total` says how many match in all.
///
/// # Errors
/// When the writer fails.
pub fn json(
    out: &mut dyn io::Write,
    rows: &[RequestRow],
    total: WireTotal,
    paths: &PathView,
) -> io::Result<()> {
    let requests = rows.iter().map(|row| WireRequest::of(row, paths)).collect();
    json::write_line(out, &Answer { schema: "logloom.search/1", total, requests })
}

/// Writes requests, one object a line.
///
/// # Errors
/// When the writer fails.
pub fn ndjson(out: &mut dyn io::Write, rows: &[RequestRow], paths: &PathView) -> io::Result<()> {
    rows.iter().try_for_each(|row| json::write_line(out, &WireRequest::of(row, paths)))
}
