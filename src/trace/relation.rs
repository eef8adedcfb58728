//! How the lines of two spans lie to each other in time.
//!
//! Of a possible caller three things tell whether it called: what it said last before the
//! callee began, what it said next, and how long each was away. They hold for one line that
//! survived as for ten, so that lost lines take evidence away but do not turn it round.

use crate::model::place::Place;
use crate::trace::skeleton::Bone;

/// Number of classes of time spans: powers of two nanoseconds, from half a microsecond
/// to a quarter of an hour.
pub(super) const GAPS: usize = 32;

/// The first class ends at this power of two nanoseconds.
const GAP_FIRST: u32 = 9;

/// Stands for the place of a beginning or an end that is known without a line.
const SILENT: Place = 0;

/// How a possible caller's lines lie around a callee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Relation {
    /// The place it last spoke at before the callee began, and how long before.
    pub(super) before: Option<(Place, usize)>,
    /// The place it spoke at next.
    pub(super) after: After,
}

/// When a possible caller spoke next after the callee had begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// Never.
    Silent,
    /// While the callee was at work.
    Within(Place),
    /// After the callee's last line, and how long after.
    Later(Place, usize),
}

impl Relation {
    /// How `caller` lies to `callee`.
    pub(super) fn of(caller: &Bone, callee: &Bone) -> Self {
        let next = caller.lines.partition_point(|line| line.0 <= callee.start);
        let said = next.checked_sub(1).map(|last| caller.lines[last]);
        // A span that states how long it took was at work without saying so.
        let began = (caller.start <= callee.start).then_some((caller.start, SILENT));
        let before = said.or(began).map(|(time, place)| (place, class(callee.start - time)));
        let ended = (caller.end >= callee.end).then_some((caller.end, SILENT));
        let after = match caller.lines.get(next).copied().or(ended) {
            None => After::Silent,
            Some((time, place)) if time < callee.end => After::Within(place),
            Some((time, place)) => After::Later(place, class(time - callee.end)),
        };
        Self { before, after }
    }
}

/// The class of a span of time in nanoseconds.
fn class(nanoseconds: i64) -> usize {
    let bits = 64 - nanoseconds.max(0).leading_zeros();
    (bits.saturating_sub(GAP_FIRST) as usize).min(GAPS - 1)
}
