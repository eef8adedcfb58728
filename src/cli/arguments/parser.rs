//! `logloom parser`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  logloom parser list                                  every format that is understood
  logloom parser list --parsers my-formats/            and those of your own
  logloom parser test my-formats/legacy.toml           its samples must match, its rejects not
  logloom parser explain app.log                       which format takes which lines, and why
  logloom parser schema > parser.schema.json           for editors that know JSON Schema";

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
    /// Tell which definition takes which lines of a file, and why.
    ///
    /// Ends with the first line that none takes, and a caret under the place where the nearest
    /// definition gives up.
    #[command(after_help = "\
Examples:
  logloom parser explain app.log
  logloom parser explain app.log.gz --parsers my-formats/")]
    Explain {
        /// The file; a directory or archive is taken as a whole.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Print the JSON Schema of definitions, for editors.
    Schema,
}
