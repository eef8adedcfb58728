//! A template: what all lines of one shape have in common, and how each becomes its entry.
//!
//! Most programs write a few hundred statements over and over. Between two lines of one
//! statement only some places differ, its slots: times, ids, numbers. A template knows the
//! text around the slots, and for every part of the entry of which slots it is made.

use std::borrow::Cow;
use std::ops::Range;

use crate::model::entry::Entry;
use crate::model::field::Value;
use crate::model::id::{SpanId, TraceId};
use crate::model::line::Position;
use crate::model::slot;
use crate::model::time::Timestamp;

/// What can stand in a slot. Narrow, so that every text of a kind means the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlotKind {
    /// One digit, not zero.
    Digit,
    /// 2 to 15 digits, the first not zero; not [`Epoch`](Self::Epoch).
    Digits,
    /// 2 to 15 digits, the first zero, not all.
    Padded,
    /// So many digits (16 to 20), the first not zero.
    Long(u8),
    /// 10 or 13 digits, the first a one: seconds or milliseconds since the epoch, perhaps.
    Epoch(u8),
    /// Digits, a dot, so many digits: the first part 10 digits beginning with a one.
    EpochDecimal(u8),
    /// Digits without leading zeros, a dot, digits; not all zero.
    Decimal,
    /// Four numbers of up to three digits with dots between them.
    Quad,
    /// So many small hexadecimal digits (8 or more), letters and digits among them.
    Hexadecimal(u8),
    /// A UUID in small letters.
    Uuid,
    /// So many letters and digits in turn.
    Mixed(u8),
    /// A date and a time of day: its two separators and how many digits the fraction has.
    Moment {
        /// `-` or `/`.
        date: u8,
        /// `T` or a blank.
        middle: u8,
        /// `.` or `,`; of no meaning where there are no digits.
        point: u8,
        /// Digits of the fraction, 0 to 9.
        digits: u8,
    },
    /// A time of day: how its fraction is parted and how many digits that has.
    Clock {
        /// `.` or `,`; of no meaning where there are no digits.
        point: u8,
        /// Digits of the fraction, 0 to 9.
        digits: u8,
    },
}

impl SlotKind {
    /// Its number, and what it fixes: unlike for kinds that differ. Stores keep it.
    pub const fn code(self) -> [u8; 5] {
        match self {
            Self::Digit => [1, 0, 0, 0, 0],
            Self::Digits => [2, 0, 0, 0, 0],
            Self::Padded => [3, 0, 0, 0, 0],
            Self::Long(length) => [4, length, 0, 0, 0],
            Self::Epoch(length) => [5, length, 0, 0, 0],
            Self::EpochDecimal(places) => [6, places, 0, 0, 0],
            Self::Decimal => [7, 0, 0, 0, 0],
            Self::Quad => [8, 0, 0, 0, 0],
            Self::Hexadecimal(length) => [9, length, 0, 0, 0],
            Self::Uuid => [10, 0, 0, 0, 0],
            Self::Mixed(length) => [11, length, 0, 0, 0],
            Self::Moment { date, middle, point, digits } => [12, date, middle, point, digits],
            Self::Clock { point, digits } => [13, point, digits, 0, 0],
        }
    }
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// It is the same in all lines.
    Text(Box<str>),
    /// It is what stands in the slot of this number.
    Slot(u16),
}

/// A text of the entry that is made of slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its place among the entry's texts, in the order of [`texts`].
    pub place: u32,
    /// What it is made of.
    pub pieces: Vec<Piece>,
}

/// How a duration is read from a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// The slot.
    pub slot: u16,
    /// Nanoseconds of one unit.
    pub unit: u64,
}

/// How a time is read from a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dated {
    /// The slot.
    pub slot: u16,
    /// Nanoseconds from what the slot reads in UTC to the time.
    pub zone: i64,
}

/// What lines of one shape have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The line.
    pub line: Vec<Piece>,
    /// What stands in each slot.
    pub slots: Vec<SlotKind>,
    /// An entry of this shape; its original bytes are left out.
    pub sample: Entry,
    /// The texts of the entry that differ from line to line.
    pub made: Vec<Made>,
    /// The slot of the trace id, unless it is the sample's.
    pub trace: Option<u16>,
    /// The slot of the span id, unless it is the sample's.
    pub span: Option<u16>,
    /// The slot of the parent's span id, unless it is the sample's.
    pub parent: Option<u16>,
    /// Where the time stands, unless it is the sample's.
    pub time: Option<Dated>,
    /// The slot of the operation's duration, unless it is the sample's.
    pub duration: Option<Measured>,
}

/// A line of a template: its bytes and where its slots are.
#[derive(Debug, Clone, Copy)]
pub struct Filled<'a> {
    /// The line; it is UTF-8, as its template is.
    pub line: &'a [u8],
    /// Where the slots are in it.
    pub slots: &'a [Range<u32>],
}

impl Filled<'_> {
    /// What stands in a slot; empty if the line has no such slot.
    pub fn slot(&self, slot: u16) -> &[u8] {
        let range = self.slots.get(usize::from(slot));
        range
            .and_then(|range| self.line.get(range.start as usize..range.end as usize))
            .unwrap_or(&[])
    }

    /// Appends the text that is made of these pieces.
    pub fn write(&self, text: &mut String, pieces: &[Piece]) {
        for piece in pieces {
            match piece {
                Piece::Text(part) => text.push_str(part),
                // Slots are ASCII by their kinds.
                Piece::Slot(slot) => {
                    text.push_str(std::str::from_utf8(self.slot(*slot)).unwrap_or_default());
                }
            }
        }
    }

    /// The hexadecimal digits of a slot as a number; dashes do not count.
    pub fn hexadecimal(&self, slot: u16) -> u128 {
        slot::hexadecimal(self.slot(slot))
    }
}

impl Template {
    /// The sample without what differs from line to line.
    pub fn constant(&self) -> Entry {
        let mut entry = self.sample.clone();
        let mut made = self.made.iter().peekable();
        let mut place = 0;
        each_text(&mut entry, &mut |text| {
            if made.next_if(|made| made.place == place).is_some() {
                text.clear();
            }
            place += 1;
        });
        entry
    }

    /// The time that a line of this shape states.
    pub fn time_of(&self, filled: &Filled<'_>) -> Option<Timestamp> {
        let Some(dated) = self.time else { return self.sample.time() };
        let kind = *self.slots.get(usize::from(dated.slot))?;
        let reading = slot::nanoseconds(kind, filled.slot(dated.slot))?;
        reading.checked_add(dated.zone).map(Timestamp::from_nanoseconds)
    }

    /// The trace id that a line of this shape states.
    pub fn trace_of(&self, filled: &Filled<'_>) -> Option<TraceId> {
        match self.trace {
            Some(slot) => TraceId::new(filled.hexadecimal(slot)),
            None => self.sample.context.trace_id,
        }
    }

    /// The span id that a line of this shape states.
    pub fn span_of(&self, filled: &Filled<'_>) -> Option<SpanId> {
        match self.span {
            Some(slot) => SpanId::new(filled.hexadecimal(slot) as u64),
            None => self.sample.context.span_id,
        }
    }

    /// The thread that wrote a line of this shape.
    pub fn thread_of(&self, filled: &Filled<'_>) -> Option<Cow<'_, str>> {
        let record = &self.sample.record;
        let thread = record.thread.as_deref()?;
        // The texts in front of it, in the order of `each_text`.
        let before = [&record.service, &record.instance, &record.host, &record.logger];
        let place = before.iter().filter(|text| text.is_some()).count();
        let place = (place + usize::from(record.time.is_some())) as u32;
        let Some(made) = self.made.iter().find(|made| made.place == place) else {
            return Some(Cow::Borrowed(thread));
        };
        let mut thread = String::new();
        filled.write(&mut thread, &made.pieces);
        Some(Cow::Owned(thread))
    }

    /// The entry of a line of this shape; none where a slot holds what its kind does not allow.
    pub fn entry(&self, filled: &Filled<'_>, position: Position) -> Option<Entry> {
        let mut entry = self.sample.clone();
        entry.record.raw = filled.line.to_vec();
        entry.record.position = position;
        let mut made = self.made.iter().peekable();
        let mut place = 0;
        each_text(&mut entry, &mut |text| {
            if let Some(made) = made.next_if(|made| made.place == place) {
                text.clear();
                filled.write(text, &made.pieces);
            }
            place += 1;
        });
        if let Some(time) = &mut entry.record.time {
            time.at = self.time_of(filled)?;
        }
        entry.context.trace_id = self.trace_of(filled);
        entry.context.span_id = self.span_of(filled);
        if let Some(slot) = self.parent {
            entry.context.parent_span_id = SpanId::new(filled.hexadecimal(slot) as u64);
        }
        if let (Some(measured), Some(operation)) = (self.duration, &mut entry.context.operation) {
            operation.duration = Some(measured.nanoseconds(filled.slot(measured.slot))?);
        }
        Some(entry)
    }
}

impl Measured {
    /// A decimal number of the unit, in whole nanoseconds, as `context` reads it: digits
    /// beyond a nanosecond count for nothing.
    pub fn nanoseconds(self, digits: &[u8]) -> Option<u64> {
        let mut total = 0u64;
        let mut worth = None;
        for byte in digits {
            match (byte, worth) {
                (b'.', None) => {
                    total = total.checked_mul(self.unit)?;
                    worth = Some(self.unit);
                }
                (b'0'..=b'9', None) => {
                    total = total.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
                }
                (b'0'..=b'9', Some(before)) => {
                    let own = before / 10;
                    total = total.checked_add(own * u64::from(byte - b'0'))?;
                    worth = Some(own);
                }
                _ => return None,
            }
        }
        if worth.is_none() { total.checked_mul(self.unit) } else { Some(total) }
    }
}

/// The texts of an entry that may differ between lines of one shape, in a fixed order.
pub fn texts(entry: &Entry) -> Vec<String> {
    let mut found = Vec::new();
    each_text(&mut entry.clone(), &mut |text| found.push(std::mem::take(text)));
    found
}

/// The places of the keys' values among the texts of an entry.
pub fn places_of_keys(entry: &Entry) -> Range<usize> {
    let operation = entry.context.operation.as_ref();
    let behind = operation.map_or(0, |operation| {
        usize::from(operation.name.is_some()) + usize::from(operation.peer.is_some())
    });
    let end = texts(entry).len() - behind;
    end - entry.context.keys.len()..end
}

/// Calls `visit` with each text of an entry that may differ between lines of one shape.
fn each_text(entry: &mut Entry, visit: &mut dyn FnMut(&mut String)) {
    let (record, context) = (&mut entry.record, &mut entry.context);
    let time = record.time.as_mut().map(|time| &mut time.text);
    let named = [
        &mut record.service,
        &mut record.instance,
        &mut record.host,
        &mut record.logger,
        &mut record.thread,
        &mut context.instance,
        &mut context.host,
    ];
    time.into_iter().chain(named.into_iter().flatten()).for_each(&mut *visit);
    visit(&mut record.message);
    visit(&mut context.service);
    for field in &mut record.fields {
        each_value(&mut field.value, visit);
    }
    for key in &mut context.keys {
        visit(&mut key.value);
    }
    if let Some(operation) = &mut context.operation {
        let named = [&mut operation.name, &mut operation.peer];
        named.into_iter().flatten().for_each(visit);
    }
}

/// The texts of a value. A list inside a list stays as the sample has it: no decoder makes one.
fn each_value(value: &mut Value, visit: &mut dyn FnMut(&mut String)) {
    match value {
        Value::Text(text) | Value::Number(text) => visit(text),
        Value::Boolean(_) => {}
        Value::List(values) => {
            for value in values {
                if let Value::Text(text) | Value::Number(text) = value {
                    visit(text);
                }
            }
        }
    }
}
