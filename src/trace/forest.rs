//! The shape that edges form: walks over it, and the cutting of circles.
//!
//! All walks are loops: a request may be a chain of a million spans.

use crate::model::notice::Notice;
use crate::model::span::EdgeBasis;
use crate::trace::draft::Draft;

/// Cuts each circle of stated parents above its earliest span.
pub(super) fn cut_cycles(drafts: &mut [Draft], notices: &mut Vec<Notice>) {
    let mut walk_of = vec![usize::MAX; drafts.len()];
    for first in 0..drafts.len() {
        let mut at = Some(first);
        while let Some(index) = at.filter(|index| walk_of[*index] == usize::MAX) {
            walk_of[index] = first;
            at = drafts[index].parent.parent.map(|parent| parent.0);
        }
        if let Some(met) = at.filter(|index| walk_of[*index] == first) {
            cut(drafts, met, notices);
        }
    }
}

/// Cuts the circle that goes through `member`.
fn cut(drafts: &mut [Draft], member: usize, notices: &mut Vec<Notice>) {
    let mut earliest = member;
    let mut at = member;
    loop {
        let key = |index: usize| (drafts[index].span.start, drafts[index].span.id);
        if key(at) < key(earliest) {
            earliest = at;
        }
        match drafts[at].parent.parent {
            Some(parent) if parent.0 != member => at = parent.0,
            _ => break,
        }
    }
    let lines = std::mem::take(&mut drafts[earliest].parent.evidence);
    notices.push(Notice::ParentCycle { span: drafts[earliest].span.id, lines });
    drafts[earliest].parent.parent = None;
    drafts[earliest].parent.basis = EdgeBasis::Root;
}

/// All drafts, every child before its parent.
pub(super) fn children_first(drafts: &[Draft]) -> Vec<usize> {
    let mut waiting = vec![0usize; drafts.len()];
    for draft in drafts {
        if let Some(parent) = draft.parent.parent {
            waiting[parent.0] += 1;
        }
    }
    let mut done: Vec<usize> = (0..drafts.len()).filter(|index| waiting[*index] == 0).collect();
    let mut next = 0;
    while let Some(index) = done.get(next).copied() {
        next += 1;
        if let Some(parent) = drafts[index].parent.parent {
            waiting[parent.0] -= 1;
            if waiting[parent.0] == 0 {
                done.push(parent.0);
            }
        }
    }
    done
}

/// Which root each draft stands under, kept up to date while roots are hung on other drafts.
///
/// A disjoint-set forest (Tarjan and van Leeuwen, 1984) with path halving, so that a long
/// chain of spans costs no more than a flat request.
pub(super) struct Roots {
    above: Vec<usize>,
}

impl Roots {
    /// The roots of these drafts.
    pub(super) fn of(drafts: &[Draft]) -> Self {
        Self::over(drafts.iter().map(|draft| draft.parent.parent.map(|parent| parent.0)))
    }

    /// The roots of things given by their parents' places.
    pub(super) fn over(parents: impl Iterator<Item = Option<usize>>) -> Self {
        let above = parents.enumerate().map(|(index, parent)| parent.unwrap_or(index)).collect();
        Self { above }
    }

    /// The root above a draft; the draft itself if it is one.
    pub(super) fn above(&mut self, mut index: usize) -> usize {
        while self.above[index] != index {
            self.above[index] = self.above[self.above[index]];
            index = self.above[index];
        }
        index
    }

    /// Notes that a root now hangs on `parent`, which stands under another root.
    pub(super) fn hang(&mut self, root: usize, parent: usize) {
        self.above[root] = parent;
    }
}
