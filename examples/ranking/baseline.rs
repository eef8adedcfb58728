//! Simple methods to compare with: what a careful person would try in an hour.

use std::collections::{BTreeMap, BTreeSet};

use logloom::model::masking::masked;
use logloom::model::severity::Severity;
use logloom::model::trace::Trace;

/// Ranks services, given the requests of the window and those before it.
pub(crate) type Baseline = fn(&[Trace], &[Trace]) -> Vec<String>;

/// The simple methods, in the order of [`NAMES`].
pub(crate) const BASELINES: [Baseline; 3] = [errors, templates, times];

/// Their names.
pub(crate) const NAMES: [&str; 3] = ["new errors", "templates", "durations"];

/// By how many more requests have a line of level ERROR of the service.
fn errors(bad: &[Trace], good: &[Trace]) -> Vec<String> {
    ranked(bad, good, |trace| {
        let mut found = BTreeMap::new();
        for placed in &trace.entries {
            let is_error = placed.entry.record.severity.is_some_and(|own| own >= Severity::ERROR);
            let known = found.entry(placed.entry.context.service.clone()).or_insert(0.0);
            *known = f64::max(*known, f64::from(u8::from(is_error)));
        }
        found
    })
}

/// By how much the numbers of lines of each template differ, for each request.
fn templates(bad: &[Trace], good: &[Trace]) -> Vec<String> {
    let counts = |traces: &[Trace]| {
        let mut counts: BTreeMap<(String, String), f64> = BTreeMap::new();
        for placed in traces.iter().flat_map(|trace| &trace.entries) {
            let service = placed.entry.context.service.clone();
            let template = masked(&placed.entry.record.message).into_owned();
            *counts.entry((service, template)).or_default() += 1.0 / traces.len() as f64;
        }
        counts
    };
    let (bad, good) = (counts(bad), counts(good));
    let mut scores: BTreeMap<String, f64> = BTreeMap::new();
    for key in bad.keys().chain(good.keys()).collect::<BTreeSet<_>>() {
        let (one, other) = (bad.get(key).unwrap_or(&0.0), good.get(key).unwrap_or(&0.0));
        *scores.entry(key.0.clone()).or_default() += (one.sqrt() - other.sqrt()).abs();
    }
    by_score(scores)
}

/// By how much longer its spans are.
fn times(bad: &[Trace], good: &[Trace]) -> Vec<String> {
    ranked(bad, good, |trace| {
        let mut found: BTreeMap<String, f64> = BTreeMap::new();
        for span in &trace.spans {
            if let (Some(start), Some(end)) = (span.start, span.end) {
                *found.entry(span.service.clone()).or_default() +=
                    ((end - start).max(0) as f64 + 1e5).ln();
            }
        }
        found
    })
}

/// By the mean of what is measured in the window, less the mean before.
fn ranked(
    bad: &[Trace],
    good: &[Trace],
    measured: fn(&Trace) -> BTreeMap<String, f64>,
) -> Vec<String> {
    let means = |traces: &[Trace]| {
        let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
        for (service, value) in traces.iter().flat_map(measured) {
            let sum = sums.entry(service).or_default();
            *sum = (sum.0 + value, sum.1 + 1.0);
        }
        sums.into_iter().map(|(service, (sum, count))| (service, sum / count)).collect()
    };
    let (bad, good): (BTreeMap<String, f64>, BTreeMap<String, f64>) = (means(bad), means(good));
    let scores = bad.into_iter().map(|(service, value)| {
        let usual = good.get(&service).copied().unwrap_or(value);
        (service, value - usual)
    });
    by_score(scores.collect())
}

fn by_score(scores: BTreeMap<String, f64>) -> Vec<String> {
    let mut ranked: Vec<(String, f64)> = scores.into_iter().collect();
    ranked.sort_by(|one, other| other.1.total_cmp(&one.1));
    ranked.into_iter().map(|(service, _)| service).collect()
}
