//! `logloom diagnose`: what went wrong in one request, and the lines that prove it.

use crate::cli::arguments::diagnose::{DiagnoseArguments, ReportFormat};
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::session::{Session, of_store};
use crate::cli::trace::{name_others, none_found};
use crate::engine::answer::{candidates, diagnosed};
use crate::render::{diagnosis, report, wire};

/// Diagnoses the request that is meant.
///
/// # Errors
/// When there is none, or the store cannot be read, or the answer not written.
pub fn run(
    console: &Console,
    session: &Session,
    arguments: &DiagnoseArguments,
) -> Result<(), Failure> {
    let window = console.window(&arguments.window)?;
    let source = session.source();
    let found = candidates(&source, &arguments.what, window).map_err(|error| of_store(&error))?;
    let Some((best, others)) = found.requests.split_first() else {
        return Err(none_found(session, &arguments.what, &arguments.window));
    };
    let request = diagnosed(&source, best.trace.clone()).map_err(|error| of_store(&error))?;
    let (trace, analysis) = (&request.trace, &request.analysis);
    console.answer(|out| {
        let style = console.style(&session.paths, arguments.full);
        match arguments.format {
            ReportFormat::Text => diagnosis::diagnosis(out, trace, analysis, &style),
            ReportFormat::Json => wire::diagnosis::diagnosis(out, trace, analysis, &session.paths),
            ReportFormat::Markdown => {
                report::report(out, trace, analysis, &style, &session.named())
            }
        }
    })?;
    name_others(console, session, "diagnose", &arguments.what, found.total, others);
    Ok(())
}
