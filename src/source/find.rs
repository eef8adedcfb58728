//! Turns what a user typed into units: files, pipes and standard input.
//!
//! Always holds: units are in the order of their paths, never the file system's; one file
//! is one unit, whatever its names; what was found and is not a unit is reported. Hidden
//! files count and no ignore file is obeyed: a log is a log.

use std::collections::HashMap;
use std::fs::{self, File, FileType, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::WalkBuilder;

use crate::model::skipped::{SkipKind, Skipped};
use crate::source::selection::Selection;
use crate::source::sniff::{self, BLOCK_BYTES, Kind};
use crate::source::{glob, label, link, place};

/// Directories within each other that are entered. Real trees have a dozen.
const DEPTH_MAX: usize = 64;

/// More files than this are not listed: each costs some hundred bytes.
const UNITS_MAX: usize = 1_000_000;

/// A directory with this file is a store of ours, and holds no logs.
const STORE_MARK: &str = "logloom-store.json";

/// What lies below these is made up by the kernel as it is read, and may have no end.
const PSEUDO_ROOTS: &[&str] = &["/proc", "/sys", "/dev"];

/// Names for standard input.
const STANDARD_INPUT: &[&str] = &["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// What to read.
#[derive(Debug, Default)]
pub struct Found {
    /// Units, in order.
    pub units: Vec<Unit>,
    /// What was passed over, in the order in which it was met.
    pub skipped: Vec<Skipped>,
}

/// Something that is read from start to end by one thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Canonical and absolute; `-` for standard input.
    pub path: PathBuf,
    /// The name by which a [`Selection`] knows it: relative to the directory that the
    /// user named, or the file's own name.
    pub name: String,
    /// Whether the user named this very file. It is then read whatever is included.
    pub named: bool,
    /// How it is read.
    pub kind: UnitKind,
    /// Size in bytes, of a file.
    pub size: Option<u64>,
    /// Time of modification in nanoseconds since the epoch, of a file.
    pub modified: Option<i64>,
}

impl Unit {
    /// The path of the stream that the unit is, if it is no archive.
    pub fn label(&self) -> String {
        label::of_path(&self.path)
    }
}

/// How a unit is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnitKind {
    /// A file: can be read twice.
    File,
    /// A named pipe, such as a shell's `<(…)`: can be read once.
    Pipe,
    /// Standard input: can be read once.
    Stdin,
}

/// Finds what to read below `paths`. A path is a file, an archive, a directory, a pattern
/// that the shell did not expand, or `-`.
pub fn find(paths: &[PathBuf], selection: &Selection) -> Found {
    let mut finder = Finder { selection, found: Found::default(), known: HashMap::new() };
    for path in paths {
        finder.path(path);
    }
    finder.found.units.sort_by(|one, other| one.path.cmp(&other.path));
    finder.found
}

struct Finder<'a> {
    selection: &'a Selection,
    found: Found,
    /// Places in `found.units`, by identity.
    known: HashMap<Identity, usize>,
}

/// What makes a file one file.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Identity {
    /// Its device and inode.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix tells them"))]
    Inode(u64, u64),
    /// Its canonical path.
    Path(PathBuf),
}

impl Finder<'_> {
    fn path(&mut self, path: &Path) {
        let is_stdin = STANDARD_INPUT.iter().any(|name| path.as_os_str() == *name);
        if is_stdin && (path.as_os_str() == "-" || !path.is_file()) {
            self.stdin();
            return;
        }
        match fs::metadata(path) {
            Ok(metadata) => self.named(path, &metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.absent(path),
            Err(error) => self.skip(path, SkipKind::Unreadable, unreadable(&error)),
        }
    }

    fn stdin(&mut self) {
        self.add(
            Identity::Path(PathBuf::from("-")),
            Unit {
                path: PathBuf::from("-"),
                name: "-".to_owned(),
                named: true,
                kind: UnitKind::Stdin,
                size: None,
                modified: None,
            },
        );
    }

    /// A path that the user gave, or that matches a pattern.
    fn named(&mut self, path: &Path, metadata: &Metadata) {
        if metadata.is_dir() {
            self.directory(path);
            return;
        }
        let name = label::of_bytes(path.file_name().unwrap_or_default().as_encoded_bytes());
        if metadata.is_file() {
            self.file(path, name, true, metadata);
        } else if is_pipe(metadata.file_type()) {
            self.pipe(path, name, metadata);
        } else {
            self.skip(path, SkipKind::NotALog, "a device or socket".to_owned());
        }
    }

    /// A path that does not exist: perhaps it is a pattern.
    fn absent(&mut self, path: &Path) {
        let Some(pattern) = path.to_str().filter(|_| glob::is_pattern(path.as_os_str())) else {
            let reason = "there is no such file or directory; check the spelling".to_owned();
            self.skip(path, SkipKind::Unreadable, reason);
            return;
        };
        match glob::expand(pattern) {
            Ok(paths) if paths.is_empty() => {
                let reason = "no file matches this pattern".to_owned();
                self.skip(path, SkipKind::Unreadable, reason);
            }
            Ok(paths) => {
                for path in paths {
                    match fs::metadata(&path) {
                        Ok(metadata) => self.named(&path, &metadata),
                        Err(error) => self.not_entered(&path, &error),
                    }
                }
            }
            Err(error) => {
                let reason = format!("not a valid pattern: {}", error.kind());
                self.skip(path, SkipKind::Unreadable, reason);
            }
        }
    }

    fn pipe(&mut self, path: &Path, name: String, metadata: &Metadata) {
        // Names like /dev/fd/63 have no canonical form: what they lead to has no name.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let identity = identity(metadata, &path);
        let kind = UnitKind::Pipe;
        self.add(identity, Unit { path, name, named: true, kind, size: None, modified: None });
    }

    fn file(&mut self, path: &Path, name: String, named: bool, metadata: &Metadata) {
        if self.selection.excludes(&name) {
            return;
        }
        let canonical = match fs::canonicalize(path) {
            Ok(canonical) => canonical,
            Err(error) => return self.not_entered(path, &error),
        };
        if is_pseudo(&canonical) {
            let reason = "made up by the kernel as it is read".to_owned();
            return self.skip(path, SkipKind::NotALog, reason);
        }
        if !named && !self.selection.includes(&name) && !may_hold_others(path) {
            return;
        }
        let identity = identity(metadata, &canonical);
        self.add(
            identity,
            Unit {
                path: canonical,
                name,
                named,
                kind: UnitKind::File,
                size: Some(metadata.len()),
                modified: place::modified(metadata),
            },
        );
    }

    /// Adds a unit. Of a file met twice the first path in order stays.
    fn add(&mut self, identity: Identity, mut unit: Unit) {
        let units = &mut self.found.units;
        let next = units.len();
        let index = *self.known.entry(identity).or_insert(next);
        if index == next {
            units.push(unit);
            return;
        }
        let known = &mut units[index];
        unit.named |= known.named;
        known.named = unit.named;
        if unit.path < known.path {
            *known = unit;
        }
    }

    fn directory(&mut self, root: &Path) {
        if let Some(reason) = closed(root) {
            return self.skip(root, SkipKind::NotALog, reason.to_owned());
        }
        let closed_below = Arc::new(Mutex::new(Vec::new()));
        for entry in walk(root, self.selection, &closed_below) {
            if self.found.units.len() >= UNITS_MAX {
                let reason = format!("more than {UNITS_MAX} files; name fewer directories");
                self.skip(root, SkipKind::Unreadable, reason);
                break;
            }
            match entry {
                Ok(entry) => self.entry(root, &entry),
                Err(error) => self.walk_error(root, &error),
            }
        }
        let mut closed_below = closed_below.lock().unwrap_or_else(PoisonError::into_inner);
        for (path, reason) in closed_below.drain(..) {
            self.skip(&path, SkipKind::NotALog, reason.to_owned());
        }
    }

    fn entry(&mut self, root: &Path, entry: &ignore::DirEntry) {
        let path = entry.path();
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) => return self.not_entered(path, &error),
        };
        if metadata.is_dir() {
            if entry.depth() >= DEPTH_MAX {
                let reason = format!("more than {DEPTH_MAX} directories deep; name it itself");
                self.skip(path, SkipKind::Unreadable, reason);
            }
            return;
        }
        if !metadata.is_file() {
            return self.skip(path, SkipKind::NotALog, "a device, pipe or socket".to_owned());
        }
        self.file(path, relative_name(root, path), false, &metadata);
    }

    fn walk_error(&mut self, root: &Path, error: &ignore::Error) {
        match error {
            ignore::Error::WithDepth { err, .. } => self.walk_error(root, err),
            ignore::Error::WithPath { path, err } => self.walk_error(path, err),
            ignore::Error::Loop { child, .. } => {
                let reason = "a link to a directory around it".to_owned();
                self.skip(child, SkipKind::NotALog, reason);
            }
            ignore::Error::Io(error) => self.not_entered(root, error),
            other => self.skip(root, SkipKind::Unreadable, other.to_string()),
        }
    }

    /// Something that a directory listed and that cannot be read.
    fn not_entered(&mut self, path: &Path, error: &io::Error) {
        match link::leads_nowhere(path, error) {
            Some(reason) => self.skip(path, SkipKind::NotALog, reason.to_owned()),
            None => self.skip(path, SkipKind::Unreadable, unreadable(error)),
        }
    }

    fn skip(&mut self, path: &Path, kind: SkipKind, reason: String) {
        self.found.skipped.push(Skipped { path: label::of_path(path), reason, kind });
    }
}

/// Directories that are not entered, and why.
type Closed = Arc<Mutex<Vec<(PathBuf, &'static str)>>>;

fn walk(root: &Path, selection: &Selection, closed_below: &Closed) -> ignore::Walk {
    let (root, base) = (root, root.to_owned());
    let (selection, closed_below) = (selection.clone(), Arc::clone(closed_below));
    WalkBuilder::new(root)
        .standard_filters(false)
        .follow_links(true)
        .max_depth(Some(DEPTH_MAX))
        .sort_by_file_name(Ord::cmp)
        .filter_entry(move |entry| {
            let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
            if entry.depth() == 0 || !is_directory {
                return true;
            }
            if let Some(reason) = closed(entry.path()) {
                let mut list = closed_below.lock().unwrap_or_else(PoisonError::into_inner);
                list.push((entry.path().to_owned(), reason));
                return false;
            }
            !selection.excludes(&relative_name(&base, entry.path()))
        })
        .build()
}

/// Why a directory is not entered, if so.
fn closed(directory: &Path) -> Option<&'static str> {
    if directory.join(STORE_MARK).is_file() {
        return Some("a store of logloom");
    }
    let canonical = fs::canonicalize(directory).ok()?;
    is_pseudo(&canonical).then_some("made up by the kernel as it is read")
}

fn is_pseudo(canonical: &Path) -> bool {
    cfg!(unix) && PSEUDO_ROOTS.iter().any(|root| canonical.starts_with(root))
}

/// The name of a file below the directory that the user named.
fn relative_name(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let parts =
        relative.components().map(|part| label::of_bytes(part.as_os_str().as_encoded_bytes()));
    parts.collect::<Vec<_>>().join("/")
}

/// Whether a file is an archive or compressed, so that patterns may speak of what is in it.
/// One that cannot be opened may be; reading it will say why it cannot.
fn may_hold_others(path: &Path) -> bool {
    let mut block = Vec::new();
    let Ok(file) = File::open(path) else {
        return true;
    };
    // What was read before an error is enough to go by.
    let _ = file.take(BLOCK_BYTES as u64).read_to_end(&mut block);
    matches!(sniff::kind(&block), Kind::Compressed(_) | Kind::Tar | Kind::Zip)
}

fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "permission denied; run as a user who may read it".to_owned()
        }
        _ => format!("{error}; check the path and the permissions"),
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata, _: &Path) -> Identity {
    use std::os::unix::fs::MetadataExt;
    Identity::Inode(metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata, path: &Path) -> Identity {
    Identity::Path(path.to_owned())
}

#[cfg(unix)]
fn is_pipe(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    kind.is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_: FileType) -> bool {
    false
}

#[cfg(test)]
mod tests;
