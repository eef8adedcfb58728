//! Definitions of formats as a user works with them: their own, explained, checked.

use crate::binary::desk::Desk;

const TILL: &str = "name = 'till'\nabout = 'The tills'\nshape = 'pattern'\n\
    pattern = '^till (?<instance>\\d+) \\[(?<level>[A-Z]+)\\] (?<message>.*)$'\n\
    [[sample]]\nline = 'till 7 [WARN] no paper'\n\
    expect = { level = 'warn', instance = '7', message = 'no paper' }\n";

const LOG: &str = "till 7 [WARN] no paper\ntill 8 [INFO] sold\ntill 9 (lost)\n";

#[test]
fn a_file_is_explained_by_its_shares_and_its_first_strange_line() {
    let desk = Desk::new();
    desk.file("my/till.toml", TILL);
    desk.file("till.log", LOG);
    let told = desk.run(&["parser", "explain", "till.log", "--parsers", "my"]).ends_with(0);
    told.says("till            2  66.7 %  matches its pattern")
        .says("the first line that no definition takes: till.log:3")
        .says("  till 9 (lost)\n         ^ `till` gives up here, it wants `[`");
    desk.run(&["parser", "explain", "gone.log"]).ends_with(2);
}

#[test]
fn definitions_of_the_configuration_directory_are_always_there() {
    let desk = Desk::new();
    desk.file("config/logloom/parsers/till.toml", TILL);
    desk.file("till.log", LOG);
    let run = |arguments: &[&str]| {
        let mut command = desk.command(arguments);
        command.env("XDG_CONFIG_HOME", desk.path("config"));
        let output = command.output().expect("the program starts");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, list) = run(&["parser", "list"]);
    assert!(code == Some(0) && list.contains("The tills"), "{list}");
    let (_, count) = run(&["lines", "format:till", "till.log", "--count"]);
    assert_eq!(count, "2\n");
    // The one that is named wins over the one that is always there.
    desk.file("my/till.toml", TILL.replace("The tills", "Other tills"));
    let (_, list) = run(&["parser", "list", "--parsers", "my"]);
    assert!(list.contains("Other tills") && !list.contains("The tills"), "{list}");
    // It is held to the same rules as ours.
    desk.file("config/logloom/parsers/till.toml", TILL.replace("'7'", "'8'"));
    assert_eq!(run(&["parser", "list"]).0, Some(2));
}

#[test]
fn the_schema_is_json() {
    let schema = Desk::new().run(&["parser", "schema"]).ends_with(0).out;
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("a schema is JSON");
    assert_eq!(schema["properties"]["sample"]["type"], "array");
}
