//! Every command in the documents is run, and its output is what stands there.
//!
//! `scripts/bless` writes the outputs anew; the difference is then read like code. A line
//! of three dots stands for any lines, and stays.

use std::fs;
use std::path::Path;

/// Runs the commands of one document, with a cache of its own: documents are run side by
/// side, and one must not wait for the store of another.
#[track_caller]
fn check(document: &str) {
    let cache = tempfile::tempdir().expect("a scratch directory");
    let cache = cache.path().to_str().expect("the path is text");
    trycmd::TestCases::new()
        .env("XDG_CACHE_HOME", cache)
        .env("TZ", "UTC")
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .case(document)
        .run();
}

#[test]
fn the_readme_shows_what_the_program_says() {
    check("README.md");
}

#[test]
fn the_samples_show_what_the_program_says() {
    check("samples/README.md");
}

#[test]
fn the_documents_show_what_the_program_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for entry in fs::read_dir(folder).expect("the documents are readable") {
        let name = entry.expect("the documents are readable").file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".md") {
            check(&format!("docs/{name}"));
        }
    }
}
