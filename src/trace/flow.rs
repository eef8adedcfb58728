//! Edges that other requests know better: what was inferred from one request's times is
//! weighed anew by how its operations call each other elsewhere.

use crate::model::span::{EdgeBasis, SpanIndex};
use crate::trace::draft::Drafts;
use crate::trace::knowledge::Knowledge;
use crate::trace::skeleton::skeleton;
use crate::trace::weigh::choose;

/// The bounds of a weight as a confidence in a caller: what was learned may itself be wrong.
const CONFIDENCE: (f64, f64) = (0.02, 0.998);

/// Weighs the edges that were inferred from the request alone.
pub(super) fn settle(request: &mut Drafts, knowledge: &Knowledge) {
    if knowledge.calls.is_empty() || !request.open.contains(&true) {
        return;
    }
    let mut bones = skeleton(request);
    for bone in &mut bones {
        bone.operation = knowledge.operations.of(&bone.lines);
    }
    for (bone, choice) in bones.iter().zip(choose(&bones, &knowledge.calls)) {
        let Some(choice) = choice else { continue };
        let parent = choice.parent.map(|parent| SpanIndex(bones[parent].draft));
        let said = spoke_last(request, parent, bone.start);
        let edge = &mut request.spans[bone.draft].parent;
        let (low, high) = CONFIDENCE;
        let high = if parent.is_some() { high } else { 1.0 };
        edge.confidence = choice.confidence.clamp(low, high) as f32;
        if edge.parent != parent {
            edge.parent = parent;
            edge.basis = if parent.is_some() { EdgeBasis::Flow } else { EdgeBasis::Root };
            edge.evidence = said.into_iter().collect();
        }
    }
}

/// What the caller said last before the callee began.
fn spoke_last(request: &Drafts, parent: Option<SpanIndex>, start: i64) -> Option<usize> {
    let mut said = request.spans[parent?.0].entries.iter().copied();
    let before =
        |entry: &usize| request.times[*entry].is_some_and(|time| time.nanoseconds() <= start);
    said.rfind(before)
}
