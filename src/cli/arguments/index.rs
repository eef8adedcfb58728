//! `logloom index`.

use clap::Args;

use crate::cli::arguments::everywhere::InputArguments;

const EXAMPLES: &str = "\
Examples:
  logloom index logs/                                  found again by the path from now on
  logloom index day.tar.gz --include '**/logs/**'      only this part of an archive
  logloom index logs/ --store /var/tmp/shop            in a directory of your choice
  logloom index logs/                                  again: reads only what is new
  logloom index logs/ --report                         which services' lines can be joined";

/// Read logs into a store, or bring it up to date.
///
/// Every other command does this by itself before it answers; index does only this, and ends
/// with a summary of what was read, what was passed over and why.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct IndexArguments {
    /// Files, directories, globs, archives, or - for standard input.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<String>,
    /// Tell of each service which share of its lines has time, level, trace, span and parent,
    /// and which three to mend first, and how.
    #[arg(long, conflicts_with = "full")]
    pub report: bool,
    /// Name every file that was passed over.
    #[arg(long)]
    pub full: bool,
    /// Where.
    #[command(flatten)]
    pub input: InputArguments,
}
