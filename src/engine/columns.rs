//! What stands in a chosen column for a request or a line.

use crate::engine::facets::values_of;
use crate::engine::search::Match;
use crate::model::entry::Entry;
use crate::model::time::Timestamp;
use crate::query::facet::each_answer;
use crate::query::names::normalised;

/// What stands in one place of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing is known.
    Missing,
    /// Texts, each different.
    Texts(Vec<String>),
    /// A point in time.
    Time(Timestamp),
    /// A length of time in nanoseconds.
    Duration(i64),
    /// A number.
    Number(u64),
}

/// What a request that was found has in a column.
pub fn of_request(found: &Match, field: &str) -> Cell {
    let (trace, overview) = (&found.trace, &found.overview);
    match field {
        "start" | "time" => overview.start.map_or(Cell::Missing, Cell::Time),
        "duration" => overview.duration.map_or(Cell::Missing, Cell::Duration),
        "services" => Cell::Number(overview.services as u64),
        "spans" => Cell::Number(overview.spans as u64),
        "lines" => Cell::Number(overview.entries as u64),
        "errors" => Cell::Number(overview.errors as u64),
        "trace_id" => Cell::Texts(vec![trace.id.to_string()]),
        "message" => Cell::Texts(vec![found.entry().record.message.clone()]),
        _ => texts(values_of(trace, field).into_iter().collect()),
    }
}

/// What a line has in a column.
pub fn of_line(entry: &Entry, field: &str) -> Cell {
    match field {
        "time" | "start" => entry.time().map_or(Cell::Missing, Cell::Time),
        "line" => Cell::Number(entry.record.position.line),
        _ => {
            let mut values: Vec<String> = Vec::new();
            each_answer(entry, &normalised(field), &mut |value| {
                if !values.iter().any(|known| known == value) {
                    values.push(value.to_owned());
                }
            });
            texts(values)
        }
    }
}

fn texts(values: Vec<String>) -> Cell {
    if values.is_empty() { Cell::Missing } else { Cell::Texts(values) }
}
