//! `logloom parser`: the definitions of log formats.

use std::path::Path;
use std::sync::Arc;

use crate::cli::arguments::parser::{ParserArguments, ParserCommand};
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::decode::definition::{Definitions, Origin};
use crate::decode::error::DefinitionError;
use crate::decode::proof::check_file;
use crate::render::painted::{Painted, Role};
use crate::render::path::PathView;
use crate::render::table::{Column, Table};

/// The columns of the list; what the format is gives way first.
const COLUMNS: [Column; 4] = [
    Column::words("NAME"),
    Column::words("SHAPE"),
    Column::words("FROM"),
    Column::words("WHAT").shrinking_to(20),
];

/// Lists definitions or runs the samples of some.
///
/// # Errors
/// When a definition is wrong, or the answer cannot be written.
pub fn run(
    console: &Console,
    parsers: Option<&Path>,
    arguments: &ParserArguments,
) -> Result<(), Failure> {
    match &arguments.command {
        ParserCommand::List => list(console, parsers),
        ParserCommand::Test { files } => files.iter().try_for_each(|file| test(console, file)),
    }
}

/// Our definitions, with those of a user's directory added.
///
/// # Errors
/// When one of them is wrong.
pub fn definitions(directory: Option<&Path>) -> Result<Arc<Definitions>, Failure> {
    match directory {
        None => Ok(Definitions::embedded()),
        Some(directory) => {
            Definitions::with_directory(directory).map(Arc::new).map_err(|error| wrong(&error))
        }
    }
}

/// The texts of the definitions in a user's directory, by which a store that was made with
/// them is told from others.
///
/// # Errors
/// When one of them cannot be read.
pub fn texts(directory: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let failed =
        |error: std::io::Error| Failure::yours(format!("{}: {error}", directory.display()));
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            texts.push(std::fs::read(path).map_err(failed)?);
        }
    }
    Ok(texts)
}

fn list(console: &Console, parsers: Option<&Path>) -> Result<(), Failure> {
    let definitions = definitions(parsers)?;
    let style = console.style(&PathView::default(), false);
    let mut table = Table::new(&COLUMNS);
    for definition in definitions.iter() {
        let origin = match definition.origin() {
            Origin::Embedded => "built in".to_owned(),
            Origin::File(path) => path.display().to_string(),
        };
        let cells = [
            (Role::Strong, definition.name()),
            (Role::Plain, definition.shape()),
            (Role::Dim, origin.as_str()),
            (Role::Plain, definition.about()),
        ];
        table.row(cells.map(|(role, text)| Painted::of(role, text)).into(), Vec::new());
    }
    console.answer(|out| table.write(out, style.columns(), style.colour))
}

fn test(console: &Console, file: &Path) -> Result<(), Failure> {
    let report = check_file(file).map_err(|error| wrong(&error))?;
    if report.failures.is_empty() {
        return console.answer(|out| {
            let (samples, rejects) = (report.samples, report.rejects);
            writeln!(out, "{}: {samples} samples and {rejects} rejects hold", file.display())
        });
    }
    let lines: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
    Err(Failure::yours(lines.join("\n")))
}

/// A wrong definition in words.
fn wrong(error: &DefinitionError) -> Failure {
    let failure = Failure::yours(error.to_string());
    match error.hint() {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}
