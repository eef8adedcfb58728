//! `logloom lines`.

use std::num::NonZeroUsize;

use clap::Args;

use crate::cli::arguments::everywhere::{Format, InputArguments, WindowArguments};

const EXAMPLES: &str = "\
Examples:
  logloom lines 'timeout service:payment' logs/        one line must fulfil all of it
  logloom lines 'level:>=warn' logs/ --since -2h --limit 100
  logloom lines ORD-20417 day.tar.gz --count
  logloom lines 'level:error' logs/ --by service       how many, and when
  logloom lines 'service:payment' logs/ --patterns     what it says, how often, since when
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
    #[arg(long, conflicts_with_all = ["format", "full", "limit", "by"])]
    pub count: bool,
    /// Show so many lines of the same instance before and after each line that matches.
    #[arg(long, value_name = "N", conflicts_with_all = ["by", "patterns", "count", "fields", "format"])]
    pub context: Option<usize>,
    /// Show what the same instance said from this line on (`PATH:LINE`) to that of --to.
    #[arg(long, value_name = "PLACE", requires = "to", conflicts_with_all = ["by", "patterns", "count", "context"])]
    pub from: Option<String>,
    /// Where --from ends.
    #[arg(long, value_name = "PLACE", requires = "from")]
    pub to: Option<String>,
    /// Count the lines by the values of a field, or of several; `time` draws them over time.
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',', visible_alias = "group")]
    pub by: Vec<String>,
    /// List what the lines say, without the values they say it of: how often, since when.
    #[arg(long, conflicts_with_all = ["by", "count", "full"])]
    pub patterns: bool,
    /// Show these columns: time, service, level, message, path, line, or any field of the logs.
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',', conflicts_with_all = ["by", "patterns", "count", "full"])]
    pub fields: Vec<String>,
    /// List at most so many lines, values or patterns.
    #[arg(long, value_name = "N")]
    pub limit: Option<NonZeroUsize>,
    /// When.
    #[command(flatten)]
    pub window: WindowArguments,
    /// Where.
    #[command(flatten)]
    pub input: InputArguments,
}
