//! What takes which bytes of a store.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use crate::model::time::Timestamp;
use crate::store::care::{Part, SourceShare, Statistics};
use crate::store::embedded::files::Place;
use crate::store::embedded::home::FORMAT;
use crate::store::embedded::index::guarded;
use crate::store::embedded::reader::{StoreReader, size_on_disk};
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};
use crate::store::error::StoreError;

/// What files hold, by their endings.
const ENDINGS: [(&str, &str); 8] = [
    ("block", "lines"),
    ("term", "words of the index"),
    ("idx", "which groups have which words"),
    ("fast", "columns: times, requests, places of groups"),
    ("id", "ids of the index"),
    ("json", "the commit, notes and the marker"),
    ("lock", "locks"),
    ("store", "the index's own documents"),
];

/// What takes which bytes. Reads the blocks once, to share them out among the sources.
///
/// # Errors
/// When the store cannot be read or is damaged.
pub fn statistics(reader: &StoreReader) -> Result<Statistics, StoreError> {
    let home = reader.home();
    let parts = parts(home.path(), &home.templates())?;
    guarded(&home.index(), || {
        let snapshot = reader.snapshot()?;
        let mut shares = shares(&snapshot)?;
        let sources = snapshot.ledger.checkpoints().into_iter().map(|checkpoint| {
            let (lines, block_bytes) = shares.remove(&checkpoint.path).unwrap_or_default();
            SourceShare { checkpoint, lines, block_bytes }
        });
        let sources: Vec<SourceShare> = sources.collect();
        Ok(Statistics {
            format: FORMAT,
            lines: sources.iter().map(|source| source.lines).sum(),
            bytes: parts.iter().map(|part| part.bytes).sum(),
            parts,
            sources,
        })
    })
}

fn parts(folder: &Path, templates: &Path) -> Result<Vec<Part>, StoreError> {
    let mut parts: BTreeMap<&str, Part> = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |source| StoreError::Io { path: folder.clone(), source };
        for found in fs::read_dir(&folder).map_err(failed)? {
            let found = found.map_err(failed)?;
            // A file that vanishes meanwhile is the writer's to remove.
            let Ok(metadata) = found.metadata() else { continue };
            if metadata.is_dir() {
                folders.push(found.path());
                continue;
            }
            let name = if folder == templates { "templates of lines" } else { of(&found.path()) };
            let part = parts.entry(name).or_default();
            name.clone_into(&mut part.name);
            part.files += 1;
            part.bytes += metadata.len();
        }
    }
    let mut parts: Vec<Part> = parts.into_values().collect();
    parts.sort_by(|one, other| (other.bytes, &one.name).cmp(&(one.bytes, &other.name)));
    Ok(parts)
}

fn of(path: &Path) -> &'static str {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let known = ENDINGS.iter().find(|(known, _)| *known == ending);
    known.map_or("the rest of the index", |(_, name)| name)
}

/// The time before which lines must go for the rest to take about so many bytes; none if
/// all may stay. What has no time is not counted.
///
/// # Errors
/// When the store cannot be read.
pub fn newest_within(reader: &StoreReader, bytes: u64) -> Result<Option<Timestamp>, StoreError> {
    let home = reader.home();
    let all = size_on_disk(home.path())?;
    if all <= bytes {
        return Ok(None);
    }
    guarded(&home.index(), || {
        let snapshot = reader.snapshot()?;
        let mut groups = Vec::new();
        snapshot.each_group(|group| {
            let last = snapshot.last_at_most(group);
            groups.extend(last.map(|last| (last, snapshot.entries_at_most(group))));
        });
        groups.sort_unstable_by(|one, other| other.cmp(one));
        let entries: u64 = groups.iter().map(|(_, entries)| entries).sum();
        // Lines take about as much each; what all of them share takes a little.
        let wanted = entries as f64 * 0.95 * bytes as f64 / all as f64;
        let mut kept = 0;
        let first_gone = groups.iter().find(|(_, entries)| {
            kept += entries;
            kept as f64 > wanted
        });
        // What ended at that moment goes as well.
        Ok(first_gone.map(|(last, _)| last.plus(1)))
    })
}

/// Lines and bytes in blocks of each stream.
fn shares(snapshot: &Snapshot) -> Result<HashMap<String, (u64, u64)>, StoreError> {
    let mut groups = Vec::new();
    snapshot.each_group(|group| groups.push(group));
    groups.sort_by_cached_key(|group| snapshot.place_of(*group).ok());
    let mut shares = HashMap::new();
    let mut of_block: (Option<Place>, Vec<GroupAddress>) = (None, Vec::new());
    for group in groups {
        let place = Some(snapshot.place_of(group)?.0);
        if of_block.0 != place {
            share(snapshot, &of_block.1, of_block.0, &mut shares)?;
            of_block = (place, Vec::new());
        }
        of_block.1.push(group);
    }
    share(snapshot, &of_block.1, of_block.0, &mut shares)?;
    Ok(shares)
}

/// Shares a block out among the streams that have lines in it.
fn share(
    snapshot: &Snapshot,
    groups: &[GroupAddress],
    place: Option<Place>,
    shares: &mut HashMap<String, (u64, u64)>,
) -> Result<(), StoreError> {
    let Some(place) = place else { return Ok(()) };
    let mut raw: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for group in groups {
        for entry in snapshot.entries(*group)? {
            let (lines, bytes) = raw.entry(entry.path.to_string()).or_default();
            *lines += u64::from(entry.record.lines);
            *bytes += entry.record.raw.len() as u64 + 1;
        }
    }
    let on_disk = u128::from(snapshot.blocks().bytes_on_disk(place)?);
    let all: u128 = raw.values().map(|(_, bytes)| u128::from(*bytes)).sum();
    for (path, (lines, bytes)) in raw {
        let known: &mut (u64, u64) = shares.entry(path).or_default();
        known.0 += lines;
        known.1 += u64::try_from(on_disk * u128::from(bytes) / all.max(1)).unwrap_or(u64::MAX);
    }
    Ok(())
}
