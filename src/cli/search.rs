//! `logloom search`: the requests that match, as a table.

use std::time::Instant;

use crate::cli::arguments::everywhere::Format;
use crate::cli::arguments::search::{SearchArguments, Sort};
use crate::cli::console::Console;
use crate::cli::counts::{self, Counts};
use crate::cli::failure::{Failure, of_store, typed};
use crate::cli::question::{is_plain, known_columns, mark, marks, question};
use crate::cli::session::Session;
use crate::engine::columns::of_request;
use crate::engine::facets;
use crate::engine::pasted;
use crate::engine::search::{self, Answer, Match, Order, Partial, Search};
use crate::query::question::Question;
use crate::render::highlight::Mark;
use crate::render::requests::{RequestRow, Why};
use crate::render::summary::quoted;
use crate::render::wire::facets::Of;
use crate::render::wire::search::{WirePlan, WireStep, WireTotal};
use crate::render::{chosen, csv, requests, wire};
use crate::store::Window;

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
    let query = match question(&arguments.query, session.reader(), console) {
        Ok(query) => query,
        Err(mistake) => {
            let is_told = pasted::may_be(&arguments.query)
                && pasted_text(console, session, arguments, window)?;
            return if is_told { Ok(()) } else { Err(mistake) };
        }
    };
    if !arguments.by.is_empty() {
        return count(console, session, arguments, &query, window);
    }
    known_columns(&arguments.fields, session.reader())?;
    let began = Instant::now();
    let deadline = arguments.deadline();
    let wanted = Search {
        question: &query,
        window,
        order: match arguments.sort {
            Sort::Best => Order::Best,
            Sort::Time => Order::Time,
            Sort::Duration => Order::Duration,
            Sort::Errors => Order::Errors,
            Sort::Spans => Order::Spans,
        },
        limit: arguments.limit(),
        is_over: &|| deadline.is_some_and(|deadline| began.elapsed() > deadline),
    };
    let found = search::search(&session.source(), &wanted).map_err(|error| of_store(&error))?;
    if arguments.explain && arguments.format != Format::Json {
        explain(console, &query, &found);
    }
    if found.matches.is_empty() {
        tell_partial(console, found.partial);
        let is_told = is_plain(&query)
            && pasted::is_prose(&arguments.query)
            && pasted_text(console, session, arguments, window)?;
        return if is_told { Ok(()) } else { Err(none_found(session, arguments)) };
    }
    show(console, session, arguments, &marks(&query), &found)?;
    tell_partial(console, found.partial);
    tell_total(console, &found);
    Ok(())
}

/// Shows the requests that a text is about which is no query, or finds nothing as one; whether
/// there are any.
fn pasted_text(
    console: &Console,
    session: &Session,
    arguments: &SearchArguments,
    window: Window,
) -> Result<bool, Failure> {
    if !arguments.by.is_empty() {
        return Ok(false);
    }
    let text = &arguments.query;
    let found =
        pasted::answer(&session.source(), text, window).map_err(|error| of_store(&error))?;
    let Some(mut found) = found else { return Ok(false) };
    found.matches.truncate(arguments.limit());
    let marks: Vec<Mark> = pasted::asked(text).iter().filter_map(mark).collect();
    show(console, session, arguments, &marks, &found)?;
    console.note("not asked as a query: these requests say most of this text");
    tell_total(console, &found);
    Ok(true)
}

fn count(
    console: &Console,
    session: &Session,
    arguments: &SearchArguments,
    query: &Question,
    window: Window,
) -> Result<(), Failure> {
    known_columns(&arguments.by, session.reader())?;
    let facets = facets::of_requests(&session.source(), query, window, &arguments.by)
        .map_err(|error| of_store(&error))?;
    if facets.total.series.total().calls == 0 {
        return Err(none_found(session, arguments));
    }
    let counts =
        Counts { of: Of::Requests, fields: &arguments.by, limit: arguments.limit(), facets };
    counts::show(console, session, arguments.format, &counts)
}

fn none_found(session: &Session, arguments: &SearchArguments) -> Failure {
    Failure::none_found(format!("no request matches {}", typed(&arguments.query))).with_hint(
        format!(
            "each condition must hold in some line of one request; `logloom lines {} {}` looks at \
         single lines",
            quoted(&arguments.query),
            session.named(),
        ),
    )
}

fn show(
    console: &Console,
    session: &Session,
    arguments: &SearchArguments,
    marks: &[Mark],
    found: &Answer,
) -> Result<(), Failure> {
    let rows: Vec<RequestRow> = found.matches.iter().map(row).collect();
    let fields = &arguments.fields;
    let cells = || {
        let cells_of =
            |found: &Match| fields.iter().map(|field| of_request(found, field)).collect();
        found.matches.iter().map(cells_of).collect::<Vec<_>>()
    };
    console.answer(|out| match arguments.format {
        Format::Text if fields.is_empty() => {
            let style = console.style(&session.paths, false);
            requests::requests(out, &rows, marks, &style)
        }
        Format::Text => chosen::table(out, fields, &cells(), &console.style(&session.paths, false)),
        Format::Csv if fields.is_empty() => csv::requests(out, &rows, &console.csv(&session.paths)),
        Format::Csv => chosen::csv(out, fields, &cells(), &console.csv(&session.paths)),
        Format::Json => {
            wire::search::json(out, &rows, total(found, arguments.explain), &session.paths)
        }
        Format::Ndjson => wire::search::ndjson(out, &rows, &session.paths),
    })
}

/// A request's row, with the line that made it match.
fn row(found: &Match) -> RequestRow {
    let trace = &found.trace;
    let place = |line: usize| {
        let entry = &trace.entries[line].entry;
        (entry.path.to_string(), entry.record.position.line)
    };
    let reasons = found.reasons.iter();
    let why = Why {
        reasons: reasons.map(|reason| (reason.condition.clone(), reason.line.map(place))).collect(),
        doubts: found.doubts.iter().map(ToString::to_string).collect(),
    };
    RequestRow::of(trace, found.entry().clone(), why)
}

fn total(found: &Answer, explain: bool) -> WireTotal {
    let plan = &found.plan;
    let steps = plan
        .steps
        .iter()
        .map(|step| WireStep { condition: step.condition.to_string(), requests: step.requests });
    WireTotal {
        total: found.total,
        exact: found.exact,
        partial: found.partial.map(|partial| match partial {
            Partial::Deadline => "deadline",
            Partial::TooMany => "too_many",
        }),
        plan: explain.then(|| WirePlan {
            steps: steps.collect(),
            candidates: plan.candidates,
            read: plan.read,
            assembled: plan.assembled,
            yes: plan.yes,
            cannot_tell: plan.cannot_tell,
        }),
    }
}

/// The plan, above the answer.
fn explain(console: &Console, query: &Question, found: &Answer) {
    let plan = &found.plan;
    console.say_asked(&format!("query      {query}"));
    for step in &plan.steps {
        match step.requests {
            Some(requests) => {
                console.say_asked(&format!("look up    {requests:>9}  {}", step.condition));
            }
            None => console.say_asked(&format!("left to reading      {}", step.condition)),
        }
    }
    console.say_asked(&format!("candidates {:>9}", plan.candidates));
    console.say_asked(&format!("read       {:>9}", plan.read));
    console.say_asked(&format!("assembled  {:>9}", plan.assembled));
    console.say_asked(&format!("match      {:>9}", plan.yes));
    if plan.cannot_tell > 0 {
        console.say_asked(&format!("unsure     {:>9}", plan.cannot_tell));
    }
}

fn tell_partial(console: &Console, partial: Option<Partial>) {
    match partial {
        Some(Partial::Deadline) => console.warn(
            "time was up: these are the best of those looked at; --deadline none looks at all",
        ),
        Some(Partial::TooMany) => console.warn(
            "too many match to sort them all: these are the first of those that were; narrow the \
             query down, or sort by time",
        ),
        None => {}
    }
}

fn tell_total(console: &Console, found: &Answer) {
    let shown = found.matches.len() as u64;
    if !found.exact {
        console.note(&format!("the first {shown} requests; more with --limit"));
    } else if found.total > shown {
        console.note(&format!("{shown} of {} requests; more with --limit", found.total));
    }
}
