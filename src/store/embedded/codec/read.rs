//! Bytes to entries.

use std::sync::Arc;

use crate::model::entry::{Attribution, AttributionBasis, Context, Entry, Key};
use crate::model::field::{Field, Value};
use crate::model::id::{SpanId, TraceId};
use crate::model::line::Position;
use crate::model::record::{Record, RecordTime, TimeBasis};
use crate::model::severity::Severity;
use crate::model::span::{Mark, Operation, SpanKind, SpanStatus};
use crate::model::time::Timestamp;
use crate::store::embedded::codec::{LIST_DEPTH_MAX, Previous};
use crate::store::embedded::dictionary::Dictionary;
use crate::store::embedded::wire::{Cursor, Malformed, text};

/// Reads entries of one group.
pub(in crate::store::embedded) struct EntryReader<'a> {
    /// Holds everything but the original bytes.
    pub(in crate::store::embedded) cursor: Cursor<'a>,
    /// Holds the original bytes.
    pub(in crate::store::embedded) raw: Cursor<'a>,
    pub(in crate::store::embedded) dictionary: &'a Dictionary,
    pub(in crate::store::embedded) previous: Previous,
}

impl EntryReader<'_> {
    /// The next entry.
    pub(in crate::store::embedded) fn read(&mut self) -> Result<Entry, Malformed> {
        let path = self.shared()?;
        let position = Position {
            line: self.previous.line.wrapping_add(self.cursor.signed()? as u64),
            offset: self.previous.offset.wrapping_add(self.cursor.signed()? as u64),
        };
        let lines = u32::try_from(self.cursor.number()?)
            .map_err(|_| Malformed("a record has too many lines"))?;
        let length = self.cursor.size()?;
        let raw = self.raw.take(length)?;
        let record = Record {
            position,
            lines,
            raw: raw.to_vec(),
            time: self.time(raw)?,
            severity: self.severity()?,
            service: self.optional_name()?,
            instance: self.optional_name()?,
            host: self.optional_name()?,
            logger: self.optional_name()?,
            thread: self.optional_name()?,
            message: self.text(raw)?,
            fields: self.fields(raw)?,
            format: self.shared()?,
        };
        let entry = Entry { path, record, context: self.context(raw)? };
        self.previous.follow(&entry);
        Ok(entry)
    }

    fn shared(&mut self) -> Result<Arc<str>, Malformed> {
        let place = self.cursor.number()?;
        self.dictionary.get(place).cloned()
    }

    fn name(&mut self) -> Result<String, Malformed> {
        let place = self.cursor.number()?;
        self.dictionary.get(place).map(|name| (**name).to_owned())
    }

    fn optional_name(&mut self) -> Result<Option<String>, Malformed> {
        match self.cursor.number()? {
            0 => Ok(None),
            place => self.dictionary.get(place - 1).map(|name| Some((**name).to_owned())),
        }
    }

    fn text(&mut self, raw: &[u8]) -> Result<String, Malformed> {
        let tag = self.cursor.number()?;
        let length = usize::try_from(tag >> 1).map_err(|_| Malformed("a length is too large"))?;
        if tag & 1 == 1 {
            return self.piece(raw, length).map(str::to_owned);
        }
        text(self.cursor.take(length)?).map(str::to_owned)
    }

    /// A piece of the original bytes.
    fn piece<'b>(&mut self, raw: &'b [u8], length: usize) -> Result<&'b str, Malformed> {
        let start = self.cursor.size()?;
        let piece = start.checked_add(length).and_then(|end| raw.get(start..end));
        text(piece.ok_or(Malformed("a text lies outside of its line"))?)
    }

    fn time(&mut self, raw: &[u8]) -> Result<Option<RecordTime>, Malformed> {
        let basis = match self.cursor.byte()? {
            0 => return Ok(None),
            1 => TimeBasis::Line,
            2 => TimeBasis::Envelope,
            3 => TimeBasis::ZoneAssumed,
            4 => TimeBasis::DateAssumed,
            5 => TimeBasis::Inherited,
            6 => TimeBasis::ZoneLearned,
            7 => TimeBasis::Mentioned,
            8 => TimeBasis::ZoneGiven,
            _ => return Err(Malformed("an unknown time basis")),
        };
        let nanoseconds = self.previous.time.wrapping_add(self.cursor.signed()?);
        let at = Timestamp::from_nanoseconds(nanoseconds);
        Ok(Some(RecordTime { at, text: self.text(raw)?, basis }))
    }

    fn severity(&mut self) -> Result<Option<Severity>, Malformed> {
        match self.cursor.byte()? {
            0 => Ok(None),
            number => Severity::new(number).map(Some).ok_or(Malformed("an unknown severity")),
        }
    }

    fn fields(&mut self, raw: &[u8]) -> Result<Vec<Field>, Malformed> {
        let count = self.cursor.count()?;
        (0..count).map(|_| Ok(Field { name: self.name()?, value: self.value(raw, 0)? })).collect()
    }

    fn value(&mut self, raw: &[u8], depth: usize) -> Result<Value, Malformed> {
        Ok(match self.cursor.byte()? {
            0 => Value::Text(self.text(raw)?),
            1 => Value::Number(self.text(raw)?),
            2 => Value::Boolean(false),
            3 => Value::Boolean(true),
            4 if depth < LIST_DEPTH_MAX => {
                let count = self.cursor.count()?;
                let values = (0..count).map(|_| self.value(raw, depth + 1));
                Value::List(values.collect::<Result<_, _>>()?)
            }
            _ => return Err(Malformed("an unknown value")),
        })
    }

    fn context(&mut self, raw: &[u8]) -> Result<Context, Malformed> {
        Ok(Context {
            trace_id: self.trace_id(raw)?,
            span_id: self.span(raw, self.previous.span)?,
            parent_span_id: self.span(raw, None)?,
            attribution: self.attribution()?,
            service: self.name()?,
            instance: self.optional_name()?,
            host: self.optional_name()?,
            keys: self.keys(raw)?,
            operation: self.operation()?,
        })
    }

    fn trace_id(&mut self, raw: &[u8]) -> Result<Option<TraceId>, Malformed> {
        let id = match self.cursor.byte()? {
            0 => return Ok(None),
            1 => return Ok(self.previous.trace),
            2 => TraceId::new(u128::from_be_bytes(self.cursor.array()?)),
            3 => TraceId::from_hex(self.piece(raw, 32)?),
            _ => return Err(Malformed("an unknown kind of trace id")),
        };
        id.map(Some).ok_or(Malformed("a trace id that is none"))
    }

    fn span(&mut self, raw: &[u8], previous: Option<SpanId>) -> Result<Option<SpanId>, Malformed> {
        let id = match self.cursor.byte()? {
            0 => return Ok(None),
            1 => return Ok(previous),
            2 => SpanId::new(u64::from_be_bytes(self.cursor.array()?)),
            3 => SpanId::from_hex(self.piece(raw, 16)?),
            _ => return Err(Malformed("an unknown kind of span id")),
        };
        id.map(Some).ok_or(Malformed("a span id that is none"))
    }

    fn attribution(&mut self) -> Result<Option<Attribution>, Malformed> {
        let basis = match self.cursor.byte()? {
            0 => return Ok(None),
            1 => {
                let basis = AttributionBasis::Stated;
                return Ok(Some(Attribution { basis, confidence: 1.0 }));
            }
            2 => AttributionBasis::Stated,
            3 => AttributionBasis::Inferred,
            _ => return Err(Malformed("an unknown attribution")),
        };
        let confidence = f32::from_bits(u32::from_le_bytes(self.cursor.array()?));
        Ok(Some(Attribution { basis, confidence }))
    }

    fn keys(&mut self, raw: &[u8]) -> Result<Vec<Key>, Malformed> {
        let count = self.cursor.count()?;
        (0..count).map(|_| Ok(Key { name: self.name()?, value: self.text(raw)? })).collect()
    }

    fn operation(&mut self) -> Result<Option<Box<Operation>>, Malformed> {
        if !self.flag()? {
            return Ok(None);
        }
        Ok(Some(Box::new(Operation {
            name: self.optional_name()?,
            kind: match self.cursor.byte()? {
                0 => None,
                1 => Some(SpanKind::Internal),
                2 => Some(SpanKind::Server),
                3 => Some(SpanKind::Client),
                4 => Some(SpanKind::Producer),
                5 => Some(SpanKind::Consumer),
                _ => return Err(Malformed("an unknown span kind")),
            },
            status: match self.cursor.byte()? {
                0 => None,
                1 => Some(SpanStatus::Ok),
                2 => Some(SpanStatus::Error),
                _ => return Err(Malformed("an unknown span status")),
            },
            peer: self.optional_name()?,
            duration: if self.flag()? { Some(self.cursor.number()?) } else { None },
            mark: match self.cursor.byte()? {
                0 => None,
                1 => Some(Mark::Start),
                2 => Some(Mark::End),
                _ => return Err(Malformed("an unknown mark")),
            },
        })))
    }

    fn flag(&mut self) -> Result<bool, Malformed> {
        match self.cursor.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed("neither yes nor no")),
        }
    }
}
