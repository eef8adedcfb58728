//! Messages by the keys that name them: who sent and who handled which.

use std::collections::BTreeSet;

use crate::analysis::said::{Said, Topic};
use crate::model::entry::{Entry, Key};
use crate::model::span::SpanKind;
use crate::model::trace::Trace;

/// Names of keys that name one message, in the words of brokers and queues.
const MESSAGE_WORDS: [&str; 8] =
    ["message", "msg", "event", "job", "task", "delivery", "dedup", "idempotency"];

/// Whether a key names one message rather than a thing that many messages are about.
pub fn names_message(key: &Key) -> bool {
    key.name.split('_').any(|word| MESSAGE_WORDS.contains(&word))
}

/// Whether an entry tells of a message that was sent.
pub(super) fn is_sent(entry: &Entry, said: Said) -> bool {
    let kind = entry.context.operation.as_deref().and_then(|operation| operation.kind);
    kind == Some(SpanKind::Producer)
        || (said.of_topic(Topic::Sent) && !said.of_topic(Topic::Received))
}

/// Whether an entry tells of a message that was received or handled.
pub(super) fn is_received(entry: &Entry, said: Said) -> bool {
    let kind = entry.context.operation.as_deref().and_then(|operation| operation.kind);
    kind == Some(SpanKind::Consumer) || said.of_topic(Topic::Received)
}

/// The entries of a request that tell of a message sent, each with the keys it names: those
/// of the message if there are any, else all.
pub(super) fn sent(trace: &Trace) -> Vec<(usize, Vec<&Key>)> {
    let mut sent = Vec::new();
    for (index, placed) in trace.entries.iter().enumerate() {
        let names_any = !placed.entry.context.keys.is_empty();
        if !names_any || !is_sent(&placed.entry, Said::of(&placed.entry)) {
            continue;
        }
        let keys = &placed.entry.context.keys;
        let of_message: Vec<&Key> = keys.iter().filter(|key| names_message(key)).collect();
        let named = if of_message.is_empty() { keys.iter().collect() } else { of_message };
        sent.push((index, named));
    }
    sent
}

/// The keys by which other requests that send, receive or receive once more a message of this
/// one are found: those that name a message first.
pub fn followed_keys(trace: &Trace) -> Vec<&Key> {
    let mut seen = BTreeSet::new();
    let mut keys: Vec<&Key> = Vec::new();
    for placed in trace.entries.iter().filter(|placed| !placed.entry.context.keys.is_empty()) {
        let said = Said::of(&placed.entry);
        if is_sent(&placed.entry, said) || is_received(&placed.entry, said) {
            keys.extend(placed.entry.context.keys.iter().filter(|key| seen.insert(*key)));
        }
    }
    keys.sort_by_key(|key| !names_message(key));
    keys
}
