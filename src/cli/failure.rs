//! Why a command did not do what was asked, in words for a person, and its exit code.
//!
//! Only here do errors become text. The message says what happened and where, the hint what
//! to do about it when we know.

use std::fmt;
use std::io;

use crate::render::painted::{Painted, Role};
use crate::store::StoreError;

/// More of what was typed is not repeated: it fills a few rows of a terminal.
const TYPED_CHARACTERS_MAX: usize = 200;

/// A command that is longer helps nobody.
const HINT_BYTES_MAX: usize = 2_000;

/// Why a command did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    kind: Kind,
    message: String,
    hint: Option<String>,
}

/// Whose turn it is to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The user's: what was typed or given cannot be used.
    Yours,
    /// Ours or the machine's: an operation broke.
    Ours,
    /// Nobody's: nothing was found.
    NoneFound,
    /// The user stopped it.
    Interrupted,
    /// The reader of our output has seen enough: no failure at all.
    PipeClosed,
}

/// The message alone, for where it is told among others.
impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Failure {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None }
    }

    /// Something that was typed or given cannot be used.
    pub fn yours(message: impl Into<String>) -> Self {
        Self::new(Kind::Yours, message)
    }

    /// An operation broke.
    pub fn ours(message: impl Into<String>) -> Self {
        Self::new(Kind::Ours, message)
    }

    /// Nothing was found.
    pub fn none_found(message: impl Into<String>) -> Self {
        Self::new(Kind::NoneFound, message)
    }

    /// The user stopped it; the message says what is kept.
    pub fn interrupted(message: impl Into<String>) -> Self {
        Self::new(Kind::Interrupted, message)
    }

    /// Our output could not be written to `target`; quiet if its reader is gone.
    pub fn output(target: &str, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::new(Kind::PipeClosed, "")
        } else {
            Self::ours(format!("cannot write to {target}: {error}"))
        }
    }

    /// The same failure with what to do about it, unless that would be a page of text.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into()).filter(|hint| hint.len() <= HINT_BYTES_MAX);
        self
    }

    /// The same failure, found there.
    #[must_use]
    pub fn at(mut self, place: &str) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// Whose turn it is to act.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// What the process ends with.
    pub const fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::PipeClosed => 0,
            Kind::NoneFound => 1,
            Kind::Yours | Kind::Ours => 2,
            Kind::Interrupted => 130,
        }
    }

    /// Writes the failure for a person; nothing for a closed pipe.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn io::Write, colour: bool) -> io::Result<()> {
        let label = match self.kind {
            Kind::PipeClosed => return Ok(()),
            Kind::NoneFound => "",
            Kind::Interrupted => "interrupted",
            Kind::Yours | Kind::Ours => "error",
        };
        let mut line = Painted::of(Role::Error, label);
        let mut lines = self.message.lines();
        if let Some(first) = lines.next() {
            line.push(Role::Plain, if label.is_empty() { "" } else { ": " });
            line.push(Role::Plain, first);
        }
        line.write_line(out, colour)?;
        // The place of a mistake is drawn below its message, with a caret.
        for line in lines {
            Painted::of(Role::Plain, line).write_line(out, colour)?;
        }
        self.hint.as_ref().map_or(Ok(()), |hint| {
            let mut line = Painted::of(Role::Strong, "  hint");
            line.push(Role::Plain, ": ").push(Role::Plain, hint);
            line.write_line(out, colour)
        })
    }
}

/// What a user typed, as messages quote it: cut where nobody reads on.
pub fn typed(text: &str) -> String {
    match text.char_indices().nth(TYPED_CHARACTERS_MAX) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}

/// A store's error in words, with what to do about it.
pub fn of_store(error: &StoreError) -> Failure {
    let hint = match error {
        StoreError::Damaged { .. } => {
            Some("remove the store's directory; it is made anew from the logs")
        }
        StoreError::Version { .. } => {
            Some("name another directory with --store, or remove this one")
        }
        StoreError::Foreign { .. } => Some("name an empty directory with --store"),
        StoreError::Missing { .. }
        | StoreError::Io { .. }
        | StoreError::Locked { .. }
        | StoreError::Index { .. }
        | StoreError::TooLarge { .. }
        | StoreError::GivenUp { .. } => None,
    };
    let failure = Failure::ours(error.to_string());
    match hint {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(failure: &Failure, exit_code: u8, expected: &str) {
        let mut out = Vec::new();
        failure.write(&mut out, false).expect("a Vec takes all bytes");
        assert_eq!(String::from_utf8_lossy(&out), expected);
        assert_eq!(failure.exit_code(), exit_code);
    }

    #[test]
    fn a_mistake_says_what_to_do_about_it() {
        check(
            &Failure::yours("`soon` is no point in time").with_hint("write `-15m`"),
            2,
            "error: `soon` is no point in time\n  hint: write `-15m`\n",
        );
    }

    #[test]
    fn a_drawing_below_the_message_is_kept() {
        check(
            &Failure::yours("no such field\n  a:b\n  ^"),
            2,
            "error: no such field\n  a:b\n  ^\n",
        );
    }

    #[test]
    fn nothing_found_is_no_error() {
        check(&Failure::none_found("no request mentions ORD-1"), 1, "no request mentions ORD-1\n");
    }

    #[test]
    fn an_interruption_ends_with_its_own_code() {
        let kept = Failure::interrupted("what was read is kept");
        check(&kept, 130, "interrupted: what was read is kept\n");
    }

    #[test]
    fn a_closed_pipe_is_a_quiet_end() {
        let closed = io::Error::from(io::ErrorKind::BrokenPipe);
        check(&Failure::output("standard output", &closed), 0, "");
    }

    #[test]
    fn other_trouble_with_the_output_is_named() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let failure = Failure::output("spans.ndjson", &full);
        check(&failure, 2, "error: cannot write to spans.ndjson: no storage space\n");
    }

    #[test]
    fn what_was_typed_is_repeated_in_part_if_it_is_long() {
        assert_eq!(typed("ORD-1"), "`ORD-1`");
        assert_eq!(typed(&"é".repeat(300)), format!("`{}…`", "é".repeat(200)));
    }

    #[test]
    fn a_file_name_cannot_drive_the_terminal() {
        check(&Failure::ours("\x1b]0;x\x07.log: gone"), 2, "error: ␛]0;x␇.log: gone\n");
    }
}
