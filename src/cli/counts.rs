//! Requests or lines counted by the values of a field, in every format.

use crate::analysis::facets::Facets;
use crate::cli::arguments::everywhere::Format;
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::session::Session;
use crate::render::wire;
use crate::render::wire::facets::Of;

/// What was counted.
pub struct Counts<'a> {
    /// What.
    pub of: Of,
    /// By which fields.
    pub fields: &'a [String],
    /// Values shown.
    pub limit: usize,
    /// The counts.
    pub facets: Facets,
}

/// The name that stands for the time itself.
const TIME: &str = "time";

/// The name of what a line says without its values.
const TEMPLATE: &str = "template";

/// Writes counts.
///
/// # Errors
/// When they cannot be written.
pub fn show(
    console: &Console,
    session: &Session,
    format: Format,
    counts: &Counts<'_>,
) -> Result<(), Failure> {
    let Counts { of, fields, limit, facets } = counts;
    let style = console.style(&session.paths, false);
    console.answer(|out| match format {
        Format::Text if **fields == [TIME] => {
            crate::render::facets::over_time(out, &facets.total, &style)
        }
        Format::Text if **fields == [TEMPLATE] => {
            crate::render::facets::patterns(out, facets, *limit, &style)
        }
        Format::Text => crate::render::facets::by_value(out, facets, *limit, &style),
        Format::Json => wire::facets::json(out, facets, (*of, &fields.join(",")), *limit),
        Format::Ndjson => wire::facets::ndjson(out, facets, *limit),
        Format::Csv => {
            crate::render::facets::csv(out, facets, *limit, &console.csv(&session.paths))
        }
    })?;
    if facets.values() > *limit {
        console.note(&format!("{limit} of {} values; more with --limit", facets.values()));
    }
    Ok(())
}
