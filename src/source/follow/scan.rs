//! A look at all that is there: what is new, where known files went, and what is gone.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::checkpoint::FileIdentity;
use crate::model::skipped::SkipKind;
use crate::source::follow::disk::{Disk, Facts};
use crate::source::follow::family::Family;
use crate::source::follow::{Follower, Listener, SCAN_EVERY, SCAN_WITH_EVENTS_EVERY};
use crate::source::label;

/// A log that was not found for so long is given up: a copy or compressed form of it would
/// have been seen by then.
const MISSING_MAX: Duration = Duration::from_secs(60);

/// For each file found, the looks at all of them are so far apart: where no events tell of
/// new files this keeps the cost at a few hundredths of a core.
const SCAN_EVERY_PER_FILE: Duration = Duration::from_millis(1);

/// Which file has a name, and when it was modified.
pub(super) type Occupant = (FileIdentity, Option<i64>);

/// A family of which something went away.
#[derive(Debug, Clone)]
struct Moved {
    directory: PathBuf,
    family: Family,
    /// When what went away was last written, as far as known.
    since: Option<i64>,
}

impl Moved {
    fn of(path: &Path, since: Option<i64>) -> Self {
        let directory = path.parent().unwrap_or_else(|| Path::new("")).to_owned();
        Self { directory, family: Family::of(path), since }
    }
}

/// Files beside those that are followed, as one look at all found them.
#[derive(Default)]
struct Near {
    listed: HashSet<PathBuf>,
    families: HashMap<Family, Seen>,
    places: HashMap<(Family, FileIdentity), PathBuf>,
}

impl Near {
    fn list(&mut self, disk: &mut impl Disk, directory: &Path) {
        if !self.listed.insert(directory.to_owned()) {
            return;
        }
        for path in disk.beside(directory) {
            let Ok(facts) = disk.facts(&path) else { continue };
            let family = Family::of(&path);
            self.places.entry((family.clone(), facts.identity)).or_insert_with(|| path.clone());
            self.families.entry(family).or_default().push((path, facts));
        }
    }

    /// The files of a family.
    fn of(&mut self, disk: &mut impl Disk, directory: &Path, family: &Family) -> Seen {
        self.list(disk, directory);
        self.families.get(family).cloned().unwrap_or_default()
    }

    /// Where beside `path`, in its family, a file is now.
    fn place(&mut self, disk: &mut impl Disk, path: &Path, file: FileIdentity) -> Option<PathBuf> {
        self.list(disk, path.parent()?);
        self.places.get(&(Family::of(path), file)).cloned()
    }
}

/// Files and what is known of them, in the order in which they were found.
type Seen = Vec<(PathBuf, Facts)>;

impl<D: Disk> Follower<D> {
    /// Looks at everything.
    pub(super) fn scan(&mut self, now: Duration, listener: &mut dyn Listener) {
        let is_first = self.last_scan.is_none();
        let seen = self.in_scope(listener);
        self.files = seen.len();
        self.last_scan = Some(now);
        let every = if self.has_events { SCAN_WITH_EVENTS_EVERY } else { SCAN_EVERY };
        let files = u32::try_from(seen.len()).unwrap_or(u32::MAX);
        self.next_scan = now + every.max(SCAN_EVERY_PER_FILE * files);
        let identities: HashSet<FileIdentity> = seen.iter().map(|file| file.1.identity).collect();
        let is_blind = std::mem::take(&mut self.is_blind);
        // First all that is known gets its place: it decides what the rest can be.
        for (path, facts) in &seen {
            if let Some(number) = self.by_file.get(&facts.identity).copied() {
                let is_elsewhere = self.generations[number].path != *path;
                self.is_at(number, path, now);
                // Its number may have been given to another file: that is seen now.
                if is_elsewhere || is_first {
                    self.look(number, now, listener);
                } else if is_blind {
                    self.plan(number, now);
                }
            }
        }
        let mut near = Near::default();
        let mut moved = self.displaced(&identities, &mut near, now);
        moved.extend(self.succeeded(&seen));
        if is_first {
            moved.extend(self.remembered());
        }
        for (path, facts) in &seen {
            self.examine(path, facts, now, listener);
        }
        self.look_beside(moved, &identities, &mut near, now, listener);
        self.give_up_missing(is_first, now, listener);
        self.forget_ended(listener);
    }

    /// The files in scope, each once; the first of its names in order counts.
    fn in_scope(&mut self, listener: &mut dyn Listener) -> Seen {
        let scope = self.disk.scope();
        for skipped in scope.skipped {
            self.tell(listener, &skipped.path, skipped.kind, &skipped.reason);
        }
        let mut known = HashSet::new();
        let mut seen = Vec::with_capacity(scope.files.len());
        for path in scope.files {
            if let Ok(facts) = self.disk.facts(&path)
                && facts.is_file
                && known.insert(facts.identity)
            {
                if self.disk.is_own(&path, facts.identity) {
                    let label = label::of_path(&path);
                    self.tell(listener, &label, SkipKind::NotALog, "what is written here is ours");
                } else {
                    seen.push((path, facts));
                }
            }
        }
        seen
    }

    /// Notes where the file of a generation is.
    pub(super) fn is_at(&mut self, number: usize, path: &Path, now: Duration) {
        let generation = &mut self.generations[number];
        generation.left = label::of_path(path) != generation.name;
        generation.missing = None;
        if generation.path != path {
            if self.by_path.get(&generation.path) == Some(&number) {
                self.by_path.remove(&generation.path);
            }
            path.clone_into(&mut generation.path);
            self.by_path.insert(path.to_owned(), number);
            self.plan(number, now);
        } else if self.by_path.get(path) != Some(&number) {
            self.by_path.insert(path.to_owned(), number);
        }
    }

    /// Finds generations that are not where they were. Those that are nowhere may go on in
    /// a file of their family.
    fn displaced(
        &mut self,
        seen: &HashSet<FileIdentity>,
        near: &mut Near,
        now: Duration,
    ) -> Vec<Moved> {
        let mut moved = Vec::new();
        for number in 0..self.generations.len() {
            let generation = &self.generations[number];
            let path = generation.path.clone();
            let file = match generation.file {
                _ if generation.ended => continue,
                Some(file) if seen.contains(&file) => continue,
                file => file,
            };
            if let Some(file) = file {
                if self.disk.facts(&path).is_ok_and(|facts| facts.identity == file) {
                    continue;
                }
                if let Some(path) = near.place(&mut self.disk, &path, file) {
                    self.is_at(number, &path, now);
                    continue;
                }
                let generation = &mut self.generations[number];
                generation.missing.get_or_insert(now);
                generation.left = true;
            }
            moved.push(Moved::of(&path, self.generations[number].written));
        }
        moved
    }

    /// Names in scope whose files are others than at the last look, or were written since:
    /// more than one may have had the name, or have been cut away, in between.
    fn succeeded(&mut self, seen: &Seen) -> Vec<Moved> {
        let now: HashMap<PathBuf, Occupant> = seen
            .iter()
            .map(|(path, facts)| (path.clone(), (facts.identity, facts.modified)))
            .collect();
        let before = std::mem::replace(&mut self.occupants, now);
        let changed = before
            .into_iter()
            .filter(|(path, occupant)| self.occupants.get(path) != Some(occupant));
        changed.map(|(path, (_, modified))| Moved::of(&path, modified)).collect()
    }

    /// All families that an earlier process followed: more of them may have come while
    /// nobody looked.
    fn remembered(&self) -> Vec<Moved> {
        let known = self.generations.iter().filter(|known| known.written.is_some());
        known.map(|known| Moved::of(&known.path, known.written)).collect()
    }

    /// When the first generation of a family that was followed was last written. What was
    /// written before is history, and not asked for.
    fn first_written(&self, family: &Family) -> Option<i64> {
        let numbers = self.families.get(family)?.iter();
        numbers.filter_map(|number| self.generations[*number].written).min()
    }

    /// Looks at the files of families of which something went away: one may be its copy,
    /// others may have come and gone under its name between two looks.
    fn look_beside(
        &mut self,
        moved: Vec<Moved>,
        seen: &HashSet<FileIdentity>,
        near: &mut Near,
        now: Duration,
        listener: &mut dyn Listener,
    ) {
        let mut done = HashSet::new();
        for Moved { directory, family, since } in moved {
            if !done.insert(family.clone()) {
                continue;
            }
            let since = self.first_written(&family).or(since);
            for (path, facts) in near.of(&mut self.disk, &directory, &family) {
                let is_newer = since.is_none() || facts.modified >= since;
                let is_own = self.disk.is_own(&path, facts.identity);
                if facts.is_file && is_newer && !is_own && !seen.contains(&facts.identity) {
                    self.examine(&path, &facts, now, listener);
                }
            }
        }
    }

    /// Ends what has been missing for long. What was not read of it is told.
    fn give_up_missing(&mut self, is_first: bool, now: Duration, listener: &mut dyn Listener) {
        for number in 0..self.generations.len() {
            let generation = &self.generations[number];
            let Some(since) = generation.missing.filter(|_| !generation.ended) else { continue };
            if self.handles.has(number) || is_first || now.saturating_sub(since) < MISSING_MAX {
                continue;
            }
            let unread = generation.size.saturating_sub(generation.read);
            // It was still written when it was last seen, by this process or the one before.
            let was_open = generation.known.is_some() && !generation.left_when_known();
            if generation.file.is_some() && (unread > 0 || was_open) {
                let (label, read) = (generation.label.to_string(), generation.read);
                let reason = format!(
                    "gone, rotated away and deleted when {read} bytes were read; what was \
                     written since is missing: keep more rotated files"
                );
                self.tell(listener, &label, SkipKind::Unreadable, &reason);
            }
            self.end(number, None, listener);
        }
    }
}
