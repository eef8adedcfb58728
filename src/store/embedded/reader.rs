//! Answers from the store, as of its last commit.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use crate::model::checkpoint::Checkpoint;
use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::query::condition::{Condition, Query, Test};
use crate::query::necessary::Necessary;
use crate::store::embedded::home::Home;
use crate::store::embedded::index::{self, failed, guarded};
use crate::store::embedded::lookup::Lookup;
use crate::store::embedded::schema::Fields;
use crate::store::embedded::snapshot::Snapshot;
use crate::store::embedded::terms::ANY_NAME;
use crate::store::embedded::{candidates, line_at, lines, narrowing, postings, requests, traces};
use crate::store::error::StoreError;
use crate::store::runs::Runs;
use crate::store::{Ability, Found, Narrowed, Page, Reader, RequestHit, Services, Summary, Window};

/// An index up to this size is checked against its checksums when it is opened, which takes
/// less than a millisecond. Of a larger one only what is read wrongly shows, and
/// `logloom store verify` tells the rest.
const CHECKED_BYTES_MAX: u64 = 4 << 20;

/// The file that a commit replaces.
const COMMIT_FILE: &str = "meta.json";

/// A reader of a store, one of any number, in any process.
///
/// Each question is asked of the last commit. Memory: the ledger, the index's columns as
/// far as they are touched (mapped from disk), and blocks of 64 MB at most; answers hold
/// what their limits say.
pub struct StoreReader {
    directory: PathBuf,
    fields: Fields,
    current: RwLock<Current>,
}

struct Current {
    home: Home,
    snapshot: Arc<Snapshot>,
    /// The state of the commit's file when the snapshot was taken.
    seen: Option<Stamp>,
}

impl Current {
    /// The last commit.
    fn take(directory: &Path, is_checked: bool) -> Result<Self, StoreError> {
        let (home, lock) = Home::open_to_read(directory)?;
        let seen = stamp(&home);
        let snapshot = guarded(&home.index(), || {
            let (index, fields) = index::open(&home)?;
            if is_checked {
                check(&index, &home)?;
            }
            Snapshot::take(&home, &index, fields)
        })?;
        Ok(Self { home, snapshot: Arc::new(snapshot.while_held(lock)), seen })
    }
}

/// By what a file is known to be another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    node: u64,
}

impl StoreReader {
    /// Opens the store in this directory for reading. A writer is neither needed nor
    /// disturbed.
    ///
    /// # Errors
    /// When there is no store, or one of another format, or it is damaged or cannot be read.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let current = Current::take(directory, true)?;
        let fields = current.snapshot.fields;
        Ok(Self { directory: directory.to_owned(), fields, current: RwLock::new(current) })
    }

    /// The last commit.
    pub(super) fn snapshot(&self) -> Result<Arc<Snapshot>, StoreError> {
        {
            let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
            if current.seen.is_some() && current.seen == stamp(&current.home) {
                return Ok(current.snapshot.clone());
            }
        }
        let new = Current::take(&self.directory, false)?;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = new;
        Ok(current.snapshot.clone())
    }

    /// Where the files of the last commit are.
    pub(super) fn home(&self) -> Home {
        self.current.read().unwrap_or_else(PoisonError::into_inner).home.clone()
    }

    /// Asks the last commit.
    fn ask<T>(
        &self,
        question: impl FnOnce(&Snapshot) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        guarded(&self.home().index(), || {
            let snapshot = self.snapshot()?;
            let answer = question(&snapshot)?;
            snapshot.sound().map(|()| answer)
        })
    }
}

impl Reader for StoreReader {
    fn ability(&self, condition: &Condition) -> Ability {
        match narrowing::of(condition, &self.fields) {
            Some(_) => Ability::Narrows,
            None => Ability::Scans,
        }
    }

    fn requests(&self, query: &Query, page: &Page) -> Result<Found<RequestHit>, StoreError> {
        self.ask(|snapshot| requests::find(snapshot, query, page))
    }

    fn candidates(&self, necessary: &Necessary, window: &Window) -> Result<Narrowed, StoreError> {
        self.ask(|snapshot| candidates::find(snapshot, necessary, window))
    }

    fn at_most(&self, necessary: &Necessary) -> Result<u64, StoreError> {
        self.ask(|snapshot| candidates::at_most(snapshot, necessary))
    }

    fn lines(&self, query: &Query, page: &Page) -> Result<Found<Entry>, StoreError> {
        self.ask(|snapshot| lines::find(snapshot, query, page))
    }

    fn each_line(
        &self,
        query: &Query,
        window: &Window,
        visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let snapshot = guarded(&self.home().index(), || self.snapshot())?;
        lines::each(&snapshot, query, window, visit)
    }

    fn trace(&self, id: TraceId, limit: usize) -> Result<Found<Entry>, StoreError> {
        self.ask(|snapshot| match traces::meant_by(snapshot, id)? {
            Some(request) => traces::entries_of(snapshot, &request, limit),
            None => Ok(Found { items: Vec::new(), total: 0, exact: true }),
        })
    }

    fn with_low_half(&self, low: u64, limit: usize) -> Result<Vec<TraceId>, StoreError> {
        let requests = self.ask(|snapshot| traces::with_low_half(snapshot, low))?;
        Ok(requests.into_iter().map(|request| request.id).take(limit).collect())
    }

    fn runs(&self, window: &Window, limit: usize) -> Result<Box<dyn Runs>, StoreError> {
        guarded(&self.home().index(), || {
            let snapshot = self.snapshot()?;
            let requests = traces::all(&snapshot)?;
            let runs = traces::AllRuns { snapshot, requests, window: *window, limit };
            Ok(Box::new(runs) as Box<dyn Runs>)
        })
    }

    fn sizes(&self) -> Result<Vec<(TraceId, u64)>, StoreError> {
        self.ask(|snapshot| {
            let requests = traces::all(snapshot)?;
            Ok(requests.into_iter().map(|request| (request.id, request.entries)).collect())
        })
    }

    fn line(&self, path: &str, line: u64) -> Result<Option<Entry>, StoreError> {
        self.ask(|snapshot| line_at::find(snapshot, path, line))
    }

    fn checkpoints(&self) -> Result<Vec<Checkpoint>, StoreError> {
        self.ask(|snapshot| Ok(snapshot.ledger.checkpoints()))
    }

    fn note(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.home().note()
    }

    fn field_names(&self) -> Result<Vec<String>, StoreError> {
        self.ask(|snapshot| {
            let mut names = postings::terms(snapshot, snapshot.fields.name)?;
            names.remove(ANY_NAME);
            Ok(names.into_iter().collect())
        })
    }

    fn service_names(&self) -> Result<Vec<String>, StoreError> {
        self.ask(|snapshot| {
            Ok(postings::terms(snapshot, snapshot.fields.service)?.into_iter().collect())
        })
    }

    fn services(&self) -> Result<Services, StoreError> {
        self.ask(|snapshot| {
            let mut services = Services::new();
            for service in postings::terms(snapshot, snapshot.fields.service)? {
                let condition = Condition::Field {
                    name: "service".to_owned(),
                    test: Test::Equals(service.clone()),
                };
                let lookup = Lookup::of_condition(&condition, snapshot)?;
                let groups = snapshot.groups(lookup.as_ref(), &Window::default())?;
                let times = groups.iter().filter_map(|group| {
                    Some((snapshot.first_at_least(*group)?, snapshot.last_at_most(*group)?))
                });
                let logged = times.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
                services.insert(service, logged);
            }
            Ok(services)
        })
    }

    fn summary(&self) -> Result<Summary, StoreError> {
        let bytes = size_on_disk(&self.directory)?;
        self.ask(|snapshot| {
            let mut entries = 0;
            for group in snapshot.groups(None, &Window::default())? {
                entries += snapshot.facts(group)?.map_or(0, |facts| facts.entries);
            }
            let traces = traces::all(snapshot)?.len() as u64;
            Ok(Summary { checkpoints: snapshot.ledger.checkpoints(), entries, traces, bytes })
        })
    }
}

/// Checks the index's files against their checksums, unless that would take long.
fn check(index: &tantivy::Index, home: &Home) -> Result<(), StoreError> {
    let folder = home.index();
    if size_on_disk(&folder)? > CHECKED_BYTES_MAX {
        return Ok(());
    }
    let broken = index.validate_checksum().map_err(|error| failed(&folder, &error))?;
    match broken.into_iter().min() {
        Some(file) => Err(index::damaged(&folder.join(file), "its checksum is wrong")),
        None => Ok(()),
    }
}

/// The state of the commit's file. A commit replaces it, so that at least one of these
/// differs afterwards.
fn stamp(home: &Home) -> Option<Stamp> {
    let metadata = fs::metadata(home.index().join(COMMIT_FILE)).ok()?;
    #[cfg(unix)]
    let node = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let node = 0;
    Some(Stamp { modified: metadata.modified().ok(), length: metadata.len(), node })
}

/// Bytes of all files in a folder and its folders, which hold no folders themselves.
/// Files that vanish meanwhile, as a writer's do, do not count.
///
/// # Errors
/// When a folder cannot be read.
pub fn size_on_disk(folder: &Path) -> Result<u64, StoreError> {
    let mut bytes = 0;
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |source| StoreError::Io { path: folder.clone(), source };
        for found in fs::read_dir(&folder).map_err(failed)? {
            let found = found.map_err(failed)?;
            match found.metadata() {
                Ok(metadata) if metadata.is_dir() => folders.push(found.path()),
                Ok(metadata) => bytes += metadata.len(),
                Err(_) => {}
            }
        }
    }
    Ok(bytes)
}
