//! Did the request go on under another trace id?
//!
//! A line of this request says that a message was sent; another request begins after that with
//! the receipt of a message that carries the same key. The context was lost on the way.

use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::handed_over::{is_received, names_message, sent};
use crate::analysis::said::Said;
use crate::analysis::wording::time;
use crate::model::entry::Key;
use crate::model::finding::{Evidence, Level, Measure};
use crate::model::time::Timestamp;
use crate::model::trace::Trace;

/// Entries of another request that are looked at for the receipt: it begins with it.
const FIRST_ENTRIES: usize = 3;

/// A receipt by a clock that is behind may seem this much earlier than the sending.
const CLOCK_ERROR: i64 = 50_000_000;

/// The requests that continue this one.
pub(super) fn clues(case: &Case<'_>) -> Vec<Clue> {
    let mut clues = Vec::new();
    for (line, keys) in sent(case) {
        let Some(at) = case.trace.time(line) else { continue };
        let continued = case.around.related.iter().filter(|other| other.id != case.trace.id);
        for other in continued {
            if let Some((receipt, key)) = receipt(other, &keys, at) {
                clues.push(clue(case, line, at, other, receipt, key));
            }
        }
    }
    clues.dedup_by(|one, other| one.others == other.others);
    clues
}

/// The entry with which another request began and that tells of the receipt of the message.
fn receipt<'k>(other: &Trace, keys: &[&'k Key], at: Timestamp) -> Option<(usize, &'k Key)> {
    let began = other.time(0)?;
    let names_it = |index: &usize| {
        let carried = &other.entries[*index].entry.context.keys;
        keys.iter()
            .any(|key| names_message(key) && carried.iter().any(|other| other.value == key.value))
    };
    // Who carries the id of the message needs no words to say that it was received.
    let first = (0..other.entries.len().min(FIRST_ENTRIES)).find(|index| {
        let entry = &other.entries[*index].entry;
        is_received(entry, Said::of(entry)) || names_it(index)
    })?;
    let carried =
        other.entries.iter().take(FIRST_ENTRIES).flat_map(|placed| &placed.entry.context.keys);
    let carried: Vec<&Key> = carried.collect();
    let same = |key: &&&Key| carried.iter().any(|other| other.value == key.value);
    let key = keys.iter().find(same)?;
    (began >= at.plus(-CLOCK_ERROR)).then_some((first, *key))
}

fn clue(
    case: &Case<'_>,
    line: usize,
    at: Timestamp,
    other: &Trace,
    receipt: usize,
    key: &Key,
) -> Clue {
    let placed = &other.entries[receipt];
    let consumer = &placed.entry.context.service;
    let later = other.time(receipt).map_or(0, |received| received - at);
    let sentence = format!(
        "the request continues in trace {}: {consumer} received {} {} {} later under an id of its own",
        other.id,
        key.name,
        key.value,
        time(later),
    );
    let sender = case.trace.entries[line].span;
    let mut clue = Clue::new(case, "lost_async_context", Level::Warning, vec![sender])
        .proved_by([line])
        .saying(sentence, vec![Measure::time("later", later)])
        .tested_by(
            "the message's headers carry no trace context, or the consumer does not read it",
            "the consumer began a trace of its own on purpose and links to this one",
        );
    clue.confidence = if names_message(key) { 0.95 } else { 0.75 };
    clue.others = vec![Evidence::of(&placed.entry)];
    clue
}
