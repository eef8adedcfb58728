//! What a standing query found, in words.

use std::io;

use crate::model::time::Timestamp;
use crate::render::duration::duration;
use crate::render::live::{self, LiveRequest};
use crate::render::moment::{Detail, moment};
use crate::render::painted::{Painted, Role};
use crate::render::style::Style;

/// What a standing query found.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertRow {
    /// The query's name.
    pub rule: String,
    /// What it means.
    pub about: String,
    /// The query, as it was typed.
    pub query: String,
    /// What to do about it.
    pub runbook: Option<String>,
    /// When the request ended that raised it.
    pub time: Timestamp,
    /// How many requests it is about, where they are counted.
    pub counted: Option<CountedRow>,
    /// The request that raised it.
    pub request: LiveRequest,
}

/// How many requests were what a query looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedRow {
    /// So many.
    pub matched: u64,
    /// Of so many, where the share counts.
    pub of: Option<u64>,
    /// In so many nanoseconds.
    pub within: i64,
}

impl CountedRow {
    fn words(&self) -> String {
        let within = duration(self.within);
        match self.of {
            Some(of) => format!("{} of {of} requests within {within}", self.matched),
            None => format!("{} requests within {within}", self.matched),
        }
    }
}

impl AlertRow {
    /// The alert in one sentence, without its runbook.
    pub fn sentence(&self) -> String {
        let counted = self.counted.map(|counted| format!(" ({})", counted.words()));
        format!("{}: {}{}", self.rule, self.about, counted.unwrap_or_default())
    }
}

/// Writes alerts: what is wrong, the request below it, and what to do.
///
/// # Errors
/// When the writer fails.
pub fn alerts(out: &mut dyn io::Write, rows: &[AlertRow], style: &Style) -> io::Result<()> {
    for row in rows {
        let time = moment(row.time, &style.zone, Detail::Short);
        let mut line = Painted::of(Role::Dim, &time);
        line.pad_to(Detail::Short.columns() + 1);
        line.push(Role::Error, "ALERT ").push(Role::Strong, &row.sentence());
        line.write_line(out, style.colour)?;
        live::requests(out, std::slice::from_ref(&row.request), style)?;
        if let Some(runbook) = &row.runbook {
            let mut line = Painted::of(Role::Dim, "  runbook: ");
            line.push(Role::Plain, runbook);
            line.write_line(out, style.colour)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture;
    use crate::render::live::State;

    #[test]
    fn an_alert_says_what_is_wrong_with_which_request_and_what_to_do() {
        let request = LiveRequest::of(&fixture::checkout().trace, State::Settled, false);
        let each = AlertRow {
            rule: "paid-not-told".to_owned(),
            about: "Paid, but no mail \u{1b}[31mwent out".to_owned(),
            query: "service:payment -service:mail".to_owned(),
            runbook: Some("Send it again: https://wiki.example.com/mail".to_owned()),
            time: request.brief.start.expect("it has times"),
            counted: None,
            request,
        };
        let counted = Some(CountedRow { matched: 7, of: Some(90), within: 300_000_000_000 });
        let share = AlertRow { counted, runbook: None, ..each.clone() };
        let mut out = Vec::new();
        alerts(&mut out, &[each, share], &fixture::style(100)).expect("a Vec takes all bytes");
        insta::assert_snapshot!(String::from_utf8_lossy(&out));
    }
}
