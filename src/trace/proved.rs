//! Edges that lines of both sides prove, though neither names the other's span.
//!
//! A producer and a consumer name the same message or job; a caller's line names whom it
//! calls or what it asks for, and a line of the callee answers to that. Either beats what
//! time and other requests suggest.
//!
//! Invariant: a span that states its parent keeps it.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use crate::model::entry::{Entry, Key};
use crate::model::field;
use crate::model::id::{SpanId, TraceId};
use crate::model::span::{Edge, EdgeBasis, Mark, Operation, SpanIndex, SpanKind};
use crate::model::time::Timestamp;
use crate::trace::draft::{Draft, Tie, TiedTo};
use crate::trace::extent::took;
use crate::trace::forest::Roots;
use crate::trace::linked::{self, Stated};

/// The field that holds the id of a message or a job.
pub(super) const MESSAGE_ID: &str = "messaging.message.id";

/// Names of keys that hold the id of work that is handed on, or of what caused it.
pub(super) const HANDED_ON: [&str; 6] =
    ["message_id", "job_id", "task_id", "event_id", "causation_id", "caused_by"];

/// Spans that name one message are its sender and those that get it; an id that more of them
/// name is that of something else.
const SPANS_MAX: usize = 16;

/// Links of one span that are told: a batch of more messages is told by these.
const LINKS_MAX: usize = 128;

/// How sure an edge is that both sides prove: what is left is an id or a route used twice.
const CONFIDENCE: f32 = 0.97;

/// Links each draft whose place is open to the sender of its message, else to its caller.
pub(super) fn link(
    id: TraceId,
    drafts: &mut [Draft],
    entries: &[Entry],
    times: &[Option<Timestamp>],
) {
    let mut roots = Roots::of(drafts);
    stated_links(id, drafts, entries, &mut roots);
    hand_offs(drafts, entries, &mut roots);
    call_pairs(drafts, (entries, times), &mut roots);
}

/// Gives a draft its parent, if its place is open and no circle would close. Whether it did.
fn hang(drafts: &mut [Draft], roots: &mut Roots, child: usize, edge: Edge) -> bool {
    let Some(parent) = edge.parent.map(|parent| parent.0) else { return false };
    let open = drafts[child].parent.parent.is_none() && roots.above(parent) != roots.above(child);
    if open {
        roots.hang(child, parent);
        drafts[child].parent = edge;
    }
    open
}

fn edge(parent: usize, basis: EdgeBasis, evidence: [usize; 2]) -> Edge {
    Edge {
        parent: Some(SpanIndex(parent)),
        basis,
        confidence: CONFIDENCE,
        evidence: evidence.to_vec(),
    }
}

/// Ties each draft to what its lines state links to. Where it states no parent, the first span
/// of this request that it links to is one: it sent what this one works on.
fn stated_links(id: TraceId, drafts: &mut [Draft], entries: &[Entry], roots: &mut Roots) {
    let mut found: Vec<(usize, usize, Stated)> = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        let start = found.len();
        for line in &draft.entries {
            for link in linked::stated(&entries[*line]) {
                let is_new = found[start..].iter().all(|(_, _, known)| *known != link);
                if is_new && found.len() - start < LINKS_MAX {
                    found.push((index, *line, link));
                }
            }
        }
    }
    if found.is_empty() {
        return;
    }
    let homes: HashMap<SpanId, usize> =
        drafts.iter().enumerate().map(|(index, draft)| (draft.span.id, index)).collect();
    for (draft, line, Stated { trace, span }) in found {
        let is_here = trace.is_none_or(|trace| trace == id || trace.low_half() == id.low_half());
        let home = span.filter(|_| is_here).and_then(|span| homes.get(&span)).copied();
        if home == Some(draft) || home.is_none() && trace.is_none() {
            continue;
        }
        if let Some(home) = home {
            let from = drafts[home].entries.first().copied();
            let evidence = [from.unwrap_or(line), line];
            if hang(drafts, roots, draft, edge(home, EdgeBasis::Handoff, evidence)) {
                continue;
            }
        }
        let from = match home {
            Some(home) => TiedTo::Draft(home),
            None => TiedTo::Elsewhere(trace.unwrap_or(id), span),
        };
        let tie = Tie { from, key: None, confidence: 1.0, evidence: vec![line] };
        drafts[draft].links.push(tie);
    }
}

/// A span that names a message, and the first of its entries that does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mention {
    draft: usize,
    entry: usize,
    /// Whether the span begins with it.
    first: bool,
}

/// Hangs what begins with a message on the span that named the message before.
fn hand_offs(drafts: &mut [Draft], entries: &[Entry], roots: &mut Roots) {
    let mut mentions: BTreeMap<&str, Vec<Mention>> = BTreeMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        for (place, entry) in draft.entries.iter().enumerate() {
            for id in handed_on(&entries[*entry]) {
                let known = mentions.entry(id).or_default();
                if known.last().is_none_or(|last| last.draft != index) {
                    known.push(Mention { draft: index, entry: *entry, first: place == 0 });
                }
            }
        }
    }
    for (id, mut named) in mentions {
        if !(2..=SPANS_MAX).contains(&named.len()) {
            continue;
        }
        named.sort_by_key(|mention| {
            (drafts[mention.draft].span.start, !mention.first, mention.draft)
        });
        let side = |mention: &Mention| kind(&entries[mention.entry]);
        let sender = named
            .iter()
            .position(|mention| side(mention) == Some(SpanKind::Producer))
            .unwrap_or_default();
        let sender = named.remove(sender);
        let consumes = |mention: &&Mention| side(mention) == Some(SpanKind::Consumer);
        // Who works on a message goes on to name it: without a word of who receives it, only
        // the first to begin with it does.
        let stated: Vec<Mention> = named.iter().filter(consumes).copied().collect();
        let receivers = if stated.is_empty() {
            named.iter().find(|mention| mention.first).copied().into_iter().collect()
        } else {
            stated
        };
        for receiver in receivers {
            let evidence = [sender.entry, receiver.entry];
            let edge = edge(sender.draft, EdgeBasis::Handoff, evidence);
            let known = drafts[receiver.draft].parent.parent == edge.parent;
            if !hang(drafts, roots, receiver.draft, edge) && !known {
                // A batch has many senders, and a tree has room for one.
                drafts[receiver.draft].links.push(Tie {
                    from: TiedTo::Draft(sender.draft),
                    key: Some(key(&entries[receiver.entry], id)),
                    confidence: CONFIDENCE,
                    evidence: evidence.to_vec(),
                });
            }
        }
    }
}

/// The ids of messages and jobs that an entry names.
pub(super) fn handed_on(entry: &Entry) -> impl Iterator<Item = &str> {
    let message = field::find(&entry.record.fields, MESSAGE_ID).and_then(|id| id.as_text());
    let keys = entry.context.keys.iter();
    let keys = keys.filter(|key| HANDED_ON.contains(&key.name.as_str()));
    message.into_iter().chain(keys.map(|key| key.value.as_str()))
}

/// The name under which an entry names a message.
fn key(entry: &Entry, id: &str) -> Key {
    let known = entry.context.keys.iter().find(|key| key.value == id);
    known.cloned().unwrap_or_else(|| Key { name: MESSAGE_ID.to_owned(), value: id.to_owned() })
}

fn kind(entry: &Entry) -> Option<SpanKind> {
    entry.context.operation.as_deref().and_then(|operation| operation.kind)
}

/// A line that says what its writer asks whom.
struct Asked<'a> {
    draft: usize,
    entry: usize,
    at: Timestamp,
    /// When it was over, if the line tells of that.
    until: Option<Timestamp>,
    operation: &'a Operation,
    /// Whether its answer has been found.
    taken: bool,
}

/// Hangs each span that answers on the span whose line asked for just that, last before it.
fn call_pairs(
    drafts: &mut [Draft],
    (entries, times): (&[Entry], &[Option<Timestamp>]),
    roots: &mut Roots,
) {
    let mut asked = asked(drafts, entries, times);
    if asked.is_empty() {
        return;
    }
    asked.sort_by_key(|asked| (asked.at, asked.entry));
    let mut order: Vec<usize> =
        (0..drafts.len()).filter(|draft| drafts[*draft].parent.parent.is_none()).collect();
    order.sort_by_key(|draft| (drafts[*draft].span.start, *draft));
    for child in order {
        let Some(start) = drafts[child].span.start else { continue };
        let Some(entry) = drafts[child].entries.iter().copied().find(|entry| {
            !matches!(kind(&entries[*entry]), Some(SpanKind::Client | SpanKind::Producer))
        }) else {
            continue;
        };
        let before = asked.partition_point(|asked| asked.at <= start);
        let fits = |asked: &Asked<'_>| {
            !asked.taken
                && asked.draft != child
                && asked.until.is_none_or(|until| until >= start)
                && answers(&drafts[child], entries, asked.operation)
        };
        let near = before.saturating_sub(ASKED_MAX);
        let Some(place) = asked[near..before].iter().rposition(fits) else { continue };
        let asked = &mut asked[near + place];
        asked.taken = true;
        let edge = edge(asked.draft, EdgeBasis::CallPair, [asked.entry, entry]);
        hang(drafts, roots, child, edge);
    }
}

/// Questions before an answer that are looked at: a request rarely has a dozen unanswered.
const ASKED_MAX: usize = 64;

/// The lines with which spans ask others, and that say whom.
fn asked<'a>(
    drafts: &[Draft],
    entries: &'a [Entry],
    times: &[Option<Timestamp>],
) -> Vec<Asked<'a>> {
    let mut asked = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        for entry in &draft.entries {
            let Some(operation) = entries[*entry].context.operation.as_deref() else { continue };
            let asks = operation.kind == Some(SpanKind::Client) && operation.peer.is_some();
            let Some(told) = times[*entry].filter(|_| asks) else { continue };
            // A line that tells of a call when it is over says how long ago it began.
            let began = took(operation).filter(|_| operation.mark == Some(Mark::End));
            let at = match (operation.mark, began) {
                (Some(Mark::End), None) => continue,
                (_, Some(took)) => told.plus(-took),
                (_, None) => told,
            };
            let until = began.map(|_| told);
            asked.push(Asked { draft: index, entry: *entry, at, until, operation, taken: false });
        }
    }
    // Of a call that is told of twice, the first line counts.
    let begun: BTreeSet<(usize, Option<&str>)> = asked
        .iter()
        .filter(|asked| asked.until.is_none())
        .map(|asked| (asked.draft, asked.operation.peer.as_deref()))
        .collect();
    asked.retain(|asked| {
        asked.until.is_none() || !begun.contains(&(asked.draft, asked.operation.peer.as_deref()))
    });
    asked
}

/// Whether a span is of the service that was asked and, where both sides say what for, does that.
fn answers(draft: &Draft, entries: &[Entry], asked: &Operation) -> bool {
    let serves = |entry: &usize| {
        let operation = entries[*entry].context.operation.as_deref()?;
        operation.name.as_deref().filter(|_| operation.kind == Some(SpanKind::Server))
    };
    let own = draft.entries.iter().find_map(serves);
    asked.peer.as_deref().is_some_and(|peer| is_service(peer, &draft.span.service))
        && asked.name.as_deref().zip(own).is_none_or(|(asked, own)| asked == own)
}

/// Whether a peer, as callers name it (`pay`, `pay:8080`, `pay.shop.svc`), is this service.
fn is_service(peer: &str, service: &str) -> bool {
    let host = peer.rsplit_once("://").map_or(peer, |(_, host)| host);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    let label = host.split('.').next().unwrap_or_default();
    host.eq_ignore_ascii_case(service) || label.eq_ignore_ascii_case(service)
}
