use crate::analysis::said::{Said, Topic};
use crate::model::field::Field;
use crate::model::fixture::entry;

#[track_caller]
fn check(message: &str, topic: Topic, expected: bool) {
    let said = Said::of(&entry("cart", message).done());
    assert_eq!(said.of_topic(topic), expected, "message: {message}");
}

#[test]
fn what_gave_up_is_a_timeout_and_what_may_is_not() {
    check("java.net.SocketTimeoutException: Read timed out", Topic::Timeout, true);
    check(
        "rpc error: code = DeadlineExceeded desc = context deadline exceeded",
        Topic::Timeout,
        true,
    );
    check("calling stock timeout=5s", Topic::Timeout, false);
    check("calling stock, timeout_ms=500", Topic::Timeout, false);
    check("12 calls, no timeouts", Topic::Timeout, false);
}

#[test]
fn a_denied_or_counted_nothing_is_not_said() {
    check("done, retries=0", Topic::Retry, false);
    check("done after 2 retries", Topic::Retry, true);
    check("finished error=none", Topic::Failed, false);
    check("not in cache", Topic::CacheMiss, true);
}

#[test]
fn attempts_deadlines_and_statuses_are_read_with_their_units() {
    let said = Said::of(&entry("pay", "attempt 2 of 3 timed out after 1500 ms, status=504").done());
    assert_eq!(
        (said.attempt, said.deadline, said.status),
        (Some(2), Some(1_500_000_000), Some(504))
    );
    let mut structured = entry("pay", "call").done();
    structured.record.fields = vec![
        Field::text("deadline_ms", "250"),
        Field::text("attempt", "3"),
        Field::text("cache", "hit"),
    ];
    let said = Said::of(&structured);
    assert_eq!((said.attempt, said.deadline), (Some(3), Some(250_000_000)));
    assert!(said.of_topic(Topic::CacheHit));
}
