//! Runs the program as a user would: from the root of the repository, with a cache, a zone
//! and a width of the test's own, so that the answer is the same everywhere.

use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

/// The order that support was asked about.
pub(crate) const ORDER: &str = "ORD-20417";

/// Where its logs are.
pub(crate) const INCIDENT: &str = "samples/checkout-incident";

/// The program with a scratch cache of its own, which goes with it.
pub(crate) struct Program {
    cache: TempDir,
    columns: usize,
}

impl Program {
    /// With text answers of this many columns.
    pub(crate) fn new(columns: usize) -> Self {
        Self { cache: tempfile::tempdir().expect("there is room for a directory"), columns }
    }

    /// Where it may keep what it reads.
    pub(crate) fn scratch(&self) -> &Path {
        self.cache.path()
    }

    /// What it answers. It must find something, and have nothing to warn of.
    #[track_caller]
    pub(crate) fn answer(&self, arguments: &[&str]) -> String {
        let output = Command::cargo_bin("logloom")
            .expect("the program was built with its tests")
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_clear()
            .env("XDG_CACHE_HOME", self.scratch())
            .env("TZ", "UTC")
            .env("COLUMNS", self.columns.to_string())
            .output()
            .expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "logloom {}: {said}", arguments.join(" "));
        assert!(!said.contains("warning"), "logloom {}: {said}", arguments.join(" "));
        String::from_utf8(output.stdout).expect("answers are UTF-8")
    }
}
