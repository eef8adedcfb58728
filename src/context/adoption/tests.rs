use crate::context::adoption::{Said, adopt};
use crate::model::id::TraceId;
use crate::model::time::Timestamp;

const BEGINS: u64 = 1;
const WORKS: u64 = 2;
const ENDS: u64 = 3;
const TICKS: u64 = 9;

fn request(number: u128) -> Option<TraceId> {
    TraceId::new(number)
}

/// A line at a place, so many milliseconds after the start.
fn said(place: u64, milliseconds: i64, trace: Option<TraceId>) -> Said {
    Said {
        place,
        at: Some(Timestamp::from_nanoseconds(milliseconds * 1_000_000)),
        thread: None,
        trace,
    }
}

/// Requests one after the other, each of three lines, a second apart.
fn habits() -> Vec<Said> {
    (1..=30_i32)
        .flat_map(|number| {
            let start = i64::from(number) * 1_000;
            [(BEGINS, 0), (WORKS, 10), (ENDS, 30)].map(|(place, after)| {
                said(place, start + after, request(number.unsigned_abs().into()))
            })
        })
        .collect()
}

/// What the lines, added behind those that show the habits, are given to.
#[track_caller]
fn check(lines: Vec<Said>, expected: &[Option<u128>]) {
    let mut all = habits();
    let first = all.len();
    all.extend(lines);
    let adopted = adopt(&all);
    let found: Vec<Option<u128>> = (first..all.len())
        .filter(|line| all[*line].trace.is_none())
        .map(|line| adopted.iter().find(|one| one.line == line).map(|one| one.trace.value()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_line_between_two_of_a_request_is_part_of_it() {
    check(
        vec![
            said(BEGINS, 40_000, request(77)),
            said(WORKS, 40_010, None),
            said(ENDS, 40_030, request(77)),
        ],
        &[Some(77)],
    );
}

#[test]
fn of_two_requests_at_once_a_line_goes_to_the_one_that_it_continues() {
    check(
        vec![
            said(BEGINS, 40_000, request(77)),
            said(WORKS, 40_010, request(77)),
            said(BEGINS, 40_025, request(78)),
            said(ENDS, 40_030, None),
            said(WORKS, 40_035, request(78)),
            said(ENDS, 40_055, request(78)),
        ],
        &[Some(77)],
    );
}

#[test]
fn a_line_that_may_belong_to_either_is_left_alone() {
    check(
        vec![
            said(BEGINS, 40_000, request(77)),
            said(BEGINS, 40_000, request(78)),
            said(WORKS, 40_010, None),
            said(ENDS, 40_030, request(77)),
            said(ENDS, 40_030, request(78)),
        ],
        &[None],
    );
}

#[test]
fn what_no_request_ever_says_is_nobodys() {
    check(
        vec![
            said(BEGINS, 40_000, request(77)),
            said(TICKS, 40_010, None),
            said(ENDS, 40_030, request(77)),
        ],
        &[None],
    );
}

#[test]
fn a_thread_that_speaks_for_a_request_on_both_sides_speaks_for_it_in_between() {
    let on = |thread: u64, line: Said| Said { thread: Some(thread), ..line };
    check(
        vec![
            on(5, said(BEGINS, 40_000, request(77))),
            on(6, said(BEGINS, 40_001, request(78))),
            on(5, said(TICKS, 40_010, None)),
            on(7, said(TICKS, 40_011, None)),
            on(6, said(ENDS, 40_029, request(78))),
            on(5, said(ENDS, 40_030, request(77))),
        ],
        &[Some(77), None],
    );
}

#[test]
fn a_stream_without_any_ids_is_left_alone() {
    let lines: Vec<Said> = (0..100).map(|at| said(TICKS, at, None)).collect();
    assert_eq!(adopt(&lines), []);
}
