//! Watching: standing queries of a file, and whom to tell what they find.

pub mod file;
mod outlet;
#[cfg(test)]
mod server;
mod webhook;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::watch::file::{STANDARD_OUTPUT, Target, Words};
use crate::cli::watch::outlet::Outlet;
use crate::engine::answer::Request;
use crate::engine::live::watch::Watcher;
use crate::model::time::Timestamp;
use crate::query::judge::Surroundings;
use crate::render::alert::{AlertRow, CountedRow};
use crate::render::live::LiveRequest;
use crate::render::painted::{Painted, Role};
use crate::render::wire;

/// Standing queries at work.
pub struct Watching {
    file: PathBuf,
    watcher: Watcher,
    words: BTreeMap<String, Words>,
    targets: BTreeMap<String, Target>,
    outlets: BTreeMap<String, Outlet>,
}

impl Watching {
    /// Watches by what a file says.
    ///
    /// # Errors
    /// When it cannot be read, or something in it is wrong.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let file = file::read(path)?;
        let watcher = Watcher::new(file.rules);
        let outlets = file.outlets.iter();
        let outlets = outlets.map(|(name, target)| (name.clone(), Outlet::open(name, target)));
        Ok(Self {
            file: path.to_owned(),
            watcher,
            words: file.words,
            outlets: outlets.collect(),
            targets: file.outlets,
        })
    }

    /// Reads the file anew. What has not changed goes on; when the file is wrong, all does.
    /// What the outlets that are closed had to say.
    ///
    /// # Errors
    /// When it cannot be read, or something in it is wrong.
    pub fn reload(&mut self) -> Result<Vec<String>, Failure> {
        let file = file::read(&self.file)?;
        self.watcher.replace(file.rules);
        self.words = file.words;
        let mut troubles = Vec::new();
        for (name, outlet) in std::mem::take(&mut self.outlets) {
            if file.outlets.get(&name) == self.targets.get(&name) {
                self.outlets.insert(name, outlet);
            } else {
                troubles.extend(outlet.close());
            }
        }
        for (name, target) in &file.outlets {
            self.outlets.entry(name.clone()).or_insert_with(|| Outlet::open(name, target));
        }
        self.targets = file.outlets;
        Ok(troubles)
    }

    /// The files that alerts go to.
    pub fn files(&self) -> Vec<PathBuf> {
        let file = |target: &Target| match target {
            Target::File(path) => Some(path.clone()),
            Target::Webhook { .. } => None,
        };
        self.targets.values().filter_map(file).collect()
    }

    /// Puts all rules to a request that has settled at `now`, and hands on what is found. What
    /// is for standard output.
    pub fn settled(
        &mut self,
        request: &Request,
        row: &LiveRequest,
        surroundings: &Surroundings,
        now: Timestamp,
    ) -> Vec<AlertRow> {
        let mut rows = Vec::new();
        for alert in self.watcher.settled(request, surroundings, now) {
            let Some(words) = self.words.get(&alert.rule) else { continue };
            let counted = alert.counted.map(|counted| CountedRow {
                matched: counted.matched,
                of: counted.of,
                within: i64::try_from(counted.within.as_nanos()).unwrap_or(i64::MAX),
            });
            let shown = AlertRow {
                rule: alert.rule,
                about: words.about.clone(),
                query: words.query.clone(),
                runbook: words.runbook.clone(),
                time: alert.time,
                counted,
                request: row.clone(),
            };
            let document = wire::alert::document(&shown);
            for outlet in &words.to {
                if let Some(outlet) = self.outlets.get_mut(outlet) {
                    outlet.send(&document);
                }
            }
            if words.to.iter().any(|outlet| outlet == STANDARD_OUTPUT) {
                rows.push(shown);
            }
        }
        rows
    }

    /// What went wrong with the outlets since this was last asked, in words.
    pub fn troubles(&mut self) -> Vec<String> {
        self.outlets.values_mut().flat_map(Outlet::troubles).collect()
    }

    /// Ends: what still waits is sent, for a few seconds at most. The last troubles.
    pub fn close(self) -> Vec<String> {
        // Side by side: each may take all the time there is.
        let closing: Vec<_> = self
            .outlets
            .into_values()
            .map(|outlet| std::thread::spawn(move || outlet.close()))
            .collect();
        closing.into_iter().flat_map(|closing| closing.join().unwrap_or_default()).collect()
    }
}

/// Checks a file of standing queries, and lists them.
///
/// # Errors
/// When it cannot be read, something in it is wrong, or the answer cannot be written.
pub fn check(console: &Console, path: &Path) -> Result<(), Failure> {
    let file = file::read(path)?;
    console.answer(|out| {
        file.words.iter().try_for_each(|(name, words)| {
            let mut line = Painted::of(Role::Strong, name);
            line.push(Role::Plain, &format!("  {}", words.about));
            line.push(Role::Dim, &format!("  to {}", words.to.join(", ")));
            line.write_line(out, false)?;
            Painted::of(Role::Dim, &format!("  {}", words.query)).write_line(out, false)
        })
    })
}
