//! Logs that are followed while they are written: `logloom tail`, and what other commands
//! find in a store that was followed.

use super::desk::{Desk, TRACE, check_orders, line, messages, numbered};

/// Follows what is there, once.
fn follow(desk: &Desk, arguments: &[&str]) -> super::desk::Answer {
    let all = [&["tail", "logs", "--for", "0s"], arguments].concat();
    desk.run(&all)
}

#[test]
fn what_was_followed_is_there_for_every_command() {
    let desk = Desk::new();
    desk.file("logs/app.log", numbered(0..50));
    follow(&desk, &[]).ends_with(0).says_nothing_else();
    check_orders(&desk, 0..50);
    desk.append("logs/app.log", numbered(50..60));
    follow(&desk, &[]).ends_with(0);
    desk.append("logs/app.log", numbered(60..70));
    check_orders(&desk, 0..70);
}

#[test]
fn a_rotation_between_two_runs_loses_and_doubles_nothing() {
    let desk = Desk::new();
    desk.file("logs/app.log", numbered(0..50));
    follow(&desk, &[]).ends_with(0);
    desk.append("logs/app.log", numbered(50..60));
    std::fs::rename(desk.path("logs/app.log"), desk.path("logs/app.log.1")).expect("it is there");
    desk.file("logs/app.log", numbered(60..70));
    check_orders(&desk, 0..70);
    // Copied, then cut.
    std::fs::copy(desk.path("logs/app.log"), desk.path("logs/app.log.2")).expect("it is there");
    desk.file("logs/app.log", numbered(70..75));
    follow(&desk, &[]).ends_with(0);
    check_orders(&desk, 0..75);
    desk.run(&["index", "logs"]).ends_with(0);
    check_orders(&desk, 0..75);
}

#[test]
fn lines_of_the_past_come_in_the_order_of_their_times() {
    let desk = Desk::new();
    desk.file("logs/b.log", format!("{}{}", line(1, "one"), line(3, "three")));
    desk.file("logs/a.log", line(2, "two"));
    let arguments = ["--since", "2000-01-01", "--format", "ndjson"];
    let lines = follow(&desk, &arguments).ends_with(0).objects();
    let texts = messages(&lines);
    assert!(texts[0].starts_with("one") && texts[1].starts_with("two"), "{texts:?}");
    // What the store knows already is the past, too.
    assert_eq!(follow(&desk, &arguments).objects().len(), 3);
    assert_eq!(follow(&desk, &[&arguments[..], &["--query", "two"]].concat()).objects().len(), 1);
}

#[test]
fn requests_settle_with_their_counts() {
    let desk = Desk::new();
    desk.file("logs/app.log", format!("{}{}", line(1, "one"), line(3, "three")));
    let arguments = ["--since", "2000-01-01", "--requests", "--format", "ndjson"];
    let requests = follow(&desk, &arguments).ends_with(0).objects();
    let settled: Vec<_> = requests.iter().filter(|one| one["state"] == "settled").collect();
    assert_eq!(settled.len(), 1, "{requests:?}");
    assert_eq!(
        (settled[0]["trace_id"].as_str(), settled[0]["lines"].as_u64()),
        (Some(TRACE), Some(2))
    );
}

#[test]
fn standard_input_is_followed_to_its_end() {
    let desk = Desk::new();
    let input = format!("{}{}", line(1, "one"), line(2, "two").trim_end());
    let answer = desk.run_with(input.as_bytes(), &["tail", "-", "--format", "ndjson"]);
    let lines = answer.ends_with(0).objects();
    let texts = messages(&lines);
    assert!(texts.len() == 2 && texts[1].starts_with("two"), "{texts:?}");
}

#[test]
fn what_is_waited_for_decides_the_exit_code() {
    let desk = Desk::new();
    desk.file("logs/app.log", line(1, "all is well"));
    let since = ["--since", "2000-01-01"];
    follow(&desk, &[&since[..], &["--exit-on", "well"]].concat()).ends_with(0);
    follow(&desk, &[&since[..], &["--fail-on", "broken"]].concat()).ends_with(0);
    desk.append("logs/app.log", line(2, "broken"));
    follow(&desk, &[&since[..], &["--fail-on", "broken"]].concat()).ends_with(2).warns("broken");
    follow(&desk, &["--exit-on", "never"]).ends_with(1);
    follow(&desk, &["--exit-on", "{ a"]).ends_with(2);
}

#[test]
fn two_writers_on_one_store_are_refused() {
    let desk = Desk::new();
    desk.file("logs/app.log", line(1, "one"));
    let store = desk.path("store");
    let store = store.to_str().expect("the path is text");
    follow(&desk, &["--store", store]).ends_with(0);
    let lock = std::fs::File::open(desk.path("store/writer.lock")).expect("the store has a lock");
    lock.lock().expect("nobody holds it");
    follow(&desk, &["--store", store]).ends_with(2).warns("is being written by");
}

const PAID_NOT_TOLD: &str = r#"
    [outlet.kept]
    file = "alerts.ndjson"

    [alert.paid-not-told]
    about = "Paid, but no mail went out"
    query = "paid -mailed"
    runbook = "Send it again"
    to = ["stdout", "kept"]
"#;

#[test]
fn a_standing_query_tells_of_each_request_once_with_its_runbook() {
    let desk = Desk::new();
    desk.file("watch.toml", PAID_NOT_TOLD);
    desk.file("logs/app.log", format!("{}{}", line(1, "begun"), line(3, "paid")));
    let arguments = ["--since", "2000-01-01", "--watch", "watch.toml"];
    let answer = follow(&desk, &arguments);
    let text = answer.ends_with(0).out;
    assert!(text.contains("ALERT paid-not-told: Paid, but no mail went out"), "{text}");
    assert!(text.contains("runbook: Send it again") && text.contains(TRACE), "{text}");
    assert_eq!(text.lines().count(), 3, "{text}");
    let objects = follow(&desk, &[&arguments[..], &["--format", "ndjson"]].concat()).objects();
    assert_eq!(objects.len(), 1, "{objects:?}");
    assert_eq!(objects[0]["request"]["trace_id"].as_str(), Some(TRACE));
    let kept = std::fs::read_to_string(desk.path("alerts.ndjson")).expect("alerts were kept");
    let kept: Vec<serde_json::Value> =
        kept.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    assert_eq!(kept, [objects[0].clone(), objects[0].clone()]);
    desk.append("logs/app.log", line(4, "mailed"));
    assert_eq!(follow(&desk, &arguments).ends_with(0).out, "");
}

#[test]
fn a_wrong_file_of_standing_queries_is_refused_before_anything_is_read() {
    let desk = Desk::new();
    desk.file("logs/app.log", line(1, "one"));
    desk.file("watch.toml", "[alert.a]\nabout = \"A\"\nquery = \"(\"\n");
    follow(&desk, &["--watch", "watch.toml"]).ends_with(2).warns("alert `a`");
    desk.run(&["config", "check", "watch.toml"]).ends_with(2).warns("alert `a`");
    desk.file("watch.toml", PAID_NOT_TOLD);
    let listed = desk.run(&["config", "check", "watch.toml"]).ends_with(0).out;
    assert!(listed.starts_with("paid-not-told  Paid, but no mail went out"), "{listed}");
}

#[test]
fn a_log_that_is_not_there_yet_is_followed_when_it_comes() {
    let desk = Desk::new();
    desk.file("logs/other.log", line(1, "other"));
    desk.run(&["tail", "logs/app.log", "--for", "0s"]).ends_with(0).warns("logs/app.log");
    desk.run(&["tail", "nowhere/app.log", "--for", "0s"]).ends_with(2).warns("no such file");
}
