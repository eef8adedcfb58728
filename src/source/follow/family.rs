//! Which names may be those of one log before and after a rotation.
//!
//! `app.log`, `app.log.1`, `app.log-20261121.gz` and `app-2026-11-21.log` are of one family;
//! `worker-1.log` and `worker-2.log` are not. The family only says which files are worth
//! comparing: content decides whether they are the same.

use std::path::{Path, PathBuf};

/// Endings of compressed files.
const COMPRESSED: [&str; 5] = [".gz", ".zst", ".xz", ".bz2", ".Z"];

/// Endings that rotators and people give to what was written before.
const SET_ASIDE: [&str; 6] = ["old", "bak", "prev", "previous", "orig", "backup"];

/// Numbers of at least so many digits are dates or seconds, not numbers of workers.
const DATE_DIGITS_MIN: usize = 6;

/// A directory and what its names of one family have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Family {
    directory: PathBuf,
    name: Vec<u8>,
}

impl Family {
    /// The family of a path.
    pub(super) fn of(path: &Path) -> Self {
        let directory = path.parent().unwrap_or_else(|| Path::new("")).to_owned();
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        Self { directory, name: reduced(name) }
    }
}

/// A name without what rotation adds to it.
fn reduced(name: &[u8]) -> Vec<u8> {
    let mut name = name;
    for ending in COMPRESSED {
        name = name.strip_suffix(ending.as_bytes()).unwrap_or(name);
    }
    while let Some(shorter) = without_last_part(name) {
        name = shorter;
    }
    without_inner_date(name)
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'.' | b'-' | b'_')
}

/// A name without its last part, if that is a number, a date or a word for what is old.
fn without_last_part(name: &[u8]) -> Option<&[u8]> {
    if let Some(rest) = without_date(name) {
        return Some(rest);
    }
    let place = name.iter().rposition(|byte| is_separator(*byte))?;
    let (rest, part) = (&name[..place], &name[place + 1..]);
    let is_number = !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    // `worker-1` is a worker; `app.log-20261121` and `app.log.1` are old.
    let is_rotation = is_number && (name[place] == b'.' || part.len() >= DATE_DIGITS_MIN);
    let is_aside = SET_ASIDE.iter().any(|word| part.eq_ignore_ascii_case(word.as_bytes()));
    ((is_rotation || is_aside) && !rest.is_empty()).then_some(rest)
}

/// A name without the date that it ends with: `app.log-2026-11-21_10`.
fn without_date(name: &[u8]) -> Option<&[u8]> {
    let mut rest = name;
    let mut lengths = Vec::new();
    while let Some(place) = rest.iter().rposition(|byte| is_separator(*byte)) {
        let part = &rest[place + 1..];
        if !part.iter().all(u8::is_ascii_digit) || !matches!(part.len(), 2 | 4 | 6 | 8) {
            return None;
        }
        lengths.push(part.len());
        rest = &rest[..place];
        // The year, or a date in one number, stands first.
        let is_date = (part.len() == 4 && lengths.len() >= 2) || part.len() == 8;
        if is_date && !rest.is_empty() {
            return Some(rest);
        }
    }
    None
}

/// `app-2026-11-21.log` and `app.1.log` are `app.log`.
fn without_inner_date(name: &[u8]) -> Vec<u8> {
    let Some(dot) = name.iter().rposition(|byte| *byte == b'.') else { return name.to_vec() };
    let (mut stem, extension) = name.split_at(dot);
    let whole = stem;
    while let Some(shorter) = without_last_part(stem) {
        stem = shorter;
    }
    if stem.len() == whole.len() || extension[1..].iter().all(u8::is_ascii_digit) {
        return name.to_vec();
    }
    [stem, extension].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(one: &str, other: &str, expected: bool) {
        let same = Family::of(Path::new(one)) == Family::of(Path::new(other));
        assert_eq!(same, expected, "{one} and {other}");
    }

    #[test]
    fn names_that_rotators_give_are_of_one_family() {
        for name in [
            "l/app.log.1",
            "l/app.log.12.gz",
            "l/app.log-20261121",
            "l/app.log-20261121.zst",
            "l/app.log-2026-11-21",
            "l/app.log.2026-11-21_10",
            "l/app-20261121.log",
            "l/app-2026-11-21.log.gz",
            "l/app.1.log",
            "l/app.log.old",
            "l/app.log-1795253415",
        ] {
            check("l/app.log", name, true);
        }
        check("l/0.log", "l/0.log.20261121-101112.gz", true);
        check("l/syslog", "l/syslog.1", true);
    }

    #[test]
    fn other_logs_are_not() {
        check("l/worker-1.log", "l/worker-2.log", false);
        check("l/worker.log", "l/worker-1.log", false);
        check("l/0.log", "l/1.log", false);
        check("l/app.log", "m/app.log.1", false);
        check("l/app.log", "l/app.err.1", false);
        check("l/app.log", "l/application.log", false);
    }
}
