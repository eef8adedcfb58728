//! In which order requests are judged and shown.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::{JUDGED_MIN, Match, Search};
use crate::model::id::TraceId;
use crate::query::boolean::Boolean;
use crate::query::boolean::Shape;
use crate::query::necessary::Necessary;
use crate::query::question::Question;
use crate::store::{Candidate, Reader, StoreError};

/// Alternatives of a question that are looked up to see how rare they are.
const ALTERNATIVES_MAX: usize = 16;

/// An order of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// Exact identifiers before words, rare terms before frequent ones; then with errors
    /// before without, slow before quick, new before old.
    Best,
    /// The newest first; those without a time last.
    Time,
    /// The slowest first; those of unknown duration last.
    Duration,
    /// Those with the most errors first.
    Errors,
    /// Those with the most spans first.
    Spans,
}

/// Candidates, those first that are probably best by what the index knows of them.
pub(super) fn guessed(
    reader: &dyn Reader,
    search: &Search<'_>,
    mut candidates: Vec<Candidate>,
) -> Result<Vec<Candidate>, StoreError> {
    let took = |candidate: &Candidate| match (candidate.start, candidate.end) {
        (Some(start), Some(end)) => Some(end - start),
        _ => None,
    };
    match search.order {
        Order::Time => {
            candidates.sort_unstable_by_key(|candidate| (Reverse(candidate.start), candidate.id));
        }
        Order::Duration => {
            candidates.sort_unstable_by_key(|candidate| {
                (Reverse(took(candidate)), Reverse(candidate.start), candidate.id)
            });
        }
        Order::Best | Order::Errors | Order::Spans => {
            let is_choice = candidates.len() > search.limit.max(JUDGED_MIN);
            let rarity = if is_choice { rarity(reader, search)? } else { HashMap::new() };
            candidates.sort_by_cached_key(|candidate| {
                let id = candidate.id;
                let score = rarity.get(&id).copied().unwrap_or_default();
                let is_failed = candidate.may_have_failed;
                (Reverse((score, is_failed, took(candidate), candidate.start)), id)
            });
        }
    }
    Ok(candidates)
}

/// For each request that fulfils alternatives of the question, how rare these are.
fn rarity(reader: &dyn Reader, search: &Search<'_>) -> Result<HashMap<TraceId, u64>, StoreError> {
    let mut alternatives = Vec::new();
    gather(search.question, false, &mut alternatives);
    let mut scores: HashMap<TraceId, u64> = HashMap::new();
    for alternative in alternatives.into_iter().take(ALTERNATIVES_MAX) {
        let necessary = Necessary::of(alternative);
        if necessary == Necessary::Nothing {
            continue;
        }
        let found = reader.candidates(&necessary, &search.window)?.requests;
        let weight = u64::from((u64::MAX / (found.len() as u64 + 1)).ilog2());
        for candidate in found {
            *scores.entry(candidate.id).or_default() += weight;
        }
    }
    Ok(scores)
}

/// Whether requests may fulfil a question in several ways, of which some are rarer.
pub(super) fn has_alternatives(question: &Question) -> bool {
    let mut alternatives = Vec::new();
    gather(question, false, &mut alternatives);
    !alternatives.is_empty()
}

fn gather<'a>(question: &'a Question, is_alternative: bool, found: &mut Vec<&'a Question>) {
    match question.shape() {
        Shape::All(parts) => parts.iter().for_each(|part| gather(part, is_alternative, found)),
        Shape::Any(parts) => parts.iter().for_each(|part| gather(part, true, found)),
        Shape::Atom if is_alternative => found.push(question),
        Shape::Atom | Shape::Not(_) => {}
    }
}

/// Puts requests that were judged in their order; what cannot be told stands last.
pub(super) fn sort(matches: &mut [Match], order: Order) {
    matches.sort_by_cached_key(|found| {
        let (overview, id) = (&found.overview, found.trace.id);
        let size = match order {
            Order::Best | Order::Time => 0,
            Order::Duration => overview.duration.map_or(0, |took| took.unsigned_abs() + 1),
            Order::Errors => overview.errors as u64,
            Order::Spans => overview.spans as u64,
        };
        let tie = (overview.errors > 0, overview.duration);
        let best = (order == Order::Best).then_some((found.relevance, tie));
        (Reverse((found.truth, size, best, overview.start)), id)
    });
}
