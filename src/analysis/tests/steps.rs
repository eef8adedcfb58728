//! What took the time, and whom the request waited for: requests that have it, requests that
//! have not, and requests that look like it.

use super::{analysed, span};
use crate::model::fixture::Fixture;

/// The sentence of the finding with this name, if it was made.
fn sentence(name: &str, spans: Vec<[Fixture; 2]>) -> Option<String> {
    let (_, analysis) = analysed(spans.into_iter().flatten().collect());
    let found = analysis.findings.into_iter().find(|finding| finding.name == name)?;
    assert!(!found.evidence.is_empty() && !found.confirm.is_empty() && !found.refute.is_empty());
    Some(found.sentence)
}

#[track_caller]
fn check(name: &str, spans: Vec<[Fixture; 2]>, expected: &[&str]) {
    let said = sentence(name, spans).unwrap_or_default();
    assert!(expected.iter().all(|words| said.contains(words)), "{said}");
}

#[test]
fn the_slowest_step_is_told_with_its_own_time_and_its_share() {
    let spans = vec![span("root", 1, 0, 0, 1_000), span("bank", 2, 1, 100, 800)];
    check("waterfall", spans, &["the slowest step is bank", "700 ms of its own", "70 %"]);
}

#[test]
fn a_request_of_no_length_has_no_slowest_step() {
    assert_eq!(sentence("waterfall", vec![span("root", 1, 0, 5, 5)]), None);
}

#[test]
fn a_step_that_only_waits_for_others_is_not_the_slowest() {
    let spans = vec![
        span("root", 1, 0, 0, 1_000),
        span("shop", 2, 1, 10, 990),
        span("bank", 3, 2, 20, 500),
        span("mail", 4, 2, 510, 980),
    ];
    check("waterfall", spans, &["the slowest step is bank", "480 ms of its own"]);
}

#[test]
fn whom_the_request_waited_for_is_told_with_shares_of_the_whole() {
    let spans = vec![span("root", 1, 0, 0, 1_000), span("bank", 2, 1, 100, 800)];
    check("critical_path", spans, &["of 1.0 s", "bank 700 ms (70 %)", "root 300 ms (30 %)"]);
}

#[test]
fn one_service_alone_waits_for_nobody() {
    assert_eq!(sentence("critical_path", vec![span("root", 1, 0, 0, 1_000)]), None);
}

#[test]
fn a_long_child_that_outlives_its_parent_was_not_waited_for() {
    let spans = vec![
        span("root", 1, 0, 0, 1_000),
        span("bank", 2, 1, 100, 400),
        span("mail", 3, 1, 1_200, 9_000),
    ];
    let said = sentence("critical_path", spans).unwrap_or_default();
    assert!(said.contains("bank 300 ms") && !said.contains("mail"), "{said}");
}
