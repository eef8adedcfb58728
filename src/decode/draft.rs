//! What a definition reads from one text, before it is placed in its stream.

use std::borrow::Cow;

use crate::decode::enrich::Copy;
use crate::decode::severity::{self, Scale};
use crate::decode::timestamp::{self, Reading};
use crate::model::field::Field;
use crate::model::severity::Severity;

/// A text's parts. The message of an envelope is the text inside it.
#[derive(Debug, Default)]
pub(super) struct Draft<'a> {
    pub(super) time: Option<StatedTime>,
    pub(super) severity: Option<Severity>,
    pub(super) service: Option<String>,
    pub(super) instance: Option<String>,
    pub(super) host: Option<String>,
    pub(super) logger: Option<String>,
    pub(super) thread: Option<String>,
    pub(super) stream: Option<String>,
    pub(super) message: Cow<'a, str>,
    pub(super) fields: Vec<Field>,
    /// Whether the text goes on in the next one of the same stream.
    pub(super) partial: Partial,
}

/// A time and the text that states it.
#[derive(Debug, Clone)]
pub(super) struct StatedTime {
    pub(super) reading: Reading,
    pub(super) text: String,
    /// Whether it stands among the words of the message, and is only taken for want of another.
    pub(super) mentioned: bool,
}

impl StatedTime {
    /// The first time with a date among the words of a message.
    pub(super) fn mentioned_in(message: &str) -> Option<Self> {
        let found = timestamp::anywhere(message)?;
        let text = message[found.start..found.end].to_owned();
        Some(Self { reading: found.reading, text, mentioned: true })
    }
}

/// Whether the text inside an envelope is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Partial {
    /// It is.
    #[default]
    Whole,
    /// It lacks its line's end: it goes on, unless the next text begins a record.
    Unended,
    /// The envelope says that it goes on.
    Stated,
}

/// How a definition reads the parts it has found.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    /// Forms of the time; if there are none, every known form is tried.
    pub(super) times: Vec<String>,
    /// What numbers mean as levels.
    pub(super) scale: Scale,
    /// Words (or letters) of its own for levels, in lower case.
    pub(super) levels: Vec<(String, Severity)>,
    /// The level of records that state none, for a format that leaves the usual one out.
    pub(super) default_level: Option<Severity>,
    /// Values that mean that there is none.
    pub(super) absent: Vec<String>,
    /// The service, for a format that only one program writes.
    pub(super) service: Option<String>,
    /// Values that also stand under another name.
    pub(super) copies: Vec<Copy>,
    /// Values that all its lines have.
    pub(super) constants: Vec<(String, String)>,
    /// A template, filled from the other values, for records without a message.
    pub(super) message: Option<String>,
}

impl Rules {
    /// Reads a time; none if the text is none.
    pub(super) fn time(&self, text: &str) -> Option<StatedTime> {
        let text = text.trim();
        let stated = self.times.iter().find_map(|form| timestamp::read_pattern(form, text));
        let reading = stated.or_else(|| timestamp::read(text))?;
        Some(StatedTime { reading, text: text.to_owned(), mentioned: false })
    }

    /// Reads a level; none if the text is none.
    pub(super) fn severity(&self, text: &str) -> Option<Severity> {
        let own = self.levels.iter().find(|(word, _)| word.eq_ignore_ascii_case(text.trim()));
        own.map(|(_, severity)| *severity).or_else(|| severity::read(text, self.scale))
    }

    /// Whether a value says nothing.
    pub(super) fn is_absent(&self, text: &str) -> bool {
        text.is_empty() || self.absent.iter().any(|absent| absent == text)
    }
}

/// Whether a name can be that of a service: not a placeholder that every program has.
pub(super) fn is_service(name: &str) -> bool {
    const PLACEHOLDERS: [&str; 6] = ["", "-", "root", "app", "default", "my-service"];
    !PLACEHOLDERS.contains(&name) && !name.starts_with("unknown_service")
}
