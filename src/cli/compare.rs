//! `logloom compare`: what differs between two requests or two groups.

use crate::analysis::pair;
use crate::cli::arguments::compare::{CompareArguments, CompareFormat};
use crate::cli::arguments::diagnose::ReportFormat;
use crate::cli::console::Console;
use crate::cli::failure::{Failure, of_store};
use crate::cli::question::question;
use crate::cli::session::Session;
use crate::cli::{groups, trace};
use crate::engine::answer::{Request, candidates};
use crate::engine::groups::Reference;
use crate::render::pair as pair_text;
use crate::render::wire;

/// Compares two requests, or with `--bad` two groups.
///
/// # Errors
/// When one is not found, a query is wrong, the store cannot be read, or the answer not written.
pub fn run(
    console: &Console,
    session: &Session,
    arguments: &CompareArguments,
) -> Result<(), Failure> {
    match &arguments.bad {
        Some(bad) => two_groups(console, session, arguments, bad),
        None => two_requests(console, session, arguments),
    }
}

fn two_groups(
    console: &Console,
    session: &Session,
    arguments: &CompareArguments,
    bad: &str,
) -> Result<(), Failure> {
    let window = console.window(&arguments.window)?;
    let bad = groups::group(console, session, Some(bad), window)?;
    let good = match &arguments.good {
        Some(good) => Reference::Requests(question(good, session.reader(), console)?),
        None => Reference::Chosen,
    };
    let comparison = groups::answer(console, session, bad, good)?;
    let format = match arguments.format {
        CompareFormat::Text => ReportFormat::Text,
        CompareFormat::Json => ReportFormat::Json,
    };
    groups::write(console, session, &comparison, format, arguments.full)
}

fn two_requests(
    console: &Console,
    session: &Session,
    arguments: &CompareArguments,
) -> Result<(), Failure> {
    let [first, second] = arguments.two_requests().ok_or_else(not_two)?;
    let (first, second) = (
        request(console, session, arguments, first)?,
        request(console, session, arguments, second)?,
    );
    let rows = pair::compare(&first.trace, &second.trace);
    let traces = [&first.trace, &second.trace];
    console.answer(|out| match arguments.format {
        CompareFormat::Text => {
            pair_text::pair(out, traces, &rows, &console.style(&session.paths, arguments.full))
        }
        CompareFormat::Json => wire::pair::json(out, traces, &rows, &session.paths),
    })
}

/// What to say when two requests are not named.
pub(super) fn not_two() -> Failure {
    Failure::yours("two requests are to be compared").with_hint(
        "name two ids, order ids or other values, or two groups by --bad QUERY --good QUERY",
    )
}

/// The request that is meant, the likeliest one if there are several.
fn request(
    console: &Console,
    session: &Session,
    arguments: &CompareArguments,
    what: &str,
) -> Result<Request, Failure> {
    let window = console.window(&arguments.window)?;
    let found = candidates(&session.source(), what, window).map_err(|error| of_store(&error))?;
    let total = found.total;
    let Some(best) = found.requests.into_iter().next() else {
        return Err(trace::none_found(session, what, &arguments.window));
    };
    if total > 1 {
        console.note(&format!("{total} requests match {what}; {} was taken", best.trace.id));
    }
    Ok(best)
}
