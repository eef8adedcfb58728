//! Paths as the user gave them: streams are known by their full path, people by what they typed.

use std::borrow::Cow;
use std::path::Path;

/// Maps full paths of streams back to what a person typed or would type.
#[derive(Debug, Clone, Default)]
pub struct PathView {
    /// Full path and its spelling, the longest full path first.
    roots: Vec<Root>,
}

#[derive(Debug, Clone)]
struct Root {
    full: String,
    shown: String,
}

impl PathView {
    /// Shows what lies below the current directory relative to it, all else in full.
    pub fn new(current_directory: Option<&Path>) -> Self {
        let mut view = Self::default();
        if let Some(directory) = current_directory {
            view.insert(directory, "");
        }
        view
    }

    /// Shows what is at or below `full` as at or below `typed`, which the user gave for it.
    #[must_use]
    pub fn with_root(mut self, full: &Path, typed: &str) -> Self {
        self.insert(full, typed);
        self
    }

    fn insert(&mut self, full: &Path, typed: &str) {
        let full = full.to_string_lossy().trim_end_matches('/').to_owned();
        let shown = if matches!(typed, "." | "./") { "" } else { typed };
        // What was typed wins over the current directory, which stands in the list first.
        self.roots.retain(|root| root.full != full);
        self.roots.push(Root { full, shown: shown.to_owned() });
        self.roots.sort_by_key(|root| std::cmp::Reverse(root.full.len()));
    }

    /// The path as a person would type it; control characters are still in it.
    pub fn show<'a>(&self, path: &'a str) -> Cow<'a, str> {
        for root in &self.roots {
            let Some(rest) = path.strip_prefix(root.full.as_str()) else { continue };
            if rest.is_empty() {
                return if root.shown.is_empty() { ".".into() } else { root.shown.clone().into() };
            }
            if let Some(below) = rest.strip_prefix('/') {
                return joined(&root.shown, below);
            }
            // A member of an archive that was itself given.
            if rest.starts_with("!/") && !root.shown.is_empty() {
                return format!("{}{rest}", root.shown).into();
            }
        }
        Cow::Borrowed(path)
    }
}

fn joined<'a>(shown: &str, below: &'a str) -> Cow<'a, str> {
    if shown.is_empty() {
        Cow::Borrowed(below)
    } else {
        format!("{}/{below}", shown.trim_end_matches('/')).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &str) {
        let view = PathView::new(Some(Path::new("/home/ada/shop")))
            .with_root(Path::new("/home/ada/shop/logs"), "./logs/")
            .with_root(Path::new("/data/bundle.tar.gz"), "../../../data/bundle.tar.gz")
            .with_root(Path::new("/data/day"), "~/day");
        assert_eq!(view.show(path), expected, "path: {path}");
    }

    #[test]
    fn a_path_is_shown_as_its_root_was_typed() {
        check("/home/ada/shop/logs/cart.log", "./logs/cart.log");
        check("/data/day/cart.log", "~/day/cart.log");
        check("/data/bundle.tar.gz!/logs/a.log", "../../../data/bundle.tar.gz!/logs/a.log");
        check("/data/bundle.tar.gz", "../../../data/bundle.tar.gz");
    }

    #[test]
    fn a_path_below_the_current_directory_is_relative() {
        check("/home/ada/shop/old/cart.log", "old/cart.log");
    }

    #[test]
    fn any_other_path_is_shown_in_full() {
        check("/home/ada/shopping/cart.log", "/home/ada/shopping/cart.log");
        check("/data/bundle.tar.gz.old", "/data/bundle.tar.gz.old");
        check("-", "-");
    }

    #[test]
    fn a_dot_names_what_is_below_it() {
        let view = PathView::new(None).with_root(Path::new("/srv/logs"), ".");
        assert_eq!(view.show("/srv/logs/a.log"), "a.log");
    }

    #[test]
    fn the_root_directory_can_be_typed() {
        let view = PathView::new(None).with_root(Path::new("/"), "/");
        assert_eq!(view.show("/srv/a.log"), "/srv/a.log");
    }
}
