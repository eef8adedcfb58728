//! Follows logs while they are written, through every kind of rotation.
//!
//! A [`Follower`] looks at files when they are due, or hinted at, and hands whole lines to a
//! [`Listener`]. Polling is the truth: events only make it look earlier. The clock is an
//! argument and the file system a door ([`disk::Disk`]), so that a day can be played in a
//! moment.
//!
//! What makes a log one log is its content. A file is known by device, inode and birth as
//! long as it exists; before anything is read on in it, the bytes before that place are
//! compared with what was read there. A file that no longer agrees was cut away: it holds a
//! new generation, and the old one goes on in whichever file of its family holds all that
//! was read of it: renamed, copied or compressed. A file that so far equals another that is
//! still there is held back until one of them says which of the two it is.
//!
//! Always: a byte is handed over once, in its generation, at its offset; a generation that
//! could not be read to its end is reported.

pub mod disk;
mod examine;
mod family;
mod generation;
mod handles;
pub mod hints;
mod look;
mod marks;
mod packed;
mod plain;
pub mod real;
mod scan;
mod unpack;

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::model::checkpoint::{Checkpoint, FileIdentity, Followed};
use crate::model::line::Position;
use crate::model::skipped::{SkipKind, Skipped};
use crate::source::follow::disk::{Disk, Facts};
use crate::source::follow::family::Family;
use crate::source::follow::generation::Generation;
use crate::source::follow::handles::Handles;
use crate::source::follow::packed::{PackedFile, Stage};
use crate::source::follow::scan::Occupant;
use crate::source::{Chunk, Stream, label};

/// A file that has not changed for long is looked at so often, where no events tell of it.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// The same where events do: what they miss is found by then.
const PAUSE_WITH_EVENTS_MAX: Duration = Duration::from_secs(10);

/// Directories and patterns are looked at so often, where no events tell of new files.
const SCAN_EVERY: Duration = Duration::from_millis(500);

/// The same where events do.
const SCAN_WITH_EVENTS_EVERY: Duration = Duration::from_secs(10);

/// Looks at directories keep this distance for each file found, however many hints come:
/// so they take a small part of the time.
const SCAN_DISTANCE_PER_FILE: Duration = Duration::from_micros(100);

/// And at least this.
const SCAN_DISTANCE_MIN: Duration = Duration::from_millis(5);

/// Takes in what a follower reads. Generations are told apart by their numbers.
pub trait Listener {
    /// Lines of a stream follow from this position on. `known` is what an earlier process
    /// left of it; what that stored behind the position comes anew.
    fn begin(&mut self, number: usize, stream: &Stream, from: Position, known: Option<Checkpoint>);
    /// The next lines.
    fn lines(&mut self, number: usize, chunk: Chunk);
    /// The last line has no end yet, and has had none for a while: so far it is this. It
    /// will come anew, whole.
    fn partial(&mut self, number: usize, chunk: Chunk);
    /// The file was looked at.
    fn looked(&mut self, number: usize, looked: Looked);
    /// A stream with this path has ended so long ago, and so many since, that nothing of it
    /// will ever come. It may never have begun in this process.
    fn forgotten(&mut self, number: usize, path: &str);
    /// Something was passed over or is missing.
    fn skipped(&mut self, skipped: Skipped);
}

/// What a look at a file said that a checkpoint must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The file.
    pub followed: Followed,
    /// Its size and time of modification, if all of it was read.
    pub whole: Option<(u64, Option<i64>)>,
}

/// What a turn brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Whether there is more to read at once.
    pub is_behind: bool,
    /// When the next turn is due, by the clock of the turns.
    pub next: Duration,
}

/// Follows files.
pub struct Follower<D> {
    disk: D,
    has_events: bool,
    generations: Vec<Generation>,
    /// The generation that a file holds.
    by_file: HashMap<FileIdentity, usize>,
    by_path: HashMap<PathBuf, usize>,
    families: HashMap<Family, Vec<usize>>,
    /// How many labels a name has had.
    names: HashMap<String, u32>,
    /// Files that equal a generation so far, with their facts and its state when they were
    /// compared, and how far they were.
    held: HashMap<FileIdentity, Held>,
    /// Copies of what was read already, as they were then.
    copies: HashMap<FileIdentity, (u64, Option<i64>)>,
    packed: HashMap<FileIdentity, PackedFile>,
    /// Packed files that are not read to their end.
    busy: Vec<FileIdentity>,
    /// Files that hold nothing to follow, as they were then.
    passed_over: HashMap<FileIdentity, (u64, Option<i64>)>,
    /// Which file had each name in scope at the last look at all.
    occupants: HashMap<PathBuf, Occupant>,
    /// Files that hold others.
    archives: BTreeSet<PathBuf>,
    /// What was reported already.
    told: HashSet<(String, String)>,
    handles: Handles,
    /// Generations that have ended, in the order in which they did.
    ended: VecDeque<usize>,
    due: BinaryHeap<Reverse<(Duration, usize)>>,
    next_scan: Duration,
    last_scan: Option<Duration>,
    /// Whether events were lost, so that every file is to be looked at.
    is_blind: bool,
    files: usize,
}

/// A file that may be a copy of a generation that is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    facts: (u64, Option<i64>),
    of: usize,
    compared: u64,
}

/// Generations that have ended and are known again should a copy of them turn up. What a store
/// says of each at every commit is some hundred bytes.
const ENDED_MAX: usize = 1_000;

/// Reports that are remembered so as not to be repeated; beyond it they are repeated.
const TOLD_MAX: usize = 10_000;

impl<D: Disk> Follower<D> {
    /// Follows what `disk` has in its scope, from where earlier processes left it. At most
    /// `descriptors` files are open at a time.
    pub fn new(disk: D, known: Vec<Checkpoint>, descriptors: usize) -> Self {
        let mut follower = Self {
            disk,
            has_events: false,
            generations: Vec::new(),
            by_file: HashMap::new(),
            by_path: HashMap::new(),
            families: HashMap::new(),
            names: HashMap::new(),
            held: HashMap::new(),
            copies: HashMap::new(),
            packed: HashMap::new(),
            busy: Vec::new(),
            passed_over: HashMap::new(),
            occupants: HashMap::new(),
            archives: BTreeSet::new(),
            told: HashSet::new(),
            handles: Handles::new(descriptors),
            ended: VecDeque::new(),
            due: BinaryHeap::new(),
            next_scan: Duration::ZERO,
            last_scan: None,
            is_blind: false,
            files: 0,
        };
        // What is inside archives is not followed.
        let is_log = |known: &Checkpoint| !known.path.contains("!/") && !known.is_sum();
        for checkpoint in known.into_iter().filter(is_log) {
            if checkpoint.read > 0 || checkpoint.followed.is_some() {
                follower.add(Generation::known(checkpoint));
            }
        }
        let generations = follower.generations.iter().enumerate();
        let ended = generations.filter(|(_, generation)| generation.ended);
        let mut ended: Vec<_> =
            ended.map(|(number, generation)| (generation.written, number)).collect();
        ended.sort_unstable();
        follower.ended = ended.into_iter().map(|(_, number)| number).collect();
        follower
    }

    /// Says whether events tell of changes. Without them files are looked at more often.
    pub fn set_events(&mut self, has_events: bool) {
        self.has_events = has_events;
    }

    /// Something was written at this path.
    pub fn hint(&mut self, path: &Path, now: Duration) {
        match self.by_path.get(path) {
            Some(number) => self.plan(*number, now),
            None => self.scan_soon(now),
        }
    }

    /// Events were lost: every file is to be looked at soon.
    pub fn events_lost(&mut self, now: Duration) {
        self.is_blind = true;
        self.scan_soon(now);
    }

    /// Directories and patterns are to be looked at soon: something changed.
    pub fn scan_soon(&mut self, now: Duration) {
        let distance = SCAN_DISTANCE_PER_FILE * u32::try_from(self.files).unwrap_or(u32::MAX);
        let distance = distance.max(SCAN_DISTANCE_MIN);
        let earliest = self.last_scan.map_or(now, |last| last + distance);
        self.next_scan = self.next_scan.min(earliest.max(now));
    }

    /// Archives in scope: they are not followed, and can be read once.
    pub fn archives(&self) -> Vec<PathBuf> {
        self.archives.iter().cloned().collect()
    }

    /// Whether a compressed file waits for its turn.
    pub fn is_unpacking(&self) -> bool {
        !self.busy.is_empty()
    }

    /// The directories in which files were found, for events.
    pub fn directories(&self) -> Vec<PathBuf> {
        let parents = self.by_path.keys().filter_map(|path| path.parent());
        let unique: HashSet<&Path> = parents.collect();
        unique.into_iter().map(Path::to_owned).collect()
    }

    /// Looks at what is due and reads a bounded part of each file that has more.
    pub fn turn(&mut self, now: Duration, listener: &mut dyn Listener) -> Turn {
        if now >= self.next_scan {
            self.scan(now, listener);
        }
        let mut numbers = Vec::new();
        while let Some(Reverse((due, number))) = self.due.peek().copied() {
            if due > now {
                break;
            }
            self.due.pop();
            // What was planned anew has another entry.
            if self.generations[number].due == due {
                numbers.push(number);
            }
        }
        for number in numbers {
            self.look(number, now, listener);
        }
        self.read_packed(now, listener);
        let next = self.due.peek().map_or(self.next_scan, |Reverse((due, _))| *due);
        let next = next.min(self.next_scan).min(self.next_packed(now));
        Turn { is_behind: next <= now, next }
    }

    /// Lets a generation be looked at no later than `due`.
    fn plan(&mut self, number: usize, due: Duration) {
        let generation = &mut self.generations[number];
        if !generation.ended && due < generation.due {
            generation.due = due;
            self.due.push(Reverse((due, number)));
        }
    }

    /// Lets a generation be looked at `due`, and not before.
    fn plan_next(&mut self, number: usize, due: Duration) {
        self.generations[number].due = due;
        self.due.push(Reverse((due, number)));
    }

    fn add(&mut self, generation: Generation) -> usize {
        let number = self.generations.len();
        if let Some(file) = generation.file
            && generation.is_packed
            && generation.known.is_some()
        {
            self.add_packed(file, &generation, number);
        } else if let Some(file) = generation.file {
            // Of two that claim one file the later is right; the other was cut away.
            if let Some(earlier) = self.by_file.insert(file, number) {
                self.generations[earlier].file = None;
            }
            self.by_path.insert(generation.path.clone(), number);
        }
        self.families.entry(generation.family.clone()).or_default().push(number);
        let labels = self.names.entry(generation.name.clone()).or_default();
        let suffix = generation.label.strip_prefix(generation.name.as_str());
        let given = suffix.and_then(|suffix| suffix.strip_prefix('#')?.parse().ok()).unwrap_or(1);
        *labels = given.max(*labels);
        self.generations.push(generation);
        if self.generations[number].file.is_some() && !self.generations[number].ended {
            self.plan_next(number, Duration::ZERO);
        }
        number
    }

    /// A packed file that an earlier process read.
    fn add_packed(&mut self, identity: FileIdentity, generation: &Generation, number: usize) {
        let (path, modified) = (generation.path.clone(), generation.modified);
        let size = generation.size;
        let facts = Facts { identity, size, modified, is_linked: true, is_file: true };
        let was_whole = generation.known.as_ref().is_some_and(|known| known.size.is_some());
        let stage = if was_whole { Stage::Done } else { Stage::Waiting };
        if !was_whole {
            self.busy.push(identity);
        }
        let owner = Some(number);
        let since = Duration::ZERO;
        // What it is, its next reading says.
        let is_text = false;
        let packed = PackedFile { path, facts, since, owner, stage, is_text, missed: 0 };
        self.packed.insert(identity, packed);
        self.by_file.insert(identity, number);
    }

    /// A new generation at a path.
    fn create(&mut self, path: &Path, facts: &Facts, name: Option<String>, now: Duration) -> usize {
        let name = name.unwrap_or_else(|| label::of_path(path));
        let label: Arc<str> = match self.names.get(&name) {
            None => name.as_str().into(),
            Some(given) => format!("{name}#{}", given + 1).into(),
        };
        let mut generation = Generation::new(label, name, path.to_owned());
        generation.file = Some(facts.identity);
        generation.changed = now;
        generation.due = now;
        generation.written = facts.modified;
        let number = self.add(generation);
        self.plan_next(number, now);
        number
    }

    /// Forgets those that ended first, when they are too many: nothing was found of them for
    /// so long that nothing ever will be.
    fn forget_ended(&mut self, listener: &mut dyn Listener) {
        while self.ended.len() > ENDED_MAX {
            let Some(number) = self.ended.pop_front() else { break };
            let generation = &mut self.generations[number];
            // A copy of it may have turned up since.
            if !generation.ended || generation.is_forgotten {
                continue;
            }
            generation.is_forgotten = true;
            generation.known = None;
            if let Some(family) = self.families.get_mut(&generation.family) {
                family.retain(|other| *other != number);
            }
            let label = Arc::clone(&generation.label);
            listener.forgotten(number, &label);
        }
    }

    /// Reports something once.
    fn tell(&mut self, listener: &mut dyn Listener, path: &str, kind: SkipKind, reason: &str) {
        let key = (path.to_owned(), reason.to_owned());
        if self.told.len() < TOLD_MAX && !self.told.insert(key) {
            return;
        }
        listener.skipped(Skipped { path: path.to_owned(), reason: reason.to_owned(), kind });
    }

    fn looked(&self, number: usize, listener: &mut dyn Listener) {
        let generation = &self.generations[number];
        let is_whole = generation.read == generation.size && generation.known.is_none();
        let whole =
            (is_whole && !generation.is_packed).then_some((generation.size, generation.modified));
        listener.looked(number, Looked { followed: generation.followed(), whole });
    }
}
