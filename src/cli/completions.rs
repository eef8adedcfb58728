//! Completions for shells, made from the arguments themselves.

use std::io;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::arguments::Arguments;

/// Writes the completions for a shell.
///
/// # Errors
/// When the writer fails.
pub fn write(out: &mut dyn io::Write, shell: Shell) -> io::Result<()> {
    // The generator panics on a writer that fails: a closed pipe must not look like a fault.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "logloom", &mut text);
    out.write_all(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_has_completions_for_every_command() {
        for shell in [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
            let mut out = Vec::new();
            write(&mut out, shell).expect("a Vec takes all bytes");
            let text = String::from_utf8(out).expect("completions are text");
            assert!(text.contains("completions") && text.contains("trace"), "{shell}");
        }
    }
}
