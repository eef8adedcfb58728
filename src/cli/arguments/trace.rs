//! `logloom trace`.

use std::num::NonZeroUsize;

use clap::Args;

use crate::cli::arguments::everywhere::{Format, InputArguments, WindowArguments};

const EXAMPLES: &str = "\
Examples:
  logloom trace ORD-20417 samples/checkout-incident
  logloom trace 4bf92f3577b34da6a3ce929d0e0e4736 logs/ day.tar.gz
  logloom trace 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 logs/
  logloom trace 'card declined' 'logs/**/*.log.gz' --since 'yesterday 14:00'
  kubectl logs -l app=shop --prefix | logloom trace u-1138 -
  logloom trace ORD-20417 logs/ --join order_id         and all that happened to the order later
  logloom trace ORD-20417 logs/ --format json | jq '.entries[].message'";

/// Show one request: every line of every service in causal order.
///
/// Finds the request in which the id, value or words stand and shows all of it, also the
/// lines that never mention them. If several requests match, the best is shown and the others
/// are named on standard error.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct TraceArguments {
    /// A trace id in any spelling, a traceparent, an order id or other value, or words.
    pub what: String,
    /// Files, directories, globs, archives, or - for standard input.
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// How to write the request: text, json, ndjson (its lines) or csv (its lines).
    #[arg(long, value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub format: Format,
    /// Show everything: whole messages, stack traces, and where each line stands.
    #[arg(long)]
    pub full: bool,
    /// Show every request that carries the same value of this field, the oldest first: one
    /// order, several requests.
    #[arg(long, value_name = "FIELD")]
    pub join: Option<String>,
    /// Show at most so many lines of each request.
    #[arg(long, value_name = "N")]
    pub limit: Option<NonZeroUsize>,
    /// When.
    #[command(flatten)]
    pub window: WindowArguments,
    /// Where.
    #[command(flatten)]
    pub input: InputArguments,
}
