//! Holds the rules of the house that no lint knows: which module may import which, who owns
//! which crate, how long a file may be.
//!
//! The order of modules is read from `src/lib.rs`, where it is the architecture. Comments
//! may name any module; code may not.

use std::fs;
use std::path::{Path, PathBuf};

/// Stages of the core and what they may import. Modules that are not named here (engine,
/// render, cli and what comes after them) may import whatever stands above them.
const STAGES: [(&str, &[&str]); 10] = [
    ("model", &[]),
    ("source", &["model"]),
    ("decode", &["model"]),
    ("context", &["model"]),
    ("template", &["model"]),
    ("query", &["model"]),
    ("store", &["model", "query"]),
    ("trace", &["model"]),
    ("analysis", &["model"]),
    ("timeline", &["model", "analysis"]),
];

/// Crates whose types stay in one module, so that another can take their place.
const OWNED_CRATES: [(&str, &str); 3] =
    [("tantivy", "store"), ("zip", "source"), ("indicatif", "cli")];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 9] =
    ["util", "utils", "common", "helper", "helpers", "misc", "prelude", "shared", "support"];

/// What stays behind when work is put off, or is true on one machine only.
const FORBIDDEN_WORDS: [&str; 4] = ["TODO", "FIXME", "XXX", "HACK"];

/// Folders at the top of somebody's machine, whose paths mean nothing to others.
const FOLDERS_OF_ONE_MACHINE: [&str; 3] = ["Users", "root", "work"];

/// A file's code beyond this is two concepts.
const CODE_LINES_MAX: usize = 400;

/// With its tests a file may be longer; beyond this the tests move to a file of their own.
const FILE_LINES_MAX: usize = 600;

/// A source file of the library or the binary.
struct Source {
    /// Relative to `src`, with `/` between the parts.
    path: String,
    text: String,
}

impl Source {
    /// The top-level module it belongs to; none for `lib.rs` and `main.rs`.
    fn module(&self) -> Option<&str> {
        match self.path.split_once('/') {
            Some((module, _)) => Some(module),
            None => self.path.strip_suffix(".rs").filter(|stem| *stem != "lib" && *stem != "main"),
        }
    }

    /// Its lines with their numbers, without comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..)
            .zip(self.text.lines().map(|line| line.split_once("//").map_or(line, |(code, _)| code)))
    }

    fn is_test_file(&self) -> bool {
        self.path.ends_with("tests.rs") || self.path.contains("/tests/")
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let sources: Vec<Source> = files
        .iter()
        .map(|file| Source {
            path: relative(&root, file),
            text: fs::read_to_string(file).expect("sources are readable"),
        })
        .collect();
    assert!(sources.len() > 20, "only {} sources were found", sources.len());
    sources
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is readable") {
        let path = entry.expect("the folder is readable").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn relative(root: &Path, file: &Path) -> String {
    let path = file.strip_prefix(root).expect("the file was found under the root");
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The modules in the order of `src/lib.rs`.
fn order() -> Vec<String> {
    let lib = sources().into_iter().find(|source| source.path == "lib.rs");
    let lib = lib.expect("the library has a root");
    lib.code()
        .filter_map(|(_, line)| line.trim().strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

/// The names that follow `crate::` in a line, also those in braces.
fn named_modules(line: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for (place, _) in line.match_indices("crate::") {
        let rest = &line[place + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                names.extend(group.split([',', '}']).map(|part| identifier(part.trim())));
            }
            None => names.push(identifier(rest)),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn identifier(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
    &text[..end.unwrap_or(text.len())]
}

/// Fails with all faults at once, each with its place.
#[track_caller]
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn a_module_imports_only_modules_above_it() {
    let order = order();
    let rank = |name: &str| order.iter().position(|module| module == name);
    let mut faults = Vec::new();
    for source in sources() {
        let Some(module) = source.module() else { continue };
        for (number, line) in source.code() {
            for named in named_modules(line) {
                let below = rank(named) > rank(module);
                if below {
                    faults.push(format!("src/{}:{number}: {module} names {named}", source.path));
                }
            }
        }
    }
    none(&faults);
}

#[test]
fn a_stage_imports_only_what_it_may() {
    let order = order();
    let mut faults = Vec::new();
    for source in sources() {
        let allowed = STAGES.iter().find(|(stage, _)| source.module() == Some(stage));
        // A stage's tests may make what it works on with the stages above.
        let Some((stage, allowed)) = allowed.filter(|_| !source.is_test_file()) else { continue };
        for (number, line) in source.code() {
            for named in named_modules(line) {
                let is_module = order.iter().any(|module| module == named);
                if is_module && named != *stage && !allowed.contains(&named) {
                    faults.push(format!("src/{}:{number}: {stage} names {named}", source.path));
                }
            }
        }
    }
    none(&faults);
}

#[test]
fn every_stage_stands_in_the_library() {
    let order = order();
    for (stage, _) in STAGES {
        assert!(order.iter().any(|module| module == stage), "src/lib.rs has no module {stage}");
    }
}

#[test]
fn a_crate_with_an_owner_is_named_by_it_alone() {
    let mut faults = Vec::new();
    for source in sources() {
        for (name, owner) in OWNED_CRATES {
            if source.module() == Some(owner) {
                continue;
            }
            for (number, line) in source.code() {
                if names_crate(line, name) {
                    faults.push(format!("src/{}:{number}: {name} is {owner}'s", source.path));
                }
            }
        }
    }
    none(&faults);
}

/// Whether the line has the crate's name as the start of a path.
fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(place, _)| {
        let before = line[..place].chars().next_back();
        let starts =
            before.is_none_or(|letter| !letter.is_alphanumeric() && !"_:\"".contains(letter));
        starts && line[place + name.len()..].starts_with("::")
    })
}

#[test]
fn no_module_has_an_empty_name() {
    let mut faults = Vec::new();
    for source in sources() {
        let named_so = source.path.split(['/', '.']).any(|part| EMPTY_NAMES.contains(&part));
        if named_so {
            faults.push(format!("src/{}", source.path));
        }
        for (number, line) in source.code() {
            let declared = line.split_once("mod ").map(|(_, rest)| identifier(rest));
            if declared.is_some_and(|name| EMPTY_NAMES.contains(&name)) {
                faults.push(format!("src/{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    none(&faults);
}

#[test]
fn nothing_is_imported_by_a_star() {
    let mut faults = Vec::new();
    for source in sources() {
        for (number, line) in source.code() {
            let line = line.trim();
            // Unit tests may look into the whole file they stand under.
            let own_file = line == "use super::*;";
            // The macros of property tests want their whole prelude.
            let properties = line == "use proptest::prelude::*;";
            if line.contains("use ") && line.contains("::*") && !own_file && !properties {
                faults.push(format!("src/{}:{number}: {line}", source.path));
            }
        }
    }
    none(&faults);
}

#[test]
fn a_file_is_one_concept() {
    let mut faults = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        let tests = source.text.lines().position(|line| line == "#[cfg(test)]");
        let code = if source.is_test_file() { 0 } else { tests.unwrap_or(lines) };
        if code > CODE_LINES_MAX || lines > FILE_LINES_MAX {
            faults.push(format!("src/{}: {code} lines of code, {lines} in all", source.path));
        }
    }
    none(&faults);
}

#[test]
fn a_file_begins_with_what_it_is() {
    let begins = |source: &Source| source.text.starts_with("//! ");
    let silent = sources().into_iter().filter(|source| !begins(source) && !source.is_test_file());
    none(&silent.map(|source| format!("src/{}", source.path)).collect::<Vec<_>>());
}

#[test]
fn nothing_is_put_off_and_nothing_holds_on_one_machine_only() {
    let paths = FOLDERS_OF_ONE_MACHINE.map(|folder| format!("/{folder}/"));
    let mut faults = Vec::new();
    for source in sources() {
        for (number, line) in (1..).zip(source.text.lines()) {
            for word in FORBIDDEN_WORDS.into_iter().chain(paths.iter().map(String::as_str)) {
                if line.contains(word) {
                    faults.push(format!("src/{}:{number}: {word}", source.path));
                }
            }
        }
    }
    none(&faults);
}

#[test]
fn names_after_crate_are_found_in_braces_too() {
    assert_eq!(named_modules("use crate::model::span::Span;"), ["model"]);
    assert_eq!(named_modules("use crate::{model::line::Line, store};"), ["model", "store"]);
    assert_eq!(named_modules("    let a = crate::render::x(crate::cli::y);"), ["render", "cli"]);
    assert_eq!(named_modules("pub(crate) fn plain() {}"), [""; 0]);
}

#[test]
fn the_name_of_a_crate_is_not_found_within_other_words() {
    assert!(names_crate("use zip::read::ZipArchive;", "zip"));
    assert!(names_crate("fn open() -> Result<zip::ZipArchive<File>> {", "zip"));
    assert!(!names_crate("use crate::source::zip::members;", "zip"));
    assert!(!names_crate("let pairs = keys.zip(values);", "zip"));
    assert!(!names_crate("gzip::decode()", "zip"));
}
