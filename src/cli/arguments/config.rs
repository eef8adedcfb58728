//! `logloom config`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  logloom config show --origin                         what is in force, and why
  logloom config path                                  where your saved queries are
  logloom config check                                 whether they are right, and what they find
  logloom search @slow-checkouts logs/                 ask one of them";

/// Look after your settings and saved queries.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub struct ConfigArguments {
    /// What to do.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What can be done with settings.
#[derive(Debug, Clone, Subcommand)]
pub enum ConfigCommand {
    /// Show the settings that are in force, and the saved queries.
    Show {
        /// Say where each came from.
        #[arg(long)]
        origin: bool,
    },
    /// Name the file of saved queries.
    Path,
    /// Write the JSON Schema of the file of saved queries, for editors.
    Schema,
    /// Read every saved query, and name what is wrong with it.
    #[command(after_help = "\
Examples:
  logloom config check my-queries.toml

A file of queries names each with words for the reader:
  [slow-checkouts]
  about = \"Checkouts that kept someone waiting\"
  query = 'root.operation:\"POST /checkout\" duration:>2s'")]
    Check {
        /// The file; that of `logloom config path` unless another is named.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
}
