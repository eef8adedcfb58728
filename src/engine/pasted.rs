//! Requests that a pasted text is about: a sentence of a ticket, a URL, a log line, a header, a
//! line of a stack trace.
//!
//! The text is cut into parts that may be ids or values. What is the id of a known request
//! counts most; else a part counts the more the fewer requests it stands in, and the requests
//! with the most of it are meant.

use std::collections::{BTreeMap, BTreeSet};

use crate::context::identifier::{self, Spelled};
use crate::engine::answer::{CANDIDATES_MAX, Candidates, Source, Taken, likeliest_first, request};
use crate::model::id::TraceId;
use crate::query::condition::Condition;
use crate::query::necessary::Necessary;
use crate::query::words::words;
use crate::store::{StoreError, Window};

/// Parts of a text that are looked up: a pasted line has some dozens.
const PARTS_MAX: usize = 64;

/// A part that stands in more requests than this tells none of them from the others.
const REQUESTS_MAX: usize = 2_000;

/// Words of one part: a longer one is no id and no location in code.
const PART_WORDS_MAX: usize = 16;

/// What the id of a request counts: more than all else.
const IDENTIFIED: u64 = 1 << 16;

/// The requests that the text is about, the likeliest first; none if nothing in it is known.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn candidates(
    source: &Source<'_>,
    text: &str,
    window: Window,
) -> Result<Option<Candidates>, StoreError> {
    let mut scores: BTreeMap<TraceId, u64> = BTreeMap::new();
    let mut telling: BTreeSet<TraceId> = BTreeSet::new();
    for part in parts(text) {
        for id in identified(source, part)? {
            *scores.entry(id).or_default() += IDENTIFIED;
            telling.insert(id);
        }
        let words: Vec<String> = words(part).map(std::borrow::Cow::into_owned).collect();
        let is_telling = words.len() > 1 || part.contains(|letter: char| !letter.is_alphabetic());
        if words.is_empty() || words.len() > PART_WORDS_MAX {
            continue;
        }
        let necessary = Necessary::Line(Condition::Words(words));
        let found = source.reader.candidates(&necessary, &window)?.requests;
        if found.is_empty() || found.len() > REQUESTS_MAX {
            continue;
        }
        let rarity = u64::from((u64::MAX / found.len() as u64).ilog2()) - 48;
        for candidate in found {
            *scores.entry(candidate.id).or_default() += rarity;
            if is_telling {
                telling.insert(candidate.id);
            }
        }
    }
    // A word that happens to be known tells nothing; it may only decide between others.
    scores.retain(|id, _| telling.contains(id));
    let Some(best) = scores.values().max().copied() else { return Ok(None) };
    let total = scores.values().filter(|score| **score == best).count() as u64;
    let mut ranked: Vec<(TraceId, u64)> = scores.into_iter().collect();
    ranked.sort_by_key(|(id, score)| (std::cmp::Reverse(*score), *id));
    // What matches clearly less is not what was pasted.
    ranked.retain(|(_, score)| *score == best);
    ranked.truncate(CANDIDATES_MAX);
    let mut requests = Vec::new();
    for (id, _) in ranked {
        requests.extend(request(source, id)?);
    }
    likeliest_first(&mut requests);
    let taken = if best >= IDENTIFIED { Taken::Identifier } else { Taken::Words };
    Ok((!requests.is_empty()).then_some(Candidates { taken, requests, total, exact: true }))
}

/// The known requests whose id this spells.
fn identified(source: &Source<'_>, part: &str) -> Result<Vec<TraceId>, StoreError> {
    match identifier::spelled(part) {
        None => Ok(Vec::new()),
        Some(Spelled::Full { trace, .. }) => {
            let known = source.reader.trace(trace, 1)?.total > 0;
            Ok(if known { vec![trace] } else { Vec::new() })
        }
        Some(Spelled::Short(low)) => source.reader.with_low_half(low, CANDIDATES_MAX),
    }
}

/// The parts of a text, each once: what stands between blanks, quotation marks and brackets,
/// and of that what stands between the marks that part URLs and assignments.
fn parts(text: &str) -> BTreeSet<&str> {
    let outer = |character: char| {
        character.is_whitespace()
            || matches!(character, '"' | '\'' | '`' | '<' | '>' | '(' | ')')
            || matches!(character, '[' | ']' | '{' | '}' | ',' | ';' | '|' | '«' | '»')
    };
    let inner = |character: char| matches!(character, '/' | '?' | '&' | '=' | ':' | '#');
    let mut parts = BTreeSet::new();
    for whole in text.split(outer) {
        for part in std::iter::once(whole).chain(whole.split(inner)) {
            let part = part.trim_matches(|character: char| !character.is_alphanumeric());
            if part.len() > 1 && parts.len() < PARTS_MAX {
                parts.insert(part);
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_urls_and_sentences_are() {
        let parts = parts("see https://shop/orders/ORD-7?user=u-77, please.");
        for part in ["ORD-7", "u-77", "orders", "https://shop/orders/ORD-7?user=u-77", "please"] {
            assert!(parts.contains(part), "{part}: {parts:?}");
        }
    }
}
