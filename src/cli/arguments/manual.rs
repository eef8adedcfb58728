//! `logloom man`, for those who package logloom.

use std::path::PathBuf;

use clap::Args;

/// Write the manual pages, one for each command.
#[derive(Debug, Clone, Args)]
pub struct ManualArguments {
    /// The directory to write them to; it must exist.
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
}
