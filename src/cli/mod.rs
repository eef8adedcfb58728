//! Flags, one file a command; hints and exit codes.

pub mod arguments;
pub mod completions;
pub mod failure;
pub mod manual;
pub mod moment;
pub mod progress;
pub mod terminal;

/// Runs the program.
pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
