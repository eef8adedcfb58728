//! A stream that is followed, and what of it was shown before it had ended.

use std::time::Duration;

use crate::engine::stream::Intake;
use crate::model::checkpoint::Checkpoint;
use crate::model::entry::Entry;
use crate::model::line::Position;
use crate::source::Stream;
use crate::source::follow::Looked;

/// What may go on is shown as it is after so short a pause: whoever watches shall see a line
/// within a tenth of a second.
const GLIMPSE_QUIET: Duration = Duration::from_millis(30);

/// A writer that paused for so long has ended its record. A stack trace is written at once.
const RECORD_QUIET: Duration = Duration::from_millis(200);

/// The same of a writer whose last line has no end yet: it is in the middle of something.
const HALF_WRITTEN_QUIET: Duration = Duration::from_secs(3);

/// Open records of one stream that were shown; a decoder keeps no more apart.
const GLIMPSED_MAX: usize = 128;

/// An entry for whoever watches.
#[derive(Debug, Clone, PartialEq)]
pub struct Fresh {
    /// The entry.
    pub entry: Entry,
    /// Whether it came before, shorter: it has grown.
    pub has_grown: bool,
}

/// A stream that is followed.
pub(super) struct Followed {
    pub(super) intake: Intake,
    pub(super) stream: Stream,
    /// When its last line came.
    pub(super) heard: Duration,
    pub(super) has_moved: bool,
    /// Whether it is on the list of streams with open records.
    pub(super) is_listed: bool,
    /// Whether what is open was shown since its last line came.
    pub(super) is_glimpsed: bool,
    /// Where the open records begin that were shown, and how many bytes they had.
    glimpsed: Vec<(Position, usize)>,
    /// The checkpoint with which a line was kept whose end had not come.
    pub(super) shown: Option<Checkpoint>,
    pub(super) looked: Option<Looked>,
}

impl Followed {
    /// A stream of which nothing has come yet.
    pub(super) fn new(intake: Intake, stream: Stream, now: Duration) -> Self {
        Self {
            intake,
            stream,
            heard: now,
            has_moved: false,
            is_listed: false,
            is_glimpsed: false,
            glimpsed: Vec::new(),
            shown: None,
            looked: None,
        }
    }

    /// When what is open has ended, if nothing comes.
    pub(super) fn closes(&self) -> Duration {
        let is_whole = self.looked.as_ref().is_none_or(|looked| looked.whole.is_some());
        self.heard + if is_whole { RECORD_QUIET } else { HALF_WRITTEN_QUIET }
    }

    /// When what is open is to be shown, unless it was.
    pub(super) fn glimpse_due(&self) -> Option<Duration> {
        (!self.is_glimpsed).then(|| self.heard + GLIMPSE_QUIET)
    }

    /// What is open, as far as it was not shown.
    pub(super) fn glimpse(&mut self) -> Vec<Fresh> {
        self.is_glimpsed = true;
        let entries = self.intake.glimpse().into_iter();
        let entries: Vec<_> = entries.map(|entry| self.seen(entry, true)).collect();
        entries.into_iter().flatten().collect()
    }

    /// A finished entry, unless it was shown as it is.
    pub(super) fn fresh(&mut self, entry: Entry) -> Option<Fresh> {
        self.seen(entry, false)
    }

    fn seen(&mut self, entry: Entry, is_open: bool) -> Option<Fresh> {
        let (position, bytes) = (entry.record.position, entry.record.raw.len());
        let before = self.glimpsed.iter().position(|glimpsed| glimpsed.0 == position);
        let before = before.map(|place| self.glimpsed.swap_remove(place).1);
        if is_open {
            if self.glimpsed.len() >= GLIMPSED_MAX {
                self.glimpsed.remove(0);
            }
            self.glimpsed.push((position, bytes));
        }
        let is_new = before != Some(bytes);
        is_new.then_some(Fresh { entry, has_grown: before.is_some() })
    }
}
