//! `logloom compare`.

use clap::{Args, ValueEnum};

use crate::cli::arguments::everywhere::{InputArguments, WindowArguments};

const EXAMPLES: &str = "\
Examples:
  logloom compare ORD-20417 ORD-20409 logs/          two requests, side by side
  logloom compare --bad 'level:error' --good '-level:error' logs/
                                                     what separates requests that failed
  logloom compare --bad 'region:eu' --good 'region:us' logs/ --since -1h
  logloom compare --bad 'duration:>2s' logs/         with others of the same kind";

/// Say what differs between two requests or two groups.
///
/// Two requests are aligned by service, operation and statement: steps that only one has,
/// steps in another order, how long each took, values that differ. Two groups are compared by
/// statistics: which services changed and how, and which values separate them, each with
/// counts, effect and an interval that is corrected for all that was tried.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct CompareArguments {
    /// Two requests (ids, order ids or other values, or words), then files, directories, globs,
    /// archives, or - for standard input; with --bad the paths alone.
    #[arg(value_name = "WHAT|PATH")]
    pub what_and_paths: Vec<String>,
    /// The requests to be explained: a query.
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
    pub bad: Option<String>,
    /// The requests that show what is usual: a query. Without it, others that begin alike.
    #[arg(long, value_name = "QUERY", requires = "bad", allow_hyphen_values = true)]
    pub good: Option<String>,
    /// How to write it: text or json.
    #[arg(long, value_enum, default_value_t = CompareFormat::Text, hide_possible_values = true)]
    pub format: CompareFormat,
    /// Show everything, also what does not differ.
    #[arg(long)]
    pub full: bool,
    /// When.
    #[command(flatten)]
    pub window: WindowArguments,
    /// Where.
    #[command(flatten)]
    pub input: InputArguments,
}

/// How a comparison is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompareFormat {
    /// For people.
    Text,
    /// One JSON document (see docs/schema).
    Json,
}

impl CompareArguments {
    /// The two requests, if groups are not compared and two are named.
    pub fn two_requests(&self) -> Option<[&str; 2]> {
        match (&self.bad, self.what_and_paths.as_slice()) {
            (None, [first, second, ..]) => Some([first, second]),
            _ => None,
        }
    }

    /// The paths: all words with `--bad`, those behind the two requests without.
    pub fn paths(&self) -> &[String] {
        match self.two_requests() {
            Some(_) => &self.what_and_paths[2..],
            None if self.bad.is_some() => &self.what_and_paths,
            None => &[],
        }
    }
}
