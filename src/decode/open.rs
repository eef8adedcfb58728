//! A record that may still grow by continuation lines.

use std::ops::Range;
use std::sync::Arc;

use memchr::memchr_iter;

use crate::decode::draft::Draft;
use crate::decode::exception::{self, Exception};
use crate::decode::joiner::{Joined, Joiner};
use crate::model::field::{self, Field};
use crate::model::line::Position;
use crate::model::record::{Record, RecordTime};
use crate::model::severity::Severity;

/// The format of what no definition understands.
pub(super) const PLAIN: &str = "plain";

/// The longest stack traces of real programs stay below both; more lines begin a record
/// of their own, so that a runaway block cannot take all memory.
const LINES_MAX: u32 = 1000;
const BYTES_MAX: usize = 1 << 20;

/// Physical lines of one stream.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// Where the first begins.
    pub(super) position: Position,
    /// Their bytes, joined by `\n`.
    pub(super) raw: Vec<u8>,
    /// How many they are.
    pub(super) lines: u32,
}

impl Piece {
    /// Whether another piece can be added within the limits.
    pub(super) fn fits(&self, other: &Self) -> bool {
        fits(self.raw.len(), self.lines, other)
    }

    /// The bytes in `span` of a text that is all of these lines, as the part of this `index`.
    /// Where the lines were cleaned to become the text, the first part has all of them.
    pub(super) fn part(&self, text: &str, span: Range<usize>, index: usize) -> Self {
        if self.raw != text.as_bytes() {
            return match index {
                0 => Self { raw: self.raw.clone(), ..*self },
                _ => Self { raw: Vec::new(), lines: 0, ..*self },
            };
        }
        let ends = |range: Range<usize>| memchr_iter(b'\n', &self.raw[range]).count();
        let position = Position {
            line: self.position.line + ends(0..span.start) as u64,
            offset: self.position.offset + span.start as u64,
        };
        let lines = ends(span.clone()) as u32 + u32::from(index == 0);
        Self { position, raw: self.raw[span].to_vec(), lines }
    }

    pub(super) fn append(&mut self, other: &Self) {
        append(&mut self.raw, &mut self.lines, other);
    }
}

fn fits(bytes: usize, lines: u32, other: &Piece) -> bool {
    bytes + other.raw.len() < BYTES_MAX && lines + other.lines <= LINES_MAX
}

fn append(raw: &mut Vec<u8>, lines: &mut u32, other: &Piece) {
    // A part of a line stands behind the part before it without an end between them.
    if other.lines > 0 {
        raw.push(b'\n');
    }
    raw.extend_from_slice(&other.raw);
    *lines += other.lines;
}

/// A record and the lines that joined it.
#[derive(Debug, Clone)]
pub(super) struct Open {
    record: Record,
    /// The first line's text where it is needed again: when nothing understood it.
    head: String,
    /// The texts of the lines that joined, each after a `\n`.
    tail: String,
    joiner: Joiner,
    understood: bool,
    /// The definition that understood it.
    definition: Option<usize>,
}

impl Open {
    /// Opens a record with its first line.
    pub(super) fn new(record: Record, text: &str, definition: Option<usize>) -> Self {
        let understood = definition.is_some();
        let joiner = Joiner::begin(if understood { &record.message } else { text }, understood);
        let joiner = if text.trim_start().starts_with('{') { joiner.of_object() } else { joiner };
        let head = if understood { String::new() } else { text.to_owned() };
        Self { record, head, tail: String::new(), joiner, understood, definition }
    }

    /// The definition that understood its first line.
    pub(super) const fn definition(&self) -> Option<usize> {
        self.definition
    }

    /// Takes over what a line says that continues it; refuses one of another process.
    pub(super) fn fill(&mut self, draft: Draft<'_>) -> bool {
        const PROCESS: &str = "process.pid";
        let record = &mut self.record;
        let process = field::find(&draft.fields, PROCESS);
        if process.is_some() && process != field::find(&record.fields, PROCESS) {
            return false;
        }
        record.severity = record.severity.or(draft.severity);
        if record.message.is_empty() {
            record.message = draft.message.into_owned();
        } else if !draft.message.is_empty() {
            record.message.push('\n');
            record.message.push_str(&draft.message);
        }
        for field in draft.fields {
            if field::find(&record.fields, &field.name).is_none() {
                record.fields.push(field);
            }
        }
        true
    }

    /// Adds the bytes of lines whose text was taken over.
    pub(super) fn extend(&mut self, piece: &Piece) {
        append(&mut self.record.raw, &mut self.record.lines, piece);
    }

    /// All its text and its lines.
    pub(super) fn into_text(self) -> (String, Piece) {
        let text = self.text();
        let Record { position, raw, lines, .. } = self.record;
        (text, Piece { position, raw, lines })
    }

    /// Whether a definition understood it and it expects no more lines.
    pub(super) fn stands_alone(&self) -> bool {
        self.understood && self.joiner.is_loose()
    }

    /// Whether a line that a definition understands ends it.
    pub(super) fn yields(&self) -> bool {
        self.joiner.yields()
    }

    pub(super) const fn position(&self) -> Position {
        self.record.position
    }

    /// Whether these lines can join within the limits.
    pub(super) fn has_room(&self, piece: &Piece) -> bool {
        fits(self.record.raw.len(), self.record.lines, piece)
    }

    pub(super) fn judge(&mut self, text: &str, understood: bool) -> Joined {
        self.joiner.judge(text, understood)
    }

    pub(super) fn append(&mut self, text: &str, piece: &Piece) {
        self.tail.push('\n');
        self.tail.push_str(text);
        append(&mut self.record.raw, &mut self.record.lines, piece);
    }

    /// Whether it is several lines none of which a definition understood, and no exception.
    pub(super) fn is_block(&self) -> bool {
        !self.understood && self.record.lines > 1 && self.joiner.is_block()
    }

    /// It as it is, for documents that are taken apart.
    pub(super) fn into_record(self) -> Record {
        self.record
    }

    /// All its text; only for records that nothing understood.
    pub(super) fn text(&self) -> String {
        format!("{}{}", self.head, self.tail)
    }

    /// Takes over what was read from its lines together.
    pub(super) fn understand(
        &mut self,
        draft: Draft<'_>,
        time: Option<RecordTime>,
        format: Arc<str>,
    ) {
        let record = &mut self.record;
        // A complete time of the envelope is surer than one that leaves something open.
        let times = record.time.take().into_iter().chain(time);
        record.time = times.min_by_key(|time| time.basis);
        record.severity = draft.severity.or(record.severity);
        record.service = draft.service.or(record.service.take());
        record.instance = draft.instance.or(record.instance.take());
        record.host = draft.host.or(record.host.take());
        record.logger = draft.logger;
        record.thread = draft.thread;
        record.message = draft.message.into_owned();
        let outer = std::mem::replace(&mut record.fields, draft.fields);
        record.fields.extend(outer);
        record.format = format;
        self.understood = true;
        self.tail.clear();
    }

    /// Closes it: what joined becomes its exception or part of its message.
    pub(super) fn close(mut self) -> Record {
        let tail = self.tail.trim_end();
        if self.understood {
            let tail = tail.strip_prefix('\n').unwrap_or(tail);
            if !tail.is_empty() {
                close_understood(&mut self.record, tail);
            }
        } else if !tail.is_empty() {
            let text = format!("{}{tail}", self.head);
            match exception::find(&text) {
                Some(found) => add(&mut self.record, &found, &text),
                None => text.trim_matches('\n').trim_end().clone_into(&mut self.record.message),
            }
        }
        self.record
    }
}

fn close_understood(record: &mut Record, tail: &str) {
    let found = exception::find(tail);
    // A Python traceback may begin on the record's own line, a Go panic's words too.
    let before = found.as_ref().map_or(tail, |found| &tail[..found.start]).trim_end();
    match &found {
        Some(found) => add(record, found, tail),
        None if record.message.contains(exception::TRACEBACK) || has_frames(tail) => {
            add_own(record, tail);
            return;
        }
        None => {}
    }
    if record.message.is_empty() {
        let before = if before.trim().is_empty() { first_line(tail) } else { before };
        fill_message(record, before);
    } else if !before.trim().is_empty() {
        record.message.push('\n');
        record.message.push_str(before);
    }
}

/// A first line without a message (.NET's console): the indented lines are the message,
/// but for the one with the scopes.
fn fill_message(record: &mut Record, text: &str) {
    let (scopes, lines): (Vec<&str>, Vec<&str>) =
        text.lines().map(str::trim).partition(|line| line.starts_with("=> "));
    record.message = lines.join("\n");
    for scope in scopes {
        let scope = scope.trim_start_matches("=> ");
        record.fields.push(Field::text("log.scopes", scope));
        record.fields.extend(scoped(scope));
    }
}

/// The values of .NET's scopes, `SpanId:…, TraceId:… => RequestPath:/charge`, as its JSON
/// console names them.
fn scoped(scope: &str) -> impl Iterator<Item = Field> {
    scope.split(" => ").flat_map(|part| part.split([' ', ','])).filter_map(|pair| {
        let (name, value) = pair.split_once(':')?;
        let named = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (named && !value.is_empty()).then(|| Field::text(format!("Scopes.{name}"), value))
    })
}

fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()
}

/// Whether lines are frames of a stack whose exception the line before them names.
fn has_frames(tail: &str) -> bool {
    let first = first_line(tail).trim_start();
    first.starts_with("at ") || first.starts_with("from ") || first.starts_with("#0 ")
}

/// An exception that the record's own message names: the lines are only its frames.
fn add_own(record: &mut Record, tail: &str) {
    let text = format!("{}\n{tail}", record.message);
    let named = exception::find(&text).or_else(|| {
        // `request failed: java.io.IOException: reset`
        let line = record.message.lines().next()?;
        line.match_indices(": ").find_map(|(place, _)| {
            let start = place + 2;
            exception::header(&text[start..line.len()]).map(|(kind, message)| Exception {
                kind,
                message,
                start,
            })
        })
    });
    match named {
        Some(found) => add(record, &found, &text),
        None => record.fields.push(Field::text(exception::STACKTRACE, tail)),
    }
}

/// Adds an exception's fields, but for those the record has already.
fn add(record: &mut Record, found: &Exception<'_>, text: &str) {
    let values = [
        (exception::TYPE, found.kind),
        (exception::MESSAGE, found.message),
        (exception::STACKTRACE, text[found.start..].trim_end()),
    ];
    for (name, value) in values {
        if field::find(&record.fields, name).is_none() {
            record.fields.push(Field::text(name, value));
        }
    }
    if record.severity.is_none() && &*record.format == PLAIN {
        record.severity = Some(Severity::ERROR);
    }
}
