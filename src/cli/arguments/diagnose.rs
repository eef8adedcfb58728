//! `logloom diagnose`.

use clap::{Args, ValueEnum};

use crate::cli::arguments::everywhere::{InputArguments, WindowArguments};
use crate::cli::arguments::export::query_and_paths;

const EXAMPLES: &str = "\
Examples:
  logloom diagnose ORD-20417 samples/checkout-incident
  logloom diagnose 4bf92f3577b34da6a3ce929d0e0e4736 logs/ --full
  logloom diagnose ORD-20417 logs/ --format markdown > incident.md
  logloom diagnose ORD-20417 logs/ --format json | jq '.findings[] | .name, .sentence'
  logloom diagnose logs/ --since -15m                what changed in the last quarter of an hour
  logloom diagnose 'root.operation:\"POST /checkout\"' logs/ --since 14:00 --until 14:10
  logloom diagnose logs/ --since 14:00 --until 14:10 --reference 13:00..13:30
                                                     compared with a time when all was well";

/// Say what went wrong in one request, or in many, with the lines that prove it.
///
/// One request: looks for what experienced people look for: where the time went, who failed first, who only
/// echoed it, silences, retries, timeouts, repeated calls and more. Causes stand before their
/// symptoms. Where the lines do not tell, it says so and what to log.
///
/// Many requests (a query, or no name at all but a time): compares them with others of their
/// kind, those before the time or those named by --reference, and ranks the services by how
/// much they explain. It says so when the groups do not differ.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct DiagnoseArguments {
    /// A trace id in any spelling, a traceparent, an order id or other value, words, or a
    /// query, if the first is not the name of something that exists; then files, directories,
    /// globs, archives, or - for standard input.
    #[arg(value_name = "WHAT|PATH")]
    pub what_and_paths: Vec<String>,
    /// What was usual: a stretch of time `A..B` to compare many requests with; may be repeated.
    #[arg(long, value_name = "A..B", allow_hyphen_values = true)]
    pub reference: Vec<String>,
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

impl DiagnoseArguments {
    /// What is asked about, if anything is, and the paths.
    pub fn what_and_paths(&self, is_path: impl Fn(&str) -> bool) -> (Option<&str>, &[String]) {
        query_and_paths(&self.what_and_paths, is_path)
    }
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
