//! `logloom parser explain`: which definitions take which lines of a file, and why.

use std::path::Path;

use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::parser::Sources;
use crate::cli::session::path_view;
use crate::engine::explain::explain;
use crate::model::skipped::SkipKind;
use crate::render::explanation::explanation;
use crate::source::find::find;
use crate::source::selection::Selection;

/// Explains a file, or all files of a directory or archive together.
///
/// # Errors
/// When nothing of it can be read, a definition is wrong, or the answer cannot be written.
pub fn run(console: &Console, sources: &Sources, file: &Path) -> Result<(), Failure> {
    let definitions = sources.definitions()?;
    let selection =
        Selection::new::<&str>(&[], &[]).map_err(|error| Failure::ours(error.to_string()))?;
    let found = find(&[file.to_owned()], &selection);
    let (told, skipped) = explain(&found.units, &selection, definitions);
    let skipped: Vec<_> = found.skipped.iter().chain(&skipped).collect();
    if told.lines == 0 {
        let why = skipped.first().map_or("it has no lines", |skipped| skipped.reason.as_str());
        return Err(Failure::yours(format!("{}: {why}", file.display())));
    }
    let style = console.style(&path_view(&[file.display().to_string()]), false);
    console.answer(|out| explanation(out, &told, &style))?;
    for skipped in skipped.iter().filter(|skipped| skipped.kind == SkipKind::Unreadable) {
        console.warn(&format!("{}: {}", skipped.path, skipped.reason));
    }
    Ok(())
}
