//! `logloom search`: the requests that match, as a table.

use crate::cli::arguments::everywhere::Format;
use crate::cli::arguments::search::SearchArguments;
use crate::cli::console::Console;
use crate::cli::failure::{Failure, typed};
use crate::cli::question::{marks, question};
use crate::cli::session::{Session, of_store};
use crate::engine::search::{self, Match, Order, Search};
use crate::render::requests::RequestRow;
use crate::render::summary::quoted;
use crate::render::{csv, requests, wire};

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
    let query = question(&arguments.query, session.reader(), console)?;
    let wanted = Search {
        question: &query,
        window,
        order: Order::Best,
        limit: arguments.limit.get(),
        is_over: &|| false,
    };
    let found = search::search(&session.source(), &wanted).map_err(|error| of_store(&error))?;
    if found.matches.is_empty() {
        return Err(Failure::none_found(format!("no request matches {}", typed(&arguments.query)))
            .with_hint(format!(
                "each condition must hold in some line of one request; `logloom lines {} {}` \
                 looks at single lines",
                quoted(&arguments.query),
                session.named(),
            )));
    }
    let rows: Vec<RequestRow> = found.matches.iter().map(row).collect();
    console.answer(|out| match arguments.format {
        Format::Text => {
            let style = console.style(&session.paths, false);
            requests::requests(out, &rows, &marks(&query), &style)
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

/// A request's row, with the line that made it match.
fn row(found: &Match) -> RequestRow {
    RequestRow::of(&found.request.trace, found.entry().clone())
}
