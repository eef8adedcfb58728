//! `logloom lines`.

use std::num::NonZeroUsize;

use clap::Args;

use crate::cli::arguments::everywhere::{Format, InputArguments, WindowArguments};

const EXAMPLES: &str = "\
Examples:
  logloom lines 'timeout service:payment' logs/        one line must fulfil all of it
  logloom lines 'level:>=warn' logs/ --since -2h --limit 100
  logloom lines ORD-20417 day.tar.gz --count
  logloom lines '*' logs/ --format ndjson | jq -r .service | sort | uniq -c";

/// List the log lines that match.
///
/// A line matches when it fulfils every condition of the query by itself. Conditions are
/// words, "phrases", prefix*, /expressions/ and field:value, joined by AND, OR and NOT.
/// Newest first.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct LinesArguments {
    /// What the line must say; * for every line.
    pub query: String,
    /// Files, directories, globs, archives, or - for standard input.
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// How to write the lines: text, json, ndjson or csv.
    #[arg(long, value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub format: Format,
    /// Show whole messages, stack traces, and where each line stands.
    #[arg(long)]
    pub full: bool,
    /// Only say how many lines match.
    #[arg(long, conflicts_with_all = ["format", "full", "limit"])]
    pub count: bool,
    /// List at most so many lines.
    #[arg(long, value_name = "N")]
    pub limit: Option<NonZeroUsize>,
    /// When.
    #[command(flatten)]
    pub window: WindowArguments,
    /// Where.
    #[command(flatten)]
    pub input: InputArguments,
}
