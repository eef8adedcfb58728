//! Counts by value: `logloom.facets/1`, and one object a value.

use std::io;

use serde::Serialize;

use super::json;
use crate::analysis::facets::{Facets, Group};
use crate::render::map::PERCENTILES;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// Requests.
    Requests,
    /// Lines.
    Lines,
}

#[derive(Serialize)]
struct Answer<'a> {
    schema: &'static str,
    of: Of,
    field: &'a str,
    values: u64,
    period_seconds: i64,
    all: WireGroup<'a>,
    without: WireGroup<'a>,
    groups: Vec<WireGroup<'a>>,
}

#[derive(Serialize)]
struct WireGroup<'a> {
    value: Option<&'a str>,
    count: u64,
    share: f64,
    errors: u64,
    p50_nano: Option<i64>,
    p95_nano: Option<i64>,
    p99_nano: Option<i64>,
    first: Option<String>,
    over_time: Vec<WirePeriod>,
}

#[derive(Serialize)]
struct WirePeriod {
    start: String,
    count: u64,
    errors: u64,
}

impl<'a> WireGroup<'a> {
    fn of(value: Option<&'a str>, group: &Group, facets: &Facets) -> Self {
        let count = group.series.total();
        let all = facets.total.series.total().calls.max(1);
        let [p50_nano, p95_nano, p99_nano] =
            PERCENTILES.map(|share| count.durations.quantile(share));
        let mut series = group.series.clone();
        series.widen_to(facets.total.series.doublings());
        let periods = series.periods().map(|(start, count)| WirePeriod {
            start: start.to_string(),
            count: count.calls,
            errors: count.errors,
        });
        Self {
            value,
            count: count.calls,
            share: count.calls as f64 / all as f64,
            errors: count.errors,
            p50_nano,
            p95_nano,
            p99_nano,
            first: group.first.map(|first| first.to_string()),
            over_time: periods.collect(),
        }
    }
}

fn groups(facets: &Facets, limit: usize) -> Vec<WireGroup<'_>> {
    let groups = facets.most_frequent(limit).into_iter();
    groups.map(|(value, group)| WireGroup::of(Some(value), group, facets)).collect()
}

/// Writes counts as one answer.
///
/// # Errors
/// When the writer fails.
pub fn json(
    out: &mut dyn io::Write,
    facets: &Facets,
    (of, field): (Of, &str),
    limit: usize,
) -> io::Result<()> {
    let answer = Answer {
        schema: "logloom.facets/1",
        of,
        field,
        values: facets.values() as u64,
        period_seconds: facets.total.series.period_seconds(),
        all: WireGroup::of(None, &facets.total, facets),
        without: WireGroup::of(None, &facets.without, facets),
        groups: groups(facets, limit),
    };
    json::write_line(out, &answer)
}

/// Writes counts, one object a value.
///
/// # Errors
/// When the writer fails.
pub fn ndjson(out: &mut dyn io::Write, facets: &Facets, limit: usize) -> io::Result<()> {
    groups(facets, limit).iter().try_for_each(|group| json::write_line(out, group))
}
