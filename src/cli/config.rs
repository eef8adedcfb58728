//! `logloom config show` and `schema`: the settings that are in force, and where each came from.
//!
//! There are few: where things are kept is said by the environment, saved queries stand in a file,
//! and everything else is a flag.

use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::saved;
use crate::render::painted::{Painted, Role};
use crate::store::location::Environment;

/// What a file of saved queries must be like.
const SCHEMA: &str = include_str!("../../docs/schema/queries.schema.json");

/// Columns that names take; longer ones push what follows.
const NAME_COLUMNS: usize = 10;

/// One setting.
#[derive(Debug, PartialEq, Eq)]
struct Setting {
    name: String,
    value: String,
    origin: String,
}

impl Setting {
    fn new(name: &str, value: impl Into<String>, origin: impl Into<String>) -> Self {
        Self { name: name.to_owned(), value: value.into(), origin: origin.into() }
    }
}

/// Shows what is in force.
///
/// # Errors
/// When the file of queries is wrong, or the answer cannot be written.
pub(super) fn show(console: &Console, with_origin: bool) -> Result<(), Failure> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let mut settings = of_environment(&variable, &Environment::of_process());
    let file = saved::file()?;
    let named = ["LOGLOOM_QUERIES", "XDG_CONFIG_HOME", "HOME"];
    let origin = named.into_iter().find(|name| variable(name).is_some()).unwrap_or("HOME");
    let file = file.display().to_string();
    settings.push(Setting::new("queries", file.clone(), origin));
    for (name, query) in saved::if_any()? {
        settings.push(Setting::new(&format!("@{name}"), query, file.clone()));
    }
    console.answer(|out| {
        settings.iter().try_for_each(|setting| {
            let Setting { name, value, origin } = setting;
            let mut line = Painted::of(Role::Strong, &format!("{name:<NAME_COLUMNS$}"));
            line.push(Role::Plain, "  ").push(Role::Plain, value);
            if with_origin {
                line.push(Role::Dim, &format!("  # {origin}"));
            }
            line.write_line(out, false)
        })
    })
}

/// Writes the schema of the file of saved queries.
///
/// # Errors
/// When the answer cannot be written.
pub(super) fn schema(console: &Console) -> Result<(), Failure> {
    console.answer(|out| out.write_all(SCHEMA.as_bytes()))
}

/// What the environment says, or what holds where it says nothing.
fn of_environment(
    variable: &dyn Fn(&str) -> Option<String>,
    environment: &Environment,
) -> Vec<Setting> {
    let said = |name: &str, by: &str, otherwise: &str| match variable(by) {
        Some(value) => Setting::new(name, value, by),
        None => Setting::new(name, otherwise, "nothing says otherwise"),
    };
    let first = |names: &[&'static str]| {
        names.iter().find(|name| variable(name).is_some()).copied().unwrap_or("nothing")
    };
    let folder = |path: Option<std::path::PathBuf>| {
        path.map_or_else(|| "nowhere".to_owned(), |path| path.display().to_string())
    };
    let parsers = environment.configuration().map(|folder| folder.join("parsers"));
    let colour = match variable("NO_COLOR") {
        Some(_) => Setting::new("color", "never", "NO_COLOR"),
        None => Setting::new("color", "auto", "nothing says otherwise"),
    };
    vec![
        said("store", "LOGLOOM_STORE", "one for each set of paths, in the cache"),
        Setting::new("cache", folder(environment.cache()), first(&["XDG_CACHE_HOME", "HOME"])),
        Setting::new("parsers", folder(parsers), first(&["XDG_CONFIG_HOME", "HOME"])),
        said("zone", "TZ", "that of the system"),
        colour,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_says_where_it_came_from() {
        let environment = Environment {
            xdg_cache_home: Some("/c".into()),
            home: Some("/h".into()),
            ..Environment::default()
        };
        let variable = |name: &str| match name {
            "XDG_CACHE_HOME" => Some("/c".to_owned()),
            "HOME" => Some("/h".to_owned()),
            "LOGLOOM_STORE" => Some("/s".to_owned()),
            _ => None,
        };
        let settings = of_environment(&variable, &environment);
        for expected in [
            Setting::new("store", "/s", "LOGLOOM_STORE"),
            Setting::new("cache", "/c/logloom", "XDG_CACHE_HOME"),
            Setting::new("parsers", "/h/.config/logloom/parsers", "HOME"),
            Setting::new("zone", "that of the system", "nothing says otherwise"),
        ] {
            assert!(settings.contains(&expected), "{expected:?} in {settings:?}");
        }
    }
}
