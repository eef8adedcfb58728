//! Did a service become slower and slower in the requests before this one?
//!
//! A trend is told by the order of all pairs (Kendall, 1938): it does not depend on how the
//! times are spread, and one slow request does not make one.

use crate::analysis::case::Surroundings;
use crate::model::trace::Trace;

/// Fewer requests have no trend: of four, all are in order by chance in one case of 24, and
/// that is looked for in every timeout.
const REQUESTS_MIN: usize = 5;

/// So many of the pairs must be in order: three of four are far beyond chance.
const IN_ORDER: (usize, usize) = (3, 4);

/// The last must have taken so many times as long as the first: less troubles nobody.
const TIMES: i64 = 2;

/// How a service's time grew from request to request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Growth {
    /// What it took in the first of the requests, in nanoseconds.
    pub(super) first: i64,
    /// What it took in the last.
    pub(super) last: i64,
    /// In how many requests it was measured.
    pub(super) requests: usize,
}

/// How the time that a service takes grew over this request's peers, if it did.
pub(super) fn growth(around: &Surroundings, service: &str) -> Option<Growth> {
    let mut times: Vec<(i64, i64)> =
        around.peers.iter().filter_map(|peer| longest(peer, service)).collect();
    times.sort_unstable();
    let lengths: Vec<i64> = times.into_iter().map(|(_, length)| length).collect();
    let (first, last) = (*lengths.first()?, *lengths.last()?);
    let later = |index: usize| lengths[index + 1..].iter().map(move |other| (index, *other));
    let pairs = (0..lengths.len()).flat_map(later);
    let (all, in_order) = pairs.fold((0, 0), |(all, in_order), (index, other)| {
        (all + 1, in_order + usize::from(other > lengths[index]))
    });
    let grew = lengths.len() >= REQUESTS_MIN
        && in_order * IN_ORDER.1 >= all * IN_ORDER.0
        && last >= first.saturating_mul(TIMES);
    grew.then_some(Growth { first, last, requests: lengths.len() })
}

/// When the service's longest span of a request began, and how long it was.
fn longest(peer: &Trace, service: &str) -> Option<(i64, i64)> {
    let own = peer.spans.iter().filter(|span| span.service == service);
    let extents = own.filter_map(|span| span.start.zip(span.end));
    extents
        .map(|(start, end)| (start.nanoseconds(), (end - start).max(0)))
        .max_by_key(|(start, length)| (*length, *start))
}
