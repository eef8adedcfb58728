//! Requests as they settle, one a row: the text of `logloom tail --requests`.

use std::io;

use crate::model::trace::Trace;
use crate::render::brief::Brief;
use crate::render::duration::duration;
use crate::render::moment::{Detail, moment};
use crate::render::painted::{Painted, Role, Services};
use crate::render::style::Style;

/// Columns of the parts of a row, with the blank behind each.
const DURATION_COLUMNS: usize = 9;
const COUNTS_COLUMNS: usize = 30;
/// What is left to the name of a request at least.
const NAME_COLUMNS_MIN: usize = 16;

/// How far a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its lines are still coming.
    Open,
    /// It is quiet.
    Settled,
    /// It was quiet before, and is again after a late line.
    SettledAgain,
}

impl State {
    /// The name in machine-readable answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Settled => "settled",
            Self::SettledAgain => "settled_again",
        }
    }
}

/// A request that is followed.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveRequest {
    /// What it is.
    pub brief: Brief,
    /// How far it is.
    pub state: State,
    /// Whether it took much longer than is usual for its operation.
    pub is_slow: bool,
}

impl LiveRequest {
    /// The row of a request.
    pub fn of(trace: &Trace, state: State, is_slow: bool) -> Self {
        Self { brief: Brief::of(trace), state, is_slow }
    }
}

/// Writes requests, one a row.
///
/// # Errors
/// When the writer fails.
pub fn requests(out: &mut dyn io::Write, rows: &[LiveRequest], style: &Style) -> io::Result<()> {
    let mut services = Services::default();
    rows.iter().try_for_each(|row| painted(row, &mut services, style).write_line(out, style.colour))
}

fn painted(row: &LiveRequest, services: &mut Services, style: &Style) -> Painted {
    let request = &row.brief;
    let start = request.start.map(|start| moment(start, &style.zone, Detail::Short));
    let mut line = Painted::of(Role::Dim, start.as_deref().unwrap_or("no time"));
    line.pad_to(Detail::Short.columns() + 1);
    let took = request.duration.map(duration).unwrap_or_default();
    let role = if row.is_slow { Role::Warning } else { Role::Plain };
    line.push(role, &format!("{took:>width$} ", width = DURATION_COLUMNS - 1));
    let marks = [
        (request.errors > 0).then(|| format!("✗ {}", request.errors)),
        row.is_slow.then(|| "slow".to_owned()),
        (row.state == State::SettledAgain).then(|| "again".to_owned()),
    ];
    let marks: Vec<String> = marks.into_iter().flatten().collect();
    let room = style.columns().saturating_sub(line.columns() + COUNTS_COLUMNS);
    let room = room.max(NAME_COLUMNS_MIN);
    let mut name = Painted::of(services.role(&request.root_service), &request.root_service);
    name.push(Role::Plain, " ").push(Role::Strong, &request.root_operation);
    let end = line.columns() + room;
    line.append(&name.cut(room));
    line.pad_to(end);
    let counts = format!(" {} svc {} lines ", request.services, request.lines);
    line.push(Role::Dim, &counts);
    if !marks.is_empty() {
        let role = if request.errors > 0 { Role::Error } else { Role::Warning };
        line.push(role, &marks.join(" ")).push(Role::Plain, " ");
    }
    line.push(Role::Dim, &request.id.to_string());
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture;

    #[test]
    fn a_settled_request_is_a_row() {
        let trace = fixture::checkout().trace;
        let rows = [
            LiveRequest::of(&trace, State::Settled, false),
            LiveRequest::of(&trace, State::SettledAgain, true),
        ];
        let mut out = Vec::new();
        requests(&mut out, &rows, &fixture::style(100)).expect("a Vec takes all bytes");
        insta::assert_snapshot!(String::from_utf8_lossy(&out));
    }
}
