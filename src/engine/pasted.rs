//! Requests that a pasted text is about: a sentence of a ticket, a URL, a log line, a header, a
//! line of a stack trace.
//!
//! The text is cut into parts that may be ids or values. What is the id of a known request
//! counts most; else a part counts the more the fewer requests it stands in, and the requests
//! with the most of it are meant.

use std::collections::{BTreeMap, BTreeSet};

use crate::context::identifier::{self, Spelled};
use crate::engine::answer::{
    self, CANDIDATES_MAX, Candidates, Source, Taken, likeliest_first, request,
};
use crate::engine::placed::{is_place, line_at};
use crate::engine::search::{Answer, Match, Plan};
use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::trace::Trace;
use crate::query::condition::Condition;
use crate::query::matching::fulfils;
use crate::query::necessary::Necessary;
use crate::query::words::words;
use crate::store::{StoreError, Window};

/// Parts of a text that are looked up: a pasted line has some dozens.
const PARTS_MAX: usize = 64;

/// A part that stands in more requests than this tells none of them from the others.
const REQUESTS_MAX: usize = 2_000;

/// Words of one part: a longer one is no id and no location in code.
const PART_WORDS_MAX: usize = 16;

/// A shorter number may mean anything.
const TELLING_BYTES_MIN: usize = 4;

/// So many words are a sentence: who looks for them means what they are about.
const PROSE_WORDS_MIN: usize = 4;

/// A longer text is no one's ticket; no query may be longer either.
const TEXT_BYTES_MAX: usize = 64 << 10;

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
        let Some(words) = words_of(part) else { continue };
        let is_telling = tells(part, words.len());
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

/// The answer of a search to a text that is no query: the requests that it is about, each with
/// the line that says most of it; none if nothing in it is known.
///
/// # Errors
/// When the store cannot be read.
pub fn answer(
    source: &Source<'_>,
    text: &str,
    window: Window,
) -> Result<Option<Answer>, StoreError> {
    let found = match line_at(source.reader, text)?.and_then(|line| line.context.trace_id) {
        Some(_) => Some(answer::candidates(source, text, window)?),
        None if is_place(text) && !is_prose(text) => None,
        None => candidates(source, text, window)?,
    };
    let Some(found) = found else { return Ok(None) };
    let wanted = asked(text);
    let requests = found.requests.into_iter();
    let matches = requests.map(|request| {
        let line = telling_line(&request.trace, &wanted);
        Match::by_line(request.trace, line)
    });
    let (total, exact) = (found.total, found.exact);
    let matches = matches.collect();
    Ok(Some(Answer { matches, total, exact, partial: None, plan: Plan::default() }))
}

/// Whether a text may have been pasted, and is no query with a mistake in it: a sentence, a line,
/// an address, a frame of a stack, the place of a line, or something with an id in it.
pub fn may_be(text: &str) -> bool {
    let is_frame = || text.contains('(') && text.contains('.') && text.contains(':');
    let has_id = || parts(text).iter().any(|part| identifier::spelled(part).is_some());
    text.len() <= TEXT_BYTES_MAX && (is_prose(text) || is_place(text) || is_frame() || has_id())
}

/// Whether a text is a sentence, a line or an address rather than a few words to look for.
pub fn is_prose(text: &str) -> bool {
    let text = text.trim();
    let is_alone = !text.contains(char::is_whitespace);
    let is_address =
        text.contains("://") || (is_alone && text.starts_with('/') && !text.ends_with('/'));
    // Conditions on fields stand close together in a query, and are rare elsewhere.
    let is_condition =
        |word: &&str| word.split_once(':').is_some_and(|(_, value)| !value.is_empty());
    let conditions = text.split_whitespace().filter(is_condition).count();
    let words = text.split_whitespace().count();
    let is_sentence = words >= PROSE_WORDS_MIN && conditions * 3 <= words;
    is_address || is_sentence || text.starts_with("{\"")
}

/// What of a text tells requests apart: the words of its parts that are no plain words.
pub fn asked(text: &str) -> Vec<Condition> {
    let each = parts(text).into_iter().filter_map(|part| {
        let words = words_of(part)?;
        tells(part, words.len()).then_some(Condition::Words(words))
    });
    each.collect()
}

/// The words of a part; none if it has none, or too many for an id or a place in code.
fn words_of(part: &str) -> Option<Vec<String>> {
    let words: Vec<String> = words(part).map(std::borrow::Cow::into_owned).collect();
    (1..=PART_WORDS_MAX).contains(&words.len()).then_some(words)
}

/// Whether a part of so many words tells requests apart: neither a plain word nor a small number.
fn tells(part: &str, words: usize) -> bool {
    let is_plain = part.chars().all(char::is_alphabetic);
    words > 1 || (!is_plain && part.len() >= TELLING_BYTES_MIN)
}

/// The line that fulfils most of these; the first of equals.
fn telling_line(trace: &Trace, wanted: &[Condition]) -> usize {
    let fulfilled =
        |entry: &Entry| wanted.iter().filter(|condition| fulfils(entry, condition)).count();
    let counts = trace.entries.iter().map(|placed| fulfilled(&placed.entry));
    let best = counts.enumerate().max_by_key(|(line, count)| (*count, std::cmp::Reverse(*line)));
    best.map_or(0, |(line, _)| line)
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
    fn what_is_pasted_is_told_from_a_query_with_a_mistake() {
        for text in [
            "see https://shop/orders/ORD-7?user=u-77",
            "/orders/ORD-7?from=mail",
            "    at com.shop.Charge.run(Charge.java:87)",
            "2026-11-21T09:30:04Z ERROR order failed trace=7",
            "{\"msg\":\"order failed\"}",
            "checkout.log:34",
            "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert!(may_be(text), "text: {text}");
        }
        for text in ["servise:payment", "user_id:u-7 (", "a:b c:d e:f g:h", "/time.?out/ ("] {
            assert!(!may_be(text), "text: {text}");
        }
    }

    #[test]
    fn a_text_is_cut_where_urls_and_sentences_are() {
        let parts = parts("see https://shop/orders/ORD-7?user=u-77, please.");
        for part in ["ORD-7", "u-77", "orders", "https://shop/orders/ORD-7?user=u-77", "please"] {
            assert!(parts.contains(part), "{part}: {parts:?}");
        }
    }
}
