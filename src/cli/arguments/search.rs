//! `logloom search`.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::cli::arguments::everywhere::{Format, InputArguments, WindowArguments};
use crate::query::length::Length;

/// Requests listed unless asked for more: a screen or two.
const LIMIT: NonZeroUsize = NonZeroUsize::new(50).expect("50 is not zero");

/// Time for an answer unless more is asked for: whoever waits longer wants to know why.
const DEADLINE: Duration = Duration::from_millis(1_500);

const EXAMPLES: &str = "\
Examples:
  logloom search ORD-20417 logs/                       a value, wherever it stands
  logloom search '\"card declined\" service:payment' logs/
                                                       each of these in some line of the request
  logloom search 'level:>=error' logs/ --since -15m    failed in the last quarter of an hour
  logloom search 'user_id:u-1138' logs/ --format csv > requests.csv
  logloom search '{ service:cart } -> { level:error }' logs/
                                                       first the one, later the other
  logloom search 'duration:>2s' logs/ --by root.service how many slow ones, by where they began
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
    /// List at most so many requests, or values; 50 unless asked for more or fewer.
    #[arg(long, value_name = "N")]
    pub limit: Option<NonZeroUsize>,
    /// What stands first: best, time (newest), duration, errors or spans (most).
    #[arg(long, value_enum, default_value_t = Sort::Best, hide_possible_values = true)]
    pub sort: Sort,
    /// Show these columns: `start`, `duration`, `trace_id`, `root.service`, `root.operation`,
    /// `services`, `spans`, `lines`, `errors`, `message`, or any field of the logs.
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',', conflicts_with = "by")]
    pub fields: Vec<String>,
    /// Count the requests by the values of a field, or of several (--group service,operation);
    /// `time` draws them over time.
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',', visible_alias = "group")]
    pub by: Vec<String>,
    /// Say how the answer was come by: what was looked up, and how many requests were left.
    #[arg(long)]
    pub explain: bool,
    /// Give the answer in part after this time: `500ms`, `10s`, `none`. Without --limit,
    /// 1500ms.
    #[arg(long, value_name = "TIME", value_parser = deadline)]
    pub deadline: Option<Deadline>,
    /// When.
    #[command(flatten)]
    pub window: WindowArguments,
    /// Where.
    #[command(flatten)]
    pub input: InputArguments,
}

/// What stands first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// Exact identifiers before words, rare words before frequent ones; errors and slowness
    /// decide between equals.
    Best,
    /// The newest.
    Time,
    /// The slowest.
    Duration,
    /// Those with the most errors.
    Errors,
    /// Those with the most spans.
    Spans,
}

/// How long an answer may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// As long as it takes.
    None,
    /// So long.
    After(Duration),
}

impl SearchArguments {
    /// At most so many requests.
    pub fn limit(&self) -> usize {
        self.limit.unwrap_or(LIMIT).get()
    }

    /// How long the answer may take, if there is a limit. Whoever asks for a number of
    /// requests is given that many.
    pub fn deadline(&self) -> Option<Duration> {
        match self.deadline {
            Some(Deadline::None) => None,
            Some(Deadline::After(time)) => Some(time),
            None => self.limit.is_none().then_some(DEADLINE),
        }
    }
}

fn deadline(text: &str) -> Result<Deadline, String> {
    if text == "none" {
        return Ok(Deadline::None);
    }
    let length = Length::parse(text).map(|length| Duration::from_nanos(length.0));
    length.map(Deadline::After).ok_or_else(|| "write `500ms`, `10s` or `none`".to_owned())
}
