//! Two groups of requests: the part that `diagnose` and `compare` have in common.

use crate::analysis::group::Comparison;
use crate::cli::arguments::diagnose::ReportFormat;
use crate::cli::console::Console;
use crate::cli::failure::{Failure, of_store};
use crate::cli::question::question;
use crate::cli::session::Session;
use crate::engine::chosen::Group;
use crate::engine::groups::{Question, REQUESTS_MAX, Reference, compared};
use crate::render::{self, wire};
use crate::store::Window;

/// The requests that a query names in a window; all without one.
///
/// # Errors
/// When the query is wrong, or the store cannot be read.
pub(super) fn group(
    console: &Console,
    session: &Session,
    query: Option<&str>,
    window: Window,
) -> Result<Group, Failure> {
    let asked = |query| question(query, session.reader(), console);
    Ok(Group { window, question: query.map(asked).transpose()? })
}

/// Compares the groups.
///
/// # Errors
/// When one of them is empty, or the store cannot be read.
pub(super) fn answer(
    console: &Console,
    session: &Session,
    bad: Group,
    good: Reference,
) -> Result<Comparison, Failure> {
    let question = Question { bad, good };
    let comparison = compared(&session.source(), &question).map_err(|error| of_store(&error))?;
    if comparison.bad == 0 {
        return Err(Failure::none_found("no request is to be explained"));
    }
    if comparison.good == 0 {
        return Err(Failure::none_found("there is no request to compare with")
            .with_hint("name others with --reference A..B, or with compare --good QUERY"));
    }
    for (group, size) in [("to be explained", comparison.bad), ("to compare with", comparison.good)]
    {
        if size >= REQUESTS_MAX {
            console.note(&format!("of the requests {group}, the first {REQUESTS_MAX} were taken"));
        }
    }
    Ok(comparison)
}

/// Writes a comparison of groups.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write(
    console: &Console,
    session: &Session,
    comparison: &Comparison,
    format: ReportFormat,
    full: bool,
) -> Result<(), Failure> {
    let style = console.style(&session.paths, full);
    console.answer(|out| match format {
        ReportFormat::Json => wire::groups::json(out, comparison, &session.paths),
        ReportFormat::Text => render::groups::groups(out, comparison, &style),
        ReportFormat::Markdown => {
            render::groups::markdown(out, comparison, &style, &session.named())
        }
    })
}
