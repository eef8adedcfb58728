//! The tree drawn beside the rows: which guides run through each row and where they end.
//!
//! A guide runs from a span's head to the last row that belongs to it. When rows of
//! parallel spans alternate, a row would seem to belong to the wrong neighbour; then the
//! span's head is repeated as a resumption.

use crate::model::span::SpanIndex;
use crate::model::trace::Trace;
use crate::render::painted::{Painted, Role};
use crate::timeline::{Content, Row};

/// Guides are remembered for this many levels; deeper rows show their depth as a number.
const GUIDES_MAX: usize = 64;

/// One row to be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// How deep in the call tree.
    pub(super) depth: usize,
    /// What it shows.
    pub(super) kind: Kind,
    /// The levels whose guides go on below this row, one bit each.
    open: u64,
}

/// What a row shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A span begins.
    Span(SpanIndex),
    /// A span that began above goes on.
    Resumed(SpanIndex),
    /// An entry.
    Entry(usize),
    /// A silence.
    Silence(usize),
    /// A link.
    Link(usize),
}

impl Kind {
    const fn is_head(self) -> bool {
        matches!(self, Self::Span(_) | Self::Resumed(_))
    }
}

/// Turns the rows of a timeline into rows to be drawn.
pub(super) fn steps(trace: &Trace, rows: &[Row]) -> Vec<Step> {
    let mut steps = with_resumptions(trace, rows);
    let mut open = 0u64;
    for step in steps.iter_mut().rev() {
        let level = if step.kind.is_head() {
            open &= below(step.depth);
            step.depth.checked_sub(1)
        } else {
            Some(step.depth)
        };
        step.open = open;
        open |= level.map_or(0, bit);
    }
    steps
}

fn with_resumptions(trace: &Trace, rows: &[Row]) -> Vec<Step> {
    let mut steps = Vec::with_capacity(rows.len());
    // The span whose rows stand at each depth just now.
    let mut current: Vec<Option<SpanIndex>> = Vec::new();
    for row in rows {
        let depth = row.depth;
        let kind = match row.content {
            Content::Span(index) => Kind::Span(index),
            Content::Entry(index) => Kind::Entry(index),
            Content::Silence(index) => Kind::Silence(index),
            Content::Link(index) => Kind::Link(index),
        };
        let span = match kind {
            Kind::Span(index) | Kind::Resumed(index) => Some(index),
            Kind::Entry(index) => Some(trace.entries[index].span),
            Kind::Silence(_) | Kind::Link(_) => None,
        };
        if span.is_some() && current.get(depth) != Some(&span) {
            if let (Kind::Entry(_), Some(index)) = (kind, span) {
                steps.push(Step { depth, kind: Kind::Resumed(index), open: 0 });
            }
            current.resize(depth, None);
            resume_parent(trace, kind, &mut current, &mut steps);
            current.push(span);
        } else if kind.is_head() {
            current.truncate(depth + 1);
        }
        steps.push(Step { depth, kind, open: 0 });
    }
    steps
}

/// Repeats the head of a new span's parent, if other rows stand between the two.
fn resume_parent(
    trace: &Trace,
    kind: Kind,
    current: &mut [Option<SpanIndex>],
    steps: &mut Vec<Step>,
) {
    let (Kind::Span(index), Some((last, outer))) = (kind, current.split_last_mut()) else { return };
    let parent = trace.span(index).parent.parent;
    if let Some(parent) = parent.filter(|_| *last != parent) {
        steps.push(Step { depth: outer.len(), kind: Kind::Resumed(parent), open: 0 });
        *last = Some(parent);
    }
}

/// The bits of all levels above `depth`.
const fn below(depth: usize) -> u64 {
    if depth >= GUIDES_MAX { u64::MAX } else { bit(depth) - 1 }
}

const fn bit(level: usize) -> u64 {
    if level >= GUIDES_MAX { 0 } else { 1 << level }
}

impl Step {
    /// The guides left of the row's text, of `levels_max` levels at most: beyond that the
    /// depth stands in the place of the outer ones. `own` is the guide of the row's span.
    pub(super) fn guides(&self, levels_max: usize, own: &str) -> Painted {
        let mut guides = Painted::new();
        let mut level = 0;
        if self.depth > levels_max {
            // The number takes the place of two levels.
            level = self.depth - levels_max.saturating_sub(2);
            guides.push(Role::Dim, &format!("{:<4}", format!("┄{}", self.depth)));
        }
        let inner = if self.kind.is_head() { self.depth.saturating_sub(1) } else { self.depth };
        while level < inner {
            guides.push(Role::Dim, if self.open & bit(level) == 0 { "  " } else { "│ " });
            level += 1;
        }
        if !self.kind.is_head() {
            guides.push(Role::Dim, own);
        } else if self.depth > 0 {
            let goes_on = self.open & bit(self.depth - 1) != 0;
            guides.push(Role::Dim, if goes_on { "├─" } else { "└─" });
        }
        guides
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture::{self, Story};

    #[track_caller]
    fn check(story: &Story, expected: &[&str]) {
        let drawn: Vec<String> = steps(&story.trace, &story.rows)
            .iter()
            .map(|step| {
                let mut out = Vec::new();
                let mut guides = step.guides(6, "│ ");
                guides.push(Role::Plain, if step.kind.is_head() { "o" } else { "-" });
                guides.write(&mut out, false).expect("a Vec takes all bytes");
                String::from_utf8(out).expect("text was written")
            })
            .collect();
        assert_eq!(drawn, expected);
    }

    #[test]
    fn a_guide_ends_at_the_last_row_of_its_span() {
        let mut story = Story::new();
        let root = story.root("a", "A");
        story.say(root, 0, "begin");
        let first = story.child(root, "b", "B");
        story.say(first, 1, "in b");
        let last = story.child(root, "c", "C");
        story.say(last, 2, "in c");
        check(&story.done(), &["o", "│ -", "├─o", "│ │ -", "└─o", "  │ -"]);
    }

    #[test]
    fn the_guides_of_one_branch_do_not_run_into_another() {
        let mut story = Story::new();
        let root = story.root("a", "A");
        let first = story.child(root, "b", "B");
        let first_leaf = story.child(first, "c", "C");
        story.say(first_leaf, 1, "in c");
        let second = story.child(root, "d", "D");
        let second_leaf = story.child(second, "e", "E");
        story.say(second_leaf, 2, "in e");
        check(&story.done(), &["o", "├─o", "│ └─o", "│   │ -", "└─o", "  └─o", "    │ -"]);
    }

    #[test]
    fn a_parent_that_speaks_last_keeps_its_guide() {
        let mut story = Story::new();
        let root = story.root("a", "A");
        let child = story.child(root, "b", "B");
        story.say(child, 1, "in b");
        story.say(root, 2, "end");
        check(&story.done(), &["o", "├─o", "│ │ -", "│ -"]);
    }

    #[test]
    fn rows_of_parallel_spans_are_never_mistaken_for_their_neighbours() {
        let mut story = Story::new();
        let root = story.root("a", "A");
        let one = story.child(root, "b", "B");
        let two = story.child(root, "c", "C");
        story.say(one, 1, "b begins");
        story.say(two, 2, "c begins");
        story.say(one, 3, "b goes on");
        let story = story.done();
        let kinds: Vec<_> = steps(&story.trace, &story.rows).iter().map(|step| step.kind).collect();
        assert_eq!(kinds[5], Kind::Resumed(one));
        assert_eq!(kinds[6], Kind::Entry(2));
    }

    #[test]
    fn a_span_never_seems_to_hang_on_another_than_its_parent() {
        let mut story = Story::new();
        let root = story.root("a", "A");
        let one = story.child(root, "b", "B");
        story.say(one, 1, "b begins");
        let other = story.child(root, "d", "D");
        story.say(other, 2, "d begins");
        let late = story.child(one, "c", "C");
        story.say(late, 3, "c begins");
        let story = story.done();
        let kinds: Vec<_> = steps(&story.trace, &story.rows).iter().map(|step| step.kind).collect();
        let at = kinds.iter().position(|kind| *kind == Kind::Span(late)).expect("c has a head");
        assert_eq!(kinds[at - 1], Kind::Resumed(one));
    }

    #[test]
    fn a_deep_row_shows_its_depth_as_a_number() {
        let story = fixture::deep(70);
        let steps = steps(&story.trace, &story.rows);
        let deepest = steps.last().expect("the fixture has rows");
        assert_eq!(deepest.depth, 69);
        assert!(deepest.guides(6, "│ ").columns() <= 14);
    }
}
