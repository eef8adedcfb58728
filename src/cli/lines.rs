//! `logloom lines`: the lines that match.

use std::collections::HashSet;
use std::io;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use crate::cli::arguments::everywhere::Format;
use crate::cli::arguments::lines::LinesArguments;
use crate::cli::console::Console;
use crate::cli::counts::{self, Counts};
use crate::cli::failure::{Failure, of_store, typed};
use crate::cli::question::{known_columns, marks_of_lines, question_of_lines};
use crate::cli::session::Session;
use crate::engine::around::{self, around};
use crate::engine::columns::of_line;
use crate::engine::facets;
use crate::engine::placed::line_at;
use crate::model::entry::Entry;
use crate::query::condition::Query;
use crate::render::wire::facets::Of;
use crate::render::{chosen, csv, lines, wire};
use crate::store::{Found, Page, StoreError, Window};

/// Lines shown as text or one JSON document unless asked for more or fewer: both are held
/// in memory. As NDJSON and CSV all lines go through, however many.
const LINES_MAX: usize = 10_000;

/// Values and patterns listed unless asked for more or fewer: a screen or two.
const VALUES_MAX: usize = 50;

/// The field by which patterns are counted.
const PATTERNS: &str = "template";

/// Lists the lines that match.
///
/// # Errors
/// When there are none, the query is wrong, the store cannot be read, or the answer not written.
pub fn run(
    console: &Console,
    session: &Session,
    arguments: &LinesArguments,
) -> Result<(), Failure> {
    let window = console.window(&arguments.window)?;
    let query = question_of_lines(&arguments.query, session.reader(), console)?;
    if arguments.count {
        let count = count(session, &query, &window)?;
        console.answer(|out| writeln!(out, "{count}"))?;
        return if count == 0 { Err(none_found(arguments)) } else { Ok(()) };
    }
    if arguments.patterns || !arguments.by.is_empty() {
        return counted(console, session, arguments, (&query, window));
    }
    known_columns(&arguments.fields, session.reader())?;
    if let (Some(from), Some(to)) = (&arguments.from, &arguments.to) {
        return between(console, session, arguments, &query, [from, to]);
    }
    let streamed =
        arguments.fields.is_empty() && matches!(arguments.format, Format::Ndjson | Format::Csv);
    if streamed && arguments.limit.is_none() {
        return if stream(console, session, arguments, &query, &window)? {
            Ok(())
        } else {
            Err(none_found(arguments))
        };
    }
    let limit = arguments.limit.map_or(LINES_MAX, NonZeroUsize::get);
    let found = session
        .reader()
        .lines(&query, &Page { limit, window })
        .map_err(|error| of_store(&error))?;
    if found.items.is_empty() {
        return Err(none_found(arguments));
    }
    match arguments.context {
        Some(count) => with_context(console, session, arguments, (&query, &found), count)?,
        None => show(console, session, arguments, (&query, &found))?,
    }
    tell_total(console, &found);
    Ok(())
}

fn counted(
    console: &Console,
    session: &Session,
    arguments: &LinesArguments,
    (query, window): (&Query, Window),
) -> Result<(), Failure> {
    let patterns = [PATTERNS.to_owned()];
    let fields = if arguments.patterns { &patterns[..] } else { &arguments.by };
    known_columns(fields, session.reader())?;
    let facets = facets::of_lines(session.reader(), query, window, fields)
        .map_err(|error| of_store(&error))?;
    if facets.total.series.total().calls == 0 {
        return Err(none_found(arguments));
    }
    let limit = arguments.limit.map_or(VALUES_MAX, NonZeroUsize::get);
    let counts = Counts { of: Of::Lines, fields, limit, facets };
    counts::show(console, session, arguments.format, &counts)
}

/// Shows what one instance said between two of its lines.
fn between(
    console: &Console,
    session: &Session,
    arguments: &LinesArguments,
    query: &Query,
    places: [&String; 2],
) -> Result<(), Failure> {
    let line = |place: &String| {
        let found = line_at(session.reader(), place).map_err(|error| of_store(&error))?;
        found.ok_or_else(|| {
            Failure::none_found(format!("no line that was read stands at {}", typed(place)))
                .with_hint("a place is a path and a line, as `lines --full` shows them: app.log:34")
        })
    };
    let (from, to) = (line(places[0])?, line(places[1])?);
    let limit = arguments.limit.map_or(LINES_MAX, NonZeroUsize::get);
    let found = around::between(session.reader(), (&from, &to), query, limit);
    let Some(found) = found.map_err(|error| of_store(&error))? else {
        return Err(Failure::yours("the two lines are of different instances")
            .with_hint("name two lines of one instance of one service"));
    };
    if found.items.is_empty() {
        return Err(none_found(arguments));
    }
    show(console, session, arguments, (query, &found))?;
    tell_total(console, &found);
    Ok(())
}

fn tell_total(console: &Console, found: &Found<Entry>) {
    let shown = found.items.len();
    if !found.exact {
        console.note(&format!("the first {shown} lines; more with --limit"));
    } else if found.total > shown as u64 {
        console.note(&format!("{shown} of {} lines; more with --limit", found.total));
    }
}

fn none_found(arguments: &LinesArguments) -> Failure {
    Failure::none_found(format!("no line matches {}", typed(&arguments.query)))
}

/// Writes each line among what its instance said around it; a line that was shown around
/// another one is not shown again.
fn with_context(
    console: &Console,
    session: &Session,
    arguments: &LinesArguments,
    (query, found): (&Query, &Found<Entry>),
    count: usize,
) -> Result<(), Failure> {
    let style = console.style(&session.paths, arguments.full);
    let marks = marks_of_lines(query);
    let mut shown = HashSet::new();
    for line in &found.items {
        let place = |entry: &Entry| (entry.path.clone(), entry.record.position.offset);
        if shown.contains(&place(line)) {
            continue;
        }
        let near = around(session.reader(), line, count).map_err(|error| of_store(&error))?;
        let is_first = shown.is_empty();
        shown.extend(near.iter().map(place));
        console.answer(|out| {
            if !is_first {
                writeln!(out, "--")?;
            }
            lines::lines(out, &near, &marks, &style)
        })?;
    }
    if let [only] = &found.items[..]
        && let Some(id) = only.context.trace_id
    {
        console.note(&format!("its request: logloom trace {id} {}", session.named()));
    }
    Ok(())
}

fn show(
    console: &Console,
    session: &Session,
    arguments: &LinesArguments,
    (query, found): (&Query, &Found<Entry>),
) -> Result<(), Failure> {
    let fields = &arguments.fields;
    let cells = || {
        let cells_of = |entry| fields.iter().map(|field| of_line(entry, field)).collect();
        found.items.iter().map(cells_of).collect::<Vec<_>>()
    };
    console.answer(|out| match arguments.format {
        Format::Text if !fields.is_empty() => {
            chosen::table(out, fields, &cells(), &console.style(&session.paths, false))
        }
        Format::Csv if !fields.is_empty() => {
            chosen::csv(out, fields, &cells(), &console.csv(&session.paths))
        }
        Format::Text => {
            let style = console.style(&session.paths, arguments.full);
            lines::lines(out, &found.items, &marks_of_lines(query), &style)
        }
        Format::Json => {
            wire::lines::json(out, &found.items, (found.total, found.exact), &session.paths)
        }
        Format::Ndjson => wire::lines::ndjson(out, &found.items, &session.paths),
        Format::Csv => csv::lines(out, &found.items, &console.csv(&session.paths)),
    })
}

fn count(session: &Session, query: &Query, window: &Window) -> Result<u64, Failure> {
    let mut count = 0;
    let counting = &mut |_| {
        count += 1;
        ControlFlow::Continue(())
    };
    session.reader().each_line(query, window, counting).map_err(|error| of_store(&error))?;
    Ok(count)
}

/// Writes every line as it is found, request by request. Whether there was any.
fn stream(
    console: &Console,
    session: &Session,
    arguments: &LinesArguments,
    query: &Query,
    window: &Window,
) -> Result<bool, Failure> {
    let mut any = false;
    let mut broken: Option<StoreError> = None;
    console.answer(|out| {
        let style = console.csv(&session.paths);
        if arguments.format == Format::Csv {
            csv::header(out)?;
        }
        let mut written: io::Result<()> = Ok(());
        let writing = &mut |entry| {
            any = true;
            written = match arguments.format {
                Format::Csv => csv::line(out, &entry, &style),
                _ => wire::lines::ndjson(out, [&entry], &session.paths),
            };
            if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        broken = session.reader().each_line(query, window, writing).err();
        written
    })?;
    broken.map_or(Ok(any), |error| Err(of_store(&error)))
}
