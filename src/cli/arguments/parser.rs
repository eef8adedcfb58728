//! `logloom parser`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  logloom parser list                                  every format that is understood
  logloom parser list --parsers my-formats/            and those of your own
  logloom parser test my-formats/legacy.toml           its samples must match, its rejects not";

/// Look at the definitions of log formats.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub struct ParserArguments {
    /// What to do.
    #[command(subcommand)]
    pub command: ParserCommand,
}

/// What can be done with definitions.
#[derive(Debug, Clone, Subcommand)]
pub enum ParserCommand {
    /// Name every format and what it is.
    List,
    /// Run the samples and rejects of a definition.
    #[command(after_help = "\
Examples:
  logloom parser test my-formats/legacy.toml")]
    Test {
        /// The definition.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}
