//! What is shown of what comes: lines, or requests as they settle; and what it is waited for.

use std::ops::ControlFlow;
use std::time::Duration;

use crate::cli::arguments::everywhere::Format;
use crate::cli::arguments::tail::TailArguments;
use crate::cli::console::Console;
use crate::cli::failure::{Failure, typed};
use crate::cli::question;
use crate::cli::session::path_view;
use crate::cli::tail::condition::Awaited;
use crate::cli::watch::Watching;
use crate::engine::live::Fresh;
use crate::engine::live::assembly::{Assembly, News, Stage};
use crate::engine::live::judge;
use crate::engine::live::window::MergeWindow;
use crate::model::entry::Entry;
use crate::model::time::Timestamp;
use crate::query::condition::Condition;
use crate::query::judge::Surroundings;
use crate::query::matching::fulfils;
use crate::query::parse;
use crate::query::question::Question;
use crate::render::lines::Rows;
use crate::render::live::{LiveRequest, State};
use crate::render::path::PathView;
use crate::render::style::Style;
use crate::render::{alert, live, wire};
use crate::trace::knowledge::Knowledge;

/// Lines of the time before the start that are put in order; more are shown as they come.
const PAST_LINES_MAX: usize = 200_000;

/// Nothing has come for so long: everything has.
const NOTHING_MORE: Duration = Duration::from_secs(2);

/// Whether to go on.
pub(super) enum Outcome {
    /// Nothing that was waited for has come.
    GoOn,
    /// It has.
    Found,
    /// What must not come has come.
    Forbidden(Failure),
}

/// What is shown, and what is waited for.
#[expect(clippy::struct_excessive_bools, reason = "each is a wish that stands by itself")]
pub(super) struct Show<'a> {
    console: &'a Console,
    format: Format,
    /// What happened before is not shown.
    pub(super) since: Timestamp,
    wants_requests: bool,
    wants_lines: bool,
    pub(super) watching: Option<Watching>,
    until_settled: bool,
    lines: Option<Condition>,
    requests: Option<Question>,
    exit_on: Option<(String, Awaited)>,
    fail_on: Option<(String, Awaited)>,
    rows: Rows,
    style: Style,
    paths: PathView,
    window: MergeWindow,
    /// Lines of the past, until all that was there at the start was read.
    past: Vec<Entry>,
    assembly: Assembly,
    surroundings: Surroundings,
    /// When something last came.
    heard: Duration,
    /// Whether all that was there at the start has come.
    is_live: bool,
}

impl<'a> Show<'a> {
    /// What the arguments ask for.
    pub(super) fn new(console: &'a Console, arguments: &TailArguments) -> Result<Self, Failure> {
        let paths = path_view(&arguments.paths);
        let asked = |text: &Option<String>| text.as_deref().map(question::parsed).transpose();
        let awaited = |text: &Option<String>| -> Result<Option<(String, Awaited)>, Failure> {
            Ok(asked(text)?
                .map(|question| (text.clone().unwrap_or_default(), Awaited::new(question))))
        };
        let query = asked(&arguments.query)?;
        let (lines, requests) = match query {
            Some(query) if arguments.requests => (None, Some(query)),
            Some(query) => (Some(question::of_lines(query)?), None),
            None => (None, None),
        };
        if !matches!(arguments.format, Format::Text | Format::Ndjson) {
            return Err(Failure::yours("what is followed has no end, so it is text or ndjson")
                .with_hint("write --format ndjson"));
        }
        let since = arguments.since.as_deref().map(|text| console.point(text)).transpose()?;
        let style = console.style(&paths, arguments.full);
        let marks = arguments.query.as_deref().and_then(|text| parse::parse(text).ok());
        let marks = marks.map(|query| question::marks(&query)).unwrap_or_default();
        Ok(Self {
            console,
            format: arguments.format,
            since: since.unwrap_or(console.now),
            wants_requests: arguments.requests,
            wants_lines: !arguments.requests
                && (arguments.query.is_some() || arguments.watch.is_none()),
            watching: arguments.watch.as_deref().map(Watching::open).transpose()?,
            until_settled: arguments.until_settled,
            lines,
            requests,
            exit_on: awaited(&arguments.exit_on)?,
            fail_on: awaited(&arguments.fail_on)?,
            rows: Rows::new(&marks, style.clone()),
            style,
            paths,
            window: MergeWindow::default(),
            past: Vec::new(),
            assembly: Assembly::default(),
            surroundings: Surroundings::default(),
            heard: Duration::ZERO,
            is_live: false,
        })
    }

    /// Shows what came, and what is due. Until `is_live` only what is not older than was
    /// asked for counts.
    pub(super) fn show(
        &mut self,
        entries: Vec<Fresh>,
        now: Duration,
        is_live: bool,
        knowledge: &Knowledge,
    ) -> Result<Outcome, Failure> {
        let mut outcome = Outcome::GoOn;
        if is_live && !self.is_live {
            (self.is_live, self.heard) = (true, now);
        }
        for Fresh { entry, has_grown } in entries {
            judge::note(&mut self.surroundings, &entry);
            let is_asked = is_live || entry.time().is_some_and(|time| time >= self.since);
            if !is_asked {
                continue;
            }
            self.heard = now;
            self.weigh(&mut outcome, |awaited| awaited.is_line(&entry));
            if self.needs_requests() {
                self.assembly.push(&entry, has_grown, now);
            }
            if !self.wants_lines || !self.is_wanted(&entry) {
                continue;
            }
            if is_live || self.past.len() >= PAST_LINES_MAX {
                self.window.push(entry, now);
            } else {
                self.past.push(entry);
            }
        }
        let mut ready = Vec::new();
        if is_live && !self.past.is_empty() {
            ready = std::mem::take(&mut self.past);
            ready.sort_by_key(Entry::time);
        }
        self.window.ready(now, &mut |entry| ready.push(entry));
        self.write_lines(&ready)?;
        let wants_open = self.wants_requests && self.format == Format::Ndjson;
        let news = if self.needs_requests() && is_live {
            self.assembly.news(now, wants_open, knowledge)
        } else {
            Vec::new()
        };
        self.write_requests(&news, now, &mut outcome)?;
        Ok(outcome)
    }

    /// Shows the rest, at the end.
    pub(super) fn rest(
        &mut self,
        entries: Vec<Fresh>,
        knowledge: &Knowledge,
    ) -> Result<Outcome, Failure> {
        let now = self.heard;
        let mut outcome = self.show(entries, now, true, knowledge)?;
        let mut ready = Vec::new();
        self.window.rest(&mut |entry| ready.push(entry));
        self.write_lines(&ready)?;
        let news = self.assembly.rest(knowledge);
        self.write_requests(&news, now, &mut outcome)?;
        Ok(outcome)
    }

    /// Takes lines that state no request and were given to one. They were shown when they came.
    pub(super) fn adopt(&mut self, entries: &[Entry], now: Duration) {
        if self.needs_requests() {
            let is_asked = |entry: &&Entry| {
                self.is_live || entry.time().is_some_and(|time| time >= self.since)
            };
            for entry in entries.iter().filter(is_asked) {
                self.assembly.push(entry, false, now);
            }
        }
    }

    /// When something is due to be shown.
    pub(super) fn due(&self) -> Option<Duration> {
        let settles = (self.until_settled && self.is_live).then_some(self.heard + NOTHING_MORE);
        [self.window.due(), self.assembly.due(), settles].into_iter().flatten().min()
    }

    /// Lines of the past that the store knows already.
    pub(super) fn remember(&mut self, entry: Entry) -> ControlFlow<()> {
        if self.needs_requests() {
            self.assembly.push(&entry, false, Duration::ZERO);
        }
        judge::note(&mut self.surroundings, &entry);
        if self.wants_lines && self.is_wanted(&entry) {
            self.past.push(entry);
        }
        let is_room = self.past.len() < PAST_LINES_MAX;
        if is_room { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// Whether everything has settled, if that was waited for.
    pub(super) fn is_settled(&self, now: Duration, is_live: bool) -> bool {
        self.until_settled
            && is_live
            && self.assembly.open() == 0
            && now.saturating_sub(self.heard) >= NOTHING_MORE
    }

    /// It is over, and nothing that was waited for has come: what the command ends with.
    pub(super) fn nothing_found(&self) -> Result<(), Failure> {
        match &self.exit_on {
            Some((text, _)) => {
                Err(Failure::none_found(format!("nothing that came matches {}", typed(text))))
            }
            None => Ok(()),
        }
    }

    /// The requests that were put together, in words; none if none were.
    pub(super) fn requests_in_words(&self) -> Option<String> {
        self.needs_requests().then(|| {
            let (late, early) = (self.assembly.late(), self.assembly.pushed_out());
            format!("{late} lines came after their requests had settled; {early} requests settled early for want of memory")
        })
    }

    fn needs_requests(&self) -> bool {
        let of_requests =
            |awaited: &Option<(String, Awaited)>| matches!(awaited, Some((_, Awaited::Request(_))));
        self.wants_requests
            || self.watching.is_some()
            || self.until_settled
            || of_requests(&self.exit_on)
            || of_requests(&self.fail_on)
    }

    fn is_wanted(&self, entry: &Entry) -> bool {
        self.lines.as_ref().is_none_or(|condition| fulfils(entry, condition))
    }

    fn weigh(&self, outcome: &mut Outcome, is_it: impl Fn(&Awaited) -> bool) {
        if matches!(outcome, Outcome::Forbidden(_)) {
            return;
        }
        if let Some((text, _)) = self.fail_on.as_ref().filter(|(_, awaited)| is_it(awaited)) {
            *outcome = Outcome::Forbidden(Failure::ours(format!("{} has come", typed(text))));
        } else if self.exit_on.as_ref().is_some_and(|(_, awaited)| is_it(awaited)) {
            *outcome = Outcome::Found;
        }
    }

    fn write_lines(&mut self, entries: &[Entry]) -> Result<(), Failure> {
        if entries.is_empty() {
            return Ok(());
        }
        self.console.answer(|out| match self.format {
            Format::Ndjson => wire::lines::ndjson(out, entries, &self.paths),
            _ => self.rows.write(out, entries),
        })
    }

    fn write_requests(
        &mut self,
        news: &[News],
        now: Duration,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let (mut rows, mut alerts) = (Vec::new(), Vec::new());
        let clock = self.console.now.plus(i64::try_from(now.as_nanos()).unwrap_or(i64::MAX));
        for one in news {
            let state = match one.stage {
                Stage::Open => State::Open,
                Stage::Settled => State::Settled,
                Stage::SettledAgain => State::SettledAgain,
            };
            let row = LiveRequest::of(&one.request.trace, state, one.is_slow);
            if state != State::Open {
                self.weigh(outcome, |awaited| awaited.is_request(&one.request, &self.surroundings));
                if let Some(watching) = &mut self.watching {
                    alerts.extend(watching.settled(&one.request, &row, &self.surroundings, clock));
                }
            }
            let is_asked = || {
                let query = self.requests.as_ref();
                query.is_none_or(|query| judge::fulfils(&one.request, query, &self.surroundings))
            };
            if self.wants_requests && is_asked() {
                rows.push(row);
            }
        }
        if rows.is_empty() && alerts.is_empty() {
            return Ok(());
        }
        self.console.answer(|out| {
            if self.format == Format::Ndjson {
                wire::live::ndjson(out, &rows)?;
                return wire::alert::ndjson(out, &alerts);
            }
            live::requests(out, &rows, &self.style)?;
            alert::alerts(out, &alerts, &self.style)
        })
    }
}
