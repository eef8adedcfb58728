//! Asking for requests: pasted texts, joined requests, saved queries, counts, and hostile queries.

use super::desk::{Answer, Desk, TRACE, line};

const OTHER: &str = "0af7651916cd43dd8448eb211c80319c";

fn desk() -> Desk {
    let desk = Desk::new();
    desk.file(
        "logs/checkout.log",
        line(1, "order ORD-7 received order_id=ORD-7")
            + &line(4, "order ORD-7 failed").replace("INFO", "ERROR")
            + &line(60, "refund of ORD-7 order_id=ORD-7").replace(TRACE, OTHER),
    );
    desk.file("logs/payment.log", line(2, "card declined at com.shop.Charge.run(Charge.java:87)"));
    desk
}

#[test]
fn what_is_pasted_from_a_ticket_finds_its_request() {
    let desk = desk();
    for pasted in [
        "Hello, since yesterday order ORD-7 does not arrive, please have a look!",
        "https://shop.example/orders/ORD-7?from=mail",
        "    at com.shop.Charge.run(Charge.java:87)",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "see trace 4bf92f3577b34da6a3ce929d0e0e4736 (payment)",
        line(4, "order ORD-7 failed").trim(),
        "logs/checkout.log:2",
        "checkout.log:2:17",
    ] {
        for words in [vec!["trace", pasted], vec!["diagnose", pasted], vec!["search", pasted]] {
            let answer = desk.run(&[&words[..], &["logs"]].concat()).ends_with(0);
            assert!(answer.out.contains(TRACE), "{words:?}\n{}{}", answer.out, answer.err);
        }
        let compared = desk.run(&["compare", pasted, OTHER, "logs"]).ends_with(0);
        assert!(compared.out.contains(TRACE), "{pasted}\n{}{}", compared.out, compared.err);
    }
    desk.run(&["trace", "nothing of this is known", "logs"]).ends_with(1);
}

#[test]
fn requests_that_carry_the_same_value_are_one_story() {
    let desk = desk();
    let joined = ["trace", TRACE, "logs", "--join", "order_id"];
    let answer = desk.run(&joined).ends_with(0).says(TRACE).says(OTHER).says("refund");
    assert!(answer.err.contains("2 requests carry order_id ORD-7"), "{}", answer.err);
    desk.run(&["trace", TRACE, "logs", "--join", "order_idd"]).ends_with(2).warns("order_id");
}

/// Runs the program with the saved queries of the desk.
fn run_with_queries(desk: &Desk, words: &[&str]) -> Answer {
    let mut command = desk.other(super::desk::program());
    command.args(words).env("LOGLOOM_QUERIES", "queries.toml");
    Desk::finish(command, b"")
}

#[test]
fn saved_queries_are_checked_and_asked_by_name() {
    let desk = desk();
    desk.file("queries.toml", "[failed]\nabout = \"What went wrong\"\nquery = \"level:>=error\"\n");
    let run = |words: &[&str]| run_with_queries(&desk, words);
    run(&["config", "check"]).ends_with(0).says("@failed").says("What went wrong");
    run(&["config", "path"]).ends_with(0).says("queries.toml");
    run(&["search", "@failed", "logs"]).ends_with(0).says(TRACE).says_not(OTHER);
    run(&["search", "@faild", "logs"]).ends_with(2).warns("did you mean `@failed`?");
    desk.file("queries.toml", "[failed]\nabout = \"x\"\nquery = \"(a\"\n");
    run(&["config", "check"]).ends_with(2).warns("query `failed`").warns("is not closed");
}

#[test]
fn settings_say_where_they_came_from() {
    let desk = desk();
    desk.file("queries.toml", "[failed]\nabout = \"What went wrong\"\nquery = \"level:>=error\"\n");
    let run = |words: &[&str]| run_with_queries(&desk, words);
    let shown = run(&["config", "show"]).ends_with(0).says("@failed").says("level:>=error");
    assert!(!shown.out.contains("LOGLOOM_QUERIES"), "{}", shown.out);
    run(&["config", "show", "--origin"]).ends_with(0).says("# LOGLOOM_QUERIES").says("cache");
    run(&["config", "schema"]).ends_with(0).says("\"about\"").says("json-schema.org");
}

#[test]
fn what_one_instance_said_between_two_lines_is_shown() {
    let desk = desk();
    let asked = |to| desk.run(&["lines", "*", "logs", "--from", "checkout.log:1", "--to", to]);
    asked("checkout.log:2").ends_with(0).says("received").says("failed").says_not("refund");
    asked("checkout.log:9").ends_with(1).warns("no line that was read stands at");
    asked("payment.log:1").ends_with(2).warns("different instances");
}

#[test]
fn requests_and_lines_are_counted() {
    let desk = desk();
    desk.run(&["search", "*", "logs", "--by", "service"]).ends_with(0).says("checkout");
    desk.run(&["lines", "*", "logs", "--by", "time"]).ends_with(0).says("█");
    let patterns = desk.run(&["lines", "ORD-7", "logs", "--patterns"]).ends_with(0);
    assert!(patterns.out.contains("order ORD-7 received") || patterns.out.contains("ORD"));
    desk.run(&["search", "*", "logs", "--fields", "start,errors,order_id"])
        .ends_with(0)
        .says("ORDER_ID")
        .says("ORD-7");
    desk.run(&["search", "*", "logs", "--by", "servise"]).ends_with(2).warns("service");
}

#[test]
fn the_plan_is_told_when_it_is_asked_for() {
    let explained = ["search", "declined ORD-7", "logs", "--explain"];
    let answer = desk().run(&explained).ends_with(0);
    for word in ["look up", "candidates", "assembled"] {
        assert!(answer.err.contains(word), "{}", answer.err);
    }
}

#[test]
fn a_service_that_does_not_log_is_pointed_out() {
    let desk = desk();
    desk.run(&["search", "service:paymnt", "logs"]).ends_with(1).warns("did you mean `payment`?");
}

#[test]
fn a_line_is_shown_among_what_its_instance_said_and_leads_to_its_request() {
    let desk = desk();
    let answer = desk.run(&["lines", "failed", "logs", "--context", "1"]).ends_with(0);
    for text in ["received", "failed", "refund"] {
        assert!(answer.out.contains(text), "{}", answer.out);
    }
    assert!(!answer.out.contains("card declined"), "{}", answer.out);
    assert!(answer.err.contains(&format!("logloom trace {TRACE} logs")), "{}", answer.err);
}
