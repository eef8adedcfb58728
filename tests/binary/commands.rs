//! Every command, its formats, its flags and its exit codes.

use super::desk::{Desk, TRACE, line, messages, numbered};

const COMMANDS: [&[&str]; 9] = [
    &[],
    &["trace"],
    &["search"],
    &["lines"],
    &["index"],
    &["export"],
    &["parser"],
    &["parser", "test"],
    &["completions"],
];

#[test]
fn every_command_explains_itself_with_examples() {
    let desk = Desk::new();
    for command in COMMANDS {
        let help = desk.run(&[command, &["--help"]].concat()).ends_with(0).says_nothing_else();
        assert!(help.out.contains("Usage:") && help.out.contains("Examples:"), "{}", help.out);
        assert!(help.out.lines().all(|row| row.chars().count() <= 100), "{}", help.out);
        desk.run(&[command, &["-h"]].concat()).ends_with(0).says("Usage:");
    }
    let version = desk.run(&["--version"]).ends_with(0).says_nothing_else();
    assert_eq!(version.out, concat!("logloom ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn completions_are_there_for_every_shell() {
    let desk = Desk::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        desk.run(&["completions", shell])
            .ends_with(0)
            .says_nothing_else()
            .says("logloom")
            .says("trace");
    }
    desk.run(&["completions", "tcsh"]).ends_with(2).warns("bash");
    let mut command = desk.other("bash");
    let script = "source <(\"$0\" completions bash) && complete -p logloom";
    command.args(["-c", script]).arg(super::desk::program());
    Desk::finish(command, b"").ends_with(0).says("logloom");
}

#[test]
fn the_formats_that_are_built_in_are_listed() {
    let list = Desk::new().run(&["parser", "list"]).ends_with(0).says_nothing_else();
    for name in ["docker-json", "logfmt", "syslog-5424", "spring-boot", "built in"] {
        assert!(list.out.contains(name), "{name}");
    }
}

/// One request over two services, another request, and a line of none.
fn desk() -> Desk {
    let desk = Desk::new();
    let other = "0af7651916cd43dd8448eb211c80319c";
    desk.file(
        "logs/checkout.log",
        line(1, "order ORD-7 received")
            + &line(4, "order ORD-7 failed").replace("INFO", "ERROR")
            + &line(60, "order ORD-7 taken for ORD-8").replace(TRACE, other),
    );
    desk.file("logs/payment.log", line(2, "card charged") + "2026-11-21T09:30:00Z INFO idle\n");
    desk
}

#[test]
fn a_request_is_found_by_any_spelling_of_its_id() {
    let desk = desk();
    for spelling in [
        TRACE,
        &TRACE.to_uppercase(),
        "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "a3ce929d0e0e4736",
        "A3CE929D0E0E4736",
        "0x4bf92f3577b34da6a3ce929d0e0e4736",
        "11803532876627986230",
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
        "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736",
        " 4bf92f3577b34da6a3ce929d0e0e4736 ",
    ] {
        let answer = desk.run(&["trace", spelling, "logs"]).ends_with(0);
        assert!(answer.out.contains("card charged"), "{spelling}\n{}{}", answer.out, answer.err);
    }
    desk.run(&["trace", "4bf92f3577b34da6a3ce929d0e0e4737", "logs"]).ends_with(1);
}

#[test]
fn the_answer_is_the_request_not_the_lines_that_name_the_order() {
    desk().run(&["trace", "failed", "logs"]).ends_with(0).says("received").says("card charged");
    desk().run(&["search", "failed", "logs"]).ends_with(0).says(TRACE).says_not("0af7651916");
}

#[test]
fn of_several_candidates_the_others_are_named_with_their_command() {
    let desk = desk();
    // The one with an error is meant more likely.
    let answer = desk.run(&["trace", "ORD-7", "logs"]).ends_with(0).says(TRACE);
    assert!(!answer.out.contains("0af7651916"), "{}", answer.out);
    let answer = answer
        .warns("1 other request matches")
        .warns("logloom trace 0af7651916cd43dd8448eb211c80319c logs");
    let command = answer.err.lines().find_map(|line| line.trim().strip_prefix("logloom "));
    let command = command.and_then(|line| line.split('#').next()).expect("a command is named");
    let words: Vec<&str> = command.split_whitespace().collect();
    desk.run(&words).ends_with(0).says("ORD-8");
    desk.run(&["trace", "ORD-7", "logs", "--quiet"]).ends_with(0).says_nothing_else();
}

#[test]
fn a_path_that_needs_quotes_is_quoted_in_commands_to_try() {
    let desk = Desk::new();
    desk.file("my logs/it's.log", line(1, "hello"));
    let answer = desk.run(&["index", "my logs/it's.log"]).ends_with(0);
    let quoted = r"'my logs/it'\''s.log'";
    assert!(answer.out.contains(&format!("logloom trace {TRACE} {quoted}")), "{}", answer.out);
    let mut command = desk.other("sh");
    command.args(["-c", &format!("\"$0\" trace {TRACE} {quoted}")]).arg(super::desk::program());
    Desk::finish(command, b"").ends_with(0).says("hello");
}

#[test]
fn found_nothing_found_and_wrong_have_their_exit_codes() {
    let desk = desk();
    for command in ["trace", "search", "lines"] {
        desk.run(&[command, "ORD-7", "logs"]).ends_with(0);
        desk.run(&[command, "ORD-9", "logs"]).ends_with(1).warns("ORD-9");
        desk.run(&[command, "ORD-7", "logz"]).ends_with(2);
    }
    desk.run(&["export", "ORD-9", "logs", "--format", "spans"]).ends_with(1);
    desk.run(&["lines", "ORD-9", "logs", "--count"]).ends_with(1).says("0\n");
}

#[test]
fn json_answers_are_documents_with_their_schema() {
    let desk = desk();
    let trace = desk.run(&["trace", TRACE, "logs", "--format", "json"]).json();
    assert!(trace["schema"].as_str().is_some_and(|schema| schema.starts_with("logloom.trace/")));
    assert_eq!(trace["entries"].as_array().map(Vec::len), Some(3));
    let search = desk.run(&["search", "*", "logs", "--format", "json"]).json();
    assert!(search["schema"].as_str().is_some_and(|schema| schema.starts_with("logloom.search/")));
    let lines = desk.run(&["lines", "*", "logs", "--format", "json"]).json();
    assert!(lines["schema"].as_str().is_some_and(|schema| schema.starts_with("logloom.lines/")));
    assert_eq!(lines["lines"].as_array().map(Vec::len), Some(5));
}

#[test]
fn ndjson_answers_are_objects_line_by_line() {
    let desk = desk();
    assert_eq!(desk.all_lines(&["logs"]).len(), 5);
    assert_eq!(desk.run(&["trace", TRACE, "logs", "--format", "ndjson"]).objects().len(), 3);
    assert_eq!(desk.run(&["search", "*", "logs", "--format", "ndjson"]).objects().len(), 2);
    let spans = desk.run(&["export", "logs", "--format", "spans"]).objects();
    assert!(spans.iter().all(|span| span["trace_id"].is_string() && span["basis"].is_string()));
    let again = desk.run(&["export", "logs", "--format", "spans", "-o", "spans.ndjson"]);
    again.ends_with(0).says_nothing_else();
    let written = std::fs::read_to_string(desk.path("spans.ndjson")).expect("it was written");
    assert_eq!(written.lines().count(), spans.len());
    let one = desk.run(&["export", "failed", "logs", "--format", "spans"]).objects();
    assert!(!one.is_empty() && one.iter().all(|span| span["trace_id"] == TRACE));
}

#[test]
fn csv_answers_have_a_head_and_as_many_cells_in_every_row() {
    let desk = desk();
    for arguments in [
        &["lines", "*", "logs", "--format", "csv"][..],
        &["trace", TRACE, "logs", "--format", "csv"],
        &["search", "*", "logs", "--format", "csv"],
        &["lines", "*", "logs", "--format", "csv", "--limit", "2"],
    ] {
        let answer = desk.run(arguments).ends_with(0);
        let cells: Vec<usize> = answer.out.lines().map(cells).collect();
        assert!(cells.len() > 1 && cells[0] > 4, "{}", answer.out);
        assert!(cells.iter().all(|count| *count == cells[0]), "{}", answer.out);
    }
}

/// The cells of a row without line ends in them.
fn cells(row: &str) -> usize {
    let mut quoted = false;
    let commas = row.chars().filter(|letter| {
        quoted ^= *letter == '"';
        *letter == ',' && !quoted
    });
    commas.count() + 1
}

#[test]
fn a_shortened_story_is_still_that_of_the_whole_request() {
    let desk = Desk::new();
    desk.file("app.log", numbered(0..30));
    let whole = desk.run(&["trace", "ORD-7", "app.log"]).ends_with(0).out;
    let short = desk.run(&["trace", "ORD-7", "app.log", "--limit", "2"]).ends_with(0);
    let head = |story: &str| story.lines().take(4).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(head(&short.out), head(&whole));
    assert!(short.out.lines().count() < whole.lines().count());
    short.warns("2 of 10 lines; more with --limit");
}

#[test]
fn a_misspelt_path_of_an_export_is_not_taken_for_a_query_in_silence() {
    let answer = Desk::new().run(&["export", "lgos", "--format", "spans"]).ends_with(2);
    answer.warns("no logs are named, and `lgos` is no file").warns("taken for a query");
}

#[test]
fn nothing_found_in_a_window_names_the_window() {
    let desk = Desk::new();
    desk.file("app.log", numbered(0..30));
    let late = desk.run(&["trace", "ORD-7", "app.log", "--since", "2030-01-01"]).ends_with(1);
    late.warns("--since and --until");
}

#[test]
fn lines_are_counted_and_limited() {
    let desk = Desk::new();
    desk.file("app.log", numbered(0..30));
    assert_eq!(desk.run(&["lines", "*", "app.log", "--count"]).out, "30\n");
    assert_eq!(desk.run(&["lines", "ORD-7", "app.log", "--count"]).out, "1\n");
    let answer = desk.run(&["lines", "taken", "app.log", "--limit", "3"]).ends_with(0);
    assert_eq!(answer.out.lines().count(), 3);
    answer.says("ORD-29").warns("the first 3 lines; more with --limit");
    let answer = desk.run(&["search", "taken", "app.log", "--limit", "1"]).ends_with(0);
    answer.warns("1 of").warns("3 requests");
    desk.run(&["lines", "*", "app.log", "--limit", "0"]).ends_with(2);
}

#[test]
fn only_the_stretch_of_time_that_is_asked_for_is_answered() {
    let desk = Desk::new();
    desk.file("app.log", numbered(0..60));
    let count =
        |flags: &[&str]| desk.run(&[&["lines", "*", "app.log", "--count"], flags].concat()).out;
    assert_eq!(count(&["--since", "2026-11-21T09:00:30Z"]), "30\n");
    assert_eq!(count(&["--until", "2026-11-21T09:00:30Z"]), "30\n");
    let both = ["--since", "2026-11-21T09:00:10Z", "--until", "2026-11-21T09:00:20Z"];
    assert_eq!(count(&both), "10\n");
    assert_eq!(count(&["--since", "2026-11-21 10:00:10", "--zone", "+01:00"]), "50\n");
    assert_eq!(count(&["--since", "2026-11-22"]), "0\n");
    let late = ["search", "*", "app.log", "--since", "2026-11-21T09:00:55Z"];
    desk.run(&late).ends_with(0).says("00000006").says_not("00000005\n");
    desk.run(&["trace", "ORD-7", "app.log", "--since", "2026-11-22"]).ends_with(1);
}

#[test]
fn names_are_included_and_excluded() {
    let desk = desk();
    desk.file("logs/old/checkout.log", line(9, "old"));
    let count =
        |flags: &[&str]| desk.run(&[&["lines", "*", "logs", "--count"], flags].concat()).out;
    assert_eq!(count(&[]), "6\n");
    assert_eq!(count(&["--include", "payment*"]), "2\n");
    assert_eq!(count(&["--exclude", "old/**"]), "5\n");
    assert_eq!(count(&["--include", "**/checkout.log", "--exclude", "old/**"]), "3\n");
    assert_eq!(count(&["--include", "payment*", "--include", "old/**"]), "3\n");
    desk.run(&["index", "logs", "--include", "*.txt"]).ends_with(2).warns("--include");
}

#[test]
fn a_pattern_that_the_shell_left_alone_is_expanded() {
    let desk = desk();
    let count = |pattern: &str| desk.run(&["lines", "*", pattern, "--count"]).ends_with(0).out;
    assert_eq!(count("logs/*.log"), "5\n");
    assert_eq!(count("logs/p*.log"), "2\n");
    assert_eq!(count("**/check*"), "3\n");
}

#[test]
fn standard_input_and_files_are_read_together() {
    let desk = desk();
    let input = line(3, "from the pipe");
    let answer = desk.run_with(input.as_bytes(), &["trace", TRACE, "-", "logs"]).ends_with(0);
    answer.says("from the pipe").says("card charged");
    let lines = desk.run_with(input.as_bytes(), &["lines", "*", "-", "--format", "ndjson"]);
    let lines = lines.objects();
    assert_eq!((messages(&lines).len(), lines[0]["path"].as_str()), (1, Some("-")));
}

#[test]
fn quiet_and_verbose_change_no_answer() {
    let desk = desk();
    let plain = desk.run(&["lines", "*", "logs"]).ends_with(0).out;
    assert_eq!(desk.run(&["lines", "*", "logs", "-q"]).ends_with(0).says_nothing_else().out, plain);
    assert_eq!(desk.run(&["lines", "*", "logs", "-v"]).ends_with(0).out, plain);
    desk.run(&["lines", "*", "logs", "gone", "-q"]).ends_with(2).warns("gone");
    desk.run(&["lines", "*", "logs", "-q", "-v"]).ends_with(2);
}
