//! Each span of a request has an id that no other has.
//!
//! Services share ids (B3), or happen on the same one, or use one again after hours. Whoever
//! reads the answer joins spans by their ids; so the first in time keeps it, and the others
//! get ids that are the same every time.

use std::hash::Hasher;

use hashbrown::HashSet;
use twox_hash::XxHash3_64;

use crate::model::id::{SpanId, TraceId};
use crate::trace::draft::Draft;

/// Gives new ids to spans whose id another has.
pub(super) fn make_unique(id: TraceId, drafts: &mut [Draft]) {
    let mut taken: HashSet<SpanId> = HashSet::with_capacity(drafts.len());
    if drafts.iter().all(|draft| taken.insert(draft.span.id)) {
        return;
    }
    let mut order: Vec<usize> = (0..drafts.len()).collect();
    order.sort_by_key(|index| {
        let span = &drafts[*index].span;
        (span.synthetic, span.start.is_none(), span.start, *index)
    });
    let mut used = HashSet::with_capacity(drafts.len());
    for index in order {
        let span = &mut drafts[index].span;
        for turn in 0_u64.. {
            if used.insert(span.id) {
                break;
            }
            let parts = [span.service.as_bytes(), &turn.to_le_bytes()];
            let other = derived(id, span.id, &parts);
            // An id that stands in the logs belongs to whoever logged it.
            if !taken.contains(&other) {
                span.id = other;
                span.synthetic = true;
            }
        }
    }
}

/// An id made of others: the same every time.
pub(super) fn derived(id: TraceId, span: SpanId, parts: &[&[u8]]) -> SpanId {
    let mut hasher = XxHash3_64::new();
    hasher.write(&id.value().to_le_bytes());
    hasher.write(&span.value().to_le_bytes());
    for part in parts {
        hasher.write(part);
        hasher.write(&[0]);
    }
    SpanId::new(hasher.finish().max(1)).expect("a number of at least 1 is not zero")
}
