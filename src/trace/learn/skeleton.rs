//! A request reduced to what learning needs: who said something where in the code, and when.

use crate::model::span::EdgeBasis;
use crate::model::trace::Trace;
use crate::trace::clocks::clock_of;
use crate::trace::place::{Place, place};

/// A request's spans, each with a line that has a time.
pub(super) type Skeleton = Vec<Bone>;

/// A span.
#[derive(Debug)]
pub(super) struct Bone {
    /// Whose clock stamped it.
    pub(super) clock: String,
    /// The place of its first line, which stands for what it does.
    pub(super) operation: Place,
    /// Its lines in time order: when, in nanoseconds by corrected clocks, and where. Never empty.
    pub(super) lines: Vec<(i64, Place)>,
    /// Its parent's place in the skeleton, as far as it is known.
    pub(super) parent: Option<usize>,
    /// Whether the logs state that parent.
    pub(super) stated: bool,
}

impl Bone {
    /// When its first line was written.
    pub(super) fn start(&self) -> i64 {
        self.lines[0].0
    }

    /// When its last line was written.
    pub(super) fn end(&self) -> i64 {
        self.lines[self.lines.len() - 1].0
    }

    /// Its last line at or before a time.
    pub(super) fn last_before(&self, time: i64) -> Option<(i64, Place)> {
        let after = self.lines.partition_point(|line| line.0 <= time);
        after.checked_sub(1).map(|index| self.lines[index])
    }
}

/// Reduces a request.
pub(super) fn skeleton(trace: &Trace) -> Skeleton {
    let mut lines = vec![Vec::new(); trace.spans.len()];
    for (index, placed) in trace.entries.iter().enumerate() {
        if let Some(time) = trace.time(index) {
            lines[placed.span.0].push((time.nanoseconds(), place(&placed.entry)));
        }
    }
    let mut clocks = vec![""; trace.spans.len()];
    for placed in &trace.entries {
        clocks[placed.span.0] = clock_of(&placed.entry.context);
    }
    let mut bone_of = vec![None; trace.spans.len()];
    let mut bones: Skeleton = Vec::new();
    for (index, mut lines) in lines.into_iter().enumerate() {
        lines.sort_unstable();
        let Some((_, operation)) = lines.first().copied() else { continue };
        let parent = trace.spans[index].parent.parent.and_then(|parent| bone_of[parent.0]);
        bone_of[index] = Some(bones.len());
        let stated = trace.spans[index].parent.basis == EdgeBasis::Stated;
        bones.push(Bone { clock: clocks[index].to_owned(), operation, lines, parent, stated });
    }
    bones
}
