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

/// A request that goes on with what another sent.
#[derive(Debug, Clone, Copy)]
pub struct Continuation<'a> {
    /// The entry of the earlier request that tells of the sending.
    pub sent: usize,
    /// The entry with which the later request began and that tells of the receipt.
    pub receipt: usize,
    /// What both name.
    pub key: &'a Key,
    /// Nanoseconds from the one to the other; below zero where clocks differ.
    pub later: i64,
}

impl Continuation<'_> {
    /// How sure it is that the later request stems from the earlier.
    pub fn confidence(&self) -> f32 {
        if names_message(self.key) { 0.95 } else { 0.75 }
    }
}

/// The requests that continue this one.
pub(super) fn clues(case: &Case<'_>) -> Vec<Clue> {
    let others = case.around.related.iter().filter(|other| other.id != case.trace.id);
    let continued = others.filter_map(|other| Some((continuation(case.trace, other)?, other)));
    continued.map(|(found, other)| clue(case, found, other)).collect()
}

/// How another request goes on with what this one sent, if it does.
pub fn continuation<'a>(trace: &'a Trace, other: &Trace) -> Option<Continuation<'a>> {
    sent(trace).into_iter().find_map(|(sent, keys)| {
        let at = trace.time(sent)?;
        let (receipt, key) = receipt(other, &keys, at)?;
        let later = other.time(receipt).map_or(0, |received| received - at);
        Some(Continuation { sent, receipt, key, later })
    })
}

/// The entry with which another request began and that tells of the receipt of the message.
fn receipt<'k>(other: &Trace, keys: &[&'k Key], at: Timestamp) -> Option<(usize, &'k Key)> {
    if other.entries.is_empty() {
        return None;
    }
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

fn clue(case: &Case<'_>, found: Continuation<'_>, other: &Trace) -> Clue {
    let Continuation { sent: line, receipt, key, later } = found;
    let placed = &other.entries[receipt];
    let consumer = &placed.entry.context.service;
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
    clue.confidence = found.confidence();
    clue.others = vec![Evidence::of(&placed.entry)];
    clue
}
