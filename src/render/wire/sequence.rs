//! The places of spans and entries in a request's one order, from 0.

use crate::model::trace::Trace;
use crate::timeline::{Content, Row};

/// Where each span and each entry of a request stands; no two at one place.
pub(super) struct Sequence {
    pub(super) spans: Vec<usize>,
    pub(super) entries: Vec<usize>,
}

impl Sequence {
    /// Counts spans and entries as their rows come; what has no row follows at the end.
    pub(super) fn of(trace: &Trace, rows: &[Row]) -> Self {
        let mut spans = vec![None; trace.spans.len()];
        let mut entries = vec![None; trace.entries.len()];
        let mut next = 0..;
        for row in rows {
            match row.content {
                Content::Span(index) => spans[index.0] = spans[index.0].or_else(|| next.next()),
                Content::Entry(index) => entries[index] = entries[index].or_else(|| next.next()),
                Content::Silence(_) | Content::Link(_) => {}
            }
        }
        let mut placed = |places: Vec<Option<usize>>| -> Vec<usize> {
            places.into_iter().filter_map(|place| place.or_else(|| next.next())).collect()
        };
        Self { spans: placed(spans), entries: placed(entries) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture;

    #[test]
    fn spans_and_entries_share_one_order_without_gaps() {
        let story = fixture::checkout();
        let sequence = Sequence::of(&story.trace, &story.rows);
        let mut places: Vec<_> = [sequence.spans, sequence.entries].concat();
        assert_eq!(places[0], 0);
        places.sort_unstable();
        assert_eq!(places, (0..22).collect::<Vec<_>>());
    }

    #[test]
    fn what_has_no_row_follows_at_the_end() {
        let story = fixture::single();
        let sequence = Sequence::of(&story.trace, &[]);
        assert_eq!((sequence.spans, sequence.entries), (vec![0], vec![1]));
    }
}
