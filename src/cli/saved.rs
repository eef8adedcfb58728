//! Queries with a name: `logloom search @slow-checkouts`.
//!
//! They stand in one TOML file of the user's, with words for the reader:
//!
//! ```toml
//! [slow-checkouts]
//! about = "Checkouts that kept someone waiting"
//! query = 'root.operation:"POST /checkout" duration:>2s'
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cli::arguments::config::{ConfigArguments, ConfigCommand};
use crate::cli::arguments::{Arguments, Command};
use crate::cli::config;
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::question::refuse_mistakes;
use crate::cli::watch;
use crate::query::names::nearest;
use crate::render::painted::{Painted, Role};

/// A larger file is not one of queries.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// One query.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    about: String,
    query: String,
}

type Queries = BTreeMap<String, Saved>;

/// Puts saved queries in the place of their names.
///
/// # Errors
/// When a name is not known, or the file of queries cannot be read.
pub fn resolve(arguments: &mut Arguments) -> Result<(), Failure> {
    let query = match &mut arguments.command {
        Command::Search(search) => Some(&mut search.query),
        Command::Lines(lines) => Some(&mut lines.query),
        Command::Export(export) => export.query_and_paths.first_mut(),
        Command::Map(map) => map.query_and_paths.first_mut(),
        _ => None,
    };
    let Some(query) = query else { return Ok(()) };
    let Some(name) = query.strip_prefix('@').filter(|name| is_name(name)) else { return Ok(()) };
    let file = file()?;
    let queries = read(&file)?;
    let Some(saved) = queries.get(name) else {
        let failure =
            Failure::yours(format!("no query is saved as `{name}` in {}", file.display()));
        return Err(match nearest(name, queries.keys().map(String::as_str)) {
            Some(nearest) => failure.with_hint(format!("did you mean `@{nearest}`?")),
            None => failure.with_hint("`logloom config check` lists those that are"),
        });
    };
    query.clone_from(&saved.query);
    Ok(())
}

/// Whether a text after `@` can be the name of a query: else it is text to look for.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "-_".contains(character))
}

/// `logloom config`.
///
/// # Errors
/// When the file cannot be read, a query in it is wrong, or the answer cannot be written.
pub fn run(console: &Console, arguments: &ConfigArguments) -> Result<(), Failure> {
    match &arguments.command {
        ConfigCommand::Show { origin } => config::show(console, *origin),
        ConfigCommand::Schema => config::schema(console),
        ConfigCommand::Path => {
            let file = file()?;
            console.answer(|out| writeln!(out, "{}", file.display()))
        }
        ConfigCommand::Check { file: given } => {
            let file = given.clone().map_or_else(file, Ok)?;
            let text = fs::read_to_string(&file).unwrap_or_default();
            if watch::file::is_one(&text) {
                return watch::check(console, &file);
            }
            check(console, &file)
        }
    }
}

/// Reads every query; names those that are right and those that are wrong.
fn check(console: &Console, file: &Path) -> Result<(), Failure> {
    let queries = read(file)?;
    for (name, saved) in &queries {
        let place = || format!("{}: query `{name}`", file.display());
        if !is_name(name) {
            return Err(Failure::yours(format!("{}: not a name to type", place()))
                .with_hint("a name is made of letters, digits, - and _"));
        }
        if saved.about.trim().is_empty() {
            return Err(Failure::yours(format!("{}: nothing is said about it", place()))
                .with_hint("about = \"…\" says what it finds"));
        }
        refuse_mistakes(&saved.query).map_err(|failure| failure.at(&place()))?;
    }
    console.answer(|out| {
        queries.iter().try_for_each(|(name, saved)| {
            let mut line = Painted::of(Role::Strong, &format!("@{name}"));
            line.push(Role::Plain, &format!("  {}", saved.about));
            line.write_line(out, false)?;
            Painted::of(Role::Dim, &format!("  {}", saved.query)).write_line(out, false)
        })
    })
}

/// The queries that are saved, if there is a file of them.
pub(super) fn if_any() -> Result<Vec<(String, String)>, Failure> {
    let file = file()?;
    if !file.exists() {
        return Ok(Vec::new());
    }
    Ok(read(&file)?.into_iter().map(|(name, saved)| (name, saved.query)).collect())
}

fn read(file: &Path) -> Result<Queries, Failure> {
    let failed = |error: &io::Error| {
        let failure = Failure::yours(format!("{}: {error}", file.display()));
        if error.kind() == io::ErrorKind::NotFound {
            return failure
                .with_hint("each query in it has a name: [slow] about = \"…\", query = \"…\"");
        }
        failure
    };
    let bytes = fs::metadata(file).map_err(|error| failed(&error))?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(Failure::yours(format!("{}: {bytes} bytes are too many", file.display())));
    }
    let text = fs::read_to_string(file).map_err(|error| failed(&error))?;
    toml::from_str(&text).map_err(|error| {
        Failure::yours(format!("{}: {}", file.display(), error.to_string().trim_end()))
    })
}

/// Where the user's queries are.
pub(super) fn file() -> Result<PathBuf, Failure> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(file) = named("LOGLOOM_QUERIES") {
        return Ok(PathBuf::from(file));
    }
    let folder = named("XDG_CONFIG_HOME").map(PathBuf::from);
    let folder = folder.or_else(|| Some(PathBuf::from(named("HOME")?).join(".config")));
    folder.map(|folder| folder.join("logloom").join("queries.toml")).ok_or_else(|| {
        Failure::ours("neither XDG_CONFIG_HOME nor HOME says where settings are kept")
            .with_hint("name the file with LOGLOOM_QUERIES=FILE")
    })
}
