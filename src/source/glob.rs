//! Expands a pattern that the shell did not: `logs/**/*.log`, quoted or on a shell without.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

/// More matches than this are not followed; the user is better served by a directory.
const MATCHES_MAX: usize = 100_000;

/// Directories within each other that `**` goes down. Real trees have a dozen.
const DEPTH_MAX: usize = 64;

/// Whether a path may be meant as a pattern.
pub(super) fn is_pattern(path: &OsStr) -> bool {
    path.as_encoded_bytes().iter().any(|byte| matches!(byte, b'*' | b'?' | b'['))
}

/// The files and directories that match, in order, each once. `*` matches within one part
/// of a path, `**` any number of directories. Directories that cannot be read match nothing.
///
/// # Errors
/// When the pattern is not a glob.
pub(super) fn expand(pattern: &str) -> Result<Vec<PathBuf>, globset::Error> {
    let (start, relative) = match pattern.strip_prefix('/') {
        Some(relative) => (PathBuf::from("/"), relative),
        None => (PathBuf::new(), pattern),
    };
    let mut found = vec![start];
    for part in relative.split('/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        if part == "**" {
            for above in &found {
                directories(above, 0, &mut next);
            }
        } else if is_pattern(OsStr::new(part)) {
            let matcher = GlobBuilder::new(part).build()?.compile_matcher();
            for above in &found {
                matches(above, &matcher, &mut next);
            }
        } else {
            next.extend(found.iter().map(|above| above.join(part)).filter(|path| path.exists()));
        }
        next.sort();
        next.dedup();
        found = next;
    }
    Ok(found)
}

/// The directory and all below it. Links are not followed: they could lead round in circles.
fn directories(directory: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    if found.len() >= MATCHES_MAX || depth > DEPTH_MAX {
        return;
    }
    found.push(directory.to_owned());
    for entry in entries(directory) {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            directories(&directory.join(entry.file_name()), depth + 1, found);
        }
    }
}

fn matches(directory: &Path, matcher: &GlobMatcher, found: &mut Vec<PathBuf>) {
    for entry in entries(directory) {
        let name = entry.file_name();
        if found.len() < MATCHES_MAX && matcher.is_match(&name) {
            found.push(directory.join(name));
        }
    }
}

fn entries(directory: &Path) -> impl Iterator<Item = fs::DirEntry> + use<> {
    let here = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    fs::read_dir(here).into_iter().flatten().filter_map(Result::ok)
}
