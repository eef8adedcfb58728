//! Edges that the logs state: an entry names its span's parent.

use hashbrown::HashMap;

use crate::model::entry::Entry;
use crate::model::id::{SpanId, TraceId};
use crate::model::notice::Notice;
use crate::model::span::{Edge, EdgeBasis, SpanIndex};
use crate::trace::draft::Draft;

/// What stands for the service of a span that logged nothing.
pub(super) const UNKNOWN_SERVICE: &str = "unknown";

/// Links every draft that states its parent. A parent that logged nothing gets a draft
/// without entries, so that its children stay together.
pub(super) fn link(
    id: TraceId,
    drafts: &mut Vec<Draft>,
    entries: &[Entry],
    notices: &mut Vec<Notice>,
) {
    let mut by_id: HashMap<SpanId, Vec<usize>> = HashMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        by_id.entry(draft.span.id).or_default().push(index);
    }
    for index in 0..drafts.len() {
        let shared = shared_caller(drafts, index, &by_id);
        let Some((parent, entry)) = drafts[index].stated_parent.filter(|_| shared.is_none()) else {
            if let Some(caller) = shared {
                let evidence = drafts[index].entries.first().copied();
                drafts[index].parent = stated_edge(caller, evidence);
            }
            continue;
        };
        if parent == drafts[index].span.id {
            notices.push(Notice::SelfParent { span: parent });
            drafts[index].stated_parent = None;
            continue;
        }
        let known = by_id.get(&parent).and_then(|homes| homes.last()).copied();
        let place = known.unwrap_or_else(|| {
            notices.push(Notice::ParentMissing { parent });
            drafts.push(Draft::new(parent, false, UNKNOWN_SERVICE));
            by_id.insert(parent, vec![drafts.len() - 1]);
            drafts.len() - 1
        });
        drafts[index].parent = stated_edge(place, Some(entry));
        if carries(&entries[entry], id, parent) {
            drafts[index].parent.basis = EdgeBasis::Header;
        }
    }
}

/// Whether an entry knows the parent by a header that the caller sent: W3C's `traceparent` and
/// the single header of B3 both join trace and span by a hyphen.
fn carries(entry: &Entry, id: TraceId, parent: SpanId) -> bool {
    let joined = format!("{:016x}-{parent}", id.low_half());
    let mut values = entry.record.fields.iter().filter_map(|field| field.value.as_text());
    entry.record.message.contains(&joined) || values.any(|value| value.contains(&joined))
}

/// The draft of the other service that shares this one's id and began before it, if any:
/// the caller's half of a span that both sides logged.
fn shared_caller(
    drafts: &[Draft],
    index: usize,
    by_id: &HashMap<SpanId, Vec<usize>>,
) -> Option<usize> {
    let began = |index: usize| (drafts[index].span.start, index);
    let homes = by_id.get(&drafts[index].span.id)?;
    homes.iter().copied().filter(|home| began(*home) < began(index)).max_by_key(|home| began(*home))
}

fn stated_edge(parent: usize, evidence: Option<usize>) -> Edge {
    Edge {
        parent: Some(SpanIndex(parent)),
        basis: EdgeBasis::Stated,
        confidence: 1.0,
        evidence: evidence.into_iter().collect(),
    }
}
