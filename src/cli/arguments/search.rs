//! `logloom search`.

use std::num::NonZeroUsize;

use clap::Args;

use crate::cli::arguments::everywhere::{Format, InputArguments, WindowArguments};

/// Requests listed unless asked for more: a screen or two.
const LIMIT: NonZeroUsize = NonZeroUsize::new(50).expect("50 is not zero");

const EXAMPLES: &str = "\
Examples:
  logloom search ORD-20417 logs/                       a value, wherever it stands
  logloom search '\"card declined\" service:payment' logs/
                                                       each of these in some line of the request
  logloom search 'level:>=error' logs/ --since -15m    failed in the last quarter of an hour
  logloom search 'user_id:u-1138' logs/ --format csv > requests.csv
  logloom search '{ service:cart } -> { level:error }' logs/
                                                       first the one, later the other
  logloom search '*' logs/ --limit 5                   the requests worth a look";

/// List the requests that match.
///
/// A request matches when every condition of the query holds in some line of it, not
/// necessarily the same one. Conditions are words, "phrases", prefix*, /expressions/ and
/// field:value, joined by AND, OR and NOT; { } holds what one line fulfils, > and -> say how
/// lines stand to each other. Best first.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct SearchArguments {
    /// What some line of the request must say; * for every request.
    pub query: String,
    /// Files, directories, globs, archives, or - for standard input.
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// How to write the requests: text, json, ndjson or csv.
    #[arg(long, value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub format: Format,
    /// List at most so many requests.
    #[arg(long, value_name = "N", default_value_t = LIMIT)]
    pub limit: NonZeroUsize,
    /// When.
    #[command(flatten)]
    pub window: WindowArguments,
    /// Where.
    #[command(flatten)]
    pub input: InputArguments,
}
