//! Which files and archive members are wanted: `--include` and `--exclude`.
//!
//! A pattern is matched against a name relative to the path the user gave, with `/`
//! between its parts; `*` and `?` stay within one part, `**` spans several, and letters
//! match in their own case. A pattern without `/` speaks of the file's own name, in any
//! directory. A directory or archive that is excluded is excluded with all it holds.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// What is wanted. The default wants everything.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

/// A pattern that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// It is not a glob.
    #[error("`{pattern}` is not a valid pattern: {reason}")]
    Pattern {
        /// As the user wrote it.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Together the patterns are too large to compile.
    #[error("the patterns are too large: {reason}")]
    TooLarge {
        /// What the compiler says.
        reason: String,
    },
}

impl Selection {
    /// Compiles patterns. Without any to include, everything is included.
    ///
    /// # Errors
    /// When a pattern is not a glob.
    pub fn new<S: AsRef<str>>(include: &[S], exclude: &[S]) -> Result<Self, SelectionError> {
        Ok(Self {
            include: if include.is_empty() { None } else { Some(compile(include)?) },
            exclude: compile(exclude)?,
        })
    }

    /// Whether this name is among those to include.
    pub(super) fn includes(&self, name: &str) -> bool {
        self.include.as_ref().is_none_or(|include| include.is_match(name))
    }

    /// Whether this name, or a directory or archive above it, is to be left out.
    pub(super) fn excludes(&self, name: &str) -> bool {
        if self.exclude.is_empty() {
            return false;
        }
        let above = name.match_indices('/').map(|(end, _)| &name[..end]);
        above.chain([name]).any(|path| self.exclude.is_match(path))
    }
}

fn compile<S: AsRef<str>>(patterns: &[S]) -> Result<GlobSet, SelectionError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let pattern = pattern.as_ref();
        let glob = GlobBuilder::new(&anchored(pattern)).literal_separator(true).build().map_err(
            |error| SelectionError::Pattern {
                pattern: pattern.to_owned(),
                reason: error.kind().to_string(),
            },
        )?;
        set.add(glob);
    }
    set.build().map_err(|error| SelectionError::TooLarge { reason: error.kind().to_string() })
}

/// The pattern as matched against a whole relative name.
fn anchored(pattern: &str) -> String {
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    let (directory, pattern) = match pattern.strip_suffix('/') {
        Some(directory) => (true, directory),
        None => (false, pattern),
    };
    let anywhere = if pattern.contains('/') { "" } else { "**/" };
    let below = if directory { "/**" } else { "" };
    format!("{anywhere}{}{below}", pattern.strip_prefix('/').unwrap_or(pattern))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, name: &str, expected: bool) {
        let selection = Selection::new(&[pattern], &[]).expect("the pattern is valid");
        assert_eq!(selection.includes(name), expected, "{pattern} on {name}");
    }

    #[track_caller]
    fn check_excluded(pattern: &str, name: &str, expected: bool) {
        let selection = Selection::new(&[], &[pattern]).expect("the pattern is valid");
        assert_eq!(selection.excludes(name), expected, "{pattern} on {name}");
    }

    #[test]
    fn a_pattern_without_a_slash_matches_the_file_name_anywhere() {
        check("*.log", "a/b/c.log", true);
        check("*.log", "c.log", true);
        check("*.log", "c.LOG", false);
        check("*.log", "c.log/d.txt", false);
    }

    #[test]
    fn a_star_stays_within_one_part_and_two_span_several() {
        check("logs/*.log", "logs/a.log", true);
        check("logs/*.log", "logs/x/a.log", false);
        check("**/logs/**", "bundle/logs/x/y.log", true);
        check("**/logs/**", "logs/y.log", true);
        check("/logs/**", "logs/y.log", true);
        check("/*.log", "x/y.log", false);
        check("logs/", "a/logs/b/c.log", true);
    }

    #[test]
    fn an_excluded_directory_is_excluded_with_all_it_holds() {
        check_excluded("node_modules", "a/node_modules/b/c.log", true);
        check_excluded("*.gz", "a/b.gz", true);
        check_excluded("a/b", "x/a/b", false);
    }

    #[test]
    fn a_bad_pattern_is_named() {
        let error = Selection::new(&["ok*", "a[b"], &[]).expect_err("a class is not closed");
        assert!(error.to_string().contains("`a[b`"), "{error}");
    }
}
