//! Text formats, described by a regular expression whose named groups are the parts.
//!
//! Patterns match bytes (`\w` and `\d` are ASCII) in linear time. They are compiled when
//! a line first needs them, so that starting costs nothing.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::bytes::{CaptureLocations, Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::decode::chain;
use crate::decode::draft::{Draft, Partial, Rules, is_service};
use crate::decode::enrich;
use crate::decode::exception;
use crate::decode::json;
use crate::decode::logfmt;
use crate::decode::severity;
use crate::decode::shape::logfmt as pairs;
use crate::model::field::{self, Field};

/// A compiled pattern may take this much memory: a counted repetition of a counted
/// repetition would take all there is.
pub(in crate::decode) const PATTERN_BYTES_MAX: usize = 1 << 20;

/// The field that holds an HTTP status, from which a line without level takes its severity.
const STATUS: &str = "http.response.status_code";

/// The ends of patterns that only say: the message is all the rest. The engine need not
/// walk over it.
const OPEN_ENDS: [&str; 2] = ["(?<message>.*)$", "(?P<message>.*)$"];

/// A pattern and what is known of it without compiling it.
#[derive(Debug)]
pub(in crate::decode) struct Pattern {
    /// The expression, without an open end.
    source: String,
    /// Whether the message is all that follows the match.
    open_end: bool,
    first: FirstBytes,
    compiled: OnceLock<Option<Compiled>>,
}

#[derive(Debug)]
struct Compiled {
    regex: Regex,
    /// Named groups by their index.
    groups: Vec<(usize, Part)>,
}

/// What a named group is to its record.
#[derive(Debug, Clone)]
pub(in crate::decode) enum Part {
    Time,
    Level,
    Message,
    Logger,
    Thread,
    Service,
    Instance,
    Host,
    Stream,
    /// Anything captured means that the text goes on in the next line.
    Partial,
    /// A JSON object whose members become fields.
    Json,
    /// `key=value` pairs that become fields.
    Pairs,
    /// Pairs whose values go on up to the next key, without quotes.
    LoosePairs,
    /// A chain of spans with their values, as Rust's `tracing` writes it.
    Spans,
    Field(String),
}

impl Part {
    /// The part that a name stands for; any other name is that of a field.
    pub(in crate::decode) fn of(name: &str) -> Self {
        match name {
            "time" => Self::Time,
            "level" => Self::Level,
            "message" => Self::Message,
            "logger" => Self::Logger,
            "thread" => Self::Thread,
            "service" => Self::Service,
            "instance" => Self::Instance,
            "host" => Self::Host,
            "stream" => Self::Stream,
            "partial" => Self::Partial,
            "json" | "json_2" => Self::Json,
            "pairs" => Self::Pairs,
            "loose_pairs" => Self::LoosePairs,
            "spans" => Self::Spans,
            other => Self::Field(other.to_owned()),
        }
    }
}

/// What is wrong with a pattern.
#[derive(Debug)]
pub(in crate::decode) enum PatternMistake {
    /// Line and column inside the pattern, from 1, and what is wrong there.
    Syntax {
        line: usize,
        column: usize,
        message: String,
    },
    MessageMissing,
    TooLarge,
}

impl Pattern {
    /// Checks an expression without compiling it.
    pub(in crate::decode) fn new(source: &str) -> Result<Self, PatternMistake> {
        let (pattern, has_message) = Self::checked(source)?;
        if has_message { Ok(pattern) } else { Err(PatternMistake::MessageMissing) }
    }

    /// The same for one that need not say where the message is.
    pub(in crate::decode) fn of_any(source: &str) -> Result<Self, PatternMistake> {
        Self::checked(source).map(|(pattern, _)| pattern)
    }

    fn checked(source: &str) -> Result<(Self, bool), PatternMistake> {
        let hir = regex_syntax::ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .build()
            .parse(source)
            .map_err(|error| syntax_mistake(&error))?;
        let mut names = Vec::new();
        group_names(&hir, &mut names);
        let has_message = names.iter().any(|name| name == "message");
        let mut first = FirstBytes::default();
        if first.add(&hir) {
            first = FirstBytes::all();
        }
        let trimmed = source.trim_end();
        let open = OPEN_ENDS.iter().find_map(|end| trimmed.strip_suffix(end));
        let source = open.map_or_else(|| source.to_owned(), |head| format!("{head}(?<message>)"));
        let pattern = Self { source, open_end: open.is_some(), first, compiled: OnceLock::new() };
        Ok((pattern, has_message))
    }

    /// The expression, but for an end that only says: the message is all the rest.
    pub(in crate::decode) fn source(&self) -> &str {
        &self.source
    }

    /// Compiles it now.
    pub(in crate::decode) fn compile(&self) -> Result<(), PatternMistake> {
        self.compiled().map(|_| ()).ok_or(PatternMistake::TooLarge)
    }

    /// Whether a text that begins with this byte can match.
    pub(in crate::decode) const fn begins_with(&self, byte: u8) -> bool {
        self.first.has(byte)
    }

    fn compiled(&self) -> Option<&Compiled> {
        let compile = || {
            let mut builder = RegexBuilder::new(&self.source);
            let regex = builder.unicode(false).size_limit(PATTERN_BYTES_MAX).build().ok()?;
            let named = regex.capture_names().enumerate();
            let groups = named.filter_map(|(index, name)| Some((index, Part::of(name?)))).collect();
            Some(Compiled { regex, groups })
        };
        self.compiled.get_or_init(compile).as_ref()
    }

    /// Reads a text; none when it does not match. `space` is working space of this
    /// pattern alone that is kept between calls.
    pub(in crate::decode) fn read<'a>(
        &self,
        text: &'a str,
        rules: &Rules,
        space: &mut Option<CaptureLocations>,
    ) -> Option<Draft<'a>> {
        let compiled = self.compiled()?;
        let places = space.get_or_insert_with(|| compiled.regex.capture_locations());
        compiled.regex.captures_read(places, text.as_bytes())?;
        let mut draft = Draft::default();
        for (index, part) in &compiled.groups {
            let Some((start, end)) = places.get(*index) else { continue };
            if matches!(part, Part::Message) {
                let end = if self.open_end { text.len() } else { end };
                draft.message = Cow::Borrowed(text.get(start..end)?);
                continue;
            }
            // Patterns match bytes: a group that cuts a character in two is no match.
            let value = text.get(start..end)?.trim();
            if !rules.is_absent(value) {
                part.put(value, rules, &mut draft);
            }
        }
        // A fragment's last spaces stand between words.
        if draft.partial == Partial::Whole
            && let Cow::Borrowed(message) = draft.message
        {
            draft.message = Cow::Borrowed(message.trim_end());
        }
        enrich::enrich(&mut draft, rules);
        if draft.severity.is_none() {
            let of_status = field::find(&draft.fields, STATUS)
                .and_then(|status| severity::of_status(status.as_text()?));
            draft.severity = of_status.or(rules.default_level);
        }
        exception::complete(&mut draft.fields);
        Some(draft)
    }
}

impl Part {
    /// Puts a captured value where it belongs.
    pub(in crate::decode) fn put(&self, value: &str, rules: &Rules, draft: &mut Draft<'_>) {
        match self {
            Self::Time => draft.time = rules.time(value),
            Self::Level => draft.severity = rules.severity(value),
            Self::Logger => draft.logger = Some(value.to_owned()),
            Self::Thread => draft.thread = Some(value.to_owned()),
            Self::Service if is_service(value) => draft.service = Some(value.to_owned()),
            Self::Service => {}
            Self::Message => draft.message = Cow::Owned(value.to_owned()),
            Self::Instance => draft.instance = Some(value.to_owned()),
            Self::Host => draft.host = Some(value.to_owned()),
            Self::Stream => {
                draft.stream = Some(value.to_owned());
                draft.fields.push(Field::text("log.iostream", value));
            }
            Self::Partial => draft.partial = Partial::Stated,
            Self::Json => add_json(value, draft),
            Self::Pairs => {
                let (pairs, _) = logfmt::pairs(value);
                let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
                draft.fields.extend(pairs.map(|(name, value)| Field::text(name, value)));
            }
            Self::LoosePairs => {
                for (name, value) in pairs::loose(value) {
                    draft.fields.push(Field::text(name, value));
                }
            }
            Self::Spans => {
                let (names, values) = chain::read(value);
                draft.fields.push(Field::text(chain::NAMES, names));
                draft
                    .fields
                    .extend(values.into_iter().map(|(name, value)| Field::text(name, value)));
            }
            Self::Field(name) => draft.fields.push(Field::text(name.clone(), value)),
        }
    }
}

/// Adds an object's members as fields; what only looked like an object is one field.
fn add_json(text: &str, draft: &mut Draft<'_>) {
    let Some(members) = json::read(text) else {
        draft.fields.push(Field::text("json", text));
        return;
    };
    for (name, value) in members {
        if let Some(value) = value.into_value() {
            draft.fields.push(Field { name: name.into_owned(), value });
        }
    }
}

fn syntax_mistake(error: &regex_syntax::Error) -> PatternMistake {
    let (place, message) = match error {
        regex_syntax::Error::Parse(error) => (error.span().start, error.kind().to_string()),
        regex_syntax::Error::Translate(error) => (error.span().start, error.kind().to_string()),
        other => {
            return PatternMistake::Syntax { line: 1, column: 1, message: other.to_string() };
        }
    };
    PatternMistake::Syntax { line: place.line, column: place.column, message }
}

/// Collects the names of an expression's groups. Its depth was limited when it was parsed.
fn group_names(hir: &Hir, names: &mut Vec<String>) {
    if let HirKind::Capture(capture) = hir.kind()
        && let Some(name) = &capture.name
    {
        names.push(name.to_string());
    }
    for part in hir.kind().subs() {
        group_names(part, names);
    }
}

/// The bytes with which a match can begin, as a set of 256 bits.
#[derive(Debug, Clone, Copy, Default)]
struct FirstBytes([u64; 4]);

impl FirstBytes {
    const fn all() -> Self {
        Self([u64::MAX; 4])
    }

    const fn has(&self, byte: u8) -> bool {
        self.0[(byte >> 6) as usize] & (1 << (byte & 63)) != 0
    }

    fn insert(&mut self, bytes: std::ops::RangeInclusive<u8>) {
        for byte in bytes {
            self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
    }

    /// Adds the bytes with which this part can begin; says whether it can also be empty,
    /// so that the next part may begin the match.
    fn add(&mut self, hir: &Hir) -> bool {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => true,
            HirKind::Literal(literal) => literal.0.first().is_none_or(|byte| {
                self.insert(*byte..=*byte);
                false
            }),
            HirKind::Class(Class::Bytes(class)) => {
                class.ranges().iter().for_each(|range| self.insert(range.start()..=range.end()));
                false
            }
            HirKind::Class(Class::Unicode(class)) => {
                for range in class.ranges() {
                    // Characters beyond ASCII begin with any of the high bytes.
                    let end = u8::try_from(range.end()).ok().filter(u8::is_ascii);
                    match u8::try_from(range.start()).ok().filter(u8::is_ascii) {
                        Some(start) => self.insert(start..=end.unwrap_or(u8::MAX)),
                        None => self.insert(0x80..=u8::MAX),
                    }
                }
                false
            }
            HirKind::Repetition(repetition) => self.add(&repetition.sub) || repetition.min == 0,
            HirKind::Capture(capture) => self.add(&capture.sub),
            HirKind::Concat(parts) => parts.iter().all(|part| self.add(part)),
            HirKind::Alternation(parts) => {
                let mut empty = false;
                for part in parts {
                    empty |= self.add(part);
                }
                empty
            }
        }
    }
}
