//! What was typed or defined wrongly: the place, the cause and what was probably meant.

use super::desk::{Desk, line};

fn desk() -> Desk {
    let desk = Desk::new();
    desk.file("app.log", line(1, "order ORD-7 taken service_tier=gold"));
    desk
}

#[test]
fn an_unknown_field_is_shown_with_its_place_and_the_nearest_name() {
    let expected = "\
error: unknown field `servce`
  |
1 | hello servce:x
  |       ^^^^^^ no line has a field of this name
  hint: did you mean `service`?
";
    for command in ["lines", "search"] {
        let answer = desk().run(&[command, "hello servce:x", "app.log"]).ends_with(2);
        assert_eq!((answer.out.as_str(), answer.err.as_str()), ("", expected));
    }
    let export = ["export", "servce:x", "app.log", "--format", "spans"];
    desk().run(&export).ends_with(2).warns("unknown field `servce`");
}

#[test]
fn fields_of_the_logs_are_known_by_their_names() {
    let desk = Desk::new();
    let line = r#"{"time":"2026-11-21T09:00:01Z","level":"info","msg":"hello","pay_tier":"gold"}"#;
    desk.file("app.log", line);
    desk.run(&["lines", "pay_tier:gold", "app.log"]).ends_with(0).says("hello");
    desk.run(&["lines", "pay_teir:gold", "app.log"]).ends_with(2).warns("did you mean `paytier`?");
}

#[test]
fn a_broken_query_is_shown_with_its_place_before_anything_is_read() {
    for (query, place) in [
        ("\"abc", "1 | \"abc\n  | ^^^^"),
        ("a AND", "1 | a AND\n"),
        ("a AND (b OR c", "  |       ^"),
        ("{a} > {b}", "asks of a request, not of a line"),
        ("level:>=", "1 | level:>="),
    ] {
        let desk = desk();
        let answer = desk.run(&["lines", query, "app.log"]).ends_with(2).warns(place);
        assert!(answer.err.starts_with("error: ") && answer.out.is_empty(), "{}", answer.err);
        let stores = std::fs::read_dir(desk.cache()).expect("the cache is readable").count();
        assert_eq!(stores, 0, "{query} was noticed after reading");
    }
}

#[test]
fn a_query_that_is_too_long_is_refused() {
    let desk = desk();
    desk.run(&["lines", &"a".repeat(70_000), "app.log"]).ends_with(2).warns("at most 65536");
    desk.run(&["search", &"a ".repeat(3_000), "app.log"]).ends_with(2).warns("1024");
    let deep = "(".repeat(30_000);
    desk.run(&["lines", &deep, "app.log"]).ends_with(2);
}

#[test]
fn very_long_words_are_looked_for_and_not_repeated_in_full() {
    let desk = desk();
    for command in ["trace", "lines", "search"] {
        let answer = desk.run(&[command, &"a".repeat(60_000), "app.log"]).ends_with(1);
        assert!(answer.err.len() < 2_000, "{command}: {} bytes", answer.err.len());
    }
}

#[test]
fn a_time_that_is_none_is_refused_before_anything_is_read() {
    let desk = desk();
    desk.run(&["lines", "*", "app.log", "--since", "soon"]).ends_with(2).warns("`soon`");
    desk.run(&["trace", "x", "app.log", "--since", "-1h", "--until", "-2h"]).ends_with(2);
    let stores = std::fs::read_dir(desk.cache()).expect("the cache is readable").count();
    assert_eq!(stores, 0);
}

#[test]
fn nothing_asked_and_nothing_named_are_mistakes() {
    desk().run(&[]).ends_with(2).warns("Usage:");
    desk().run(&["trace"]).ends_with(2).warns("<WHAT>");
    desk().run(&["trace", "ORD-7"]).ends_with(2).warns("no logs are named");
    desk().run(&["trace", "", "app.log"]).ends_with(2).warns("is empty");
    desk().run(&["trace", "  ", "app.log"]).ends_with(2).warns("is empty");
    desk().run(&["index"]).ends_with(2).warns("<PATH>");
    desk().run(&["tell", "x"]).ends_with(2).warns("tell");
    desk().run(&["lines", "x", "app.log", "--format", "xml"]).ends_with(2).warns("ndjson");
    desk().run(&["lines", "x", "app.log", "--zone", "Atlantis"]).ends_with(2).warns("zone");
}

const GOOD: &str = "\
name = \"till\"
about = \"The tills in our shops\"
shape = \"pattern\"
pattern = '^(?<time>\\S+ \\S+) \\[till (?<instance>\\d+)\\] (?<level>\\w+): (?<message>.*)$'
[[sample]]
line = '2026-11-21 09:30:15.250 [till 7] WARN: out of paper'
expect = { level = \"warn\", instance = \"7\", message = \"out of paper\" }
[[reject]]
line = '2026-11-21 09:30:15.250 WARN: not from a till'
";

const TILL: &str = "2026-11-21 09:30:16.250 [till 9] ERROR: drawer is stuck\n";

#[test]
fn a_definition_of_ones_own_is_proved_and_used() {
    let desk = Desk::new();
    desk.file("formats/till.toml", GOOD);
    desk.file("till.log", TILL);
    desk.run(&["parser", "test", "formats/till.toml"])
        .ends_with(0)
        .says("1 samples and 1 rejects hold");
    desk.run(&["parser", "list", "--parsers", "formats"])
        .ends_with(0)
        .says("till")
        .says("tills in our shops");
    let line =
        desk.run(&["lines", "drawer", "till.log", "--parsers", "formats", "--format", "ndjson"]);
    let [line] = &line.objects()[..] else { panic!("one line is expected") };
    assert_eq!(line["message"], "drawer is stuck");
    assert_eq!(line["severity"], "error");
}

#[test]
fn a_definition_that_comes_later_is_used_all_the_same() {
    let desk = Desk::new();
    desk.file("till.log", TILL);
    desk.run(&["lines", "stuck", "till.log"]).ends_with(0);
    desk.file("formats/till.toml", GOOD);
    let asked = ["lines", "stuck", "till.log", "--parsers", "formats", "--format", "ndjson"];
    assert_eq!(desk.run(&asked).objects()[0]["message"], "drawer is stuck");
    desk.file(
        "formats/till.toml",
        GOOD.replace("(?<message>.*)", "drawer (?<message>.*)")
            .replace("out of paper'", "drawer out of paper'"),
    );
    assert_eq!(desk.run(&asked).objects()[0]["message"], "is stuck");
}

#[test]
fn a_pattern_that_is_none_is_shown_with_its_line_and_column() {
    let desk = Desk::new();
    desk.file("formats/till.toml", GOOD.replace("(?<level>\\w+)", "(?<level>\\w+"));
    desk.file("till.log", TILL);
    let test = desk.run(&["parser", "test", "formats/till.toml"]).ends_with(2);
    assert!(test.err.starts_with("error: formats/till.toml:4: pattern, column "), "{}", test.err);
    let lines = desk.run(&["lines", "*", "till.log", "--parsers", "formats"]).ends_with(2);
    assert!(lines.err.starts_with("error: formats/till.toml:4: pattern, column "), "{}", lines.err);
    assert!(lines.out.is_empty());
    // Also when there is nothing new to read.
    desk.run(&["lines", "*", "till.log"]).ends_with(0);
    desk.run(&["lines", "*", "till.log", "--parsers", "formats"]).ends_with(2);
}

#[test]
fn mistakes_in_a_definition_name_their_line_and_what_was_meant() {
    let desk = Desk::new();
    let check = |text: String, place: &str, words: &str| {
        desk.file("till.toml", text);
        let answer = desk.run(&["parser", "test", "till.toml"]).ends_with(2).warns(words);
        assert!(answer.err.contains(&format!("till.toml{place}")), "{}", answer.err);
    };
    check(GOOD.replace("shape", "shpe"), ":3", "shape");
    check(GOOD.replace("\"pattern\"", "\"patern\""), ":3", "pattern");
    check(GOOD.replace("instance = \"7\"", "instance = \"8\""), ":", "8");
    check(GOOD.replace("\"till\"", "\"till"), ":1", "till.toml");
    check(GOOD.replace("WARN: not", "[till 1] WARN: not"), ":", "reject");
    desk.run(&["parser", "test", "gone.toml"]).ends_with(2).warns("gone.toml");
    desk.run(&["parser", "list", "--parsers", "gone"]).ends_with(2).warns("gone");
}
