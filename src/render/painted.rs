//! A row of a terminal: pieces of text, each in its role, measured in columns.
//!
//! Every word that reaches a terminal goes through [`Painted::push`], which makes control
//! characters visible.
//!
//! Invariants: the pieces hold no control characters; `columns` is the sum of their widths.

use std::io;

use anstyle::{AnsiColor, Color, Effects, Style};
use unicode_width::UnicodeWidthChar;

use crate::render::escape::visible;

/// What stands for text that was cut off.
const ELLIPSIS: &str = "…";

/// Colours that tell services apart. Red and yellow are kept for errors and warnings.
const SERVICE_COLOURS: [AnsiColor; 8] = [
    AnsiColor::Cyan,
    AnsiColor::Green,
    AnsiColor::Magenta,
    AnsiColor::Blue,
    AnsiColor::BrightCyan,
    AnsiColor::BrightGreen,
    AnsiColor::BrightMagenta,
    AnsiColor::BrightBlue,
];

/// What a piece of text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    Plain,
    /// Of less weight: guides, units, field names.
    Dim,
    /// Of more weight: titles, names.
    Strong,
    /// An error.
    Error,
    /// A warning.
    Warning,
    /// What a query matched.
    Match,
    /// The name of the service with this number (see [`Services`]).
    Service(usize),
}

impl Role {
    fn style(self) -> Style {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(Color::Ansi(colour)));
        match self {
            Self::Plain => Style::new(),
            Self::Dim => Style::new().effects(Effects::DIMMED),
            Self::Strong => Style::new().effects(Effects::BOLD),
            Self::Error => colour(AnsiColor::Red).effects(Effects::BOLD),
            Self::Warning => colour(AnsiColor::Yellow),
            Self::Match => colour(AnsiColor::Yellow).effects(Effects::BOLD),
            Self::Service(number) => colour(SERVICE_COLOURS[number % SERVICE_COLOURS.len()]),
        }
    }
}

/// The services of one answer, numbered as they appear, so that neighbours differ in colour.
#[derive(Debug, Clone, Default)]
pub struct Services {
    names: Vec<String>,
}

impl Services {
    /// Names beyond this many share the last number: the colours repeat long before.
    const NAMES_MAX: usize = 256;

    /// The role of this service's name.
    pub fn role(&mut self, name: &str) -> Role {
        if let Some(number) = self.names.iter().position(|known| known == name) {
            return Role::Service(number);
        }
        if self.names.len() < Self::NAMES_MAX {
            self.names.push(name.to_owned());
        }
        Role::Service(self.names.len() - 1)
    }
}

/// Text in roles, ready for a terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Painted {
    pieces: Vec<(Role, String)>,
    columns: usize,
}

impl Painted {
    /// No text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Text in one role.
    pub fn of(role: Role, text: &str) -> Self {
        let mut painted = Self::new();
        painted.push(role, text);
        painted
    }

    /// Adds text; control characters become visible.
    pub fn push(&mut self, role: Role, text: &str) -> &mut Self {
        let text = visible(text);
        if text.is_empty() {
            return self;
        }
        self.columns += columns(&text);
        match self.pieces.last_mut() {
            Some((last, before)) if *last == role => before.push_str(&text),
            _ => self.pieces.push((role, text.into_owned())),
        }
        self
    }

    /// Adds all of another text.
    pub fn append(&mut self, other: &Self) -> &mut Self {
        for (role, text) in &other.pieces {
            self.push(*role, text);
        }
        self
    }

    /// How many columns it takes.
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// Whether it is empty.
    pub const fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Adds blanks up to this many columns.
    pub fn pad_to(&mut self, columns: usize) -> &mut Self {
        let missing = columns.saturating_sub(self.columns);
        self.push(Role::Plain, &" ".repeat(missing))
    }

    /// The text cut to this many columns, with an ellipsis if anything was cut off.
    #[must_use]
    pub fn cut(self, columns: usize) -> Self {
        if self.columns <= columns {
            return self;
        }
        let (mut kept, _) = self.split(columns.saturating_sub(1));
        if columns > 0 {
            let role = kept.pieces.last().map_or(Role::Plain, |(role, _)| *role);
            kept.push(role, ELLIPSIS);
        }
        kept
    }

    /// The text in rows of at most this many columns (at least 1), broken at blanks where
    /// there are any in the second half of a row.
    pub fn wrap(self, columns: usize) -> Vec<Self> {
        let mut rows = Vec::new();
        let mut rest = self;
        while rest.columns > columns.max(1) {
            let (row, after) = rest.split(rest.wrap_column(columns.max(1)));
            if row.is_empty() {
                // One character is wider than the row: it may stick out, but never stop us.
                break;
            }
            rows.push(row.trimmed_end());
            rest = after.trimmed_start();
        }
        if !rest.is_empty() || rows.is_empty() {
            rows.push(rest);
        }
        rows
    }

    /// Writes the text without a line end; with colours if asked to.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn io::Write, colour: bool) -> io::Result<()> {
        for (role, text) in &self.pieces {
            let style = role.style();
            if colour && style != Style::new() {
                write!(out, "{style}{text}{style:#}")?;
            } else {
                out.write_all(text.as_bytes())?;
            }
        }
        Ok(())
    }

    /// Writes the text as a line of its own, without blanks at its end.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_line(self, out: &mut dyn io::Write, colour: bool) -> io::Result<()> {
        self.trimmed_end().write(out, colour)?;
        out.write_all(b"\n")
    }

    /// Where to break a row: after its last blank, if that leaves at least half a row.
    fn wrap_column(&self, columns_max: usize) -> usize {
        let mut column = 0;
        let mut blank = None;
        for character in self.pieces.iter().flat_map(|(_, text)| text.chars()) {
            column += width(character);
            if column > columns_max {
                if character == ' ' {
                    return columns_max;
                }
                break;
            }
            if character == ' ' {
                blank = Some(column);
            }
        }
        blank.filter(|blank| *blank > columns_max / 2).unwrap_or(columns_max)
    }

    /// The part that fits into this many columns, and the rest.
    fn split(&self, columns_max: usize) -> (Self, Self) {
        let (mut head, mut tail) = (Self::new(), Self::new());
        for (role, text) in &self.pieces {
            let room = if tail.is_empty() { columns_max - head.columns } else { 0 };
            let fitting = fitting_bytes(text, room);
            head.push(*role, &text[..fitting]);
            tail.push(*role, &text[fitting..]);
        }
        (head, tail)
    }

    fn trimmed_end(mut self) -> Self {
        while let Some((_, text)) = self.pieces.last_mut() {
            let kept = text.trim_end_matches(' ').len();
            self.columns -= text.len() - kept;
            text.truncate(kept);
            if kept > 0 {
                break;
            }
            self.pieces.pop();
        }
        self
    }

    fn trimmed_start(mut self) -> Self {
        while let Some((_, text)) = self.pieces.first_mut() {
            let blanks = text.len() - text.trim_start_matches(' ').len();
            self.columns -= blanks;
            text.drain(..blanks);
            if !text.is_empty() {
                break;
            }
            self.pieces.remove(0);
        }
        self
    }
}

/// How many columns a text takes in a terminal.
pub fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// The columns of one character, so counted that a row never turns out wider than that:
/// U+FE0F makes the narrow character before it wide.
fn width(character: char) -> usize {
    if character == '\u{fe0f}' { 1 } else { character.width().unwrap_or(0) }
}

/// The length of the longest beginning that fits into `room` columns.
fn fitting_bytes(text: &str, room: usize) -> usize {
    let mut taken = 0;
    for (at, character) in text.char_indices() {
        taken += width(character);
        if taken > room {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(painted: &Painted) -> String {
        painted.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[track_caller]
    fn check_cut(whole: &str, columns: usize, expected: &str) {
        let cut = Painted::of(Role::Plain, whole).cut(columns);
        assert_eq!(text(&cut), expected);
    }

    #[test]
    fn what_fits_is_not_cut() {
        check_cut("order", 5, "order");
        check_cut("orders", 5, "orde…");
        check_cut("orders", 0, "");
    }

    #[test]
    fn a_wide_character_is_never_halved() {
        check_cut("東京駅", 4, "東…");
        check_cut("東京駅", 6, "東京駅");
    }

    #[test]
    fn rows_break_at_blanks() {
        let rows = Painted::of(Role::Plain, "the card was declined by the bank").wrap(12);
        let rows: Vec<_> = rows.iter().map(text).collect();
        assert_eq!(rows, ["the card was", "declined by", "the bank"]);
    }

    #[test]
    fn a_word_longer_than_a_row_is_broken() {
        let rows = Painted::of(Role::Plain, "aaaaaaaaaa").wrap(4);
        let rows: Vec<_> = rows.iter().map(text).collect();
        assert_eq!(rows, ["aaaa", "aaaa", "aa"]);
    }

    #[test]
    fn colours_end_with_their_piece() {
        let mut out = Vec::new();
        let mut painted = Painted::of(Role::Error, "no");
        painted.push(Role::Plain, " way");
        painted.write(&mut out, true).expect("a Vec takes all bytes");
        assert_eq!(String::from_utf8_lossy(&out), "\x1b[1m\x1b[31mno\x1b[0m way");
    }

    proptest! {
        #[test]
        fn no_row_is_wider_than_asked_and_no_control_passes(
            whole in any::<String>(), columns_max in 2usize..40
        ) {
            let cut = Painted::of(Role::Dim, &whole).cut(columns_max);
            prop_assert!(cut.columns() <= columns_max);
            prop_assert!(!text(&cut).chars().any(char::is_control));
            for row in Painted::of(Role::Dim, &whole).wrap(columns_max) {
                prop_assert!(row.columns() <= columns_max);
                prop_assert_eq!(row.columns(), columns(&text(&row)));
            }
        }

        #[test]
        fn wrapping_loses_blanks_alone(whole in "[a-z东 ]{0,60}", columns_max in 2usize..20) {
            let rows = Painted::of(Role::Plain, &whole).wrap(columns_max);
            let words = |text: &str| text.replace(' ', "");
            let wrapped: String = rows.iter().map(text).collect();
            prop_assert_eq!(words(&wrapped), words(&whole));
        }
    }
}
