//! Where a command writes to, and how it should look there.

use std::io::{self, BufWriter, Write};

use jiff::tz::TimeZone;

use crate::cli::arguments::everywhere::{GlobalArguments, WindowArguments};
use crate::cli::failure::Failure;
use crate::cli::moment;
use crate::cli::terminal::Terminal;
use crate::model::time::Timestamp;
use crate::render::csv::CsvStyle;
use crate::render::painted::{Painted, Role};
use crate::render::path::PathView;
use crate::render::style::Style;
use crate::store::Window;

/// How much is said beside the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Talk {
    Little,
    Normal,
    Much,
}

/// What the terminal and the user's flags say of both outputs.
#[derive(Debug)]
pub struct Console {
    output: Terminal,
    colour: bool,
    errors: Terminal,
    errors_colour: bool,
    talk: Talk,
    zone: TimeZone,
    /// When the command began.
    pub now: Timestamp,
}

impl Console {
    /// The console of this process.
    pub fn new(global: &GlobalArguments, now: Timestamp) -> Self {
        let (output, errors) = (Terminal::of_output(), Terminal::of_errors());
        Self {
            colour: output.wants_colour(global.color),
            errors_colour: errors.wants_colour(global.color),
            output,
            errors,
            talk: match (global.quiet, global.verbose) {
                (true, _) => Talk::Little,
                (false, 0) => Talk::Normal,
                (false, _) => Talk::Much,
            },
            zone: global.zone.clone(),
            now,
        }
    }

    /// How text answers look.
    pub fn style(&self, paths: &PathView, full: bool) -> Style {
        Style {
            width: self.output.width(),
            colour: self.colour,
            zone: self.zone.clone(),
            full,
            paths: paths.clone(),
        }
    }

    /// How CSV answers look.
    pub fn csv(&self, paths: &PathView) -> CsvStyle {
        CsvStyle { paths: paths.clone(), terminal: self.output.is_terminal }
    }

    /// The stretch of time that was typed.
    ///
    /// # Errors
    /// When a text is no point in time, or the end is not after the beginning.
    pub fn window(&self, typed: &WindowArguments) -> Result<Window, Failure> {
        typed
            .window(self.now, &self.zone)
            .map_err(|error| Failure::yours(error.to_string()).with_hint(error.hint()))
    }

    /// A point in time that was typed.
    ///
    /// # Errors
    /// When the text is none.
    pub fn point(&self, typed: &str) -> Result<Timestamp, Failure> {
        moment::parse(typed, self.now, &self.zone)
            .map_err(|error| Failure::yours(error.to_string()).with_hint(error.hint()))
    }

    /// Whether answers go to a terminal.
    pub const fn is_on_terminal(&self) -> bool {
        self.output.is_terminal
    }

    /// Whether a progress bar may be drawn.
    pub const fn may_show_progress(&self) -> bool {
        self.errors.is_terminal && !matches!(self.talk, Talk::Little)
    }

    /// Writes an answer to standard output.
    ///
    /// # Errors
    /// When it cannot be written; a closed pipe is a quiet end.
    pub fn answer(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let mut output = BufWriter::with_capacity(OUTPUT_BYTES, io::stdout().lock());
        write(&mut output)
            .and_then(|()| output.flush())
            .map_err(|error| Failure::output("standard output", &error))
    }

    /// Says something beside the answer, unless asked to be quiet.
    pub fn note(&self, text: &str) {
        if self.talk != Talk::Little {
            self.say(Role::Dim, "", text);
        }
    }

    /// Says beside the answer what was asked for, however quiet.
    pub fn say_asked(&self, text: &str) {
        self.say(Role::Dim, "", text);
    }

    /// Says what is being done, if asked to.
    pub fn detail(&self, text: &str) {
        if self.talk == Talk::Much {
            self.say(Role::Dim, "", text);
        }
    }

    /// Warns of something that the answer lacks.
    pub fn warn(&self, text: &str) {
        self.say(Role::Warning, "warning: ", text);
    }

    /// Tells why a command failed.
    pub fn fail(&self, failure: &Failure) {
        // Nowhere is left to tell that standard error is gone.
        let _ = failure.write(&mut io::stderr().lock(), self.errors_colour);
    }

    fn say(&self, role: Role, label: &str, text: &str) {
        let mut line = Painted::of(role, label);
        line.push(Role::Plain, text);
        let _ = line.write_line(&mut io::stderr().lock(), self.errors_colour);
    }
}

/// Answers are written in pieces of this size: one system call for many lines.
const OUTPUT_BYTES: usize = 64 << 10;
