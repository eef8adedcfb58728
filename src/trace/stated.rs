//! Edges that the logs state: an entry names its span's parent.
//!
//! Invariant: what is stated stays; what contradicts it becomes a notice.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::model::entry::Entry;
use crate::model::id::{SpanId, TraceId};
use crate::model::notice::Notice;
use crate::model::span::{Edge, EdgeBasis, SpanIndex};
use crate::trace::draft::Draft;

/// What stands for the service of a span that logged nothing.
pub(super) const UNKNOWN_SERVICE: &str = "unknown";

/// The drafts of each id: more than one where services share it.
type Homes = HashMap<SpanId, Vec<usize>>;

/// Links every draft that states its parent. A parent that logged nothing gets a draft
/// without entries, so that its children stay together.
pub(super) fn link(
    id: TraceId,
    drafts: &mut Vec<Draft>,
    entries: &[Entry],
    notices: &mut Vec<Notice>,
) {
    let mut homes = Homes::new();
    for (index, draft) in drafts.iter().enumerate() {
        homes.entry(draft.span.id).or_default().push(index);
    }
    let callers = callers_of_shared_ids(drafts, &homes, notices);
    for index in 0..drafts.len() {
        if let Some(caller) = callers.get(&index) {
            let evidence = drafts[index].entries.first().copied();
            drafts[index].parent = stated_edge(*caller, evidence);
            continue;
        }
        let Some((parent, entry)) = settled_parent(&mut drafts[index], notices) else { continue };
        let place = home(drafts, index, parent, &homes).unwrap_or_else(|| {
            notices.push(Notice::ParentMissing { parent, lines: vec![entry] });
            drafts.push(Draft::new(parent, false, UNKNOWN_SERVICE));
            homes.insert(parent, vec![drafts.len() - 1]);
            drafts.len() - 1
        });
        drafts[index].parent = stated_edge(place, Some(entry));
        if carries(&entries[entry], id, parent) {
            drafts[index].parent.basis = EdgeBasis::Header;
        }
    }
}

/// The parent that a draft states, and the entry that does: the first that is not itself.
fn settled_parent(draft: &mut Draft, notices: &mut Vec<Notice>) -> Option<(SpanId, usize)> {
    let span = draft.span.id;
    let own = draft.stated_parents.iter().position(|(parent, _)| *parent == span);
    if let Some((_, line)) = own.map(|own| draft.stated_parents.remove(own)) {
        notices.push(Notice::SelfParent { span, lines: vec![line] });
    }
    if draft.stated_parents.len() > 1 {
        let (parents, lines) = draft.stated_parents.iter().copied().unzip();
        notices.push(Notice::ParentContradiction { span, parents, lines });
    }
    draft.stated_parents.first().copied()
}

/// Of the drafts with this id the one that `child` names as its parent: one of its own
/// service, else the latest of those that were at work when it began, else the latest before.
fn home(drafts: &[Draft], child: usize, parent: SpanId, homes: &Homes) -> Option<usize> {
    let homes = homes.get(&parent)?;
    if let [only] = homes[..] {
        return Some(only);
    }
    let span = &drafts[child].span;
    homes.iter().copied().filter(|home| *home != child).max_by_key(|home| {
        let other = &drafts[*home].span;
        let is_before = other.start <= span.start;
        (
            other.service == span.service,
            is_before && other.end >= span.start,
            is_before,
            other.start,
            std::cmp::Reverse(*home),
        )
    })
}

/// For each draft that shares its id with another service's, the caller's half of the call.
///
/// B3 lets the two sides of a call share an id, and its parent with it. Spans that share an id
/// and state different parents have nothing to do with each other.
fn callers_of_shared_ids(
    drafts: &[Draft],
    homes: &Homes,
    notices: &mut Vec<Notice>,
) -> HashMap<usize, usize> {
    let mut callers = HashMap::new();
    let shared: BTreeMap<SpanId, &Vec<usize>> =
        homes.iter().filter(|home| home.1.len() > 1).map(|(id, homes)| (*id, homes)).collect();
    for (span, homes) in shared {
        let mut order = homes.clone();
        order.sort_by_key(|home| (drafts[*home].span.start, *home));
        let (mut halves, mut apart) = (Vec::new(), vec![order[0]]);
        for pair in order.windows(2) {
            if are_halves(&drafts[pair[0]], &drafts[pair[1]]) {
                callers.insert(pair[1], pair[0]);
                halves.extend_from_slice(pair);
            } else {
                apart.push(pair[1]);
            }
        }
        halves.dedup();
        let told = |homes: &[usize]| {
            let mut services: Vec<String> =
                homes.iter().map(|home| drafts[*home].span.service.clone()).collect();
            services.sort_unstable();
            let lines = homes.iter().filter_map(|home| drafts[*home].entries.first().copied());
            (services, lines.collect())
        };
        if halves.len() > 1 {
            let (services, lines) = told(&halves);
            notices.push(Notice::SpanIdShared { span, services, lines });
        }
        if apart.len() > 1 {
            let (services, lines) = told(&apart);
            notices.push(Notice::SpanIdDuplicated { span, services, lines });
        }
    }
    callers
}

/// Whether two spans with one id may be the sides of a call: they name the same parent, or one
/// of them names none but itself.
fn are_halves(one: &Draft, other: &Draft) -> bool {
    let stated = |draft: &Draft| {
        let mut parents = draft.stated_parents.iter().map(|(parent, _)| *parent);
        parents.find(|parent| *parent != draft.span.id)
    };
    match (stated(one), stated(other)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// Whether an entry knows the parent by a header that the caller sent: W3C's `traceparent` and
/// the single header of B3 both join trace and span by a hyphen.
fn carries(entry: &Entry, id: TraceId, parent: SpanId) -> bool {
    let joined = format!("{:016x}-{parent}", id.low_half());
    let mut values = entry.record.fields.iter().filter_map(|field| field.value.as_text());
    entry.record.message.contains(&joined) || values.any(|value| value.contains(&joined))
}

fn stated_edge(parent: usize, evidence: Option<usize>) -> Edge {
    Edge {
        parent: Some(SpanIndex(parent)),
        basis: EdgeBasis::Stated,
        confidence: 1.0,
        evidence: evidence.into_iter().collect(),
    }
}
