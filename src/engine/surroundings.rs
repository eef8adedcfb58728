//! The other requests that a diagnosis looks at: peers, and what a message or key leads to.

use crate::analysis::case::Surroundings;
use crate::analysis::handed_over::followed_keys;
use crate::analysis::overview::Overview;
use crate::engine::answer::Source;
use crate::model::id::TraceId;
use crate::model::time::Timestamp;
use crate::model::trace::Trace;
use crate::query::condition::{Condition, Query, Test};
use crate::store::{Page, StoreError, Window};
use crate::trace::assemble;

/// Peers that are looked at: more would not change what is usual, and each costs time.
const PEERS_MAX: usize = 12;

/// Requests of the same service that are searched for peers: some begin elsewhere or are of
/// another operation.
const CANDIDATES_MAX: usize = 48;

/// Entries of another request that are looked at.
const ENTRIES_MAX: usize = 2_000;

/// How far before the request peers are looked for.
const BEFORE: i64 = 15 * 60 * 1_000_000_000;

/// How far after its beginning.
const AFTER: i64 = 60 * 1_000_000_000;

/// How far after it a message may be received, or once more.
const FOLLOWED: i64 = 60 * 60 * 1_000_000_000;

/// Keys of messages that are followed: a request that sends more of them is a batch.
const KEYS_MAX: usize = 8;

/// Requests that one key leads to: more than this and it names no message.
const RELATED_MAX: usize = 8;

/// Gathers what a diagnosis of this request looks at beside it.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn surroundings(source: &Source<'_>, trace: &Trace) -> Result<Surroundings, StoreError> {
    let mut around = Surroundings::default();
    let overview = Overview::of(trace);
    let Some((start, root)) = overview.start.zip(overview.root) else { return Ok(around) };
    let (service, name) = (&trace.span(root).service, &trace.span(root).name);
    let of_service =
        Condition::Field { name: "service".to_owned(), test: Test::Equals(service.clone()) };
    let near = window(start.plus(-BEFORE), start.plus(AFTER));
    let ids = found(source, of_service, CANDIDATES_MAX, near)?;
    for id in ids.into_iter().filter(|id| *id != trace.id) {
        if around.peers.len() >= PEERS_MAX {
            break;
        }
        let peer = put_together(source, id)?;
        let first = Overview::of(&peer).root.map(|root| peer.span(root));
        if first.is_some_and(|first| first.service == *service && first.name == *name) {
            around.peers.push(peer);
        }
    }
    let later = window(start.plus(-FOLLOWED), start.plus(FOLLOWED));
    for key in followed_keys(trace).into_iter().take(KEYS_MAX) {
        let ids = found(source, Condition::Value(key.value.clone()), RELATED_MAX, later)?;
        for id in ids.into_iter().filter(|id| *id != trace.id) {
            if !around.related.iter().any(|known| known.id == id) {
                around.related.push(put_together(source, id)?);
            }
        }
    }
    Ok(around)
}

const fn window(since: Timestamp, until: Timestamp) -> Window {
    Window { since: Some(since), until: Some(until) }
}

/// The requests in which some line fulfils the condition, newest first.
fn found(
    source: &Source<'_>,
    condition: Condition,
    limit: usize,
    window: Window,
) -> Result<Vec<TraceId>, StoreError> {
    let query = Query { conditions: vec![condition] };
    let found = source.reader.requests(&query, &Page { limit, window })?;
    Ok(found.items.into_iter().map(|hit| hit.id).collect())
}

fn put_together(source: &Source<'_>, id: TraceId) -> Result<Trace, StoreError> {
    let entries = source.reader.trace(id, ENTRIES_MAX)?.items;
    Ok(assemble(id, entries, source.knowledge))
}
