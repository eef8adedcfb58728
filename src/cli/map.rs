//! `logloom map`: who calls whom.

use std::ops::ControlFlow;

use crate::analysis::map::{Builder, Observed};
use crate::cli::arguments::map::{MapArguments, MapFormat};
use crate::cli::console::Console;
use crate::cli::export::matching;
use crate::cli::failure::{Failure, of_store};
use crate::cli::session::Session;
use crate::engine::many::{Wanted, each};
use crate::render::{csv, map, wire};

/// Draws the map of every request that matches.
///
/// # Errors
/// When there is none, the query is wrong, the store cannot be read, or the answer not written.
pub fn run(
    console: &Console,
    session: &Session,
    arguments: &MapArguments,
    query: Option<&str>,
) -> Result<(), Failure> {
    let window = console.window(&arguments.window)?;
    let ids = query.map(|query| matching(console, session, query, window)).transpose()?;
    let mut builder = Builder::default();
    each(&session.source(), &Wanted { window, ids }, &Observed::of, &mut |seen| {
        builder.add(&seen);
        ControlFlow::Continue(())
    })
    .map_err(|error| of_store(&error))?;
    let seen = builder.finish();
    if seen.requests == 0 {
        return Err(Failure::none_found("no request to draw a map of"));
    }
    console.answer(|out| match arguments.format {
        MapFormat::Text => map::tree::tree(out, &seen, &console.style(&session.paths, false)),
        MapFormat::Table => map::table::table(out, &seen, &console.style(&session.paths, false)),
        MapFormat::Json => wire::map::json(out, &seen),
        MapFormat::Csv => csv::map(out, &seen, &console.csv(&session.paths)),
        MapFormat::Dot => map::graph::dot(out, &seen),
        MapFormat::Mermaid => map::graph::mermaid(out, &seen),
    })
}
