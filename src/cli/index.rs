//! `logloom index`: brings a store up to date and sums up what is in it.

use crate::cli::arguments::index::IndexArguments;
use crate::cli::console::Console;
use crate::cli::failure::{Failure, of_store};
use crate::cli::session::Session;
use crate::model::checkpoint::Tally;
use crate::model::coverage::Services;
use crate::model::id::TraceId;
use crate::query::condition::{Comparison, Condition, Query, Test};
use crate::render::coverage::report;
use crate::render::summary::{self, IndexSummary};
use crate::store::{Page, Window};

/// Sums up what a session read.
///
/// # Errors
/// When another process writes to the store, it cannot be read, or the summary not written.
pub fn run(
    console: &Console,
    session: &Session,
    arguments: &IndexArguments,
) -> Result<(), Failure> {
    if session.is_behind {
        return Err(Failure::ours("nothing was read, the store is another's to write")
            .with_hint("run this again when that process has ended"));
    }
    let held = session.reader().summary().map_err(|error| of_store(&error))?;
    let mut total = Tally::default();
    held.checkpoints.iter().for_each(|checkpoint| total.add(&checkpoint.tally));
    let mut services = Services::default();
    held.checkpoints.iter().for_each(|checkpoint| services.join(&checkpoint.services));
    let style = console.style(&session.paths, arguments.full);
    if arguments.report {
        return console.answer(|out| report(out, &services, &style));
    }
    let streams = held.checkpoints.iter().filter(|checkpoint| checkpoint.tally.lines > 0).count();
    let outcome = &session.outcome;
    let summary = IndexSummary {
        streams_read: outcome.streams,
        streams_known: (streams as u64).saturating_sub(outcome.streams),
        bytes_read: outcome.bytes,
        elapsed: session.elapsed,
        added: Tally { lines: outcome.lines, ..Tally::default() },
        total,
        services,
        traces: held.traces,
        skipped: outcome.skipped.clone(),
        store: session.paths.show(&session.directory.to_string_lossy()).into_owned(),
        store_bytes: held.bytes,
        interrupted: outcome.stopped,
        arguments: session.typed.clone(),
        example: example(session)?,
    };
    console.answer(|out| summary::summary(out, &summary, &style))
}

/// A request worth looking at: the newest with an error, else the newest.
fn example(session: &Session) -> Result<Option<TraceId>, Failure> {
    let at_least_error = Test::Compare(Comparison::GreaterOrEqual, "error".to_owned());
    let error = Condition::Field { name: "level".to_owned(), test: at_least_error };
    let page = Page { limit: 1, window: Window::default() };
    for conditions in [vec![error], Vec::new()] {
        let found = session
            .reader()
            .requests(&Query { conditions }, &page)
            .map_err(|error| of_store(&error))?;
        if let Some(hit) = found.items.first() {
            return Ok(Some(hit.id));
        }
    }
    Ok(None)
}
