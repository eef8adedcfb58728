//! The whole help is a snapshot; what is typed means what it says.

use clap::{CommandFactory, Parser};

use super::*;

/// The help of a command as a terminal of 100 columns shows it.
#[track_caller]
fn help(words: &[&str]) -> String {
    let mut command = Arguments::command().term_width(100);
    command.build();
    let mut wanted = &mut command;
    for word in words {
        wanted = wanted.find_subcommand_mut(word).expect("a known command");
    }
    // What the environment of the test happens to hold is no part of the help.
    wanted
        .clone()
        .mut_args(|argument| argument.hide_env_values(true))
        .render_long_help()
        .to_string()
}

macro_rules! help_is_a_snapshot {
    ($($test:ident: $($word:literal)*;)*) => {$(
        #[test]
        fn $test() {
            insta::assert_snapshot!(help(&[$($word),*]));
        }
    )*};
}

help_is_a_snapshot! {
    help_of_logloom:;
    help_of_trace: "trace";
    help_of_search: "search";
    help_of_lines: "lines";
    help_of_diagnose: "diagnose";
    help_of_compare: "compare";
    help_of_tail: "tail";
    help_of_map: "map";
    help_of_index: "index";
    help_of_export: "export";
    help_of_store: "store";
    help_of_store_stats: "store" "stats";
    help_of_store_verify: "store" "verify";
    help_of_store_compact: "store" "compact";
    help_of_store_prune: "store" "prune";
    help_of_parser: "parser";
    help_of_parser_list: "parser" "list";
    help_of_parser_test: "parser" "test";
    help_of_config: "config";
    help_of_config_check: "config" "check";
    help_of_completions: "completions";
    help_of_man: "man";
}

#[test]
fn the_arguments_are_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn every_command_teaches_by_example() {
    for command in Arguments::command().get_subcommands().filter(|command| !command.is_hide_set()) {
        let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(examples.contains("Examples:"), "{} has none", command.get_name());
        assert!(examples.contains(&format!("logloom {}", command.get_name())));
    }
}

#[test]
fn a_relative_time_needs_no_equals_sign() {
    let typed = ["logloom", "trace", "ORD-1", "logs", "--since", "-15m", "-q"];
    let arguments = Arguments::try_parse_from(typed).expect("valid arguments");
    let Command::Trace(trace) = arguments.command else { panic!("another command") };
    assert_eq!(trace.window.since.as_deref(), Some("-15m"));
    assert_eq!(trace.paths, ["logs"]);
    assert!(arguments.global.quiet);
}

#[test]
fn flags_of_every_command_may_stand_anywhere() {
    let typed = ["logloom", "--zone", "UTC", "search", "a b", "-", "--color", "never", "-vv"];
    let arguments = Arguments::try_parse_from(typed).expect("valid arguments");
    assert_eq!(arguments.global.verbose, 2);
    assert_eq!(arguments.global.color, everywhere::ColourChoice::Never);
    let Command::Search(search) = arguments.command else { panic!("another command") };
    assert_eq!((search.query.as_str(), search.paths.len()), ("a b", 1));
    assert_eq!(search.limit(), 50);
}

#[test]
fn a_limit_of_nothing_is_refused() {
    assert!(Arguments::try_parse_from(["logloom", "lines", "*", "--limit", "0"]).is_err());
    assert!(Arguments::try_parse_from(["logloom", "index"]).is_err());
    assert!(Arguments::try_parse_from(["logloom", "trace", "x", "--zone", "Mars"]).is_err());
}
