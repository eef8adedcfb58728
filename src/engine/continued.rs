//! Where a request goes on under another trace id, and where it comes from.
//!
//! A message carries an id or a key from one request to another; whoever receives it under a
//! trace of its own has lost the context, or links to it on purpose.

use std::collections::BTreeSet;

use crate::analysis::handed_over::{followed_keys, names_message};
use crate::analysis::lost_context::{Continuation, continuation};
use crate::engine::answer::Source;
use crate::model::entry::Key;
use crate::model::finding::Evidence;
use crate::model::id::TraceId;
use crate::model::span::SpanIndex;
use crate::model::time::Timestamp;
use crate::model::trace::{Link, LinkKind, Linked, Trace};
use crate::query::condition::{Condition, Query};
use crate::store::{Page, StoreError, Window};
use crate::trace::assemble;

/// Keys that are followed: a request that hands on more of them is a batch.
const KEYS_MAX: usize = 8;

/// Requests that one key leads to: one that leads to more names no single piece of work.
const REQUESTS_MAX: usize = 8;

/// How far before and after a request its other half is looked for.
const FOLLOWED: i64 = 60 * 60 * 1_000_000_000;

/// Entries of another request that are looked at.
const ENTRIES_MAX: usize = 2_000;

/// The links of a request to others: to those that go on with its work, and to those whose
/// work it goes on with. Those that its own lines state are not among them.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn links(source: &Source<'_>, trace: &Trace) -> Result<Vec<Link>, StoreError> {
    let mut links = Vec::new();
    for id in related(source, trace)? {
        let entries = source.reader.trace(id, ENTRIES_MAX)?.items;
        let other = assemble(id, entries, source.knowledge);
        if let Some(on) = continuation(trace, &other) {
            links.push(link(trace, &other, LinkKind::ContinuedIn, on));
        } else if let Some(from) = continuation(&other, trace) {
            links.push(link(trace, &other, LinkKind::Continues, from));
        } else if let Some(stated) = stated(trace, &other) {
            links.push(stated);
        }
    }
    links.sort_by_key(|link| (link.kind, link.span, link.evidence.first().copied()));
    Ok(links)
}

/// Requests that name a message of this one, or this one itself.
fn related(source: &Source<'_>, trace: &Trace) -> Result<BTreeSet<TraceId>, StoreError> {
    let times = || (0..trace.entries.len()).filter_map(|entry| trace.time(entry));
    let (Some(first), Some(last)) = (times().min(), times().max()) else {
        return Ok(BTreeSet::new());
    };
    let window = window(first.plus(-FOLLOWED), last.plus(FOLLOWED));
    let mut values = vec![trace.id.to_string()];
    let mut keys: Vec<&Key> = followed_keys(trace);
    keys.sort_by_key(|key| !names_message(key));
    values.extend(keys.into_iter().take(KEYS_MAX).map(|key| key.value.clone()));
    let known: BTreeSet<TraceId> = trace.links.iter().filter_map(linked_trace).collect();
    let mut found = BTreeSet::new();
    for value in values {
        let query = Query { conditions: vec![Condition::Value(value)] };
        let page = Page { limit: REQUESTS_MAX + 1, window };
        let hits = source.reader.requests(&query, &page)?.items;
        if hits.len() <= REQUESTS_MAX {
            found.extend(hits.into_iter().map(|hit| hit.id));
        }
    }
    found.retain(|id| *id != trace.id && !known.contains(id));
    Ok(found)
}

const fn window(since: Timestamp, until: Timestamp) -> Window {
    Window { since: Some(since), until: Some(until) }
}

/// The other request that a link names.
fn linked_trace(link: &Link) -> Option<TraceId> {
    match &link.linked {
        Linked::Here(_) => None,
        Linked::Elsewhere { trace, .. } => Some(*trace),
    }
}

/// The link to a request of which one is known by a message that both name.
fn link(trace: &Trace, other: &Trace, kind: LinkKind, found: Continuation<'_>) -> Link {
    let (own, far) = match kind {
        LinkKind::Continues => (found.receipt, found.sent),
        LinkKind::ContinuedIn | LinkKind::StemsFrom => (found.sent, found.receipt),
    };
    let placed = &other.entries[far];
    let span = other.span(placed.span);
    Link {
        span: trace.entries[own].span,
        kind,
        linked: Linked::Elsewhere {
            trace: other.id,
            span: Some(span.id),
            service: Some(span.service.clone()),
        },
        key: Some(found.key.clone()),
        later: Some(found.later),
        confidence: found.confidence(),
        evidence: vec![own],
        far: vec![Evidence::of(&placed.entry)],
    }
}

/// The link to a request that states one to this.
fn stated(trace: &Trace, other: &Trace) -> Option<Link> {
    let found = other.links.iter().find(|link| linked_trace(link) == Some(trace.id))?;
    let Linked::Elsewhere { span, .. } = &found.linked else { return None };
    let sender = trace.spans.iter().position(|own| Some(own.id) == *span).map(SpanIndex);
    let consumer = other.span(found.span);
    let lines = found.evidence.iter().map(|line| Evidence::of(&other.entries[*line].entry));
    Some(Link {
        span: sender.or_else(|| trace.roots().next())?,
        kind: LinkKind::ContinuedIn,
        linked: Linked::Elsewhere {
            trace: other.id,
            span: Some(consumer.id),
            service: Some(consumer.service.clone()),
        },
        key: None,
        later: None,
        confidence: found.confidence,
        evidence: Vec::new(),
        far: lines.collect(),
    })
}
