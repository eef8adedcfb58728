//! A request reduced to what calls show of themselves: who was at work when, and where in
//! the code it spoke.

use crate::model::place::{Place, place};
use crate::model::span::EdgeBasis;
use crate::trace::clocks::clock_of;
use crate::trace::draft::Drafts;
use crate::trace::forest::children_first;

/// A request's spans, each with a line that has a time.
pub(super) type Skeleton = Vec<Bone>;

/// A span.
#[derive(Debug)]
pub(super) struct Bone {
    /// The draft it stands for.
    pub(super) draft: usize,
    /// Whose clock stamped it.
    pub(super) clock: String,
    /// The place of its first line, which stands for what it does.
    pub(super) operation: Place,
    /// Its lines in time order: when, in nanoseconds by corrected clocks, and where. Never empty.
    pub(super) lines: Vec<(i64, Place)>,
    /// When it began: with its first line, or earlier where it states so.
    pub(super) start: i64,
    /// When it ended.
    pub(super) end: i64,
    /// Its parent's place in the skeleton, as far as it is known.
    pub(super) parent: Option<usize>,
    /// The nearest span above it that is in the skeleton: its parent, or one above a parent
    /// that logged nothing.
    pub(super) above: Option<usize>,
    /// Whether the parent was known before anything was inferred from other spans' times.
    pub(super) settled: bool,
    /// Whether the logs state that parent.
    pub(super) stated: bool,
    /// Whether the parent is more than a guess: stated, or open before and after.
    pub(super) sure: bool,
}

impl Bone {
    /// Its last line at or before a time.
    pub(super) fn last_before(&self, time: i64) -> Option<(i64, Place)> {
        let after = self.lines.partition_point(|line| line.0 <= time);
        after.checked_sub(1).map(|index| self.lines[index])
    }
}

/// Reduces a request.
pub(super) fn skeleton(request: &Drafts) -> Skeleton {
    let mut bone_of = vec![None; request.spans.len()];
    let mut bones: Skeleton = Vec::new();
    for (index, draft) in request.spans.iter().enumerate() {
        let line = |entry: &usize| {
            Some((request.times[*entry]?.nanoseconds(), place(&request.entries[*entry])))
        };
        let mut lines: Vec<(i64, Place)> = draft.entries.iter().filter_map(line).collect();
        lines.sort_unstable();
        let (Some(first), Some(last)) = (lines.first().copied(), lines.last().copied()) else {
            continue;
        };
        bone_of[index] = Some(bones.len());
        let whose = draft.entries.first().map(|entry| &request.entries[*entry].context);
        bones.push(Bone {
            draft: index,
            clock: whose.map(clock_of).unwrap_or_default().to_owned(),
            operation: first.1,
            start: draft.span.start.map_or(first.0, |start| start.nanoseconds().min(first.0)),
            end: draft.span.end.map_or(last.0, |end| end.nanoseconds().max(last.0)),
            lines,
            parent: None,
            above: None,
            settled: !request.open[index],
            stated: matches!(draft.parent.basis, EdgeBasis::Stated | EdgeBasis::Header),
            sure: draft.parent.basis != EdgeBasis::Guess,
        });
    }
    let parent = |draft: usize| request.spans[draft].parent.parent.map(|parent| parent.0);
    let mut above: Vec<Option<usize>> = vec![None; request.spans.len()];
    for draft in children_first(&request.spans).into_iter().rev() {
        above[draft] = parent(draft).and_then(|parent| bone_of[parent].or(above[parent]));
    }
    for bone in &mut bones {
        bone.parent = parent(bone.draft).and_then(|parent| bone_of[parent]);
        bone.above = above[bone.draft];
    }
    bones
}
