//! `logloom store`: looks after a store.

use std::path::{Path, PathBuf};

use crate::cli::arguments::store::{
    PruneArguments, ReportArguments, StoreArguments, StoreCommand, StoreFormat, WhichStore,
};
use crate::cli::console::Console;
use crate::cli::failure::{Failure, of_store};
use crate::cli::parser::Sources;
use crate::cli::session::{directory, path_view};
use crate::engine::answer::Source;
use crate::engine::ledger::Ledger;
use crate::engine::lesson;
use crate::engine::retention::{Retention, judge};
use crate::render::path::PathView;
use crate::render::store::{self, SourceRow};
use crate::render::summary::bytes;
use crate::render::wire;
use crate::source::find::Found;
use crate::store::care::Rewritten;
use crate::store::embedded::{StoreReader, StoreWriter, newest_within, statistics, verify};

/// How often the oldest is let go to reach a size: what is left may compress less well.
const ATTEMPTS_MAX: usize = 4;

/// Does what is asked for a store.
///
/// # Errors
/// When there is no store, it is damaged, or the answer cannot be written.
pub fn run(
    console: &Console,
    parsers: &Sources,
    arguments: &StoreArguments,
) -> Result<(), Failure> {
    match &arguments.command {
        StoreCommand::Stats(report) => stats(console, &store_of(parsers, &report.which)?, report),
        StoreCommand::Verify(report) => look(console, &store_of(parsers, &report.which)?, report),
        StoreCommand::Compact(which) => {
            let done = rewrite(&store_of(parsers, which)?, None)?;
            console.answer(|out| {
                let (before, after) = (bytes(done.bytes_before), bytes(done.bytes_after));
                writeln!(
                    out,
                    "{} lines written anew, {before} before, {after} now",
                    done.kept_lines
                )
            })
        }
        StoreCommand::Prune(what) => prune(console, &store_of(parsers, &what.which)?, what),
    }
}

/// Where the store is that these paths were read into, or that is named.
fn store_of(parsers: &Sources, which: &WhichStore) -> Result<PathBuf, Failure> {
    let WhichStore { paths, input } = which;
    if let Some(directory) = &input.store {
        return Ok(directory.clone());
    }
    if paths.is_empty() {
        return Err(Failure::yours("no store is named")
            .with_hint("name the logs that were read into it, or --store DIR"));
    }
    if paths.iter().any(|path| path == "-") {
        return Err(Failure::yours("what was read from standard input is not kept")
            .with_hint("name a store with --store DIR"));
    }
    let given: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    Ok(directory(input, &given, &Found::default(), &parsers.texts()?)?.0)
}

fn paths_of(which: &WhichStore) -> PathView {
    path_view(&which.paths)
}

fn stats(console: &Console, directory: &Path, report: &ReportArguments) -> Result<(), Failure> {
    let reader = StoreReader::open(directory).map_err(|error| of_store(&error))?;
    let held = statistics(&reader).map_err(|error| of_store(&error))?;
    let paths = paths_of(&report.which);
    let with_lines = held.sources.iter().filter(|source| source.checkpoint.tally.lines > 0);
    let rows: Vec<SourceRow> = with_lines
        .map(|source| SourceRow { share: source.clone(), ledger: Ledger::of(&source.checkpoint) })
        .collect();
    let style = console.style(&paths, false);
    console.answer(|out| match report.format {
        StoreFormat::Json => wire::store::statistics(out, &held, &rows, &paths),
        StoreFormat::Text => store::statistics(out, &held, &rows, &style),
    })
}

fn look(console: &Console, directory: &Path, report: &ReportArguments) -> Result<(), Failure> {
    let found = verify(directory).map_err(|error| of_store(&error))?;
    let paths = paths_of(&report.which);
    let style = console.style(&paths, false);
    console.answer(|out| match report.format {
        StoreFormat::Json => wire::store::verification(out, &found, &paths),
        StoreFormat::Text => store::verification(out, &found, &style),
    })?;
    if found.is_whole() {
        return Ok(());
    }
    Err(Failure::ours(format!(
        "{}: the store is damaged",
        paths.show(&directory.to_string_lossy())
    ))
    .with_hint("remove the store's directory; it is made anew from the logs"))
}

fn prune(console: &Console, directory: &Path, arguments: &PruneArguments) -> Result<(), Failure> {
    let before = arguments.older_than.as_deref().map(|time| console.point(time)).transpose()?;
    let mut retention = Retention { before, share: arguments.keep_share };
    let mut sum = Rewritten::default();
    for attempt in 0..ATTEMPTS_MAX {
        if let Some(size) = arguments.max_size {
            let reader = StoreReader::open(directory).map_err(|error| of_store(&error))?;
            let from = newest_within(&reader, size).map_err(|error| of_store(&error))?;
            if attempt > 0 && from.is_none() {
                break;
            }
            retention.before = retention.before.max(from);
        }
        let done = rewrite(directory, Some(&retention))?;
        if attempt == 0 {
            sum.bytes_before = done.bytes_before;
        }
        sum.dropped_lines += done.dropped_lines;
        sum.dropped_bytes += done.dropped_bytes;
        (sum.kept_lines, sum.bytes_after) = (done.kept_lines, done.bytes_after);
        let is_small = arguments.max_size.is_none_or(|size| done.bytes_after <= size);
        if is_small || done.dropped_lines == 0 {
            break;
        }
    }
    let style = console.style(&paths_of(&arguments.which), false);
    console.answer(|out| store::pruned(out, &sum, &style))
}

/// Writes a store anew with what the retention keeps; with everything without one.
fn rewrite(directory: &Path, retention: Option<&Retention>) -> Result<Rewritten, Failure> {
    let writer = StoreWriter::open_or_create(directory).map_err(|error| of_store(&error))?;
    let verdict = retention.map(|retention| {
        let reader = StoreReader::open(directory)?;
        let knowledge = lesson::recall(&reader)?;
        judge(&Source { reader: &reader, knowledge: &knowledge }, retention)
    });
    let verdict = verdict.transpose().map_err(|error| of_store(&error))?;
    let done = writer.rewrite(&|entry| verdict.as_ref().is_none_or(|verdict| verdict.keeps(entry)));
    done.map_err(|error| of_store(&error))
}
