//! Flags, one file a command; hints and exit codes.

pub mod arguments;
pub mod compare;
pub mod completions;
pub mod config;
pub mod console;
pub mod counts;
pub mod explain;
pub mod diagnose;
pub mod export;
pub mod failure;
pub mod groups;
pub mod index;
pub mod interrupt;
pub mod lines;
pub mod manual;
pub mod map;
pub mod moment;
pub mod parser;
pub mod patience;
pub mod progress;
pub mod question;
pub mod saved;
pub mod search;
pub mod session;
pub mod store;
pub mod tail;
pub mod terminal;
pub mod trace;
pub mod watch;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Parser;

use crate::cli::arguments::everywhere::InputArguments;
use crate::cli::arguments::trace::TraceArguments;
use crate::cli::arguments::{Arguments, Command};
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::parser::Sources;
use crate::cli::session::Session;
use crate::engine::pasted;
use crate::model::time::Timestamp;
use crate::render::escape::{is_unsafe, visible};
use crate::store::location::Environment;

/// Runs the program with the arguments, clock and terminal of this process.
pub fn main() -> ExitCode {
    let mut arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return not_arguments(&error),
    };
    let console = Console::new(&arguments.global, now());
    match saved::resolve(&mut arguments).and_then(|()| run(&console, &arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console.fail(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Shows the help that was asked for, or what is wrong with the arguments. What was typed is
/// repeated in it, and may be anything.
fn not_arguments(error: &clap::Error) -> ExitCode {
    let is_harmless = |argument: OsString| !argument.to_string_lossy().contains(is_unsafe);
    if !error.use_stderr() || std::env::args_os().all(is_harmless) {
        // Nowhere is left to tell that the output is gone.
        let _ = error.print();
    } else {
        let message = error.render().to_string();
        let shown =
            message.lines().fold(String::new(), |shown, line| shown + &visible(line) + "\n");
        let _ = io::stderr().lock().write_all(shown.as_bytes());
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn run(console: &Console, arguments: &Arguments) -> Result<(), Failure> {
    refuse_mistakes(console, &arguments.command)?;
    let named = arguments.global.parsers.as_deref();
    let parsers = &Sources::new(named, &arguments.global.log_zone, &Environment::of_process());
    let ask = |paths: &[String],
               input: &InputArguments,
               answer: &dyn Fn(&Session) -> Result<(), Failure>| {
        let session = Session::open(console, parsers, paths, input)?;
        let answered = answer(&session);
        // What could not be read weighs more than that nothing was found: it may have been there.
        session.end(console).and(answered)
    };
    match &arguments.command {
        Command::Trace(trace) => {
            ask(&trace.paths, &trace.input, &|session| trace::run(console, session, trace))
        }
        Command::Search(search) => {
            ask(&search.paths, &search.input, &|session| search::run(console, session, search))
        }
        Command::Lines(lines) => {
            ask(&lines.paths, &lines.input, &|session| lines::run(console, session, lines))
        }
        Command::Index(index) => {
            ask(&index.paths, &index.input, &|session| index::run(console, session, index))
        }
        Command::Export(export) => {
            let (query, paths) = export.query_and_paths(names_something);
            refuse_a_query_alone(query, paths, &export.input)?;
            ask(paths, &export.input, &|session| export::run(console, session, export, query))
        }
        Command::Diagnose(diagnose) => {
            let (what, paths) = diagnose.what_and_paths(names_something);
            refuse_a_query_alone(what, paths, &diagnose.input)?;
            ask(paths, &diagnose.input, &|session| diagnose::run(console, session, diagnose, what))
        }
        Command::Compare(compare) => {
            ask(compare.paths(), &compare.input, &|session| compare::run(console, session, compare))
        }
        Command::Map(map) => {
            let (query, paths) = map.query_and_paths(names_something);
            refuse_a_query_alone(query, paths, &map.input)?;
            ask(paths, &map.input, &|session| map::run(console, session, map, query))
        }
        Command::Tail(tail) => tail::run(console, parsers, tail),
        Command::Store(arguments) => store::run(console, parsers, arguments),
        Command::Parser(parser) => parser::run(console, parsers, parser),
        Command::Config(config) => saved::run(console, config),
        Command::Completions(shell) => console.answer(|out| completions::write(out, shell.shell)),
        Command::Manual(manual) => manual::write(&manual.directory)
            .map_err(|error| Failure::output(&manual.directory.display().to_string(), &error)),
    }
}

/// Refuses what cannot be asked before anything is read for it: reading may take minutes.
fn refuse_mistakes(console: &Console, command: &Command) -> Result<(), Failure> {
    let (query, window) = match command {
        Command::Trace(TraceArguments { what, .. }) if what.trim().is_empty() => {
            return Err(Failure::yours("the text to look for is empty")
                .with_hint("name a trace id, an order id or another value, or words"));
        }
        Command::Trace(trace) => (None, &trace.window),
        // What was pasted is no query, and told from a mistake only by what is known.
        Command::Search(search) if pasted::may_be(&search.query) => (None, &search.window),
        Command::Search(search) => (Some(search.query.as_str()), &search.window),
        Command::Lines(lines) => {
            question::refuse_mistakes_of_lines(&lines.query)?;
            (None, &lines.window)
        }
        Command::Export(export) => (export.query_and_paths(names_something).0, &export.window),
        Command::Diagnose(diagnose) => {
            let (what, _) = diagnose.what_and_paths(names_something);
            return diagnose::refuse_mistakes(console, diagnose, what);
        }
        Command::Compare(compare) => {
            if compare.bad.is_none() && compare.two_requests().is_none() {
                return Err(compare::not_two());
            }
            compare.good.as_deref().map_or(Ok(()), question::refuse_mistakes)?;
            (compare.bad.as_deref(), &compare.window)
        }
        Command::Map(map) => (map.query_and_paths(names_something).0, &map.window),
        Command::Tail(_)
        | Command::Index(_)
        | Command::Store(_)
        | Command::Parser(_)
        | Command::Config(_)
        | Command::Completions(_)
        | Command::Manual(_) => {
            return Ok(());
        }
    };
    query.map_or(Ok(()), question::refuse_mistakes)?;
    console.window(window).map(drop)
}

/// Refuses a first word that is no path where nothing else says what to read.
fn refuse_a_query_alone(
    query: Option<&str>,
    paths: &[String],
    input: &InputArguments,
) -> Result<(), Failure> {
    match query {
        Some(query) if paths.is_empty() && input.store.is_none() => {
            Err(Failure::yours(format!("no logs are named, and `{query}` is no file"))
                .with_hint("a first word that names nothing is taken for a query"))
        }
        _ => Ok(()),
    }
}

/// Whether a word that may be a query names files instead.
fn names_something(word: &str) -> bool {
    Path::new(word).exists()
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_nanoseconds(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}
