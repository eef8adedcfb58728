//! `logloom trace`: one request as one story.

use std::num::NonZeroUsize;

use crate::cli::arguments::everywhere::{Format, WindowArguments};
use crate::cli::arguments::trace::TraceArguments;
use crate::cli::console::Console;
use crate::cli::failure::{Failure, of_store, typed};
use crate::cli::question::known_columns;
use crate::cli::session::Session;
use crate::engine::answer::{Candidates, Request, candidates, link};
use crate::engine::join::join;
use crate::render::summary::quoted;
use crate::render::{csv, story, wire};
use crate::timeline::{Content, Row};

/// Other requests that are named; the rest is counted.
const OTHERS_MAX: usize = 5;

/// Shows the request that is meant.
///
/// # Errors
/// When there is none, or the store cannot be read, or the answer not written.
pub fn run(
    console: &Console,
    session: &Session,
    arguments: &TraceArguments,
) -> Result<(), Failure> {
    let window = console.window(&arguments.window)?;
    let mut found =
        candidates(&session.source(), &arguments.what, window).map_err(|error| of_store(&error))?;
    let Some(best) = found.requests.first_mut() else {
        return Err(none_found(session, &arguments.what, &arguments.window));
    };
    if let Some(field) = &arguments.join {
        return joined(console, session, best, arguments, field);
    }
    link(&session.source(), best).map_err(|error| of_store(&error))?;
    show(console, session, best, arguments)?;
    name_others(console, session, "trace", &arguments.what, &found);
    Ok(())
}

/// Shows all requests that share a value of a field with this one, as one story.
fn joined(
    console: &Console,
    session: &Session,
    best: &Request,
    arguments: &TraceArguments,
    field: &str,
) -> Result<(), Failure> {
    known_columns(
        std::slice::from_ref(&arguments.join.clone().unwrap_or_default()),
        session.reader(),
    )?;
    let mut joined = join(&session.source(), best, field).map_err(|error| of_store(&error))?;
    if joined.values.is_empty() {
        return Err(Failure::none_found(format!("the request {} has no `{field}`", best.trace.id))
            .with_hint(format!(
                "`logloom trace {} {}` shows what it has",
                best.trace.id,
                session.named()
            )));
    }
    let values = joined.values.join(", ");
    let count = joined.requests.len();
    let requests = if count == 1 { "request carries" } else { "requests carry" };
    console.note(&format!("{count} {requests} {field} {values}"));
    for (index, request) in joined.requests.iter_mut().enumerate() {
        link(&session.source(), request).map_err(|error| of_store(&error))?;
        if index > 0 && arguments.format == Format::Text {
            console.answer(|out| writeln!(out))?;
        }
        show(console, session, request, arguments)?;
    }
    if joined.is_cut {
        console.warn(&format!("more than {count} carry it: these are the oldest"));
    }
    Ok(())
}

fn show(
    console: &Console,
    session: &Session,
    request: &Request,
    arguments: &TraceArguments,
) -> Result<(), Failure> {
    let (trace, mut rows) = (&request.trace, request.rows());
    let limit = arguments.limit.map_or(usize::MAX, NonZeroUsize::get);
    if arguments.format == Format::Text {
        shorten(&mut rows, limit);
    }
    let entries = || trace.entries.iter().map(|placed| &placed.entry).take(limit);
    console.answer(|out| match arguments.format {
        Format::Text => {
            let style = console.style(&session.paths, arguments.full);
            story::story(out, trace, request.analysis(), &rows, &style)
        }
        Format::Json => wire::trace::trace(out, trace, request.analysis(), &rows, &session.paths),
        Format::Ndjson => wire::lines::ndjson(out, entries(), &session.paths),
        Format::Csv => csv::lines(out, entries(), &console.csv(&session.paths)),
    })?;
    if limit < trace.entries.len() && arguments.format != Format::Json {
        console.note(&format!("{limit} of {} lines; more with --limit", trace.entries.len()));
    }
    Ok(())
}

/// Leaves the rows down to the last entry that is to be shown: the story is that of the
/// whole request all the same.
fn shorten(rows: &mut Vec<Row>, limit: usize) {
    let is_entry = |row: &&(usize, &Row)| matches!(row.1.content, Content::Entry(_));
    let last = rows.iter().enumerate().filter(|row| is_entry(&row)).nth(limit - 1);
    if let Some((last, _)) = last {
        rows.truncate(last + 1);
    }
}

/// The requests that were meant less likely, each with the command that shows it.
pub(super) fn name_others(
    console: &Console,
    session: &Session,
    command: &str,
    what: &str,
    found: &Candidates,
) {
    let others = found.requests.get(1..).unwrap_or_default();
    if others.is_empty() {
        return;
    }
    let rest = found.total.saturating_sub(1);
    let least = if found.exact { "" } else { "at least " };
    let verb = if rest == 1 { "request matches" } else { "requests match" };
    console.note(&format!("{least}{rest} other {verb}:"));
    for other in others.iter().take(OTHERS_MAX) {
        let overview = other.overview();
        let root = overview.root.map_or("", |root| other.trace.span(root).service.as_str());
        let errors = if overview.errors > 0 { ", with errors" } else { "" };
        console.note(&format!(
            "  logloom {command} {} {}   # {root}{errors}",
            other.trace.id,
            session.named(),
        ));
    }
    if others.len() > OTHERS_MAX {
        let what = quoted(what);
        console.note(&format!("  logloom search {what} {}   # all", session.named()));
    }
}

pub(super) fn none_found(session: &Session, what: &str, window: &WindowArguments) -> Failure {
    let entries = session.reader().summary().map(|summary| summary.entries).unwrap_or_default();
    let failure = Failure::none_found(format!("no request mentions {}", typed(what)));
    if window.since.is_some() || window.until.is_some() {
        return failure.with_hint("only requests between --since and --until were looked at");
    }
    if entries == 0 {
        return failure.with_hint("no lines were read; check the path and --include");
    }
    failure.with_hint(format!(
        "`logloom lines {} {}` also finds lines that belong to no request",
        quoted(what),
        session.named(),
    ))
}
