//! `logloom tail`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::arguments::everywhere::{Format, InputArguments};

const EXAMPLES: &str = "\
Examples:
  logloom tail /var/log/shop/                          the lines of all services, as they come
  logloom tail logs/ --query 'level:>=warn' --since -10m
  logloom tail logs/ --requests                        a row for each request, when it has settled
  kubectl logs -f deploy/cart | logloom tail -
  logloom tail logs/ --fail-on level:error --for 10m   watch a test run: exit code 2 if it fails
  logloom tail logs/ --watch alerts.toml               tell what must be known, and nothing else
  logloom tail logs/ --requests --format ndjson | jq 'select(.errors > 0)'";

/// Follow logs as they are written.
///
/// Files are followed through rotations, copies and compression; directories and patterns are
/// looked at anew all the time. What is read is kept in the same store that other commands
/// ask, and is there for them a second later. Ends with Ctrl-C; the next run reads on.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct TailArguments {
    /// Files, directories, globs, or - for standard input.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<String>,
    /// Show only what matches.
    #[arg(short = 'Q', long, value_name = "QUERY")]
    pub query: Option<String>,
    /// Show requests instead of lines: each when it has settled; with ndjson also when it begins.
    #[arg(long)]
    pub requests: bool,
    /// Begin with what happened after this: `2026-11-21T09:30:00Z`, `-15m`, `yesterday 14:00`.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub since: Option<String>,
    /// How to write: text or ndjson.
    #[arg(long, value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub format: Format,
    /// Show whole messages, stack traces, and where each line stands.
    #[arg(long)]
    pub full: bool,
    /// Tell what the standing queries of this file find: on standard output, in a file, by webhook.
    ///
    /// Nothing else is shown then, unless --query or --requests asks for it. The file is read
    /// anew when it changes; `logloom config check FILE` says whether it is right.
    #[arg(long, value_name = "FILE")]
    pub watch: Option<PathBuf>,
    /// End when every request has settled and nothing new comes.
    #[arg(long)]
    pub until_settled: bool,
    /// End with exit code 0 when something matches.
    #[arg(long, value_name = "QUERY")]
    pub exit_on: Option<String>,
    /// End with exit code 2 when something matches.
    #[arg(long, value_name = "QUERY")]
    pub fail_on: Option<String>,
    /// End after so long: with exit code 1 if --exit-on has not matched, else 0.
    #[arg(long = "for", value_name = "TIME")]
    pub duration: Option<String>,
    /// Where.
    #[command(flatten)]
    pub input: InputArguments,
}
