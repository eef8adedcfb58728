//! `logloom map`.

use clap::{Args, ValueEnum};

use crate::cli::arguments::everywhere::{InputArguments, WindowArguments};
use crate::cli::arguments::export::query_and_paths;

const EXAMPLES: &str = "\
Examples:
  logloom map logs/                            who calls whom, as a tree
  logloom map 'level:error' logs/              only requests in which something failed
  logloom map logs/ --format table             services, their operations and calls, one a row
  logloom map logs/ --format dot | dot -Tsvg > map.svg
  logloom map logs/ --since -1h --format json | jq '.edges[] | select(.error_share > 0.1)'";

/// Show who calls whom, how often, how long, how well, and who waits on whom.
///
/// Calls that logs do not state but that were inferred from times are marked with ~. WAITED is
/// the time for which requests waited for a service or for what it called, summed over their
/// critical paths.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct MapArguments {
    /// A query, if the first is not the name of something that exists; then files,
    /// directories, globs, archives, or - for standard input.
    #[arg(value_name = "QUERY|PATH")]
    pub query_and_paths: Vec<String>,
    /// How to write the map: text (a tree), table, json, csv, dot or mermaid.
    #[arg(long, value_enum, default_value_t = MapFormat::Text, hide_possible_values = true)]
    pub format: MapFormat,
    /// When.
    #[command(flatten)]
    pub window: WindowArguments,
    /// Where.
    #[command(flatten)]
    pub input: InputArguments,
}

/// How a map is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MapFormat {
    /// A tree of services.
    Text,
    /// Services, operations and calls between them, one a row.
    Table,
    /// One JSON document (see docs/schema).
    Json,
    /// Comma-separated values for spreadsheets.
    Csv,
    /// A graph for Graphviz.
    Dot,
    /// A graph for Markdown.
    Mermaid,
}

impl MapArguments {
    /// The query, if there is one, and the paths.
    pub fn query_and_paths(&self, is_path: impl Fn(&str) -> bool) -> (Option<&str>, &[String]) {
        query_and_paths(&self.query_and_paths, is_path)
    }
}
