//! Where in archives within archives a stream stands, and whether it is wanted.

use std::collections::HashMap;
use std::fs::Metadata;
use std::time::UNIX_EPOCH;

use twox_hash::XxHash3_64;

use crate::source::find::{Unit, UnitKind};
use crate::source::label;
use crate::source::selection::Selection;

/// Archives opened within each other. Real bundles hold two or three.
pub(super) const ARCHIVES_MAX: u8 = 4;

/// Compressions within each other. Each decoder holds memory, so these are few too.
pub(super) const COMPRESSIONS_MAX: u8 = 5;

/// A file, or a place inside it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The path shown to people; inside an archive `archive.tar.gz!/name`.
    pub(super) label: String,
    /// Time of modification, if known.
    pub(super) modified: Option<i64>,
    /// What selections may call it: each name, with and without the archives around it.
    names: Vec<String>,
    /// Whether a selection includes it, or an archive around it.
    included: bool,
    /// Whether the user named this very file.
    named: bool,
    archives: u8,
    compressions: u8,
}

impl Place {
    /// The place of a whole file.
    pub(super) fn of_unit(unit: &Unit, selection: &Selection) -> Self {
        let nameless = unit.kind == UnitKind::Stdin;
        Self {
            label: label::of_path(&unit.path),
            modified: unit.modified,
            names: if nameless { Vec::new() } else { vec![unit.name.clone()] },
            included: selection.includes(&unit.name),
            named: unit.named,
            archives: 0,
            compressions: 0,
        }
    }

    /// Whether lines found here are wanted.
    pub(super) fn is_wanted(&self) -> bool {
        self.named || self.included
    }

    /// Whether this is a file itself, not something inside it.
    pub(super) fn is_whole_file(&self) -> bool {
        self.archives == 0
    }

    /// The same place with a compression taken off; none if there are too many.
    pub(super) fn unpacked(&self) -> Option<Self> {
        let compressions = self.compressions + 1;
        (compressions <= COMPRESSIONS_MAX).then(|| Self { compressions, ..self.clone() })
    }

    /// Whether an archive found here may be opened.
    pub(super) fn may_open(&self) -> bool {
        self.archives < ARCHIVES_MAX
    }

    /// The place of a member of the archive that is here; none if it is excluded.
    pub(super) fn member(
        &self,
        name: &str,
        labels: &mut Labels,
        modified: Option<i64>,
        selection: &Selection,
    ) -> Option<Self> {
        let relative = name.trim_start_matches('/');
        let mut names: Vec<String> =
            self.names.iter().map(|outer| format!("{outer}/{relative}")).collect();
        names.push(relative.to_owned());
        if names.iter().any(|name| selection.excludes(name)) {
            return None;
        }
        let included = self.included || names.iter().any(|name| selection.includes(name));
        Some(Self {
            label: labels.unique(format!("{}!/{name}", self.label)),
            modified,
            names,
            included,
            named: false,
            archives: self.archives + 1,
            compressions: self.compressions,
        })
    }
}

/// The labels given out in one archive, by hash, so that a second member of the same name
/// gets one of its own.
#[derive(Debug, Default)]
pub(super) struct Labels {
    given: HashMap<u64, u32>,
}

impl Labels {
    fn unique(&mut self, label: String) -> String {
        let count = self.given.entry(XxHash3_64::oneshot(label.as_bytes())).or_default();
        *count += 1;
        if *count == 1 { label } else { format!("{label}#{count}") }
    }
}

/// When a file was modified, in nanoseconds since the epoch; none if out of range.
pub(super) fn modified(metadata: &Metadata) -> Option<i64> {
    let time = metadata.modified().ok()?;
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).ok(),
        Err(before) => i64::try_from(before.duration().as_nanos()).ok().map(|nanos| -nanos),
    }
}
