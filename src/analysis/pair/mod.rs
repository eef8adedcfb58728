//! Two requests side by side: their trees aligned by service, operation and statement.
//!
//! Spans are aligned from the roots down: the steps of two aligned spans by their longest
//! common subsequence, so that what both did in the same order stands in one row. What both
//! did in another order is paired as moved; the rest is of one request only.
//!
//! Invariant: every line and every span that logged is in exactly one row.

mod align;

use std::collections::BTreeMap;

use crate::analysis::group::observed::{Observed, Taken, What};
use crate::analysis::group::statement::Statement;
use crate::analysis::group::values::stated_values;
use crate::analysis::pair::align::{Aligned, align};
use crate::model::time::Timestamp;
use crate::model::trace::Trace;

/// Trees are aligned so deep; what is below stands there as of one request only.
const DEPTH_MAX: usize = 64;

/// Values that are told of one pair of lines.
const VALUES_MAX: usize = 8;

/// A row of the comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// How deep it stands below the roots.
    pub depth: usize,
    /// Whether it is a span; else a line.
    pub is_span: bool,
    /// The step in the first request.
    pub left: Option<Side>,
    /// The step in the second request.
    pub right: Option<Side>,
    /// Whether both have it, but in another order.
    pub moved: bool,
    /// Values that differ: name, in the first, in the second.
    pub values: Vec<(String, Option<String>, Option<String>)>,
}

/// A step in one of the requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The line, or the first of the span: an index of the trace's entries.
    pub entry: usize,
    /// For a span how long it took; for a line how long after the step before it came, in
    /// nanoseconds, if known.
    pub took: Option<i64>,
}

/// How long a step took in the second request, in parts of the first.
pub const RATIO_SHOWN: f64 = 2.0;

impl Row {
    /// How many times as long the second took; none if one is missing or took no time.
    pub fn ratio(&self) -> Option<f64> {
        let left = self.left.as_ref()?.took?;
        let right = self.right.as_ref()?.took?;
        (left > 0 && right > 0).then(|| right as f64 / left as f64)
    }

    /// Whether both requests have it, in the same order and with the same values.
    pub const fn is_alike(&self) -> bool {
        self.left.is_some() && self.right.is_some() && !self.moved && self.values.is_empty()
    }
}

/// Aligns two requests.
pub fn compare(left: &Trace, right: &Trace) -> Vec<Row> {
    let seen = [Observed::of(left), Observed::of(right)];
    let mut pairing = Pairing { traces: [left, right], seen: &seen, rows: Vec::new() };
    let roots = seen.each_ref().map(roots);
    pairing.steps(&roots[0], &roots[1], 0);
    pairing.rows
}

/// The roots of a request as calls from outside.
fn roots(seen: &Observed) -> Vec<Taken> {
    let mut is_called = vec![false; seen.spans.len()];
    for taken in seen.spans.iter().flat_map(|span| &span.steps) {
        if let What::Call(span) = taken.what {
            is_called[span] = true;
        }
    }
    let roots = (0..seen.spans.len()).filter(|span| !is_called[*span]);
    roots
        .map(|span| {
            let entry = seen.spans[span].steps.first().map_or(0, |taken| taken.entry);
            Taken { what: What::Call(span), time: seen.spans[span].extent, entry }
        })
        .collect()
}

struct Pairing<'a> {
    traces: [&'a Trace; 2],
    seen: &'a [Observed; 2],
    rows: Vec<Row>,
}

/// What two steps must have in common to be the same.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone)]
enum Key<'a> {
    Line(&'a Statement),
    Call(&'a str, &'a str),
}

impl<'a> Pairing<'a> {
    /// Aligns the steps of two spans and what is below them.
    fn steps(&mut self, left: &'a [Taken], right: &'a [Taken], depth: usize) {
        let keys = [self.keys(0, left), self.keys(1, right)];
        for aligned in align(&keys[0], &keys[1]) {
            match aligned {
                Aligned::Both { left: one, right: other, moved } => {
                    self.both(&left[one], &right[other], moved, depth);
                    self.below([Some(&left[one]), Some(&right[other])], depth);
                }
                Aligned::Left(step) => {
                    self.one(0, &left[step], depth);
                    self.below([Some(&left[step]), None], depth);
                }
                Aligned::Right(step) => {
                    self.one(1, &right[step], depth);
                    self.below([None, Some(&right[step])], depth);
                }
            }
        }
    }

    fn keys(&self, side: usize, steps: &'a [Taken]) -> Vec<Key<'a>> {
        let seen = &self.seen[side];
        let key = |taken: &'a Taken| match &taken.what {
            What::Line(statement) => Key::Line(statement),
            What::Call(span) => {
                let span = &seen.spans[*span];
                Key::Call(&span.service, &span.operation)
            }
        };
        steps.iter().map(key).collect()
    }

    /// Aligns what is below two calls; deeper than [`DEPTH_MAX`] it is listed, not aligned.
    fn below(&mut self, calls: [Option<&'a Taken>; 2], depth: usize) {
        let called = |side: usize| match calls[side].map(|taken| &taken.what) {
            Some(What::Call(span)) => Some(self.seen[side].spans[*span].steps.as_slice()),
            _ => None,
        };
        let (left, right) = (called(0), called(1));
        if depth >= DEPTH_MAX {
            for (side, steps) in [left, right].into_iter().enumerate() {
                self.list(side, steps.unwrap_or_default(), depth);
            }
        } else if left.is_some() || right.is_some() {
            self.steps(left.unwrap_or_default(), right.unwrap_or_default(), depth + 1);
        }
    }

    /// All steps below, without alignment and without recursion.
    fn list(&mut self, side: usize, steps: &'a [Taken], depth: usize) {
        let mut open: Vec<&'a Taken> = steps.iter().rev().collect();
        while let Some(taken) = open.pop() {
            self.one(side, taken, depth + 1);
            if let What::Call(span) = taken.what {
                open.extend(self.seen[side].spans[span].steps.iter().rev());
            }
        }
    }

    fn both(&mut self, left: &Taken, right: &Taken, moved: bool, depth: usize) {
        let is_span = matches!(left.what, What::Call(_));
        let values = if is_span { Vec::new() } else { self.differing(left.entry, right.entry) };
        let (left, right) = (Some(self.side(0, left)), Some(self.side(1, right)));
        self.rows.push(Row { depth, is_span, left, right, moved, values });
    }

    fn one(&mut self, side: usize, taken: &Taken, depth: usize) {
        let mut sides = [None, None];
        sides[side] = Some(self.side(side, taken));
        let is_span = matches!(taken.what, What::Call(_));
        let [left, right] = sides;
        self.rows.push(Row { depth, is_span, left, right, moved: false, values: Vec::new() });
    }

    fn side(&self, side: usize, taken: &Taken) -> Side {
        let took = match taken.what {
            What::Call(_) => taken.time.map(|(start, end)| (end - start).max(0)),
            What::Line(_) => {
                let trace = self.traces[side];
                let span = trace.span(trace.entries[taken.entry].span);
                let start = span.start.map(Timestamp::nanoseconds);
                taken.time.zip(start).map(|((at, _), start)| (at - start).max(0))
            }
        };
        Side { entry: taken.entry, took }
    }

    /// The values that two lines of one statement name differently.
    fn differing(
        &self,
        left: usize,
        right: usize,
    ) -> Vec<(String, Option<String>, Option<String>)> {
        let values = |side: usize, entry: usize| -> BTreeMap<String, String> {
            stated_values(&self.traces[side].entries[entry].entry).into_iter().collect()
        };
        let (left, mut right) = (values(0, left), values(1, right));
        let mut differing: Vec<_> = left
            .into_iter()
            .filter_map(|(name, value)| {
                let other = right.remove(&name);
                (other.as_ref() != Some(&value)).then_some((name, Some(value), other))
            })
            .collect();
        differing.extend(right.into_iter().map(|(name, value)| (name, None, Some(value))));
        differing.truncate(VALUES_MAX);
        differing
    }
}

#[cfg(test)]
mod tests;
