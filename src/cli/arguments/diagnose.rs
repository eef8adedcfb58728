//! `logloom diagnose`.

use clap::{Args, ValueEnum};

use crate::cli::arguments::everywhere::{InputArguments, WindowArguments};

const EXAMPLES: &str = "\
Examples:
  logloom diagnose ORD-20417 samples/checkout-incident
  logloom diagnose 4bf92f3577b34da6a3ce929d0e0e4736 logs/ --full
  logloom diagnose ORD-20417 logs/ --format markdown > incident.md
  logloom diagnose ORD-20417 logs/ --format json | jq '.findings[] | .name, .sentence'";

/// Say what went wrong in one request, with the lines that prove it.
///
/// Looks for what experienced people look for: where the time went, who failed first, who only
/// echoed it, silences, retries, timeouts, repeated calls and more. Causes stand before their
/// symptoms. Where the lines do not tell, it says so and what to log.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct DiagnoseArguments {
    /// A trace id in any spelling, a traceparent, an order id or other value, or words.
    pub what: String,
    /// Files, directories, globs, archives, or - for standard input.
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// How to write it: text, json, or markdown (a report to paste).
    #[arg(long, value_enum, default_value_t = ReportFormat::Text, hide_possible_values = true)]
    pub format: ReportFormat,
    /// Show everything: all lines of evidence, all advice.
    #[arg(long)]
    pub full: bool,
    /// When.
    #[command(flatten)]
    pub window: WindowArguments,
    /// Where.
    #[command(flatten)]
    pub input: InputArguments,
}

/// How a diagnosis is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people.
    Text,
    /// One JSON document (see docs/schema).
    Json,
    /// For an incident channel.
    Markdown,
}
