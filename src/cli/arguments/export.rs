//! `logloom export`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::arguments::everywhere::{InputArguments, WindowArguments};

const EXAMPLES: &str = "\
Examples:
  logloom export logs/ --format spans -o spans.ndjson  every request
  logloom export 'level:error' logs/ --format spans    requests in which something failed
  logloom export --format spans --store /var/tmp/shop | jq -r .service | sort | uniq -c";

/// Write requests for other programs.
///
/// Writes every request that matches the query, or all of them without one, in a stable order.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct ExportArguments {
    /// A query, if the first is not the name of something that exists; then files,
    /// directories, globs, archives, or - for standard input.
    #[arg(value_name = "QUERY|PATH")]
    pub query_and_paths: Vec<String>,
    /// What to write: spans (one JSON object a line).
    #[arg(long, value_enum, hide_possible_values = true)]
    pub format: ExportFormat,
    /// Write to this file and not to standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write at most so many requests.
    #[arg(long, value_name = "N")]
    pub limit: Option<NonZeroUsize>,
    /// When.
    #[command(flatten)]
    pub window: WindowArguments,
    /// Where.
    #[command(flatten)]
    pub input: InputArguments,
}

/// What other programs can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One JSON object a span and line.
    Spans,
}

impl ExportArguments {
    /// The query, if there is one, and the paths.
    pub fn query_and_paths(&self, is_path: impl Fn(&str) -> bool) -> (Option<&str>, &[String]) {
        query_and_paths(&self.query_and_paths, is_path)
    }
}

/// The query, if there is one, and the paths. The first word is a query unless `is_path`
/// says that it names something; `-` always does.
pub fn query_and_paths(
    words: &[String],
    is_path: impl Fn(&str) -> bool,
) -> (Option<&str>, &[String]) {
    match words.split_first() {
        Some((first, rest)) if first != "-" && !is_path(first) => (Some(first), rest),
        _ => (None, words),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::arguments::{Arguments, Command};

    #[track_caller]
    fn check(typed: &[&str], query: Option<&str>, paths: &[&str]) {
        let words = ["logloom", "export", "--format", "spans"].iter().chain(typed);
        let arguments = Arguments::try_parse_from(words).expect("valid arguments");
        let Command::Export(export) = arguments.command else { panic!("another command") };
        let (found, rest) = export.query_and_paths(|text| text == "logs");
        assert_eq!(found, query);
        assert_eq!(rest, paths);
    }

    #[test]
    fn the_first_argument_is_a_query_unless_it_names_something() {
        check(&["level:error", "logs"], Some("level:error"), &["logs"]);
        check(&["logs", "logs"], None, &["logs", "logs"]);
        check(&["-"], None, &["-"]);
        check(&["level:error"], Some("level:error"), &[]);
        check(&[], None, &[]);
    }
}
