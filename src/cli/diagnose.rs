//! `logloom diagnose`: what went wrong in one request or in many, and the lines that prove it.

use crate::cli::arguments::diagnose::{DiagnoseArguments, ReportFormat};
use crate::cli::arguments::everywhere::WindowArguments;
use crate::cli::console::Console;
use crate::cli::failure::{self, Failure, of_store};
use crate::cli::session::Session;
use crate::cli::trace::{name_others, none_found};
use crate::cli::{groups, question};
use crate::context::identifier;
use crate::engine::answer::{candidates, diagnosed};
use crate::engine::groups::Reference;
use crate::engine::pasted;
use crate::query::parse::parse;
use crate::render::{diagnosis, report, wire};
use crate::store::Window;

/// Diagnoses the request that is meant, or the requests of a query or a time.
///
/// # Errors
/// When there is none, what was typed is wrong, the store cannot be read, or the answer not
/// written.
pub fn run(
    console: &Console,
    session: &Session,
    arguments: &DiagnoseArguments,
    what: Option<&str>,
) -> Result<(), Failure> {
    match what {
        Some(what) if arguments.reference.is_empty() && names_one(console, session, what)? => {
            one(console, session, arguments, what)
        }
        query => many(console, session, arguments, query),
    }
}

/// Whether a text names one request. What was pasted may look like a query: a place of a line, an
/// address, a line of a stack trace.
fn names_one(console: &Console, session: &Session, what: &str) -> Result<bool, Failure> {
    if !asks_for_many(what) {
        return Ok(true);
    }
    if !pasted::may_be(what) {
        return Ok(false);
    }
    match question::question(what, session.reader(), console) {
        Ok(question) => Ok(question::is_plain(&question)),
        Err(mistake) => {
            let found = pasted::answer(&session.source(), what, Window::default());
            let is_known = found.map_err(|error| of_store(&error))?.is_some();
            if is_known { Ok(true) } else { Err(mistake) }
        }
    }
}

/// Refuses what cannot be asked, before anything is read for it.
///
/// # Errors
/// When it is neither a request nor a query, or a stretch of time is none.
pub(super) fn refuse_mistakes(
    console: &Console,
    arguments: &DiagnoseArguments,
    what: Option<&str>,
) -> Result<(), Failure> {
    console.window(&arguments.window)?;
    references(console, &arguments.reference)?;
    let has_time = arguments.window.since.is_some() || !arguments.reference.is_empty();
    match what {
        Some(what) if what.trim().is_empty() => {
            Err(Failure::yours("the text to look for is empty")
                .with_hint("name a trace id, an order id or another value, words, or a query"))
        }
        None if !has_time => Err(Failure::yours("nothing is named to diagnose").with_hint(
            "name a request (an id, an order id, words), a query, or a time with --since",
        )),
        Some(what) if asks_for_many(what) && !pasted::may_be(what) => {
            question::refuse_mistakes(what)
        }
        _ => Ok(()),
    }
}

/// Whether a text is a query, which asks for many requests, and not the name of one.
fn asks_for_many(what: &str) -> bool {
    if what.trim() == "*" {
        return true;
    }
    let is_id = identifier::spelled(what).is_some();
    // What has a condition on a field, a group or an operator means all that fulfil it; a
    // value or words mean the one request in which they stand.
    let marks = |letter: char| matches!(letter, ':' | '{' | '(');
    !is_id && (what.contains(marks) || what.starts_with('-')) && parse(what).is_ok()
}

fn many(
    console: &Console,
    session: &Session,
    arguments: &DiagnoseArguments,
    query: Option<&str>,
) -> Result<(), Failure> {
    let window = console.window(&arguments.window)?;
    let query = query.filter(|query| query.trim() != "*");
    let bad = groups::group(console, session, query, window)?;
    let ranges = references(console, &arguments.reference)?;
    let good = if ranges.is_empty() { Reference::Chosen } else { Reference::Ranges(ranges) };
    let comparison = groups::answer(console, session, bad, good)?;
    groups::write(console, session, &comparison, arguments.format, arguments.full)
}

/// The stretches of time that were named as usual.
fn references(console: &Console, typed: &[String]) -> Result<Vec<Window>, Failure> {
    let range = |text: &String| {
        let (since, until) = text.split_once("..").ok_or_else(|| {
            Failure::yours(format!("{} is no stretch of time", failure::typed(text)))
                .with_hint("write --reference A..B, both in the forms of --since")
        })?;
        let point = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
        console.window(&WindowArguments { since: point(since), until: point(until) })
    };
    typed.iter().map(range).collect()
}

fn one(
    console: &Console,
    session: &Session,
    arguments: &DiagnoseArguments,
    what: &str,
) -> Result<(), Failure> {
    let window = console.window(&arguments.window)?;
    let source = session.source();
    let found = candidates(&source, what, window).map_err(|error| of_store(&error))?;
    let Some(best) = found.requests.first() else {
        return Err(none_found(session, what, &arguments.window));
    };
    let request = diagnosed(&source, best.trace.clone()).map_err(|error| of_store(&error))?;
    let (trace, analysis) = (&request.trace, request.analysis());
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
    name_others(console, session, "diagnose", what, &found);
    Ok(())
}
