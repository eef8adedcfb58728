//! What the terminal and the environment say about how answers should look.

use std::io::IsTerminal;

use crate::cli::arguments::everywhere::ColourChoice;

/// The width of rows when no terminal reads them.
pub const WIDTH_WITHOUT_TERMINAL: usize = 120;

/// What is known of where output goes, read once at the start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terminal {
    /// Whether the stream is a terminal.
    pub is_terminal: bool,
    /// Its columns, if it is one.
    pub columns: Option<usize>,
    /// The variable `NO_COLOR`.
    pub no_color: Option<String>,
    /// The variable `CLICOLOR_FORCE`.
    pub force_color: Option<String>,
    /// The variable `TERM`.
    pub term: Option<String>,
}

impl Terminal {
    /// What the process knows of its standard output.
    pub fn of_output() -> Self {
        let columns = terminal_size::terminal_size_of(std::io::stdout());
        Self::read(std::io::stdout().is_terminal(), columns)
    }

    /// What the process knows of its standard error.
    pub fn of_errors() -> Self {
        let columns = terminal_size::terminal_size_of(std::io::stderr());
        Self::read(std::io::stderr().is_terminal(), columns)
    }

    fn read(
        is_terminal: bool,
        size: Option<(terminal_size::Width, terminal_size::Height)>,
    ) -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        Self {
            is_terminal,
            columns: size
                .map(|(width, _)| usize::from(width.0))
                .or_else(|| variable("COLUMNS")?.parse().ok()),
            no_color: variable("NO_COLOR"),
            force_color: variable("CLICOLOR_FORCE"),
            term: variable("TERM"),
        }
    }

    /// Whether to use colours.
    pub fn wants_colour(&self, choice: ColourChoice) -> bool {
        let is_set = |variable: &Option<String>| variable.as_ref().is_some_and(|v| !v.is_empty());
        match choice {
            ColourChoice::Always => true,
            ColourChoice::Never => false,
            ColourChoice::Auto if is_set(&self.no_color) => false,
            ColourChoice::Auto if self.force_color.as_ref().is_some_and(|v| v != "0") => true,
            ColourChoice::Auto => self.is_terminal && self.term.as_deref() != Some("dumb"),
        }
    }

    /// The columns to lay out for.
    pub fn width(&self) -> usize {
        self.columns.filter(|columns| *columns > 0).unwrap_or(WIDTH_WITHOUT_TERMINAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal() -> Terminal {
        Terminal { is_terminal: true, columns: Some(96), ..Terminal::default() }
    }

    #[track_caller]
    fn check(terminal: &Terminal, choice: ColourChoice, expected: bool) {
        assert_eq!(terminal.wants_colour(choice), expected, "{terminal:?} {choice:?}");
    }

    #[test]
    fn colours_are_for_terminals() {
        check(&terminal(), ColourChoice::Auto, true);
        check(&Terminal::default(), ColourChoice::Auto, false);
        check(&Terminal::default(), ColourChoice::Always, true);
        check(&terminal(), ColourChoice::Never, false);
    }

    #[test]
    fn the_environment_is_obeyed_unless_told_otherwise() {
        let no_color = Terminal { no_color: Some("1".to_owned()), ..terminal() };
        check(&no_color, ColourChoice::Auto, false);
        check(&no_color, ColourChoice::Always, true);
        let empty = Terminal { no_color: Some(String::new()), ..terminal() };
        check(&empty, ColourChoice::Auto, true);
        let dumb = Terminal { term: Some("dumb".to_owned()), ..terminal() };
        check(&dumb, ColourChoice::Auto, false);
        let forced = Terminal { force_color: Some("1".to_owned()), ..Terminal::default() };
        check(&forced, ColourChoice::Auto, true);
    }

    #[test]
    fn rows_fit_the_terminal_or_a_common_width() {
        assert_eq!(terminal().width(), 96);
        assert_eq!(Terminal::default().width(), WIDTH_WITHOUT_TERMINAL);
        assert_eq!(Terminal { columns: Some(0), ..terminal() }.width(), WIDTH_WITHOUT_TERMINAL);
    }
}
