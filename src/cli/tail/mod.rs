//! `logloom tail`: follows logs, keeps them and shows what comes.

mod condition;
mod input;
mod settings;
mod show;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use crate::cli::arguments::tail::TailArguments;
use crate::cli::console::Console;
use crate::cli::failure::{Failure, of_store};
use crate::cli::parser::Sources;
use crate::cli::session;
use crate::cli::tail::input::StandardInput;
use crate::cli::tail::settings::Settings;
use crate::cli::tail::show::{Outcome, Show};
use crate::cli::watch::Watching;
use crate::cli::{interrupt, moment};
use crate::engine::ingest::Watch;
use crate::engine::ledger::Ledger;
use crate::engine::lesson;
use crate::engine::live::Live;
use crate::engine::live::keeper::Keeper;
use crate::model::skipped::SkipKind;
use crate::query::condition::Query;
use crate::render::summary;
use crate::source::find::find;
use crate::source::follow::Follower;
use crate::source::follow::hints::{Hints, roots};
use crate::source::follow::real::RealDisk;
use crate::source::selection::Selection;
use crate::store::embedded::{StoreReader, StoreWriter};
use crate::store::{Intake, Reader, Window};
use crate::trace::knowledge::Knowledge;

/// Files that are open at a time: most systems allow 256 or more, and the store needs some.
const DESCRIPTORS_MAX: usize = 128;

/// However long nothing is due, signals are looked for so often.
const WAIT_MAX: Duration = Duration::from_millis(100);

/// What was there at the start has come at last so long after the reading caught up.
const ABREAST_MAX: Duration = Duration::from_secs(5);

/// Which directories are watched is decided anew so often.
const WATCH_EVERY: Duration = Duration::from_secs(1);

/// Follows until it is told to end.
///
/// # Errors
/// When nothing can be followed, another process writes the store, it cannot be written,
/// the output is gone, or what must not come has come.
pub fn run(console: &Console, parsers: &Sources, arguments: &TailArguments) -> Result<(), Failure> {
    let mut show = Show::new(console, arguments)?;
    let settings = Settings::new(parsers, arguments.watch.as_deref());
    if !console.is_on_terminal() {
        // A terminal that is closed ends what runs in it; a service is told to look again.
        interrupt::on_hangup(&settings.asked);
    }
    let longest = arguments.duration.as_deref().map(length).transpose()?;
    let selection = Selection::new(&arguments.input.include, &arguments.input.exclude)
        .map_err(|error| Failure::yours(error.to_string()))?;
    let given: Vec<PathBuf> = arguments.paths.iter().map(PathBuf::from).collect();
    let found = find(&given, &selection);
    session::nothing_to_follow(&found, &arguments.paths)?;
    let (definitions, texts) = (parsers.definitions()?, parsers.texts()?);
    let (directory, _scratch) = session::directory(&arguments.input, &given, &found, &texts)?;
    let store = StoreWriter::open_or_create(&directory).map_err(|error| of_store(&error))?;
    let reader = StoreReader::open(&directory).map_err(|error| of_store(&error))?;
    let knowledge = lesson::recall(&reader).map_err(|error| of_store(&error))?;
    if arguments.since.is_some() {
        let window = Window { since: Some(show.since), until: None };
        reader
            .each_line(&Query::default(), &window, &mut |entry| show.remember(entry))
            .map_err(|error| of_store(&error))?;
    }
    drop(reader);
    let watch = Arc::new(Watch::default());
    interrupt::on_interrupt(&watch);
    let reads_input = arguments.paths.iter().any(|path| path == "-");
    let files: Vec<PathBuf> =
        given.iter().filter(|path| *path != Path::new("-")).cloned().collect();
    let is_input_alone = reads_input && files.is_empty();
    let tail = Tail {
        console,
        roots: roots(&files),
        follower: Follower::new(
            RealDisk::new(files, selection).without(
                &outputs(),
                &show.watching.as_ref().map(Watching::files).unwrap_or_default(),
            ),
            store.checkpoints(),
            DESCRIPTORS_MAX,
        ),
        live: Live::new(definitions),
        hints: Hints::new(),
        input: reads_input.then(StandardInput::start),
        show,
        knowledge: &knowledge,
        watch: &watch,
        longest,
        settings,
        watched: None,
        abreast: None,
        // All that comes through a pipe is new.
        is_caught_up: is_input_alone,
    };
    let ended = tail.follow(&store)?;
    // From here on nothing waits for an interruption: it ends the program at once. One that
    // has come already is in a hurry: all is committed, and what is tidied up can wait.
    if watch.stop.swap(true, Ordering::Relaxed) {
        return ended;
    }
    let reader = StoreReader::open(&directory).map_err(|error| of_store(&error))?;
    lesson::learn(&reader, &store).map_err(|error| of_store(&error))?;
    store.close().map_err(|error| of_store(&error))?;
    ended
}

/// Standard output and standard error, wherever they lead.
#[cfg(unix)]
fn outputs() -> Vec<File> {
    use std::os::fd::AsFd;
    let (output, errors) = (io::stdout(), io::stderr());
    let open = [output.as_fd().try_clone_to_owned(), errors.as_fd().try_clone_to_owned()];
    open.into_iter().filter_map(Result::ok).map(File::from).collect()
}

/// Elsewhere files are not told by what is open.
#[cfg(not(unix))]
fn outputs() -> Vec<File> {
    Vec::new()
}

/// A length of time as it is typed: `10m`, `90s`.
fn length(text: &str) -> Result<Duration, Failure> {
    let nanoseconds = moment::length(text).and_then(|length| u64::try_from(length).ok());
    nanoseconds.map(Duration::from_nanos).ok_or_else(|| {
        Failure::yours(format!("`{text}` is no length of time")).with_hint("write `10m` or `90s`")
    })
}

/// Why following ends.
enum End {
    /// The input, or the time for it, is over.
    Over,
    /// What was waited for has come.
    Found,
    /// It was stopped, or something must not be.
    Failed(Failure),
}

/// Everything that takes part.
struct Tail<'a> {
    console: &'a Console,
    roots: Vec<PathBuf>,
    follower: Follower<RealDisk>,
    live: Live,
    hints: Hints,
    input: Option<StandardInput>,
    show: Show<'a>,
    knowledge: &'a Knowledge,
    watch: &'a Watch,
    longest: Option<Duration>,
    settings: Settings<'a>,
    /// When it was last decided which directories to watch.
    watched: Option<Duration>,
    /// When the reading had first caught up.
    abreast: Option<Duration>,
    /// Whether all that was there at the start was read.
    is_caught_up: bool,
}

impl Tail<'_> {
    /// Follows; the outer error is the store's, the inner what the command ends with.
    fn follow(mut self, store: &StoreWriter) -> Result<Result<(), Failure>, Failure> {
        thread::scope(|scope| {
            let keeper = Keeper::start(scope, store);
            let began = Instant::now();
            let end = loop {
                let now = began.elapsed();
                if let Some(end) = self.turn(now, &keeper) {
                    break end;
                }
            };
            let last = self.live.end();
            self.show.adopt(&self.live.adopted(), began.elapsed());
            let shown = self.show.rest(self.live.fresh(), self.knowledge);
            // If the store has failed, the thread that keeps says why.
            let _ = keeper.keep(last);
            keeper.end().map_err(|error| of_store(&error))?;
            self.tell_skipped();
            let troubles = self.show.watching.take().map(Watching::close);
            troubles.into_iter().flatten().for_each(|trouble| self.console.warn(&trouble));
            self.sum_up();
            Ok(match (end, shown) {
                (End::Failed(failure), _) | (_, Err(failure) | Ok(Outcome::Forbidden(failure))) => {
                    Err(failure)
                }
                (End::Found, _) | (_, Ok(Outcome::Found)) => Ok(()),
                (End::Over, Ok(Outcome::GoOn)) => self.show.nothing_found(),
            })
        })
    }

    /// One turn; what the command ends with, if it ends.
    fn turn(&mut self, now: Duration, keeper: &Keeper<'_>) -> Option<End> {
        self.watch_directories(now);
        if self.settings.have_changed(now) {
            self.take_up_settings(now);
        }
        let turn = self.follower.turn(now, &mut self.live);
        let input = self.input.as_mut().map(|input| input.take(&mut self.live));
        let closing = self.live.pause(now);
        self.catch_up(turn.is_behind, now);
        let fresh = self.live.fresh();
        let outcome = self.show.show(fresh, now, self.is_caught_up, self.knowledge);
        self.tell_skipped();
        while let Some(batch) = self.live.batch() {
            if !keeper.keep(batch) {
                // The store has failed; why, its own thread says.
                return Some(End::Over);
            }
        }
        self.show.adopt(&self.live.adopted(), now);
        match outcome {
            Ok(Outcome::GoOn) => {}
            Ok(Outcome::Found) => return Some(End::Found),
            Ok(Outcome::Forbidden(failure)) | Err(failure) => return Some(End::Failed(failure)),
        }
        if self.watch.stop.load(Ordering::Relaxed) {
            let failure = Failure::interrupted("what was read is kept");
            return Some(End::Failed(failure.with_hint("the same command reads on from here")));
        }
        let is_over = input == Some(input::State::Over)
            || self.show.is_settled(now, self.is_caught_up)
            || self.longest.is_some_and(|longest| now >= longest);
        if is_over {
            return Some(End::Over);
        }
        let due = [Some(turn.next), closing, self.live.batch_due(), self.show.due(), self.longest];
        let due = due.into_iter().flatten().min().unwrap_or(now + WAIT_MAX);
        let is_busy = turn.is_behind || input == Some(input::State::More);
        let wait = if is_busy { Duration::ZERO } else { due.saturating_sub(now).min(WAIT_MAX) };
        self.hints.pass(&mut self.follower, wait, now);
        None
    }

    /// Notes when all that was there at the start has come. Where lines come all the time,
    /// that is a moment after the reading has caught up.
    fn catch_up(&mut self, is_behind: bool, now: Duration) {
        if self.is_caught_up || is_behind {
            return;
        }
        let since = *self.abreast.get_or_insert(now);
        let is_still = !self.follower.is_unpacking() && !self.live.has_open();
        self.is_caught_up = is_still || now >= since + ABREAST_MAX;
    }

    /// Asks for events of all directories in which there are files, or may be.
    fn watch_directories(&mut self, now: Duration) {
        if self.watched.is_some_and(|watched| now < watched + WATCH_EVERY) {
            return;
        }
        self.watched = Some(now);
        for trouble in self.hints.attend(&mut self.follower, &self.roots, now) {
            self.console.warn(&trouble);
        }
    }

    /// Goes on by what the settings say now. If they are wrong it goes on as before.
    fn take_up_settings(&mut self, now: Duration) {
        let definitions = self.settings.definitions();
        let watching = self.show.watching.as_mut().map_or(Ok(Vec::new()), Watching::reload);
        for failure in [definitions.as_ref().err(), watching.as_ref().err()].into_iter().flatten() {
            self.console.warn(&format!("these settings stay as they were: {failure}"));
        }
        if let (Ok(_), Ok(_)) = (&definitions, &watching) {
            self.console.note("the settings were taken up anew");
        }
        if let Ok(Some(definitions)) = definitions {
            self.live.redefine(&definitions);
        }
        watching.into_iter().flatten().for_each(|trouble| self.console.warn(&trouble));
        self.follower.scan_soon(now);
    }

    fn tell_skipped(&mut self) {
        let troubles = self.show.watching.as_mut().map(Watching::troubles);
        troubles.into_iter().flatten().for_each(|trouble| self.console.warn(&trouble));
        for skipped in self.live.skipped() {
            if skipped.kind == SkipKind::Unreadable {
                self.console.warn(&skipped.to_string());
            } else {
                self.console.detail(&skipped.to_string());
            }
        }
    }

    fn sum_up(&self) {
        let Ledger { read, stored, quarantined, skipped, open } = self.live.ledger();
        let bytes = summary::bytes;
        self.console.detail(&format!(
            "{} of {} streams: {} understood, {} kept as they are, {} skipped",
            bytes(read),
            self.live.streams(),
            bytes(stored + open),
            bytes(quarantined),
            bytes(skipped),
        ));
        if let Some(requests) = self.show.requests_in_words() {
            self.console.detail(&requests);
        }
    }
}
