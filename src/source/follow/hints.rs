//! Events of the file system, as hints where to look. Without them nothing is lost, only
//! found later.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
use notify::{Config, RecommendedWatcher, RecursiveMode, Watcher};

/// Events that may wait. When there are more everything is looked at instead.
const EVENTS_MAX: usize = 4096;

/// What an event hints at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// Something was written here.
    Written(PathBuf),
    /// Names changed, or events were lost: all is to be looked at.
    Moved,
}

/// Watches directories, each alone and without those below it.
pub struct Hints {
    watcher: Option<RecommendedWatcher>,
    events: Receiver<Hint>,
    watched: HashSet<PathBuf>,
    refused: HashMap<PathBuf, String>,
}

impl Hints {
    /// No directory is watched yet. Where the system has no events, none will come.
    pub fn new() -> Self {
        let (sender, events) = sync_channel(EVENTS_MAX);
        let watcher =
            RecommendedWatcher::new(move |event| pass_on(event, &sender), Config::default());
        Self { watcher: watcher.ok(), events, watched: HashSet::new(), refused: HashMap::new() }
    }

    /// Watches these directories and no others. What could not be watched, with the reason,
    /// each once: it is polled. And whether any is watched anew: what happened there before is
    /// not known.
    pub fn watch(&mut self, directories: &[PathBuf]) -> (Vec<(PathBuf, String)>, bool) {
        let wanted: HashSet<&PathBuf> = directories.iter().collect();
        let (mut refused, mut is_new) = (Vec::new(), false);
        let Some(watcher) = &mut self.watcher else { return (refused, is_new) };
        for gone in self.watched.iter().filter(|known| !wanted.contains(known)) {
            // It is gone already, or the system forgets it by itself.
            let _ = watcher.unwatch(gone);
        }
        self.watched.retain(|known| wanted.contains(known));
        for directory in wanted {
            if self.watched.contains(directory) || self.refused.contains_key(directory) {
                continue;
            }
            match watcher.watch(directory, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    is_new = true;
                    self.watched.insert(directory.clone());
                }
                Err(error) => {
                    let reason = reason(&error);
                    self.refused.insert(directory.clone(), reason.clone());
                    refused.push((directory.clone(), reason));
                }
            }
        }
        (refused, is_new)
    }

    /// Whether every directory is watched, so that polling may be rare.
    pub fn are_whole(&self) -> bool {
        self.watcher.is_some() && self.refused.is_empty()
    }

    /// The hints that have come; waits for the first no longer than `longest`.
    pub fn wait(&self, longest: Duration) -> Vec<Hint> {
        let mut hints = Vec::new();
        match self.events.recv_timeout(longest) {
            Ok(hint) => hints.push(hint),
            Err(RecvTimeoutError::Timeout) => return hints,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::park_timeout(longest);
                return hints;
            }
        }
        hints.extend(self.events.try_iter().take(EVENTS_MAX));
        hints
    }
}

impl Default for Hints {
    fn default() -> Self {
        Self::new()
    }
}

fn pass_on(event: notify::Result<notify::Event>, hints: &SyncSender<Hint>) {
    let Ok(event) = event else {
        // Events were lost, or may have been.
        let _ = hints.try_send(Hint::Moved);
        return;
    };
    if event.kind.is_access() {
        return;
    }
    let is_written = matches!(event.kind, EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Any));
    if !is_written || event.need_rescan() {
        let _ = hints.try_send(Hint::Moved);
        return;
    }
    for path in event.paths {
        // When the queue is full a look at all is due anyway: its events are not read yet.
        let _ = hints.try_send(Hint::Written(path));
    }
}

fn reason(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "the system's limit on watches is reached, so it is polled; raise \
             fs.inotify.max_user_watches"
                .to_owned()
        }
        _ => format!("no events ({error}), so it is polled"),
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
