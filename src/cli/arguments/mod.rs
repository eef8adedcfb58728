//! What a person may type: one file a command, and what commands share.
//!
//! The doc comments are the help. Raw arguments become the stages' own options in each
//! command's run; nothing here does any work.

pub mod everywhere;
pub mod compare;
pub mod completions;
pub mod diagnose;
pub mod config;
pub mod export;
pub mod index;
pub mod lines;
pub mod manual;
pub mod map;
pub mod parser;
pub mod search;
pub mod store;
pub mod tail;
pub mod trace;

use clap::{Parser, Subcommand};

use crate::cli::arguments::everywhere::GlobalArguments;

const EXAMPLES: &str = "\
Examples:
  logloom trace ORD-20417 logs/              the story of the request that mentions an order
  logloom diagnose ORD-20417 logs/           what went wrong in it, with the lines that prove it
  logloom search 'payment declined' day.tar.gz
                                             the requests in which these words stand
  logloom lines level:error logs/            the error lines themselves
  logloom tail logs/                         follow them as they are written
  logloom index logs/                        read it all once, so that every answer is quick

A path is a file, a directory, a glob, an archive (tar, zip, gzip, zstd, bzip2, xz, nested)
or - for standard input. Nothing is unpacked, nothing is written beside your logs.

Exit codes: 0 found, 1 nothing found, 2 error, 130 interrupted.";

/// Reads the logs of many services and shows one request as one causal story.
#[derive(Debug, Parser)]
#[command(
    name = "logloom",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = EXAMPLES
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How to do it.
    #[command(flatten)]
    pub global: GlobalArguments,
}

/// The commands. The doc comment of each command's arguments is its help.
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "a doc comment here would hide the help of the command")]
pub enum Command {
    Trace(trace::TraceArguments),
    Diagnose(diagnose::DiagnoseArguments),
    Search(search::SearchArguments),
    Lines(lines::LinesArguments),
    Compare(compare::CompareArguments),
    Map(map::MapArguments),
    Tail(tail::TailArguments),
    Index(index::IndexArguments),
    Export(export::ExportArguments),
    Store(store::StoreArguments),
    Parser(parser::ParserArguments),
    Config(config::ConfigArguments),
    Completions(completions::CompletionsArguments),
    #[command(name = "man", hide = true)]
    Manual(manual::ManualArguments),
}

#[cfg(test)]
mod tests;
