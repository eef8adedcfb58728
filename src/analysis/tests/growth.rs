//! Times that grow from request to request, and such that only vary.

use super::{analysed, span};
use crate::analysis::case::Surroundings;
use crate::analysis::growth::{Growth, growth};

/// Peers in which the bank takes so many milliseconds, one a second.
#[track_caller]
fn check(lengths: &[i64], expected: Option<(i64, i64)>) {
    let peer = |(number, length): (usize, &i64)| {
        let at = number as i64 * 1_000;
        let spans = [span("shop", 1, 0, at, at + 950), span("bank", 2, 1, at + 5, at + 5 + length)];
        analysed(spans.into_iter().flatten().collect()).0
    };
    // Peers stand in no order.
    let peers = lengths.iter().enumerate().map(peer).rev().collect();
    let found = growth(&Surroundings { peers, related: Vec::new() }, "bank");
    let expected = expected.map(|(first, last)| Growth {
        first: first * 1_000_000,
        last: last * 1_000_000,
        requests: lengths.len(),
    });
    assert_eq!(found, expected, "{lengths:?}");
}

#[test]
fn times_that_become_longer_from_request_to_request_grow() {
    check(&[20, 40, 35, 90, 200, 800], Some((20, 800)));
}

#[test]
fn times_that_stay_do_not_grow() {
    check(&[20, 21, 22, 23, 24, 25], None);
}

#[test]
fn one_slow_request_is_no_growth() {
    check(&[40, 20, 38, 21, 30, 900], None);
    check(&[20, 40, 80, 160], None);
    check(&[], None);
}
