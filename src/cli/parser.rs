//! `logloom parser`: the definitions of log formats.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::arguments::everywhere::LogZone;
use crate::cli::arguments::parser::{ParserArguments, ParserCommand};
use crate::cli::console::Console;
use crate::cli::explain;
use crate::cli::failure::Failure;
use crate::decode::definition::{Definitions, Origin};
use crate::decode::error::DefinitionError;
use crate::decode::proof::check_file;
use crate::decode::zones::Zones;
use crate::render::painted::{Painted, Role};
use crate::render::path::PathView;
use crate::render::table::{Column, Table};
use crate::store::location::Environment;

/// The columns of the list; what the format is gives way first.
const COLUMNS: [Column; 4] = [
    Column::words("NAME"),
    Column::words("SHAPE"),
    Column::words("FROM"),
    Column::words("WHAT").shrinking_to(20),
];

/// The JSON Schema of definition files, for editors.
const SCHEMA: &str = include_str!("../../docs/schema/parser.schema.json");

/// Where the definitions come from beside ours: directories, the later ones win.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    directories: Vec<PathBuf>,
    zones: Vec<LogZone>,
}

impl Sources {
    /// The configuration directory's `parsers`, if there is one, then the one that was named.
    /// `zones` are those of logs with local times.
    pub fn new(named: Option<&Path>, zones: &[LogZone], environment: &Environment) -> Self {
        let own = environment.configuration().map(|root| root.join("parsers"));
        let own = own.filter(|directory| directory.is_dir());
        let directories = own.into_iter().chain(named.map(Path::to_owned)).collect();
        Self { directories, zones: zones.to_vec() }
    }

    /// Our definitions with those of these directories.
    ///
    /// # Errors
    /// When one of them is wrong.
    pub fn definitions(&self) -> Result<Arc<Definitions>, Failure> {
        let all = if self.directories.is_empty() {
            Definitions::embedded()
        } else {
            let all = Definitions::with_directories(&self.directories);
            Arc::new(all.map_err(|error| wrong(&error))?)
        };
        if self.zones.is_empty() {
            return Ok(all);
        }
        let mut zones = Zones::default();
        for one in &self.zones {
            zones.add(one.pattern.as_deref(), one.zone.clone()).map_err(Failure::yours)?;
        }
        Ok(Arc::new(all.in_zones(zones)))
    }

    /// Whether there is more to it than our definitions.
    pub const fn is_extended(&self) -> bool {
        !self.directories.is_empty() || !self.zones.is_empty()
    }

    /// The texts of the users' definitions and what they say of zones, by which a store that was
    /// made with them is told from others.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn texts(&self) -> Result<Vec<Vec<u8>>, Failure> {
        let mut texts: Vec<Vec<u8>> =
            self.zones.iter().map(|zone| format!("zone {}", zone.text).into_bytes()).collect();
        for directory in &self.directories {
            let failed =
                |error: std::io::Error| Failure::yours(format!("{}: {error}", directory.display()));
            for entry in std::fs::read_dir(directory).map_err(failed)? {
                let path = entry.map_err(failed)?.path();
                if path.extension().is_some_and(|extension| extension == "toml") {
                    texts.push(std::fs::read(path).map_err(failed)?);
                }
            }
        }
        Ok(texts)
    }
}

/// Lists definitions, runs the samples of some, or tells what they make of a file.
///
/// # Errors
/// When a definition is wrong, or the answer cannot be written.
pub fn run(
    console: &Console,
    sources: &Sources,
    arguments: &ParserArguments,
) -> Result<(), Failure> {
    match &arguments.command {
        ParserCommand::List => list(console, sources),
        ParserCommand::Test { files } => files.iter().try_for_each(|file| test(console, file)),
        ParserCommand::Explain { file } => explain::run(console, sources, file),
        ParserCommand::Schema => console.answer(|out| out.write_all(SCHEMA.as_bytes())),
    }
}

fn list(console: &Console, sources: &Sources) -> Result<(), Failure> {
    let definitions = sources.definitions()?;
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
