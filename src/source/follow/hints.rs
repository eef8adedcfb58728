//! Events of the file system, as hints where to look. Without them nothing is lost, only
//! found later.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
use notify::{Config, RecommendedWatcher, RecursiveMode, Watcher};

use crate::source::follow::Follower;
use crate::source::follow::disk::Disk;

/// Events that may wait. When there are more everything is looked at instead.
const EVENTS_MAX: usize = 4096;

/// What an event hints at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// Something was written here.
    Written(PathBuf),
    /// Names changed: all directories are to be looked at.
    Moved,
    /// Events were lost: all files are to be looked at.
    Lost,
}

/// Where hints wait.
struct Inbox {
    hints: SyncSender<Hint>,
    /// Whether any found no room, or the system had none for its events.
    has_lost: Arc<AtomicBool>,
}

/// Watches directories, each alone and without those below it.
pub struct Hints {
    watcher: Option<Box<dyn Watcher>>,
    events: Receiver<Hint>,
    has_lost: Arc<AtomicBool>,
    watched: HashSet<PathBuf>,
    refused: HashSet<PathBuf>,
    /// Why there are no events at all, until it was told.
    trouble: Option<String>,
    /// What was told already: each reason once, however many directories it is about.
    told: HashSet<String>,
}

impl Hints {
    /// No directory is watched yet. Where the system has no events, none will come.
    pub fn new() -> Self {
        Self::with(|inbox| {
            let pass = move |event| pass_on(event, &inbox);
            let watcher = RecommendedWatcher::new(pass, Config::default())?;
            Ok(Box::new(watcher))
        })
    }

    fn with(watcher: impl FnOnce(Inbox) -> notify::Result<Box<dyn Watcher>>) -> Self {
        let (sender, events) = sync_channel(EVENTS_MAX);
        let has_lost = Arc::new(AtomicBool::new(false));
        let inbox = Inbox { hints: sender, has_lost: Arc::clone(&has_lost) };
        let (watcher, trouble) = match watcher(inbox) {
            Ok(watcher) => (Some(watcher), None),
            Err(error) => (None, Some(format!("all files are polled: {}", reason(&error)))),
        };
        Self {
            watcher,
            events,
            has_lost,
            watched: HashSet::new(),
            refused: HashSet::new(),
            trouble,
            told: HashSet::new(),
        }
    }

    /// Watches `roots` and the directories in which there are files, and lets `follower` look
    /// anew where events begin: what happened there before is not known. What could not be
    /// watched, in words, each reason once: it is polled.
    pub fn attend<D: Disk>(
        &mut self,
        follower: &mut Follower<D>,
        roots: &[PathBuf],
        now: Duration,
    ) -> Vec<String> {
        let mut directories = follower.directories();
        directories.extend(roots.iter().cloned());
        let (troubles, is_new) = self.watch(&directories);
        follower.set_events(self.are_whole());
        if is_new {
            follower.scan_soon(now);
        }
        troubles
    }

    /// Hands the hints that have come to `follower`; waits for the first no longer than `longest`.
    pub fn pass<D: Disk>(&self, follower: &mut Follower<D>, longest: Duration, now: Duration) {
        for hint in self.wait(longest) {
            match hint {
                Hint::Written(path) => follower.hint(&path, now),
                Hint::Moved => follower.scan_soon(now),
                Hint::Lost => follower.events_lost(now),
            }
        }
    }

    /// Watches these directories and no others. New reasons why some could not be watched,
    /// and whether any is watched anew.
    fn watch(&mut self, directories: &[PathBuf]) -> (Vec<String>, bool) {
        let wanted: HashSet<&PathBuf> = directories.iter().collect();
        let mut troubles: Vec<String> = self.trouble.take().into_iter().collect();
        let Some(watcher) = &mut self.watcher else { return (troubles, false) };
        for gone in self.watched.iter().filter(|known| !wanted.contains(known)) {
            // It is gone already, or the system forgets it by itself.
            let _ = watcher.unwatch(gone);
        }
        self.watched.retain(|known| wanted.contains(known));
        self.refused.retain(|known| wanted.contains(known));
        let mut is_new = false;
        for directory in wanted {
            if self.watched.contains(directory) || self.refused.contains(directory) {
                continue;
            }
            match watcher.watch(directory, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    is_new = true;
                    self.watched.insert(directory.clone());
                }
                Err(error) => {
                    self.refused.insert(directory.clone());
                    let reason = reason(&error);
                    let is_first = self.told.insert(reason.clone());
                    let place = directory.display();
                    troubles.extend(is_first.then(|| format!("{place} is polled: {reason}")));
                }
            }
        }
        (troubles, is_new)
    }

    /// Whether every directory is watched, so that polling may be rare.
    pub fn are_whole(&self) -> bool {
        self.watcher.is_some() && self.refused.is_empty()
    }

    /// The hints that have come; waits for the first no longer than `longest`.
    fn wait(&self, longest: Duration) -> Vec<Hint> {
        let mut hints = Vec::new();
        match self.events.recv_timeout(longest) {
            Ok(hint) => hints.push(hint),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => std::thread::park_timeout(longest),
        }
        hints.extend(self.events.try_iter().take(EVENTS_MAX));
        if self.has_lost.swap(false, Ordering::Relaxed) {
            hints.push(Hint::Lost);
        }
        hints
    }
}

impl Default for Hints {
    fn default() -> Self {
        Self::new()
    }
}

impl Inbox {
    fn put(&self, hint: Hint) {
        if hint == Hint::Lost || self.hints.try_send(hint).is_err() {
            self.has_lost.store(true, Ordering::Relaxed);
        }
    }
}

fn pass_on(event: notify::Result<notify::Event>, inbox: &Inbox) {
    let Ok(event) = event else { return inbox.put(Hint::Lost) };
    if event.need_rescan() {
        return inbox.put(Hint::Lost);
    }
    match event.kind {
        EventKind::Access(_) => {}
        EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Any) => {
            event.paths.into_iter().for_each(|path| inbox.put(Hint::Written(path)));
        }
        _ => inbox.put(Hint::Moved),
    }
}

/// `EMFILE`: no further watcher of this user, or no further file of this process.
#[cfg(unix)]
const TOO_MANY: i32 = 24;

fn reason(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "the system's limit on watches is reached; raise fs.inotify.max_user_watches".to_owned()
        }
        #[cfg(unix)]
        notify::ErrorKind::Io(cause) if cause.raw_os_error() == Some(TOO_MANY) => {
            "the system's limit on watchers is reached; raise fs.inotify.max_user_instances"
                .to_owned()
        }
        _ => format!("no events come ({error})"),
    }
}

/// The directories to watch for files that will come: those named, and those above patterns.
pub fn roots(paths: &[PathBuf]) -> Vec<PathBuf> {
    let root = |path: &PathBuf| {
        let is_pattern = |path: &Path| crate::source::glob::is_pattern(path.as_os_str());
        let mut path = path.as_path();
        while is_pattern(path) || !path.is_dir() {
            path = path.parent()?;
        }
        let here = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        here.canonicalize().ok()
    };
    paths.iter().filter_map(root).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Mutex;

    use notify::event::{CreateKind, DataChange, Flag};
    use notify::{Error, ErrorKind, Event, EventHandler, WatcherKind};

    use super::*;
    use crate::model::checkpoint::Checkpoint;
    use crate::model::line::Position;
    use crate::model::skipped::Skipped;
    use crate::source::follow::real::RealDisk;
    use crate::source::follow::{Listener, Looked};
    use crate::source::selection::Selection;
    use crate::source::{Chunk, Stream};

    /// A watcher that refuses, or accepts and tells nothing.
    #[derive(Debug)]
    struct Silent {
        refuses: bool,
        asked: Arc<Mutex<usize>>,
    }

    impl Watcher for Silent {
        fn new<F: EventHandler>(_: F, _: Config) -> notify::Result<Self> {
            Err(Error::new(ErrorKind::MaxFilesWatch))
        }

        fn watch(&mut self, _: &Path, _: RecursiveMode) -> notify::Result<()> {
            *self.asked.lock().expect("no panic") += 1;
            if self.refuses { Err(Error::new(ErrorKind::MaxFilesWatch)) } else { Ok(()) }
        }

        fn unwatch(&mut self, _: &Path) -> notify::Result<()> {
            Ok(())
        }

        fn kind() -> WatcherKind {
            WatcherKind::NullWatcher
        }
    }

    fn silent(refuses: bool) -> (Hints, Arc<Mutex<usize>>) {
        let asked = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&asked);
        let hints = Hints::with(|_| Ok(Box::new(Silent { refuses, asked: counted })));
        (hints, asked)
    }

    #[derive(Default)]
    struct Lines(Vec<u8>);

    impl Listener for Lines {
        fn begin(&mut self, _: usize, _: &Stream, _: Position, _: Option<Checkpoint>) {}
        fn lines(&mut self, _: usize, chunk: Chunk) {
            self.0.extend(chunk.bytes);
        }
        fn partial(&mut self, _: usize, _: Chunk) {}
        fn looked(&mut self, _: usize, _: Looked) {}
        fn forgotten(&mut self, _: usize, _: &str) {}
        fn skipped(&mut self, _: Skipped) {}
    }

    fn following(directory: &Path) -> Follower<RealDisk> {
        let selection = Selection::new::<&str>(&[], &[]).expect("no patterns");
        let disk = RealDisk::new(vec![directory.to_owned()], selection);
        Follower::new(disk, Vec::new(), 16)
    }

    const MILLISECOND: Duration = Duration::from_millis(1);

    fn data() -> EventKind {
        EventKind::Modify(ModifyKind::Data(DataChange::Any))
    }

    /// The hints that events give.
    #[track_caller]
    fn check(events: Vec<notify::Result<Event>>, expected: &[Hint]) {
        let mut inbox = None;
        let hints = Hints::with(|given| {
            inbox = Some(given);
            Err(Error::generic("no events"))
        });
        let inbox = inbox.expect("it is given");
        for event in events {
            pass_on(event, &inbox);
        }
        assert_eq!(hints.wait(Duration::ZERO), expected);
    }

    #[test]
    fn events_say_where_to_look() {
        let written = Event::new(data()).add_path("a.log".into());
        check(vec![Ok(written)], &[Hint::Written("a.log".into())]);
        check(vec![Ok(Event::new(EventKind::Create(CreateKind::File)))], &[Hint::Moved]);
    }

    #[test]
    fn when_the_system_lost_events_all_files_are_looked_at() {
        let overflow = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        check(vec![Ok(overflow)], &[Hint::Lost]);
        check(vec![Err(Error::generic("the queue is broken"))], &[Hint::Lost]);
    }

    #[test]
    fn when_too_many_events_wait_all_files_are_looked_at() {
        let written = || Ok(Event::new(data()).add_path("a.log".into()));
        let mut expected = vec![Hint::Written("a.log".into()); EVENTS_MAX];
        expected.push(Hint::Lost);
        check((0..=EVENTS_MAX).map(|_| written()).collect(), &expected);
    }

    #[test]
    fn a_file_that_grew_while_events_were_lost_is_read_at_once() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.log");
        fs::write(&path, "one\n").expect("it can be written");
        let (mut follower, mut lines) = (following(directory.path()), Lines::default());
        follower.set_events(true);
        let (mut now, mut last) = (Duration::ZERO, Duration::ZERO);
        // After some quiet a file is looked at every few seconds only.
        while now < Duration::from_secs(100) {
            (last, now) = (now, follower.turn(now, &mut lines).next);
        }
        assert!(now > last + 1_000 * MILLISECOND, "{last:?}, then {now:?}");
        fs::write(&path, "one\ntwo\n").expect("it can be written");
        follower.events_lost(last + MILLISECOND);
        follower.turn(last + 10 * MILLISECOND, &mut lines);
        assert_eq!(String::from_utf8_lossy(&lines.0), "one\ntwo\n");
    }

    #[test]
    fn what_was_made_before_its_directory_was_watched_is_found_at_once() {
        let directory = tempfile::tempdir().expect("a directory");
        let (mut follower, mut lines) = (following(directory.path()), Lines::default());
        let (mut hints, _) = silent(false);
        follower.set_events(true);
        follower.turn(Duration::ZERO, &mut lines);
        // The event of its making came before anybody watched.
        fs::write(directory.path().join("a.log"), "one\n").expect("it can be written");
        hints.attend(&mut follower, &[directory.path().to_owned()], MILLISECOND);
        follower.turn(10 * MILLISECOND, &mut lines);
        assert_eq!(String::from_utf8_lossy(&lines.0), "one\n");
    }

    #[test]
    fn directories_that_cannot_be_watched_are_polled_and_told_once() {
        let directories: Vec<PathBuf> = ["a", "b", "c"].map(PathBuf::from).to_vec();
        let (mut hints, asked) = silent(true);
        let (troubles, is_new) = hints.watch(&directories);
        assert!(troubles.len() == 1 && !is_new, "{troubles:?}");
        assert!(troubles[0].contains("fs.inotify.max_user_watches"), "{troubles:?}");
        assert!(!hints.are_whole());
        assert_eq!(hints.watch(&directories).0, Vec::<String>::new());
        assert_eq!(*asked.lock().expect("no panic"), 3);
    }

    #[cfg(unix)]
    #[test]
    fn without_a_watcher_everything_is_polled_and_the_limit_is_named() {
        let full = std::io::Error::from_raw_os_error(TOO_MANY);
        let mut hints = Hints::with(|_| Err(Error::io(full)));
        let (troubles, _) = hints.watch(&[PathBuf::from("a")]);
        assert!(troubles[0].contains("fs.inotify.max_user_instances"), "{troubles:?}");
        assert!(!hints.are_whole());
        assert_eq!(hints.watch(&[PathBuf::from("a")]).0, Vec::<String>::new());
    }
}
