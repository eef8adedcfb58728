//! `logloom search`: the requests that match, as a table.

use crate::cli::arguments::everywhere::Format;
use crate::cli::arguments::search::SearchArguments;
use crate::cli::console::Console;
use crate::cli::failure::{Failure, typed};
use crate::cli::question::{marked_words, question};
use crate::cli::session::{Session, of_store};
use crate::engine::answer::{Match, search};
use crate::render::requests::RequestRow;
use crate::render::summary::quoted;
use crate::render::{csv, requests, wire};
use crate::store::Page;

/// Lists the requests that match.
///
/// # Errors
/// When there are none, the query is wrong, the store cannot be read, or the answer not written.
pub fn run(
    console: &Console,
    session: &Session,
    arguments: &SearchArguments,
) -> Result<(), Failure> {
    let window = console.window(&arguments.window)?;
    let query = question(&arguments.query, session.reader())?;
    let page = Page { limit: arguments.limit.get(), window };
    let found = search(&session.source(), &query, &page).map_err(|error| of_store(&error))?;
    if found.items.is_empty() {
        return Err(Failure::none_found(format!("no request matches {}", typed(&arguments.query)))
            .with_hint(format!(
                "each condition must hold in some line of one request; `logloom lines {} {}` \
                 looks at single lines",
                quoted(&arguments.query),
                session.named(),
            )));
    }
    let rows: Vec<RequestRow> = found.items.iter().filter_map(row).collect();
    console.answer(|out| match arguments.format {
        Format::Text => {
            let style = console.style(&session.paths, false);
            requests::requests(out, &rows, &marked_words(&query), &style)
        }
        Format::Json => wire::search::json(out, &rows, found.total, &session.paths),
        Format::Ndjson => wire::search::ndjson(out, &rows, &session.paths),
        Format::Csv => csv::requests(out, &rows, &console.csv(&session.paths)),
    })?;
    if found.total > rows.len() as u64 {
        let most = if found.exact { "" } else { "at most " };
        console.note(&format!(
            "{} of {most}{} requests; more with --limit",
            rows.len(),
            found.total
        ));
    }
    Ok(())
}

/// A request's row, with the line that made it match; its first line if any line would do.
fn row(found: &Match) -> Option<RequestRow> {
    let trace = &found.request.trace;
    let first = trace.entries.first().map(|placed| &placed.entry);
    let matched = found.matched.first().or(first)?.clone();
    Some(RequestRow::of(trace, matched))
}
