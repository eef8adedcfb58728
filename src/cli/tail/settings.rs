//! Settings that may change while logs are followed: definitions of formats, standing queries.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use twox_hash::XxHash3_64;

use crate::cli::failure::Failure;
use crate::cli::parser::Sources;
use crate::decode::definition::Definitions;

/// The files are looked at so often. They are few and small.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The files of settings, and what was in them.
pub(super) struct Settings<'a> {
    parsers: &'a Sources,
    watch: Option<PathBuf>,
    /// Set when somebody asks to take them up anew.
    pub(super) asked: Arc<AtomicBool>,
    looked: Duration,
    content: Content,
    /// The definitions that were taken up.
    defined: Option<u64>,
}

/// Hashes of what is in the files; none of what cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Content {
    definitions: Option<u64>,
    watch: Option<u64>,
}

impl<'a> Settings<'a> {
    /// As they are now.
    pub(super) fn new(parsers: &'a Sources, watch: Option<&Path>) -> Self {
        let content = Content::of(parsers, watch);
        Self {
            parsers,
            watch: watch.map(Path::to_owned),
            asked: Arc::default(),
            looked: Duration::ZERO,
            content,
            defined: content.definitions,
        }
    }

    /// Whether they are to be taken up anew: somebody asked, or a file has changed.
    pub(super) fn have_changed(&mut self, now: Duration) -> bool {
        let is_asked = self.asked.swap(false, Ordering::Relaxed);
        if !is_asked && now < self.looked + LOOK_EVERY {
            return false;
        }
        self.looked = now;
        let before = self.content;
        self.content = Content::of(self.parsers, self.watch.as_deref());
        is_asked || self.content != before
    }

    /// The definitions, if they are others than those in use.
    ///
    /// # Errors
    /// When one of them is wrong.
    pub(super) fn definitions(&mut self) -> Result<Option<Arc<Definitions>>, Failure> {
        if self.content.definitions == self.defined {
            return Ok(None);
        }
        let definitions = self.parsers.definitions()?;
        self.defined = self.content.definitions;
        Ok(Some(definitions))
    }
}

impl Content {
    fn of(parsers: &Sources, watch: Option<&Path>) -> Self {
        let definitions = parsers.texts().ok().map(|texts| {
            let hashes = texts.iter().map(|text| XxHash3_64::oneshot(text));
            // Their order is that of the directory.
            hashes.fold(0, u64::wrapping_add)
        });
        let watch = watch.and_then(|file| fs::read(file).ok());
        Self { definitions, watch: watch.map(|text| XxHash3_64::oneshot(&text)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::location::Environment;

    #[test]
    fn a_changed_file_is_noticed_within_a_second_and_once() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("watch.toml");
        fs::write(&file, "[alert.a]").expect("it can be written");
        let parsers = Sources::new(None, &[], &Environment::default());
        let mut settings = Settings::new(&parsers, Some(&file));
        let milliseconds = Duration::from_millis;
        assert!(!settings.have_changed(milliseconds(1_000)));
        fs::write(&file, "[alert.b]").expect("it can be written");
        assert!(!settings.have_changed(milliseconds(1_900)));
        assert!(settings.have_changed(milliseconds(2_000)));
        assert!(!settings.have_changed(milliseconds(3_000)));
        settings.asked.store(true, Ordering::Relaxed);
        assert!(settings.have_changed(milliseconds(3_001)));
        assert!(!settings.have_changed(milliseconds(3_002)));
    }
}
