//! Where the store of some paths is when the user names none: in the user's cache
//! directory, under a name made of the paths, so that it is found again by them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use twox_hash::XxHash3_128;

use crate::store::embedded::FORMAT;

/// The variables of the environment that say where caches are. They are handed in, so
/// that the same question has the same answer wherever it is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// `XDG_CONFIG_HOME`.
    pub xdg_config_home: Option<OsString>,
    /// `APPDATA`, on Windows.
    pub app_data: Option<OsString>,
    /// `XDG_CACHE_HOME`.
    pub xdg_cache_home: Option<OsString>,
    /// `HOME`.
    pub home: Option<OsString>,
    /// `LOCALAPPDATA`, on Windows.
    pub local_app_data: Option<OsString>,
}

impl Environment {
    /// The variables of this process.
    pub fn of_process() -> Self {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            xdg_config_home: variable("XDG_CONFIG_HOME"),
            app_data: variable("APPDATA"),
            xdg_cache_home: variable("XDG_CACHE_HOME"),
            home: variable("HOME"),
            local_app_data: variable("LOCALAPPDATA"),
        }
    }
}

impl Environment {
    /// The user's directory of settings for logloom; it need not be there.
    pub fn configuration(&self) -> Option<PathBuf> {
        let named = absolute(self.xdg_config_home.as_ref());
        let usual = || match () {
            () if cfg!(windows) => absolute(self.app_data.as_ref()),
            () => absolute(self.home.as_ref()).map(|home| home.join(".config")),
        };
        Some(named.or_else(usual)?.join("logloom"))
    }

    /// The user's directory of caches for logloom; it need not be there.
    pub fn cache(&self) -> Option<PathBuf> {
        Some(cache_root(self)?.join("logloom"))
    }
}

/// What a store is made from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Inputs<'a> {
    /// The paths, absolute and without links, in any order.
    pub paths: &'a [PathBuf],
    /// Which names inside are read.
    pub include: &'a [String],
    /// Which names inside are not read.
    pub exclude: &'a [String],
    /// The texts of the user's own format definitions: read by others, lines are others.
    pub definitions: &'a [Vec<u8>],
}

/// The directory of the store for these inputs; none if the environment names no place
/// for caches. It is not made here; whoever opens the store makes it, private to the user.
pub fn cache_directory_for(inputs: &Inputs<'_>, environment: &Environment) -> Option<PathBuf> {
    Some(environment.cache()?.join("stores").join(name_of(inputs)))
}

/// Relative paths in variables are not taken, as the XDG base directory specification asks.
fn cache_root(environment: &Environment) -> Option<PathBuf> {
    if let Some(path) = absolute(environment.xdg_cache_home.as_ref()) {
        return Some(path);
    }
    if cfg!(windows) {
        return absolute(environment.local_app_data.as_ref());
    }
    let folder = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    absolute(environment.home.as_ref()).map(|home| home.join(folder))
}

fn absolute(variable: Option<&OsString>) -> Option<PathBuf> {
    variable.map(PathBuf::from).filter(|path| path.is_absolute())
}

/// A name made of the inputs. The order in which they were typed does not matter. Stores of
/// another format have other names: those are made anew, and the old ones left alone.
fn name_of(inputs: &Inputs<'_>) -> String {
    let mut written = FORMAT.to_le_bytes().to_vec();
    let mut section = |mut parts: Vec<&[u8]>| {
        parts.sort_unstable();
        parts.dedup();
        written.extend((parts.len() as u64).to_le_bytes());
        for part in parts {
            written.extend((part.len() as u64).to_le_bytes());
            written.extend(part);
        }
    };
    section(inputs.paths.iter().map(|path| bytes_of(path)).collect());
    section(inputs.include.iter().map(String::as_bytes).collect());
    section(inputs.exclude.iter().map(String::as_bytes).collect());
    section(inputs.definitions.iter().map(Vec::as_slice).collect());
    format!("{:032x}", XxHash3_128::oneshot(&written))
}

fn bytes_of(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(xdg: &str, home: &str) -> Environment {
        let variable = |text: &str| (!text.is_empty()).then(|| OsString::from(text));
        Environment {
            xdg_cache_home: variable(xdg),
            home: variable(home),
            ..Environment::default()
        }
    }

    fn inputs(paths: &[&str], include: &[&str], exclude: &[&str]) -> Option<PathBuf> {
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let owned = |globs: &[&str]| globs.iter().map(|glob| (*glob).to_owned()).collect();
        let (include, exclude): (Vec<_>, Vec<_>) = (owned(include), owned(exclude));
        let inputs =
            Inputs { paths: &paths, include: &include, exclude: &exclude, definitions: &[] };
        cache_directory_for(&inputs, &environment("/cache", "/home/u"))
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_cache_directory_is_the_one_the_user_named_or_the_customary_one() {
        let root = |xdg, home| cache_root(&environment(xdg, home));
        assert_eq!(root("/cache", "/home/u"), Some(PathBuf::from("/cache")));
        assert_eq!(root("", "/home/u"), Some(PathBuf::from("/home/u/.cache")));
        assert_eq!(root("relative", "/home/u"), Some(PathBuf::from("/home/u/.cache")));
        assert_eq!(root("", ""), None);
    }

    #[test]
    fn the_order_of_paths_does_not_matter() {
        assert_eq!(inputs(&["/a", "/b"], &[], &[]), inputs(&["/b", "/a", "/a"], &[], &[]));
    }

    #[test]
    fn other_paths_and_globs_have_other_stores() {
        let stores = [
            inputs(&["/a"], &[], &[]),
            inputs(&["/a", "/b"], &[], &[]),
            inputs(&["/a/b"], &[], &[]),
            inputs(&["/a"], &["*.log"], &[]),
            inputs(&["/a"], &[], &["*.log"]),
        ];
        for (index, store) in stores.iter().enumerate() {
            assert!(!stores[index + 1..].contains(store), "store: {store:?}");
        }
    }
}
