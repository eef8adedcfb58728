//! Was an old value used?
//!
//! A service took a value from its cache and asked nobody; a later step failed on that value.
//! The link between the two is a value that both lines name, together with a failure that
//! speaks of a mismatch or, failing that, a peer that missed the cache and passed.

use std::collections::BTreeSet;

use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::said::{Said, Topic};
use crate::analysis::template::values;
use crate::model::entry::Entry;
use crate::model::finding::{Evidence, Level, Measure};
use crate::model::trace::Trace;

/// Values shorter than this are shared by chance: quantities, flags.
const VALUE_BYTES_MIN: usize = 3;

/// Cache hits that are looked at: each is held against every later failure.
const HITS_MAX: usize = 64;

/// Failures that are looked at.
const FAILURES_MAX: usize = 64;

/// The hits on which something failed later.
pub(super) fn clues(case: &Case<'_>) -> Vec<Clue> {
    let lines = || 0..case.trace.entries.len();
    let hits = lines().filter(|line| case.said[*line].of_topic(Topic::CacheHit)).take(HITS_MAX);
    let failures: Vec<usize> =
        lines().filter(|line| case.said[*line].is_failure()).take(FAILURES_MAX).collect();
    let mut clues: Vec<Clue> = hits.filter_map(|hit| of_hit(case, hit, &failures)).collect();
    // The hit that is told by the most is the one.
    clues.sort_by(|one, other| other.confidence.total_cmp(&one.confidence));
    clues.truncate(1);
    clues
}

fn of_hit(case: &Case<'_>, hit: usize, failures: &[usize]) -> Option<Clue> {
    let span = case.trace.entries[hit].span;
    let asked_later = case
        .calls_of(span)
        .iter()
        .any(|call| case.trace.time(hit).is_some_and(|at| call.start >= at));
    let named = named_values(case, hit);
    let later = failures.iter().copied().filter(|line| *line > hit);
    let (failure, shared) = later
        .map(|line| {
            let values: Vec<String> =
                named_values(case, line).intersection(&named).cloned().collect();
            (line, values)
        })
        .find(|(line, shared)| !shared.is_empty() || case.said[*line].of_topic(Topic::Outdated))?;
    let speaks_of_age = case.said[failure].of_topic(Topic::Outdated);
    let peer = peer_with_miss(case, case.service(span));
    if asked_later || !(speaks_of_age || (peer.is_some() && !shared.is_empty())) {
        return None;
    }
    let confidence = match (speaks_of_age, shared.is_empty(), peer.is_some()) {
        (true, false, true) => 0.95,
        (true, false, false) | (true, true, true) => 0.85,
        // Caches are hit all the time: without a value in common this is a guess.
        (true, true, false) => 0.45,
        (false, ..) => 0.6,
    };
    let value = shared.first().map_or_else(String::new, |value| format!(" ({value})"));
    let peers = if peer.is_some() { "; a request that missed the cache passed" } else { "" };
    let failed_in = case.trace.entries[failure].span;
    let sentence = format!(
        "{} took a value from its cache{value} and asked nobody, and {} failed on it{peers}",
        case.service(span),
        case.service(failed_in),
    );
    let level = if case.request_has_failed() { Level::Error } else { Level::Warning };
    let apart = case.trace.time(hit).zip(case.trace.time(failure)).map(|(hit, end)| end - hit);
    let measures = apart.map(|apart| Measure::time("until_failure", apart)).into_iter().collect();
    let mut clue = Clue::new(case, "stale_cache", level, vec![span, failed_in])
        .proved_by([hit, failure])
        .saying(sentence, measures)
        .tested_by(
            "the request passes when the cache is emptied first",
            "it fails in the same way with a fresh value",
        );
    clue.confidence = confidence;
    clue.others = peer.into_iter().collect();
    Some(clue)
}

/// The values that a line names and that tell one thing from another.
fn named_values(case: &Case<'_>, line: usize) -> BTreeSet<String> {
    let entry = &case.trace.entries[line].entry;
    let keys = entry.context.keys.iter().map(|key| key.value.clone());
    let named = values(entry).into_iter().map(|(_, value)| value);
    keys.chain(named)
        .map(|value| value.trim_matches(|letter: char| !letter.is_alphanumeric()).to_owned())
        .filter(|value| {
            value.len() >= VALUE_BYTES_MIN
                && value.bytes().any(|byte| byte.is_ascii_digit())
                && !is_of_request(entry, value)
        })
        .collect()
}

/// Whether a value names the request or span itself, which all its lines share.
fn is_of_request(entry: &Entry, value: &str) -> bool {
    let id = entry.context.trace_id.map(|id| id.to_string());
    id.is_some_and(|id| id.ends_with(value) || value.contains(&id))
}

/// A peer's line that tells of a miss in the same service, if that peer did not fail.
fn peer_with_miss(case: &Case<'_>, service: &str) -> Option<Evidence> {
    let passed = |peer: &&Trace| !peer.entries.iter().any(|placed| placed.entry.is_error());
    case.around.peers.iter().filter(passed).find_map(|peer| {
        let missed = |entry: &&Entry| {
            entry.context.service == service && Said::of(entry).of_topic(Topic::CacheMiss)
        };
        peer.entries.iter().map(|placed| &placed.entry).find(missed).map(Evidence::of)
    })
}
