//! Was a message handled twice?
//!
//! Two receipts of one message by the same service and operation, the first of which did not
//! fail. Two services that each handle it are two subscribers; a second delivery after a
//! failure is what brokers promise; one that was recognised did no harm.

use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::handed_over::{is_received, names_message};
use crate::analysis::said::{Said, Topic};
use crate::analysis::wording::time;
use crate::model::entry::Key;
use crate::model::finding::{Evidence, Level, Measure};
use crate::model::masking::masked;
use crate::model::span::{Span, SpanIndex, SpanKind};
use crate::model::time::Timestamp;
use crate::model::trace::Trace;

/// A span that handled a message.
struct Handling<'a> {
    trace: &'a Trace,
    span: SpanIndex,
    line: usize,
    at: Timestamp,
    keys: Vec<&'a Key>,
    failed: bool,
    recognised: bool,
}

impl Handling<'_> {
    fn whose(&self) -> &Span {
        self.trace.span(self.span)
    }
}

/// The messages that were handled more than once.
pub(super) fn clues(case: &Case<'_>) -> Vec<Clue> {
    let mut all = handlings(case.trace);
    let own = all.len();
    for other in case.around.related.iter().filter(|other| other.id != case.trace.id) {
        all.extend(handlings(other));
    }
    let mut clues = Vec::new();
    for first in 0..all.len() {
        for second in first + 1..all.len() {
            let (one, other) = (&all[first], &all[second]);
            let (earlier, later) = if one.at <= other.at { (one, other) } else { (other, one) };
            // At least one of the two is this request's.
            if first < own
                && let Some(key) = same_message(earlier, later)
            {
                clues.push(clue(case, earlier, later, key));
            }
        }
    }
    clues.dedup_by(|one, other| one.service == other.service);
    clues
}

/// The receipts of a request, one for each span that has any.
fn handlings(trace: &Trace) -> Vec<Handling<'_>> {
    let mut found: Vec<Handling<'_>> = Vec::new();
    for (line, placed) in trace.entries.iter().enumerate() {
        let said = Said::of(&placed.entry);
        let is_consumer = trace.span(placed.span).kind == Some(SpanKind::Consumer);
        if let Some(known) = found.iter_mut().find(|known| known.span == placed.span) {
            known.keys.extend(placed.entry.context.keys.iter());
            known.failed |= said.is_failure();
            known.recognised |= said.of_topic(Topic::Skipped);
        } else if let Some(at) = trace.time(line)
            && (is_consumer || is_received(&placed.entry, said))
        {
            found.push(Handling {
                trace,
                span: placed.span,
                line,
                at,
                keys: placed.entry.context.keys.iter().collect(),
                failed: said.is_failure(),
                recognised: said.of_topic(Topic::Skipped),
            });
        }
    }
    found
}

/// The key of the message that both handled, if it is one and the second should not have.
fn same_message<'a>(earlier: &Handling<'a>, later: &Handling<'a>) -> Option<&'a Key> {
    let same_work = earlier.whose().service == later.whose().service
        && masked(&earlier.whose().name) == masked(&later.whose().name);
    if !same_work || earlier.failed || later.recognised || earlier.recognised {
        return None;
    }
    let of_both = |key: &&&Key| {
        later.keys.iter().any(|other| other.value == key.value && other.name == key.name)
    };
    let conflicts = |key: &&Key| {
        let other = later.keys.iter().find(|other| other.name == key.name);
        names_message(key) && other.is_some_and(|other| other.value != key.value)
    };
    if earlier.keys.iter().any(conflicts) {
        return None;
    }
    let message = earlier.keys.iter().filter(|key| names_message(key)).find(of_both);
    let any_message_key = earlier.keys.iter().any(|key| names_message(key));
    // A business key stands for the message only where no line names messages.
    let business = || earlier.keys.iter().find(of_both).filter(|_| !any_message_key);
    message.or_else(business).copied()
}

fn clue(case: &Case<'_>, earlier: &Handling<'_>, later: &Handling<'_>, key: &Key) -> Clue {
    let apart = later.at - earlier.at;
    let service = &later.whose().service;
    let sentence =
        format!("{service} handled {} {} twice, {} apart", key.name, key.value, time(apart));
    let own = |handling: &Handling<'_>| handling.trace.id == case.trace.id;
    let handlings = [earlier, later];
    let spans: Vec<SpanIndex> =
        handlings.iter().filter(|handling| own(handling)).map(|handling| handling.span).collect();
    let lines = handlings.iter().filter(|handling| own(handling)).map(|handling| handling.line);
    let mut clue = Clue::new(case, "duplicate_processing", Level::Warning, spans)
        .proved_by(lines)
        .saying(sentence, vec![Measure::time("apart", apart)])
        .tested_by(
            "its effect is there twice",
            "the second was a replay that changes nothing, or was asked for",
        );
    clue.confidence = if names_message(key) { 0.95 } else { 0.7 };
    let theirs = handlings.iter().filter(|handling| !own(handling));
    clue.others =
        theirs.map(|other| Evidence::of(&other.trace.entries[other.line].entry)).collect();
    clue
}
