//! Manual pages, made from the arguments themselves.

use std::io;
use std::path::Path;

use clap::CommandFactory;

use crate::cli::arguments::Arguments;

/// Writes a page for each command into a directory that exists.
///
/// # Errors
/// When a page cannot be written.
pub fn write(directory: &Path) -> io::Result<()> {
    clap_mangen::generate_to(Arguments::command(), directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page() {
        let directory = tempfile::tempdir().expect("a scratch directory");
        write(directory.path()).expect("the directory can be written");
        for page in ["logloom.1", "logloom-trace.1", "logloom-parser-test.1"] {
            assert!(directory.path().join(page).is_file(), "{page}");
        }
        assert!(!directory.path().join("logloom-man.1").exists());
    }
}
