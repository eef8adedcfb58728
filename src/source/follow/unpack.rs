//! Reads packed files, each when it has been quiet for a while, a bounded part a turn.

use std::io::Read;
use std::time::Duration;

use memchr::memchr_iter;

use crate::model::checkpoint::FileIdentity;
use crate::model::line::Position;
use crate::model::skipped::SkipKind;
use crate::source::follow::disk::{Disk, Facts};
use crate::source::follow::family::Family;
use crate::source::follow::generation::Beginning;
use crate::source::follow::packed::{self, Recognised, Stage};
use crate::source::follow::{Follower, Listener};
use crate::source::label;
use crate::source::lines::{Cutter, Piece};
use crate::source::read::missing_from;
use crate::source::sniff::{self, BLOCK_BYTES, Kind};

/// A packed file that was not written for so long is thought to be finished.
const QUIET: Duration = Duration::from_secs(2);

/// The same of text: its lines are whole when they end.
const QUIET_TEXT: Duration = Duration::from_millis(100);

const fn quiet(packed: &packed::PackedFile) -> Duration {
    if packed.is_text { QUIET_TEXT } else { QUIET }
}

/// A packed file that was not where it should be so often is gone.
const MISSED_MAX: u32 = 10;

/// Chunks of one packed file in a turn.
const CHUNKS_IN_TURN: usize = 8;

/// What one look at a packed file decided.
enum Decision {
    /// It holds this generation.
    Owner(usize),
    /// It holds nothing that was not read, or nothing that can be.
    Nothing,
    /// It holds what another file still has; to be asked again.
    Wait,
}

impl<D: Disk> Follower<D> {
    /// Notes that a packed file may have changed.
    pub(super) fn packed_changed(&mut self, identity: FileIdentity, facts: &Facts, now: Duration) {
        let Some(packed) = self.packed.get_mut(&identity) else { return };
        if (packed.facts.size, packed.facts.modified) != (facts.size, facts.modified) {
            (packed.facts, packed.since, packed.stage) = (*facts, now, Stage::Waiting);
            if !self.busy.contains(&identity) {
                self.busy.push(identity);
            }
        }
    }

    /// When packed files want a turn.
    pub(super) fn next_packed(&self, now: Duration) -> Duration {
        let due = self.busy.iter().filter_map(|identity| self.packed.get(identity));
        let due = due.map(|packed| match packed.stage {
            Stage::Waiting => packed.since + quiet(packed),
            Stage::Reading(_) => now,
            Stage::Done => Duration::MAX,
        });
        due.min().unwrap_or(Duration::MAX)
    }

    /// Gives every packed file its turn.
    pub(super) fn read_packed(&mut self, now: Duration, listener: &mut dyn Listener) {
        for identity in std::mem::take(&mut self.busy) {
            let Some(packed) = self.packed.get(&identity) else { continue };
            let path = packed.path.clone();
            match self.disk.facts(&path) {
                Ok(facts) if facts.identity == identity => {
                    self.packed_changed(identity, &facts, now);
                }
                // It was renamed or deleted; the next look at all says which. What is being
                // read is read to its end.
                _ => self.packed_moved(identity, now),
            }
            if self.step(identity, now, listener) && !self.busy.contains(&identity) {
                self.busy.push(identity);
            }
        }
    }

    fn packed_moved(&mut self, identity: FileIdentity, now: Duration) {
        let Some(packed) = self.packed.get_mut(&identity) else { return };
        if matches!(packed.stage, Stage::Waiting) && now.saturating_sub(packed.since) >= QUIET {
            packed.since = now;
            packed.missed += 1;
            if packed.missed > MISSED_MAX {
                self.packed.remove(&identity);
            }
            self.scan_soon(now);
        }
    }

    /// One turn of one packed file; whether it wants another.
    fn step(&mut self, identity: FileIdentity, now: Duration, listener: &mut dyn Listener) -> bool {
        let Some(mut packed) = self.packed.remove(&identity) else { return false };
        let is_quiet = now.saturating_sub(packed.since) >= quiet(&packed);
        let wants_more = match &mut packed.stage {
            Stage::Done => false,
            Stage::Waiting if !is_quiet => true,
            Stage::Waiting => match self.decide(&mut packed, now, listener) {
                Decision::Owner(number) => {
                    packed.owner = Some(number);
                    packed.stage = self.opened_packed(number, &packed.path, listener);
                    matches!(packed.stage, Stage::Reading(_))
                }
                Decision::Nothing => {
                    packed.stage = Stage::Done;
                    false
                }
                Decision::Wait => {
                    packed.since = now;
                    true
                }
            },
            Stage::Reading(lines) => match packed.owner {
                Some(number) => {
                    let is_over = self.give(number, lines, packed.is_text, listener);
                    if is_over {
                        packed.stage = Stage::Done;
                    }
                    !is_over
                }
                None => false,
            },
        };
        let owner = packed.owner;
        self.packed.insert(identity, packed);
        if let Some(owner) = owner.filter(|_| !wants_more) {
            self.looked(owner, listener);
        }
        wants_more
    }

    fn decide(
        &mut self,
        packed: &mut packed::PackedFile,
        now: Duration,
        listener: &mut dyn Listener,
    ) -> Decision {
        let Some(mut input) = self.input(&packed.path, listener) else { return Decision::Nothing };
        let mut head = Vec::new();
        let result = (&mut input).take(BLOCK_BYTES as u64).read_to_end(&mut head);
        if let (Err(error), true) = (result, head.is_empty()) {
            let reason = missing_from(0, &error);
            self.tell(listener, &label::of_path(&packed.path), SkipKind::Unreadable, &reason);
            return Decision::Nothing;
        }
        match sniff::kind(&head) {
            Kind::Text(_) => {}
            Kind::Tar | Kind::Zip => {
                self.archives.insert(packed.path.clone());
                return Decision::Nothing;
            }
            _ => {
                let label = label::of_path(&packed.path);
                self.tell(listener, &label, SkipKind::NotALog, "it unpacks to no log");
                return Decision::Nothing;
            }
        }
        let candidates = if let Some(owner) = packed.owner {
            vec![owner]
        } else {
            let family = Family::of(&packed.path);
            self.look_at_family(&family, now, listener);
            self.kin(&family, &Beginning::of(&head))
        };
        let mut input = std::io::Cursor::new(head).chain(input);
        let identity = packed.facts.identity;
        match packed::recognise(&mut input, &candidates, &self.generations) {
            Recognised::Whole(number) => {
                let is_own = self.generations[number].file == Some(identity);
                if !is_own && self.is_there(number) {
                    return Decision::Wait;
                }
                self.continue_in(number, &packed.path, identity, now);
                let generation = &mut self.generations[number];
                generation.is_packed = true;
                generation.written = packed.facts.modified;
                self.looked(number, listener);
                Decision::Owner(number)
            }
            Recognised::Beginning(number) => {
                let label = label::of_path(&packed.path);
                let reason =
                    format!("a copy of {}, which was read", self.generations[number].label);
                self.tell(listener, &label, SkipKind::NotALog, &reason);
                Decision::Nothing
            }
            Recognised::None => {
                let number = self.create(&packed.path, &packed.facts, None, now);
                self.generations[number].is_packed = true;
                Decision::Owner(number)
            }
        }
    }

    fn input(
        &mut self,
        path: &std::path::Path,
        listener: &mut dyn Listener,
    ) -> Option<Box<dyn Read>> {
        match self.disk.open(path).and_then(packed::unpacked) {
            Ok(input) => Some(input),
            Err(error) => {
                let reason = format!("{error}; it is tried again when it changes");
                self.tell(listener, &label::of_path(path), SkipKind::Unreadable, &reason);
                None
            }
        }
    }

    fn opened_packed(
        &mut self,
        number: usize,
        path: &std::path::Path,
        listener: &mut dyn Listener,
    ) -> Stage {
        let Some(input) = self.input(path, listener) else { return Stage::Done };
        let Some(lines) = packed::resumed(input, &self.generations[number]) else {
            return Stage::Done;
        };
        let generation = &mut self.generations[number];
        generation.read = generation.position.offset;
        let known = generation.known.take();
        if !generation.begun || known.is_some() {
            generation.begun = true;
            listener.begin(number, &generation.stream(), generation.position, known);
        }
        Stage::Reading(Box::new(lines))
    }

    /// Gives out a few chunks; whether the file is at its end.
    fn give(
        &mut self,
        number: usize,
        lines: &mut Cutter<Box<dyn Read>>,
        is_text: bool,
        listener: &mut dyn Listener,
    ) -> bool {
        for _ in 0..CHUNKS_IN_TURN {
            match lines.next_piece() {
                Some(Piece::Lines(chunk)) => {
                    if !chunk.bytes.ends_with(b"\n")
                        && (is_text || !self.is_last(number, lines, listener))
                    {
                        return true;
                    }
                    let generation = &mut self.generations[number];
                    let ends = memchr_iter(b'\n', &chunk.bytes).count() as u64;
                    let line = chunk.first.line + ends;
                    generation.position = Position { line, offset: chunk.read };
                    generation.read = chunk.read;
                    generation.fingerprint = chunk.fingerprint;
                    listener.lines(number, chunk);
                }
                Some(Piece::Hole { .. }) => {}
                Some(Piece::Fault { offset, error }) => {
                    self.tell_fault(number, offset, &error, listener);
                    return true;
                }
                None => return true,
            }
        }
        false
    }

    /// Whether a line without its end is the last there will be. Of a file that is cut off
    /// it is not: it is read when it is whole.
    fn is_last(
        &mut self,
        number: usize,
        lines: &mut Cutter<Box<dyn Read>>,
        listener: &mut dyn Listener,
    ) -> bool {
        match lines.next_piece() {
            Some(Piece::Fault { offset, error }) => {
                self.tell_fault(number, offset, &error, listener);
                false
            }
            Some(_) | None => true,
        }
    }

    fn tell_fault(
        &mut self,
        number: usize,
        offset: u64,
        error: &std::io::Error,
        listener: &mut dyn Listener,
    ) {
        let label = self.generations[number].label.to_string();
        let reason = missing_from(offset, error);
        self.tell(listener, &label, SkipKind::Unreadable, &reason);
    }
}
