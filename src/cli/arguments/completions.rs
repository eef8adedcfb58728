//! `logloom completions`.

use clap::Args;
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  logloom completions bash > ~/.local/share/bash-completion/completions/logloom
  logloom completions zsh > ~/.zfunc/_logloom
  logloom completions fish > ~/.config/fish/completions/logloom.fish";

/// Write the completions for a shell to standard output.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct CompletionsArguments {
    /// The shell.
    pub shell: Shell,
}
