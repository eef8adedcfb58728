//! One look at one file: what is new in it is read, and what became of it is noted.

use std::io;
use std::time::Duration;

use crate::model::checkpoint::FileIdentity;
use crate::model::skipped::SkipKind;
use crate::source::follow::disk::{Disk, Facts, OpenFile};
use crate::source::follow::family::Family;
use crate::source::follow::packed;
use crate::source::follow::plain::{self, Given, Turn};
use crate::source::follow::{Follower, Listener, PAUSE_MAX, PAUSE_WITH_EVENTS_MAX};
use crate::source::label;

/// A line whose end has not come for so long is shown as it is.
const PARTIAL_AFTER: Duration = Duration::from_secs(3);

/// A deleted file that was quiet for so long has no writer any more, and is closed.
const NAMELESS_QUIET: Duration = Duration::from_secs(20);

/// A file that cannot be opened is tried again after this.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl<D: Disk> Follower<D> {
    /// Looks at the file of a generation.
    pub(super) fn look(&mut self, number: usize, now: Duration, listener: &mut dyn Listener) {
        let generation = &self.generations[number];
        let Some(identity) = generation.file else { return };
        if generation.ended || generation.is_packed {
            return;
        }
        let file = match self.handles.take(number) {
            Some(file) => file,
            None => match self.opened(number, identity, now) {
                Ok(Some(file)) => file,
                Ok(None) => return,
                Err(error) => return self.not_opened(number, &error, now, listener),
            },
        };
        let facts = match file.facts() {
            Ok(facts) => facts,
            Err(error) => return self.not_opened(number, &error, now, listener),
        };
        self.begin_if_new(number, listener);
        match self.read_plain(number, &*file, &facts, now, listener) {
            Ok(Turn::CutAway) => return self.cut_away(number, &facts, now, listener),
            Ok(turn) => self.plan_after(number, turn, now),
            Err(error) => return self.not_opened(number, &error, now, listener),
        }
        let quiet = now.saturating_sub(self.generations[number].changed);
        if !facts.is_linked && quiet >= NAMELESS_QUIET {
            return self.end(number, Some(&*file), listener);
        }
        self.handles.keep(number, file, !facts.is_linked);
    }

    /// That a log is followed is known before anything of it is read: should all be lost in
    /// a crash, what is rotated meanwhile is still asked for.
    fn begin_if_new(&mut self, number: usize, listener: &mut dyn Listener) {
        let generation = &mut self.generations[number];
        if !generation.begun && generation.known.is_none() && generation.read == 0 {
            generation.begun = true;
            listener.begin(number, &generation.stream(), generation.position, None);
            self.looked(number, listener);
        }
    }

    /// Opens the file of a generation, if there is anything to read in it.
    fn opened(
        &mut self,
        number: usize,
        identity: FileIdentity,
        now: Duration,
    ) -> io::Result<Option<Box<dyn OpenFile>>> {
        let path = self.generations[number].path.clone();
        let facts = match self.disk.facts(&path) {
            Ok(facts) if facts.identity == identity && facts.is_file => facts,
            // Something else is there now: where this file went, a look at all will say.
            _ => {
                self.scan_soon(now);
                self.plan_next(number, now + RETRY_AFTER);
                return Ok(None);
            }
        };
        if !self.wants_reading(number, &facts, now) {
            self.plan_after(number, Turn::Done, now);
            return Ok(None);
        }
        let file = self.disk.open(&path)?;
        if file.facts()?.identity == identity {
            return Ok(Some(file));
        }
        self.scan_soon(now);
        self.plan_next(number, now + RETRY_AFTER);
        Ok(None)
    }

    fn wants_reading(&self, number: usize, facts: &Facts, now: Duration) -> bool {
        let generation = &self.generations[number];
        let is_same = (generation.size, generation.modified) == (facts.size, facts.modified);
        let was_left_whole = generation.known.as_ref().is_none_or(|known| known.size.is_some());
        let has_partial = generation.size > generation.position.offset
            && generation.known.is_none()
            && generation.partial != generation.size
            && now.saturating_sub(generation.changed) >= PARTIAL_AFTER;
        !is_same || !was_left_whole || has_partial
    }

    /// Reads what is new.
    fn read_plain(
        &mut self,
        number: usize,
        file: &dyn OpenFile,
        facts: &Facts,
        now: Duration,
        listener: &mut dyn Listener,
    ) -> io::Result<Turn> {
        let wanted = self.wants_reading(number, facts, now);
        let generation = &mut self.generations[number];
        let unread = generation.size.saturating_sub(generation.read);
        let differs = generation.saw(facts, now);
        let is_behind = unread > 0 && generation.scanned < facts.size;
        if !(wanted || is_behind) {
            return Ok(Turn::Done);
        }
        let (stream, before) = (generation.stream(), generation.read);
        let turn = plain::read(generation, file, facts, &mut |given| match given {
            Given::Begin(from, known) => {
                listener.begin(number, &stream, from, known.map(|known| *known));
            }
            Given::Lines(chunk) => listener.lines(number, chunk),
        })?;
        if turn == Turn::CutAway {
            // What was seen and not read is named in the report.
            generation.size = generation.read.saturating_add(unread);
            return Ok(turn);
        }
        generation.written = facts.modified;
        let quiet = now.saturating_sub(generation.changed);
        if generation.size > generation.position.offset
            && generation.partial != generation.size
            && quiet >= PARTIAL_AFTER
        {
            self.show_partial(number, file, listener)?;
        } else if differs || before != self.generations[number].read {
            self.looked(number, listener);
        }
        Ok(turn)
    }

    fn show_partial(
        &mut self,
        number: usize,
        file: &dyn OpenFile,
        listener: &mut dyn Listener,
    ) -> io::Result<()> {
        let generation = &mut self.generations[number];
        generation.partial = generation.size;
        if let Some(chunk) = plain::partial(generation, file)? {
            if !generation.begun {
                generation.begun = true;
                listener.begin(number, &generation.stream(), generation.position, None);
            }
            listener.partial(number, chunk);
        }
        Ok(())
    }

    fn plan_after(&mut self, number: usize, turn: Turn, now: Duration) {
        let longest = if self.has_events { PAUSE_WITH_EVENTS_MAX } else { PAUSE_MAX };
        let quiet = now.saturating_sub(self.generations[number].changed);
        let pause = match turn {
            Turn::More => Duration::ZERO,
            Turn::Done | Turn::CutAway => plain::pause(quiet, longest),
        };
        self.plan_next(number, now + pause);
    }

    fn not_opened(
        &mut self,
        number: usize,
        error: &io::Error,
        now: Duration,
        listener: &mut dyn Listener,
    ) {
        let label = self.generations[number].label.to_string();
        if error.kind() != io::ErrorKind::NotFound {
            let reason = format!("{error}; it is tried again as long as it is there");
            self.tell(listener, &label, SkipKind::Unreadable, &reason);
        }
        self.scan_soon(now);
        self.plan_next(number, now + RETRY_AFTER);
    }

    /// The file holds something else now. What it held may be found in a copy; what is in it
    /// now is a new generation.
    pub(super) fn cut_away(
        &mut self,
        number: usize,
        facts: &Facts,
        now: Duration,
        listener: &mut dyn Listener,
    ) {
        self.handles.take(number);
        self.by_file.remove(&facts.identity);
        let generation = &mut self.generations[number];
        generation.file = None;
        generation.left = true;
        generation.missing = Some(now);
        let (label, name) = (generation.label.to_string(), generation.name.clone());
        let (path, read) = (generation.path.clone(), generation.read);
        let family = generation.family.clone();
        let unread = generation.size.saturating_sub(read);
        let seen = if unread > 0 {
            format!(", among it {unread} bytes that were seen")
        } else {
            String::new()
        };
        let reason = format!(
            "cut away when {read} bytes were read; what was written since and is in no copy is \
             missing{seen}: let the log be renamed instead of copied and cut"
        );
        self.tell(listener, &label, SkipKind::Unreadable, &reason);
        self.looked(number, listener);
        self.scan_soon(now);
        // The number of a deleted file may have been given to one that is no plain text.
        let file = self.disk.open(&path);
        let is_plain = file.is_ok_and(|file| {
            matches!(packed::form(&*file), Ok(packed::Form::Plain | packed::Form::Empty))
        });
        if is_plain {
            // Or to one of another log.
            let name = Some(name).filter(|_| Family::of(&path) == family);
            let next = self.create(&path, facts, name, now);
            self.generations[next].left = label::of_path(&path) != self.generations[next].name;
        }
    }

    /// Nothing more will come of a generation: its unfinished last line is its last.
    pub(super) fn end(
        &mut self,
        number: usize,
        file: Option<&dyn OpenFile>,
        listener: &mut dyn Listener,
    ) {
        let generation = &mut self.generations[number];
        if let Some(file) = file
            && generation.known.is_none()
            && generation.size > generation.position.offset
            && let Ok(Some(chunk)) = plain::partial(generation, file)
        {
            if !generation.begun {
                generation.begun = true;
                listener.begin(number, &generation.stream(), generation.position, None);
            }
            generation.read = chunk.read;
            generation.position.offset = chunk.read;
            generation.fingerprint = chunk.fingerprint;
            listener.lines(number, chunk);
        }
        generation.ended = true;
        self.ended.push_back(number);
        generation.left = true;
        generation.marks = super::marks::Marks::default();
        let (file, path) = (generation.file, generation.path.clone());
        if let Some(file) = file.filter(|file| self.by_file.get(file) == Some(&number)) {
            self.by_file.remove(&file);
        }
        if self.by_path.get(&path) == Some(&number) {
            self.by_path.remove(&path);
        }
        self.looked(number, listener);
    }
}
