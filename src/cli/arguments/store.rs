//! `logloom store`.

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::arguments::everywhere::InputArguments;

const EXAMPLES: &str = "\
Examples:
  logloom store stats logs/                            what takes which bytes
  logloom store verify --store /var/tmp/shop           whether every byte is as it was written
  logloom store compact logs/                          smaller and quicker to ask
  logloom store prune logs/ --older-than 30d           requests that ended before that go
  logloom store prune logs/ --max-size 2GB             the oldest go until it is that small
  logloom store prune logs/ --keep-share 10%           failed and slow requests stay, and a tenth";

/// Look after a store.
///
/// A store is named by the paths that were read into it, or by --store.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub struct StoreArguments {
    /// What to do.
    #[command(subcommand)]
    pub command: StoreCommand,
}

/// What can be done for a store.
#[derive(Debug, Clone, Subcommand)]
pub enum StoreCommand {
    /// Tell what takes which bytes, per part and per source, and what became of each byte read.
    #[command(after_help = "\
Examples:
  logloom store stats logs/
  logloom store stats --store /var/tmp/shop --format json")]
    Stats(ReportArguments),
    /// Read every byte of a store and compare it with its checksums; compare the index, the
    /// lines and the ledger with each other.
    #[command(after_help = "\
Examples:
  logloom store verify logs/
  logloom store verify --store /var/tmp/shop --format json")]
    Verify(ReportArguments),
    /// Write a store anew, so that what was replaced is gone and requests lie together.
    ///
    /// Questions are answered meanwhile; for a while both forms take room on disk.
    #[command(after_help = "\
Examples:
  logloom store compact logs/")]
    Compact(WhichStore),
    /// Let lines go, and write the store anew without them.
    ///
    /// A request is kept or goes as a whole. What went is counted and shown by `logloom store
    /// stats`; it is not read again, but for the last lines of a log that grows.
    #[command(after_help = "\
Examples:
  logloom store prune logs/ --older-than 30d
  logloom store prune logs/ --older-than 2026-11-01 --keep-share 10%
  logloom store prune --store /var/tmp/shop --max-size 2GB")]
    Prune(PruneArguments),
}

/// Which store.
#[derive(Debug, Clone, Args)]
pub struct WhichStore {
    /// The files, directories, globs or archives that were read into it.
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// Where.
    #[command(flatten)]
    pub input: InputArguments,
}

/// How to report on a store.
#[derive(Debug, Clone, Args)]
pub struct ReportArguments {
    /// How to write it: text or json.
    #[arg(long, value_enum, default_value_t = StoreFormat::Text, hide_possible_values = true)]
    pub format: StoreFormat,
    /// Which store.
    #[command(flatten)]
    pub which: WhichStore,
}

/// What to let go.
#[derive(Debug, Clone, Args)]
#[group(id = "what", required = true, multiple = true, args = ["older_than", "max_size", "keep_share"])]
pub struct PruneArguments {
    /// What ended before this goes: an age (`30d`, `12h`) or a moment (`2026-11-01`).
    #[arg(long, value_name = "TIME")]
    pub older_than: Option<String>,
    /// The oldest goes until the store takes at most this: `500MB`, `2GB`.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_size: Option<u64>,
    /// Of the requests that neither failed nor were slow keep this share: `10%`.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub keep_share: Option<f64>,
    /// Which store.
    #[command(flatten)]
    pub which: WhichStore,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StoreFormat {
    /// Tables.
    Text,
    /// One JSON document (see docs/schema).
    Json,
}

/// Bytes: `2GB`, `500 MB`, `64KiB`, `1000000`.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "t" | "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => 0,
    };
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| "write `500MB` or `2GB`".to_owned())
}

/// A part of all: `10%`, `0.1`.
fn share(text: &str) -> Result<f64, String> {
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
        None => text.parse(),
    };
    let share = share.ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "write `10%` or `0.1`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_with_the_usual_units() {
        for (text, bytes) in [("2GB", 2_000_000_000), ("500 mb", 500_000_000), ("64KiB", 65_536)] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "GB", "0", "5 apples", "99999999999999TB", "-1GB", "1.5GB"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_share_lies_between_nothing_and_all() {
        assert_eq!([share("10%"), share("0.25")], [Ok(0.1), Ok(0.25)]);
        for text in ["", "110%", "-1%", "1.5", "NaN", "half"] {
            assert!(share(text).is_err(), "{text}");
        }
    }
}
