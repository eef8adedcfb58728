//! Findings in the order in which a person should read them: cause before symptom.
//!
//! One finding explains another if its kind can bring about the other's kind, and it lies in
//! the same span, below it, or in a call of it.
//!
//! Invariant: following reasons ends; a circle is cut at its first finding.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::wording::time;
use crate::model::finding::{Finding, Level};
use crate::model::span::SpanIndex;

/// Kinds of findings, the deepest causes first, and the kinds that each can bring about.
const EXPLAINS: &[(&str, &[&str])] = &[
    ("stale_cache", &["error_origin", "partial_fan_out_failure", "retry_storm"]),
    (
        "token_expiry_race",
        &["error_origin", "partial_fan_out_failure", "retry_storm", "too_shallow"],
    ),
    (
        "pool_exhaustion",
        &[
            "silence",
            "slow_step",
            "retry_storm",
            "cascading_timeouts",
            "timeout_chain",
            "error_origin",
            "fan_out_straggler",
            "partial_fan_out_failure",
            "too_shallow",
        ],
    ),
    (
        "n_plus_one",
        &[
            "silence",
            "slow_step",
            "cascading_timeouts",
            "timeout_chain",
            "fan_out_straggler",
            "error_origin",
            "too_shallow",
        ],
    ),
    (
        "cascading_timeouts",
        &[
            "timeout_chain",
            "error_origin",
            "retry_storm",
            "partial_fan_out_failure",
            "fan_out_straggler",
            "silence",
            "slow_step",
            "too_shallow",
        ],
    ),
    (
        "timeout_chain",
        &[
            "error_origin",
            "retry_storm",
            "partial_fan_out_failure",
            "fan_out_straggler",
            "silence",
            "slow_step",
            "too_shallow",
        ],
    ),
    (
        "retry_storm",
        &[
            "error_origin",
            "silence",
            "slow_step",
            "fan_out_straggler",
            "partial_fan_out_failure",
            "too_shallow",
        ],
    ),
    ("error_origin", &["partial_fan_out_failure", "silence"]),
    ("silence", &["slow_step", "fan_out_straggler"]),
    ("slow_step", &["fan_out_straggler"]),
    ("lost_async_context", &[]),
    ("duplicate_processing", &[]),
    ("fan_out_straggler", &[]),
    ("partial_fan_out_failure", &[]),
    ("too_shallow", &[]),
    ("critical_path", &[]),
    ("waterfall", &[]),
];

/// Turns clues into findings: causes before their symptoms, worse before better, surer before
/// less sure.
pub(super) fn ranked(case: &Case<'_>, mut clues: Vec<Clue>) -> Vec<Finding> {
    clues.retain(|clue| !clue.entries.is_empty() || !clue.others.is_empty());
    clues.sort_by(|one, other| {
        other
            .level
            .cmp(&one.level)
            .then(depth(one.name).cmp(&depth(other.name)))
            .then(other.confidence.total_cmp(&one.confidence))
            .then(one.spans.cmp(&other.spans))
    });
    let reasons = reasons(case, &clues);
    let order = order(&clues, &reasons);
    let mut place = vec![0; clues.len()];
    for (at, clue) in order.iter().enumerate() {
        place[*clue] = at;
    }
    let mut findings: Vec<Option<Finding>> = vec![None; clues.len()];
    for (index, clue) in clues.into_iter().enumerate() {
        findings[place[index]] = clue.finding(case).map(|mut finding| {
            finding.symptom_of = reasons[index].map(|reason| place[reason]);
            finding
        });
    }
    // Clues without evidence were left out above, so that places are those of the findings.
    let mut findings: Vec<Finding> = findings.into_iter().flatten().collect();
    let named = involved(case, &findings);
    if let Some(first) = findings.first_mut().filter(|first| first.level > Level::Note) {
        first.innocent.extend(innocent(case, &named));
    }
    findings
}

/// The services that a finding of more than a note is about, or whose lines prove it.
fn involved(case: &Case<'_>, findings: &[Finding]) -> BTreeSet<String> {
    let mut involved = BTreeSet::new();
    for finding in findings.iter().filter(|finding| finding.level > Level::Note) {
        involved.extend(finding.service.clone());
        involved.extend(finding.evidence.iter().map(|line| line.service.clone()));
        let spans = case.trace.spans.iter().filter(|span| finding.spans.contains(&span.id));
        involved.extend(spans.map(|span| span.service.clone()));
    }
    involved
}

/// Services whose part of the request's time is at least this are not called innocent.
const INNOCENT_SHARE: f64 = 0.05;

/// The services that were looked at and did not fail, nor take long.
fn innocent(case: &Case<'_>, involved: &BTreeSet<String>) -> Vec<String> {
    let mut services: BTreeMap<&str, (i64, bool)> = BTreeMap::new();
    for span in case.spans() {
        let known = services.entry(case.service(span)).or_default();
        known.0 += case.path.share(span);
        known.1 |= case.entries[span.0].is_empty() || case.has_failed(span);
    }
    let is_innocent = |(service, (length, failed)): &(&str, (i64, bool))| {
        !failed && case.share(*length) < INNOCENT_SHARE && !involved.contains(*service)
    };
    services
        .into_iter()
        .filter(is_innocent)
        .map(|(service, (length, _))| format!("{service} (no error, {})", time(length)))
        .collect()
}

fn depth(name: &str) -> usize {
    EXPLAINS.iter().position(|(kind, _)| *kind == name).unwrap_or(EXPLAINS.len())
}

/// For each clue the one that explains it, if one does.
fn reasons(case: &Case<'_>, clues: &[Clue]) -> Vec<Option<usize>> {
    let mut reasons: Vec<Option<usize>> =
        (0..clues.len()).map(|symptom| reason(case, clues, symptom)).collect();
    // Where findings explain each other in a circle, the first of them stands by itself.
    for first in 0..clues.len() {
        let mut at = reasons[first];
        for _ in 0..clues.len() {
            if at == Some(first) {
                reasons[first] = None;
            }
            at = at.and_then(|at| reasons[at]);
        }
    }
    reasons
}

/// The clue that explains another best: the deepest cause among those that can.
fn reason(case: &Case<'_>, clues: &[Clue], symptom: usize) -> Option<usize> {
    (0..clues.len())
        .filter(|other| *other != symptom && explains(case, &clues[*other], &clues[symptom]))
        .min_by_key(|other| (depth(clues[*other].name), *other))
}

fn explains(case: &Case<'_>, reason: &Clue, symptom: &Clue) -> bool {
    let kinds = EXPLAINS.iter().find(|(kind, _)| *kind == reason.name).map(|(_, kinds)| *kinds);
    let can = kinds.is_some_and(|kinds| kinds.contains(&symptom.name));
    let weighs = reason.level >= Level::Warning || symptom.level < Level::Warning;
    let (Some(deep), Some(high)) = (reason.spans.first(), symptom.spans.first()) else {
        return false;
    };
    if !weighs {
        return false;
    }
    let is_timeout = |clue: &Clue| TIMEOUTS.contains(&clue.name);
    let is_below = deep != high && case.is_within(*deep, *high);
    // Attempts inside a callee make its caller give up; a caller that gave up tries again.
    if reason.name == "retry_storm" && is_timeout(symptom) {
        return is_below;
    }
    if is_timeout(reason) && symptom.name == "retry_storm" && symptom_is_inside(case, reason, *high)
    {
        return false;
    }
    can && symptom
        .spans
        .iter()
        .any(|span| case.is_within(*deep, *span) || reason.spans.contains(span))
}

/// Findings of somebody who gave up: their first span is whoever did.
const TIMEOUTS: [&str; 2] = ["timeout_chain", "cascading_timeouts"];

/// Whether a span lies strictly below whoever gave up.
fn symptom_is_inside(case: &Case<'_>, timeout: &Clue, span: SpanIndex) -> bool {
    timeout.spans.first().is_some_and(|by| *by != span && case.is_within(span, *by))
}

/// Each cause with its symptoms right behind it. Of causes, the one whose symptoms are the
/// gravest stands first, else they are in the order given.
fn order(clues: &[Clue], reasons: &[Option<usize>]) -> Vec<usize> {
    let mut gravest: Vec<Level> = clues.iter().map(|clue| clue.level).collect();
    for symptom in 0..clues.len() {
        let mut at = reasons[symptom];
        while let Some(reason) = at {
            gravest[reason] = gravest[reason].max(clues[symptom].level);
            at = reasons[reason];
        }
    }
    let mut causes: Vec<usize> =
        (0..clues.len()).filter(|index| reasons[*index].is_none()).collect();
    causes.sort_by_key(|index| (std::cmp::Reverse(gravest[*index]), *index));
    let mut order = Vec::with_capacity(clues.len());
    let mut stack: Vec<usize> = causes.into_iter().rev().collect();
    while let Some(index) = stack.pop() {
        order.push(index);
        stack.extend((0..reasons.len()).rev().filter(|symptom| reasons[*symptom] == Some(index)));
    }
    order
}
