//! Looks at every byte of a store: checksums of each file and block, and whether the index,
//! the blocks and the ledger say the same.
//!
//! Each part of the format is one function in [`PARTS`]; a new part joins by one more.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::model::entry::Entry;
use crate::store::care::{Damage, Verification};
use crate::store::embedded::files::{Place, name_of};
use crate::store::embedded::frame;
use crate::store::embedded::home::Home;
use crate::store::embedded::index::{self, guarded};
use crate::store::embedded::reader::StoreReader;
use crate::store::embedded::sealed;
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};
use crate::store::error::StoreError;

/// How one part of the format is verified.
type Part = fn(&mut Look<'_>) -> Result<(), StoreError>;

/// What is verified, in this order.
const PARTS: [Part; 5] = [
    |look| look.single_files(),
    |look| look.index_files(),
    |look| look.templates(),
    |look| look.blocks(),
    |look| look.groups(),
];

/// A look at a store.
struct Look<'a> {
    home: &'a Home,
    snapshot: &'a Snapshot,
    /// The places of blocks that are whole.
    whole: HashSet<Place>,
    found: Verification,
}

/// Looks at the store in this directory. Damage that keeps it from being opened is found as
/// well; what else there is cannot be told then.
///
/// # Errors
/// When there is no store, or it cannot be read at all.
pub fn verify(directory: &Path) -> Result<Verification, StoreError> {
    match StoreReader::open(directory).and_then(|reader| look(&reader)) {
        Err(error) => {
            let mut found = Verification::default();
            found.damaged(damage_of(error)?);
            Ok(found)
        }
        found => found,
    }
}

fn look(reader: &StoreReader) -> Result<Verification, StoreError> {
    let snapshot = reader.snapshot()?;
    let home = reader.home();
    let found = Verification::default();
    let mut look = Look { home: &home, snapshot: &snapshot, whole: HashSet::new(), found };
    for part in PARTS {
        if let Err(error) = guarded(&home.index(), || part(&mut look)) {
            look.found.damaged(damage_of(error)?);
        }
    }
    Ok(look.found)
}

/// Damage as what was found; any other error stays one.
fn damage_of(error: StoreError) -> Result<Damage, StoreError> {
    match error {
        StoreError::Damaged { path, offset, reason } => Ok(Damage { path, offset, reason }),
        other => Err(other),
    }
}

impl Look<'_> {
    fn damaged(&mut self, path: PathBuf, offset: Option<u64>, reason: &str) {
        self.found.damaged(Damage { path, offset, reason: reason.to_owned() });
    }

    /// The marker and the note.
    fn single_files(&mut self) -> Result<(), StoreError> {
        for (path, expected) in self.home.single_files() {
            match expected {
                None if !path.exists() => {}
                None => self.sealed(path)?,
                Some(expected) => {
                    let read = fs::read(&path);
                    let bytes =
                        read.map_err(|source| StoreError::Io { path: path.clone(), source })?;
                    self.found.files += 1;
                    self.found.bytes += bytes.len() as u64;
                    if bytes != expected {
                        self.damaged(path, None, "it does not say what it should");
                    }
                }
            }
        }
        Ok(())
    }

    /// The files of the index that the commit counts, and its lists of them.
    fn index_files(&mut self) -> Result<(), StoreError> {
        let (index, _) = index::open(self.home)?;
        for name in index::files_of(&index, &self.home.index())? {
            self.sealed(self.home.index().join(name))?;
        }
        Ok(())
    }

    /// A file that ends with its own checksum.
    fn sealed(&mut self, path: PathBuf) -> Result<(), StoreError> {
        let mut file = match File::open(&path) {
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                self.damaged(path, None, "the file is gone");
                return Ok(());
            }
            other => other.map_err(|source| StoreError::Io { path: path.clone(), source })?,
        };
        let checked = sealed::check(&mut file);
        let checked = checked.map_err(|source| StoreError::Io { path: path.clone(), source })?;
        self.found.files += 1;
        self.found.bytes += file.metadata().map_or(0, |metadata| metadata.len());
        if let Err(malformed) = checked {
            self.damaged(path, None, malformed.0);
        }
        Ok(())
    }

    fn templates(&mut self) -> Result<(), StoreError> {
        let lengths = self.snapshot.ledger.template_files.clone();
        self.frames(&self.home.templates(), &lengths, |_, _| {})?;
        for number in 0..self.snapshot.ledger.templates {
            if let Err(malformed) = self.snapshot.blocks().template(number) {
                let reason = format!("template {number}: {}", malformed.0);
                self.damaged(self.home.templates(), None, &reason);
            }
        }
        Ok(())
    }

    fn blocks(&mut self) -> Result<(), StoreError> {
        let lengths = self.snapshot.ledger.block_files.clone();
        self.frames(&self.home.blocks(), &lengths, |look, place| {
            look.found.blocks += 1;
            look.whole.insert(place);
        })
    }

    /// Every frame of the files in a folder, one after the other, without gaps.
    fn frames(
        &mut self,
        folder: &Path,
        lengths: &[u64],
        mut visit: impl FnMut(&mut Self, Place),
    ) -> Result<(), StoreError> {
        for (number, &length) in lengths.iter().enumerate() {
            let path = folder.join(name_of(number));
            let failed = |source| StoreError::Io { path: path.clone(), source };
            let file = match File::open(&path) {
                Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                    if length > 0 {
                        self.damaged(path, None, "the file is gone");
                    }
                    continue;
                }
                other => other.map_err(failed)?,
            };
            self.found.files += 1;
            self.found.bytes += length;
            let there = file.metadata().map_err(failed)?.len();
            self.found.uncommitted += there.saturating_sub(length);
            let mut offset = 0;
            while offset < length {
                match frame::read_frame(&file, &path, offset, length) {
                    Ok((_, bytes)) => {
                        visit(self, Place { file: number as u64, offset });
                        offset += bytes;
                    }
                    // Where the next one begins cannot be known.
                    Err(error) => {
                        self.found.damaged(damage_of(error)?);
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether each group of the index is in a block as the index says, each group of a block
    /// is in the index, and each stream has the lines that the ledger says.
    fn groups(&mut self) -> Result<(), StoreError> {
        let mut groups = Vec::new();
        self.snapshot.each_group(|group| groups.push(group));
        groups.sort_by_cached_key(|group| self.snapshot.place_of(*group).ok());
        let mut seen: BTreeMap<Place, Vec<u64>> = BTreeMap::new();
        let mut lines: HashMap<String, u64> = HashMap::new();
        for group in groups {
            self.found.groups += 1;
            let (place, slot) = self.snapshot.place_of(group)?;
            if !self.whole.contains(&place) {
                let path = self.home.blocks().join(name_of(place.file as usize));
                self.damaged(path, Some(place.offset), "the index names a block that is not whole");
                continue;
            }
            seen.entry(place).or_default().push(slot);
            match self.group(group) {
                Ok(entries) => self.count(&entries, &mut lines),
                Err(error) => self.found.damaged(damage_of(error)?),
            }
        }
        self.unnamed_groups(&mut seen)?;
        self.ledger(&lines);
        Ok(())
    }

    /// The entries of a group that count, after what the index says of all was compared.
    fn group(&mut self, group: GroupAddress) -> Result<Vec<Entry>, StoreError> {
        let (place, _) = self.snapshot.place_of(group)?;
        let entries = self.snapshot.all_entries(group)?;
        let times = || entries.iter().filter_map(Entry::time);
        let said = (
            self.snapshot.entries_at_most(group),
            self.snapshot.first_at_least(group),
            self.snapshot.last_at_most(group),
        );
        let trace = self.snapshot.trace_of(group);
        let is_same = said == (entries.len() as u64, times().min(), times().max())
            && entries.iter().all(|entry| entry.context.trace_id == trace);
        if !is_same {
            let path = self.home.blocks().join(name_of(place.file as usize));
            self.damaged(path, Some(place.offset), "the index says other things of a group");
        }
        self.snapshot.entries(group)
    }

    fn count(&mut self, entries: &[Entry], lines: &mut HashMap<String, u64>) {
        for entry in entries {
            let count = u64::from(entry.record.lines);
            self.found.lines += count;
            match lines.get_mut(&*entry.path) {
                Some(known) => *known += count,
                None => _ = lines.insert(entry.path.to_string(), count),
            }
        }
    }

    /// Groups of blocks that the index does not name, or names twice.
    fn unnamed_groups(&mut self, seen: &mut BTreeMap<Place, Vec<u64>>) -> Result<(), StoreError> {
        let mut places: Vec<Place> = self.whole.iter().copied().collect();
        places.sort_unstable();
        for place in places {
            let count = match self.snapshot.blocks().get(place) {
                Ok(block) => block.groups() as u64,
                Err(error) => {
                    self.found.damaged(damage_of(error)?);
                    continue;
                }
            };
            let named = seen.entry(place).or_default();
            named.sort_unstable();
            if !named.iter().copied().eq(0..count) {
                let path = self.home.blocks().join(name_of(place.file as usize));
                self.damaged(path, Some(place.offset), "the index names other groups of a block");
            }
        }
        Ok(())
    }

    /// Lines that are there against lines that were read and not let go.
    fn ledger(&mut self, lines: &HashMap<String, u64>) {
        // A sum over streams that are gone names none of them.
        let checkpoints = self.snapshot.ledger.checkpoints().into_iter();
        for checkpoint in checkpoints.filter(|checkpoint| !checkpoint.is_sum()) {
            let there = lines.get(&checkpoint.path).copied().unwrap_or_default();
            let expected = checkpoint.tally.lines.saturating_sub(checkpoint.dropped.lines);
            if there != expected {
                let reason = format!("{}: {there} lines are there of {expected}", checkpoint.path);
                self.damaged(self.home.index(), None, &reason);
            }
        }
    }
}
