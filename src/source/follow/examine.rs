//! A file that is not known: is it new, or does it hold what was read under another name?

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::model::checkpoint::{FINGERPRINT_BYTES, FileIdentity};
use crate::model::skipped::SkipKind;
use crate::source::follow::disk::{Disk, Facts, OpenFile, bytes_at};
use crate::source::follow::family::Family;
use crate::source::follow::generation::{Beginning, Likeness};
use crate::source::follow::packed::{self, Form, PackedFile, Stage};
use crate::source::follow::{Follower, Held, Listener};

/// A file of the same name that begins as the last one did is the same log, copied into
/// place, if they share at least this much. Banners without a time are shorter.
const SAME_NAME_BYTES_MIN: u64 = 1024;

/// Files are compared in steps of this size.
const STEP_BYTES: usize = 256 << 10;

/// Bytes of two files that are compared in one look; the rest follows in the next.
const COMPARED_MAX: u64 = 64 << 20;

impl<D: Disk> Follower<D> {
    /// Decides what a file is, unless that is known.
    pub(super) fn examine(
        &mut self,
        path: &Path,
        facts: &Facts,
        now: Duration,
        listener: &mut dyn Listener,
    ) {
        let (identity, state) = (facts.identity, (facts.size, facts.modified));
        let is_packed = self.packed.contains_key(&identity);
        let is_known = (!is_packed && self.is_owned(path, facts, now))
            || self.passed_over.get(&identity) == Some(&state)
            || self.copies.get(&identity) == Some(&state);
        if is_known || facts.size == 0 {
            return;
        }
        if let Some(packed) = self.packed.get_mut(&identity) {
            path.clone_into(&mut packed.path);
            packed.missed = 0;
            return self.packed_changed(identity, facts, now);
        }
        if let Err(error) = self.classify(path, facts, now, listener)
            && error.kind() != io::ErrorKind::NotFound
        {
            let label = crate::source::label::of_path(path);
            let reason = match error.kind() {
                io::ErrorKind::PermissionDenied => {
                    "permission denied; it is tried again, let this user read it".to_owned()
                }
                _ => format!("{error}; it is tried again as long as it is there"),
            };
            self.tell(listener, &label, SkipKind::Unreadable, &reason);
        }
    }

    /// Whether a file belongs to a generation. One that is missing is compared first: the
    /// number of its file may have been given to another.
    fn is_owned(&mut self, path: &Path, facts: &Facts, now: Duration) -> bool {
        let Some(number) = self.by_file.get(&facts.identity).copied() else { return false };
        if self.generations[number].missing.is_none() {
            return true;
        }
        let likeness = self.disk.open(path);
        let likeness =
            likeness.and_then(|file| self.generations[number].likeness(&*file, facts.size));
        if self.generations[number].read == 0 || likeness.is_ok_and(|like| like == Likeness::Whole)
        {
            self.is_at(number, path, now);
            return true;
        }
        self.by_file.remove(&facts.identity);
        self.generations[number].file = None;
        false
    }

    fn classify(
        &mut self,
        path: &Path,
        facts: &Facts,
        now: Duration,
        listener: &mut dyn Listener,
    ) -> io::Result<()> {
        let file = self.disk.open(path)?;
        if file.facts()?.identity != facts.identity {
            self.scan_soon(now);
            return Ok(());
        }
        match packed::form(&*file)? {
            Form::Empty => {}
            Form::Plain => self.adopt(path, facts, &*file, now, listener),
            Form::Packed { is_text } => {
                let (path, stage) = (path.to_owned(), Stage::Waiting);
                let (facts, owner, missed) = (*facts, None, 0);
                let packed = PackedFile { path, facts, since: now, owner, stage, is_text, missed };
                self.busy.push(facts.identity);
                self.packed.insert(facts.identity, packed);
            }
            Form::Archive => {
                self.passed_over.insert(facts.identity, (facts.size, facts.modified));
                self.archives.insert(path.to_owned());
            }
            Form::Other(what) => {
                self.passed_over.insert(facts.identity, (facts.size, facts.modified));
                let label = crate::source::label::of_path(path);
                self.tell(listener, &label, SkipKind::NotALog, what);
            }
        }
        Ok(())
    }

    /// Finds the generation that a file of plain text holds, or makes one.
    fn adopt(
        &mut self,
        path: &Path,
        facts: &Facts,
        file: &dyn OpenFile,
        now: Duration,
        listener: &mut dyn Listener,
    ) {
        let family = Family::of(path);
        let head = bytes_at(file, 0, FINGERPRINT_BYTES).unwrap_or_default();
        let beginning = Beginning::of(&head);
        self.look_at_family(&family, now, listener);
        let kin = self.kin(&family, &beginning);
        let mut beginning = None;
        let mut there = Vec::new();
        for number in kin.into_iter().rev() {
            if self.is_there(number) {
                there.push(number);
                continue;
            }
            match self.generations[number].likeness(file, facts.size) {
                Ok(Likeness::Whole) if self.may_continue(number, path, facts) => {
                    return self.continue_in(number, path, facts.identity, now);
                }
                Ok(Likeness::Beginning) if !self.generations[number].is_named(path) => {
                    beginning = Some(number);
                }
                Ok(_) | Err(_) => {}
            }
        }
        for number in there {
            if self.is_same_so_far(number, file, facts) {
                // The next look says whether they still are.
                return self.scan_soon(now + super::SCAN_DISTANCE_MIN);
            }
        }
        self.held.remove(&facts.identity);
        if let Some(number) = beginning {
            self.copies.insert(facts.identity, (facts.size, facts.modified));
            let label = crate::source::label::of_path(path);
            let reason = format!("a copy of {}, which was read", self.generations[number].label);
            return self.tell(listener, &label, SkipKind::NotALog, &reason);
        }
        let number = self.create(path, facts, None, now);
        self.by_path.insert(path.to_owned(), number);
    }

    /// Looks at the logs of a family that are still there. A log that was just cut away is seen to
    /// be so before a copy is judged, be it a copy of what it held or of what it holds now.
    pub(super) fn look_at_family(
        &mut self,
        family: &Family,
        now: Duration,
        listener: &mut dyn Listener,
    ) {
        let mut place = 0;
        // Whatever a look makes stands behind the others.
        while let Some(number) = self.families.get(family).and_then(|all| all.get(place).copied()) {
            place += 1;
            if self.is_there(number) {
                self.look(number, now, listener);
            }
        }
    }

    /// The generations of a family that may begin like this.
    pub(super) fn kin(&self, family: &Family, beginning: &Beginning) -> Vec<usize> {
        let numbers = self.families.get(family).map(Vec::as_slice).unwrap_or_default();
        let may_be = |number: &&usize| self.generations[**number].may_be(beginning);
        numbers.iter().filter(may_be).copied().collect()
    }

    /// Whether the file of a generation is where it should be.
    pub(super) fn is_there(&mut self, number: usize) -> bool {
        let generation = &self.generations[number];
        let file = generation.file;
        !generation.ended
            && generation.missing.is_none()
            && file.is_some()
            && self.disk.facts(&generation.path).is_ok_and(|facts| Some(facts.identity) == file)
    }

    /// Whether a file that holds all that was read of a generation may be it, by its name.
    fn may_continue(&self, number: usize, path: &Path, facts: &Facts) -> bool {
        let generation = &self.generations[number];
        let was_only_read = generation.known.as_ref().is_some_and(|known| known.followed.is_none());
        let is_same_inode = generation.file.is_some_and(|file| {
            (file.inode, file.born) == (facts.identity.inode, facts.identity.born)
        });
        !generation.is_named(path)
            || was_only_read
            || is_same_inode
            || generation.read >= SAME_NAME_BYTES_MIN
    }

    /// A generation goes on in this file.
    pub(super) fn continue_in(
        &mut self,
        number: usize,
        path: &Path,
        identity: FileIdentity,
        now: Duration,
    ) {
        self.handles.take(number);
        self.held.remove(&identity);
        let generation = &mut self.generations[number];
        if let Some(file) = generation.file.replace(identity)
            && self.by_file.get(&file) == Some(&number)
        {
            self.by_file.remove(&file);
        }
        generation.ended = false;
        generation.scanned = 0;
        generation.changed = now;
        // Its size is not known: whatever is there is looked at.
        (generation.size, generation.modified) = (0, None);
        self.by_file.insert(identity, number);
        self.is_at(number, path, now);
        self.plan_next(number, now);
    }

    /// Whether a file so far holds what the file of a generation holds, which is still there.
    fn is_same_so_far(&mut self, number: usize, file: &dyn OpenFile, facts: &Facts) -> bool {
        if self.generations[number].is_packed {
            return false;
        }
        let state = (facts.size, facts.modified);
        let before = self.held.get(&facts.identity).filter(|held| held.of == number);
        let start = before.map_or(0, |held| held.compared);
        let path = self.generations[number].path.clone();
        let Ok(own) = self.disk.open(&path) else { return false };
        let is_own = own
            .facts()
            .is_ok_and(|own| Some(own.identity) == self.generations[number].file && own.size > 0);
        let end = own.facts().map_or(0, |own| own.size.min(facts.size));
        let end = end.min(start.saturating_add(COMPARED_MAX));
        let same = is_own && equal(&*own, file, start, end).unwrap_or(false);
        if same {
            let held = Held { facts: state, of: number, compared: end.max(start) };
            self.held.insert(facts.identity, held);
        }
        same
    }
}

/// Whether two files hold the same from one offset to another.
fn equal(one: &dyn OpenFile, other: &dyn OpenFile, start: u64, end: u64) -> io::Result<bool> {
    let mut at = start;
    while at < end {
        let length = usize::try_from(end - at).unwrap_or(STEP_BYTES).min(STEP_BYTES);
        let (left, right) = (bytes_at(one, at, length)?, bytes_at(other, at, length)?);
        if left != right || left.len() < length {
            return Ok(false);
        }
        at += length as u64;
    }
    Ok(true)
}
