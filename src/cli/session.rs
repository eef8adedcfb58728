//! The store that a command asks: found by the paths, brought up to date, opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::cli::arguments::everywhere::InputArguments;
use crate::cli::console::Console;
use crate::cli::failure::{Failure, of_store};
use crate::cli::interrupt;
use crate::cli::parser::Sources;
use crate::cli::patience::Patience;
use crate::cli::progress::Progress;
use crate::decode::definition::Definitions;
use crate::engine::answer::Source;
use crate::engine::ingest::{Ingest, Outcome, Watch, ingest, nothing_new};
use crate::engine::lesson::{self, Recalled};
use crate::engine::live::catch_up::{catch_up, was_followed};
use crate::model::skipped::{SkipKind, Skipped};
use crate::render::path::PathView;
use crate::render::summary::quoted;
use crate::source::find::{Found, Unit, UnitKind, find};
use crate::source::follow::real::RealDisk;
use crate::source::selection::Selection;
use crate::store::embedded::{StoreReader, StoreWriter};
use crate::store::location::{Environment, Inputs, cache_directory_for};
use crate::store::{Reader, StoreError};

/// How often the progress bar is moved on.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);

/// Things that could not be read and are named one by one.
const WARNINGS_MAX: usize = 10;

/// A store, up to date and open.
pub struct Session {
    reader: StoreReader,
    knowledge: Recalled,
    /// How paths are shown.
    pub paths: PathView,
    /// What reading brought; nothing if only a store was named.
    pub outcome: Outcome,
    /// Whether another process kept the store from being brought up to date.
    pub is_behind: bool,
    /// How long reading took.
    pub elapsed: Duration,
    /// Where the store is.
    pub directory: PathBuf,
    /// What the user typed to name the input, for commands to try next.
    pub typed: Vec<String>,
    /// A store that was made for standard input goes with the session.
    _scratch: Option<TempDir>,
}

impl Session {
    /// Finds the store of these paths, brings it up to date and opens it.
    ///
    /// # Errors
    /// When nothing is named, nothing named can be read, or the store cannot be used.
    pub fn open(
        console: &Console,
        parsers: &Sources,
        paths: &[String],
        input: &InputArguments,
    ) -> Result<Self, Failure> {
        let selection = Selection::new(&input.include, &input.exclude)
            .map_err(|error| Failure::yours(error.to_string()))?;
        if paths.is_empty() {
            return Self::of_store_alone(input);
        }
        let given: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let found = find(&given, &selection);
        nothing_to_read(&found, paths)?;
        // Wrong definitions are told even if there is nothing to read with them.
        let definitions = parsers.is_extended().then(|| parsers.definitions()).transpose()?;
        let texts = parsers.texts()?;
        let (directory, scratch) = directory(input, &given, &found, &texts)?;
        let (selection, directory_of) = (&selection, &directory);
        let update =
            Update { console, definitions, selection, directory: directory_of, paths: &given };
        let began = Instant::now();
        let (reader, outcome, is_behind) = update.run(found)?;
        Ok(Self {
            knowledge: lesson::recall(&reader).map_err(|error| of_store(&error))?,
            reader,
            paths: path_view(paths),
            outcome,
            is_behind,
            elapsed: began.elapsed(),
            directory,
            typed: typed(paths, input),
            _scratch: scratch,
        })
    }

    fn of_store_alone(input: &InputArguments) -> Result<Self, Failure> {
        let Some(directory) = input.store.clone() else {
            return Err(Failure::yours("no logs are named").with_hint(
                "name files, directories or archives, - for standard input, or --store DIR",
            ));
        };
        let reader = StoreReader::open(&directory).map_err(|error| of_store(&error))?;
        Ok(Self {
            knowledge: lesson::recall(&reader).map_err(|error| of_store(&error))?,
            reader,
            paths: path_view(&[]),
            outcome: Outcome::default(),
            is_behind: false,
            elapsed: Duration::ZERO,
            typed: typed(&[], input),
            directory,
            _scratch: None,
        })
    }

    /// What questions are answered from.
    pub fn source(&self) -> Source<'_> {
        Source { reader: &self.reader, knowledge: &self.knowledge }
    }

    /// The input as a person types it: after a command's own arguments.
    pub fn named(&self) -> String {
        self.typed.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }

    /// The store.
    pub fn reader(&self) -> &dyn Reader {
        &self.reader
    }

    /// Ends a command that has given its answer: what could not be read is told now, so that
    /// it stands below the answer, and makes it a partial one.
    ///
    /// # Errors
    /// When the answer may lack lines.
    pub fn end(&self, console: &Console) -> Result<(), Failure> {
        let unreadable: Vec<&Skipped> = self
            .outcome
            .skipped
            .iter()
            .filter(|skipped| skipped.kind == SkipKind::Unreadable)
            .collect();
        for skipped in unreadable.iter().take(WARNINGS_MAX) {
            console.warn(&format!("{}: {}", self.paths.show(&skipped.path), skipped.reason));
        }
        if unreadable.is_empty() {
            return Ok(());
        }
        let what = if unreadable.len() == 1 { "one input" } else { "some inputs" };
        Err(Failure::ours(format!("{what} could not be read, the answer may lack lines"))
            .with_hint(format!("`logloom index {}` lists them", self.named())))
    }
}

/// Refuses to answer when nothing at all of what was named can be read.
fn nothing_to_read(found: &Found, paths: &[String]) -> Result<(), Failure> {
    if !found.units.is_empty() {
        return Ok(());
    }
    let view = path_view(paths);
    let worst = found.skipped.iter().find(|skipped| skipped.kind == SkipKind::Unreadable);
    match worst.or(found.skipped.first()) {
        Some(skipped) => {
            Err(Failure::yours(format!("{}: {}", view.show(&skipped.path), skipped.reason)))
        }
        None => Err(Failure::yours(format!("no file is in {}", paths.join(" "))).with_hint(
            "name a directory that holds logs; with --include, a pattern speaks of names inside it",
        )),
    }
}

/// Refuses to follow when nothing that was named is there or may come: a pattern, or a log in
/// a directory that is there. It may just be rotated.
///
/// # Errors
/// When nothing can be followed.
pub fn nothing_to_follow(found: &Found, paths: &[String]) -> Result<(), Failure> {
    let is_absent = |path: &Path| {
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        !path.exists() && directory.unwrap_or_else(|| Path::new(".")).is_dir()
    };
    let may_come = paths.iter().any(|path| {
        let is_pattern = path.contains(['*', '?', '[']);
        is_pattern || Path::new(path).is_dir() || is_absent(Path::new(path))
    });
    if may_come { Ok(()) } else { nothing_to_read(found, paths) }
}

/// Where the store is: as named, else in the cache by the paths. Standard input cannot be
/// found again, so its store lives no longer than the answer.
///
/// # Errors
/// When there is no place for it.
pub fn directory(
    input: &InputArguments,
    given: &[PathBuf],
    found: &Found,
    definitions: &[Vec<u8>],
) -> Result<(PathBuf, Option<TempDir>), Failure> {
    if let Some(directory) = &input.store {
        return Ok((directory.clone(), None));
    }
    if found.units.iter().any(|unit| unit.kind != UnitKind::File) {
        let scratch = tempfile::Builder::new().prefix("logloom-").tempdir().map_err(|error| {
            Failure::ours(format!("no room for a temporary store: {error}"))
                .with_hint("set TMPDIR, or name a store with --store DIR")
        })?;
        // The store makes its own directory.
        return Ok((scratch.path().join("store"), Some(scratch)));
    }
    let canonical: Vec<PathBuf> =
        given.iter().map(|path| path.canonicalize().unwrap_or_else(|_| path.clone())).collect();
    let (include, exclude) = (&input.include, &input.exclude);
    let inputs = Inputs { paths: &canonical, include, exclude, definitions };
    let cache = cache_directory_for(&inputs, &Environment::of_process());
    let directory = cache.ok_or_else(|| {
        Failure::ours("neither XDG_CACHE_HOME nor HOME says where caches are kept")
            .with_hint("name a store with --store DIR")
    })?;
    Ok((directory, None))
}

/// One run of bringing a store up to date.
struct Update<'a> {
    console: &'a Console,
    /// Ours with the user's own, if the user has any.
    definitions: Option<Arc<Definitions>>,
    selection: &'a Selection,
    directory: &'a Path,
    /// What the user named.
    paths: &'a [PathBuf],
}

impl Update<'_> {
    /// What was done, and whether the store is behind for another process that writes to it.
    /// The store as it is then, what was done, and whether another process keeps it from
    /// being up to date. A store that has nothing to take in is opened once.
    fn run(&self, found: Found) -> Result<(StoreReader, Outcome, bool), Failure> {
        let (reader, written) = if let Some((reader, skipped)) = self.known(&found.units) {
            (reader, Some(Outcome { skipped, ..Outcome::default() }))
        } else {
            let written = self.write(&found.units)?;
            (StoreReader::open(self.directory).map_err(|error| of_store(&error))?, written)
        };
        let is_behind = written.is_none();
        let mut outcome = written.unwrap_or_default();
        outcome.skipped.splice(0..0, found.skipped);
        Ok((reader, outcome, is_behind))
    }

    /// The store and what was skipped before, if it is up to date. A store that cannot be
    /// opened is left to the writer to judge.
    fn known(&self, units: &[Unit]) -> Option<(StoreReader, Vec<Skipped>)> {
        let reader = StoreReader::open(self.directory).ok()?;
        let skipped = nothing_new(&reader.checkpoints().ok()?, units)?;
        Some((reader, skipped))
    }

    /// What was done; none if another process writes and there is something to answer from.
    fn write(&self, units: &[Unit]) -> Result<Option<Outcome>, Failure> {
        let store = match StoreWriter::open_or_create(self.directory) {
            Ok(store) => store,
            Err(locked @ StoreError::Locked { .. })
                if StoreReader::open(self.directory).is_ok() =>
            {
                self.console.warn(&format!("{locked}; answering from what it has committed"));
                return Ok(None);
            }
            Err(error) => return Err(of_store(&error)),
        };
        let definitions = self.definitions.clone().unwrap_or_else(Definitions::embedded);
        let sizes: Option<u64> = units.iter().map(|unit| unit.size).sum();
        let watch = Arc::new(Watch::default());
        interrupt::on_interrupt(&watch);
        let progress = Progress::begin(sizes, self.console.may_show_progress(), Instant::now());
        let patience = Patience { console: self.console, directory: self.directory };
        let working = || {
            patience.with_room(store, &watch.stop, &mut |store| {
                self.take_in(store, units.to_vec(), Arc::clone(&definitions), &watch)
            })
        };
        let worked = watched(&progress, &watch, working).map_err(|error| of_store(&error))?;
        let Some((store, outcome)) = worked else {
            return Err(Failure::interrupted("the disk is full; what was committed is kept")
                .with_hint("the same command reads on from here"));
        };
        // From here on nothing waits for an interruption: it ends the program at once.
        watch.stop.store(true, Ordering::Relaxed);
        if !outcome.stopped {
            let reader = StoreReader::open(self.directory).map_err(|error| of_store(&error))?;
            lesson::learn(&reader, &store).map_err(|error| of_store(&error))?;
        }
        store.close().map_err(|error| of_store(&error))?;
        if outcome.stopped {
            return Err(Failure::interrupted("what was read is kept")
                .with_hint("the same command reads on from here"));
        }
        Ok(Some(outcome))
    }

    /// Takes in what is new. Logs that were followed are known by their content, whatever
    /// they are called by now.
    fn take_in(
        &self,
        store: &StoreWriter,
        mut units: Vec<Unit>,
        definitions: Arc<Definitions>,
        watch: &Watch,
    ) -> Result<Outcome, StoreError> {
        let mut followed = Outcome::default();
        if was_followed(store) {
            let disk = RealDisk::new(self.paths.to_vec(), self.selection.clone());
            let archives;
            (followed, archives) = catch_up(store, disk, Arc::clone(&definitions), watch)?;
            units.retain(|unit| archives.contains(&unit.path));
        }
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let selection = self.selection;
        let mut outcome = ingest(Ingest { units, selection, definitions, store, threads, watch })?;
        outcome.skipped.splice(0..0, followed.skipped);
        outcome.streams += followed.streams;
        outcome.lines += followed.lines;
        outcome.bytes += followed.bytes;
        outcome.stopped |= followed.stopped;
        Ok(outcome)
    }
}

/// Works while the progress bar follows.
fn watched<T: Send>(progress: &Progress, watch: &Watch, work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let working = scope.spawn(work);
        let mut shown = 0;
        while !working.is_finished() {
            thread::park_timeout(PROGRESS_EVERY.min(first_steps(shown)));
            let bytes = watch.bytes.load(Ordering::Relaxed);
            progress.advance(bytes.saturating_sub(shown), Instant::now());
            shown = bytes;
        }
        progress.end();
        match working.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Small inputs are read in a few milliseconds and shall not wait for the bar.
const fn first_steps(shown: u64) -> Duration {
    if shown < 16 << 20 { Duration::from_millis(2) } else { Duration::from_secs(1) }
}

/// How paths are shown: as they were typed.
pub fn path_view(paths: &[String]) -> PathView {
    let mut view = PathView::new(std::env::current_dir().ok().as_deref());
    for typed in paths {
        if let Ok(full) = Path::new(typed).canonicalize() {
            view = view.with_root(&full, typed);
        }
    }
    view
}

/// What to type to name the same input again.
fn typed(paths: &[String], input: &InputArguments) -> Vec<String> {
    let mut words = paths.to_vec();
    if let Some(store) = &input.store {
        words.extend(["--store".to_owned(), store.to_string_lossy().into_owned()]);
    }
    for (flag, globs) in [("--include", &input.include), ("--exclude", &input.exclude)] {
        for glob in globs {
            words.extend([flag.to_owned(), glob.clone()]);
        }
    }
    words
}
