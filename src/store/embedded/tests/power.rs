//! A power cut at any step: every state that it may leave opens at the last commit that was
//! acknowledged or a later one, and the next writer reads on.
//!
//! What was not synced may be there or not: bytes of files in any part, names in folders one by
//! one. The steps of one run are recorded; each state is made of them in a folder of its own.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use crate::store::embedded::StoreWriter;
use crate::store::embedded::tests::script::{LINES, Script, stride};
use crate::store::embedded::tests::steps::{Recorded, Step};

/// What becomes of a change that was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    Lost,
    /// Of bytes, the first half; of anything else, lost.
    Torn,
}

/// Which unsynced changes survive.
#[derive(Debug, Clone, Copy)]
enum Survival {
    All,
    None,
    /// Names, but no bytes: as a journal of names alone leaves it.
    Names,
    Bytes,
    /// All but one of each so many, counted from the last.
    AllBut(usize),
    /// As chance has it, by this seed.
    Chance(u64),
}

impl Survival {
    fn fate(self, number: usize, is_name: bool) -> Fate {
        let kept = |is_kept| if is_kept { Fate::Kept } else { Fate::Lost };
        match self {
            Self::All => Fate::Kept,
            Self::None => Fate::Lost,
            Self::Names => kept(is_name),
            Self::Bytes => kept(!is_name),
            Self::AllBut(lost) => kept(number != lost),
            Self::Chance(seed) => {
                let mixed = (seed ^ number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                match (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 62 {
                    0 => Fate::Lost,
                    1 => Fate::Torn,
                    _ => Fate::Kept,
                }
            }
        }
    }
}

/// What a disk holds after some steps, a power cut and a restart.
#[derive(Debug, Default)]
struct Disk {
    names: BTreeMap<PathBuf, usize>,
    folders: Vec<PathBuf>,
    files: HashMap<usize, Vec<u8>>,
}

impl Disk {
    /// The disk after these steps.
    fn after(steps: &[Step], survival: Survival) -> Self {
        let synced = synced(steps);
        let mut disk = Self::default();
        let unsynced = (0..steps.len()).filter(|at| !synced.contains(at)).count();
        let mut later = unsynced;
        for (at, step) in steps.iter().enumerate() {
            let fate = if synced.contains(&at) {
                Fate::Kept
            } else {
                later -= 1;
                survival.fate(later, folder_of(step).is_some())
            };
            disk.apply(step, fate);
        }
        disk
    }

    fn apply(&mut self, step: &Step, fate: Fate) {
        match step {
            Step::Write { file, bytes, offset } if fate != Fate::Lost => {
                let kept = if fate == Fate::Torn { bytes.len() / 2 } else { bytes.len() };
                let (content, start) = (self.files.entry(*file).or_default(), *offset as usize);
                // A file system may have grown the file before the bytes were on disk.
                content.resize(content.len().max(start + bytes.len()), 0);
                content[start..start + kept].copy_from_slice(&bytes[..kept]);
            }
            Step::Cut { file, length } if fate == Fate::Kept => {
                self.files.entry(*file).or_default().resize(*length as usize, 0);
            }
            Step::Make { path, file } if fate == Fate::Kept => {
                self.names.insert(path.clone(), *file);
            }
            Step::Rename { from, to } if fate == Fate::Kept => {
                if let Some(file) = self.names.remove(from) {
                    self.names.insert(to.clone(), file);
                }
            }
            Step::Remove { path } if fate == Fate::Kept => _ = self.names.remove(path),
            Step::RemoveDirectory { path } if fate == Fate::Kept => {
                self.names.retain(|name, _| !name.starts_with(path));
                self.folders.retain(|name| !name.starts_with(path));
            }
            // What would stand in a folder that is lost is lost with it.
            Step::MakeDirectory { path } if fate == Fate::Kept => self.folders.push(path.clone()),
            _ => {}
        }
    }

    /// Makes it so, below another folder.
    fn write(&self, from: &Path, to: &Path) {
        let moved = |path: &Path| to.join(path.strip_prefix(from).expect("a path of the store"));
        for folder in &self.folders {
            fs::create_dir_all(moved(folder)).expect("a folder");
        }
        for (path, file) in &self.names {
            let path = moved(path);
            if path.parent().is_some_and(Path::is_dir) {
                fs::write(path, self.files.get(file).map_or(&[][..], Vec::as_slice))
                    .expect("a file");
            }
        }
    }
}

/// The folder whose sync makes a step durable, if it is one of names.
fn folder_of(step: &Step) -> Option<&Path> {
    match step {
        Step::Make { path, .. }
        | Step::Remove { path }
        | Step::MakeDirectory { path }
        | Step::RemoveDirectory { path } => path.parent(),
        Step::Rename { to, .. } => to.parent(),
        _ => None,
    }
}

/// The steps that a later sync has made durable.
fn synced(steps: &[Step]) -> HashSet<usize> {
    let (mut files, mut folders) = (HashSet::new(), HashSet::new());
    let mut durable = HashSet::new();
    for (at, step) in steps.iter().enumerate().rev() {
        let is_durable = match step {
            Step::Sync { file } => !files.insert(*file),
            Step::SyncDirectory { path } => !folders.insert(path.clone()),
            Step::Write { file, .. } | Step::Cut { file, .. } => files.contains(file),
            _ => folder_of(step).is_some_and(|folder| folders.contains(folder)),
        };
        if is_durable {
            durable.insert(at);
        }
    }
    durable
}

/// A run of the script: where it was, and its steps.
fn recorded(script: &mut Script) -> (TempDir, Vec<Step>) {
    let scratch = TempDir::new().expect("scratch space");
    let volume = Recorded::default();
    let directory = scratch.path().join("store");
    let writer = StoreWriter::open_on(Arc::new(volume.clone()), &directory).expect("a new store");
    script.read_on(&writer, |lines| volume.acknowledge(lines)).expect("a whole disk");
    writer.close().expect("a whole disk");
    let writer = StoreWriter::open_on(Arc::new(volume.clone()), &directory).expect("the store");
    writer.rewrite(&|_| true).expect("a whole disk");
    (scratch, volume.steps())
}

/// The next writer reads on from what a power cut left.
fn check(script: &mut Script, from: &Path, steps: &[Step], survival: Survival) {
    let told = format!("cut after {} steps, {survival:?} of the unsynced kept", steps.len());
    let scratch = TempDir::new().expect("scratch space");
    Disk::after(steps, survival).write(from, scratch.path());
    let directory = scratch.path().join("store");
    let acknowledged = steps.iter().rev().find_map(|step| match step {
        Step::Acknowledge { lines } => Some(*lines),
        _ => None,
    });
    // A store in the making may have no index yet: only a writer completes it.
    if let Some(acknowledged) = acknowledged {
        let held =
            script.check(&directory, &told).unwrap_or_else(|error| panic!("{told}: {error}"));
        assert!(held >= acknowledged, "{told}: {held} lines of {acknowledged}");
    }
    let opened = StoreWriter::open_or_create(&directory);
    let writer = opened.unwrap_or_else(|error| panic!("{told}: {error}"));
    script.read_on(&writer, |_| {}).expect("a whole disk");
    writer.close().expect("a whole disk");
    assert_eq!(script.check(&directory, &told).expect("a whole store"), LINES, "{told}");
}

#[test]
fn every_state_that_a_power_cut_may_leave_opens_at_what_was_acknowledged() {
    let mut script = Script::new();
    let (scratch, steps) = recorded(&mut script);
    // Each step is tried in eleven ways.
    let step = if stride() == 1 { 1 } else { 4 * stride() };
    for count in (0..=steps.len()).step_by(step) {
        let lost = (0..4).map(Survival::AllBut);
        let chance = (0..3).map(|seed| Survival::Chance(seed * 1_000_003 + count as u64));
        let plain = [Survival::All, Survival::None, Survival::Names, Survival::Bytes];
        for survival in plain.into_iter().chain(lost).chain(chance) {
            check(&mut script, scratch.path(), &steps[..count], survival);
        }
    }
}
