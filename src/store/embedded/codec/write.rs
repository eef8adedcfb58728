//! Entries to bytes.

use std::ops::Range;

use crate::model::entry::{Attribution, AttributionBasis, Context, Entry};
use crate::model::field::Value;
use crate::model::record::{RecordTime, TimeBasis};
use crate::model::severity::Severity;
use crate::model::span::{Mark, Operation, SpanKind, SpanStatus};
use crate::store::embedded::codec::{LIST_DEPTH_MAX, Previous};
use crate::store::embedded::dictionary::DictionaryBuilder;
use crate::store::embedded::wire::{put_number, put_signed};

/// A text shorter than this is written out: a range would take as many bytes.
const RANGE_BYTES_MIN: usize = 4;

/// How often the original bytes may be gone through in search of texts. Beyond that the
/// texts are written out, so that thousands of fields in a long line stay linear.
const SEARCH_PASSES_MAX: usize = 16;

/// In an original this short a text is looked for byte by byte, as preparing a search
/// takes longer than the search.
const SHORT_RAW_BYTES: usize = 2048;

/// A trace id has 32 digits.
const ID_DIGITS_MAX: usize = 32;

const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";

/// Writes entries of one group.
pub(in crate::store::embedded) struct EntryWriter<'a> {
    /// Takes everything but the original bytes.
    pub(in crate::store::embedded) out: &'a mut Vec<u8>,
    /// Takes the original bytes: text beside text compresses best.
    pub(in crate::store::embedded) raw: &'a mut Vec<u8>,
    pub(in crate::store::embedded) dictionary: &'a mut DictionaryBuilder,
    pub(in crate::store::embedded) previous: &'a mut Previous,
}

impl EntryWriter<'_> {
    /// Appends an entry.
    pub(in crate::store::embedded) fn write(&mut self, entry: &Entry) {
        let record = &entry.record;
        let position = record.position;
        self.name(&entry.path);
        put_signed(self.out, position.line.wrapping_sub(self.previous.line) as i64);
        put_signed(self.out, position.offset.wrapping_sub(self.previous.offset) as i64);
        put_number(self.out, u64::from(record.lines));
        put_number(self.out, record.raw.len() as u64);
        self.raw.extend_from_slice(&record.raw);
        let mut texts = Texts::of(&record.raw);
        self.time(record.time.as_ref(), &mut texts);
        self.out.push(record.severity.map_or(0, Severity::number));
        for name in
            [&record.service, &record.instance, &record.host, &record.logger, &record.thread]
        {
            self.optional_name(name.as_deref());
        }
        texts.write(self.out, &record.message);
        put_number(self.out, record.fields.len() as u64);
        for field in &record.fields {
            self.name(&field.name);
            self.value(&field.value, &mut texts, 0);
        }
        self.name(&record.format);
        self.context(&entry.context, &mut texts);
        self.previous.follow(entry);
    }

    fn name(&mut self, name: &str) {
        let place = self.dictionary.place(name);
        put_number(self.out, place);
    }

    fn optional_name(&mut self, name: Option<&str>) {
        let place = name.map_or(0, |name| self.dictionary.place(name) + 1);
        put_number(self.out, place);
    }

    fn time(&mut self, time: Option<&RecordTime>, texts: &mut Texts<'_>) {
        let Some(time) = time else { return self.out.push(0) };
        self.out.push(match time.basis {
            TimeBasis::Line => 1,
            TimeBasis::Envelope => 2,
            TimeBasis::ZoneAssumed => 3,
            TimeBasis::DateAssumed => 4,
            TimeBasis::Inherited => 5,
            TimeBasis::ZoneLearned => 6,
            TimeBasis::Mentioned => 7,
            TimeBasis::ZoneGiven => 8,
        });
        put_signed(self.out, time.at.nanoseconds().wrapping_sub(self.previous.time));
        texts.write(self.out, &time.text);
    }

    fn value(&mut self, value: &Value, texts: &mut Texts<'_>, depth: usize) {
        match value {
            Value::Text(text) => {
                self.out.push(0);
                texts.write(self.out, text);
            }
            Value::Number(text) => {
                self.out.push(1);
                texts.write(self.out, text);
            }
            Value::Boolean(false) => self.out.push(2),
            Value::Boolean(true) => self.out.push(3),
            Value::List(_) if depth == LIST_DEPTH_MAX => {
                self.out.push(0);
                texts.write(self.out, &value.to_string());
            }
            Value::List(values) => {
                self.out.push(4);
                put_number(self.out, values.len() as u64);
                for value in values {
                    self.value(value, texts, depth + 1);
                }
            }
        }
    }

    fn context(&mut self, context: &Context, texts: &mut Texts<'_>) {
        match context.trace_id {
            None => self.out.push(0),
            same if same == self.previous.trace => self.out.push(1),
            Some(id) => self.id(&id.value().to_be_bytes(), texts),
        }
        match context.span_id {
            None => self.out.push(0),
            same if same == self.previous.span => self.out.push(1),
            Some(id) => self.id(&id.value().to_be_bytes(), texts),
        }
        match context.parent_span_id {
            None => self.out.push(0),
            Some(id) => self.id(&id.value().to_be_bytes(), texts),
        }
        self.attribution(context.attribution);
        self.name(&context.service);
        self.optional_name(context.instance.as_deref());
        self.optional_name(context.host.as_deref());
        put_number(self.out, context.keys.len() as u64);
        for key in &context.keys {
            self.name(&key.name);
            texts.write(self.out, &key.value);
        }
        self.operation(context.operation.as_deref());
    }

    /// An id stands in most lines in hexadecimal; there it need not be written again.
    fn id(&mut self, bytes: &[u8], texts: &mut Texts<'_>) {
        let mut digits = [0; ID_DIGITS_MAX];
        let digits = &mut digits[..bytes.len() * 2];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
            pair[0] = HEXADECIMAL[usize::from(byte >> 4)];
            pair[1] = HEXADECIMAL[usize::from(byte & 15)];
        }
        if let Some(start) = texts.find(digits) {
            self.out.push(3);
            put_number(self.out, start as u64);
        } else {
            self.out.push(2);
            self.out.extend_from_slice(bytes);
        }
    }

    fn attribution(&mut self, attribution: Option<Attribution>) {
        let Some(Attribution { basis, confidence }) = attribution else {
            return self.out.push(0);
        };
        let certain = confidence.to_bits() == 1f32.to_bits();
        self.out.push(match basis {
            AttributionBasis::Stated if certain => return self.out.push(1),
            AttributionBasis::Stated => 2,
            AttributionBasis::Inferred => 3,
        });
        self.out.extend_from_slice(&confidence.to_bits().to_le_bytes());
    }

    fn operation(&mut self, operation: Option<&Operation>) {
        let Some(operation) = operation else { return self.out.push(0) };
        self.out.push(1);
        self.optional_name(operation.name.as_deref());
        self.out.push(match operation.kind {
            None => 0,
            Some(SpanKind::Internal) => 1,
            Some(SpanKind::Server) => 2,
            Some(SpanKind::Client) => 3,
            Some(SpanKind::Producer) => 4,
            Some(SpanKind::Consumer) => 5,
        });
        self.out.push(match operation.status {
            None => 0,
            Some(SpanStatus::Ok) => 1,
            Some(SpanStatus::Error) => 2,
        });
        self.optional_name(operation.peer.as_deref());
        self.out.push(u8::from(operation.duration.is_some()));
        if let Some(duration) = operation.duration {
            put_number(self.out, duration);
        }
        self.out.push(match operation.mark {
            None => 0,
            Some(Mark::Start) => 1,
            Some(Mark::End) => 2,
        });
    }
}

/// Writes texts as ranges of the original bytes where it can.
struct Texts<'a> {
    raw: &'a [u8],
    /// Where the last text that was found ended: the next one mostly follows it.
    after: usize,
    /// Bytes that may still be searched.
    budget: usize,
}

impl<'a> Texts<'a> {
    const fn of(raw: &'a [u8]) -> Self {
        Self { raw, after: 0, budget: raw.len().saturating_mul(SEARCH_PASSES_MAX) }
    }

    fn write(&mut self, out: &mut Vec<u8>, text: &str) {
        if let Some(start) = self.find(text.as_bytes()) {
            put_number(out, (text.len() as u64) << 1 | 1);
            put_number(out, start as u64);
        } else {
            put_number(out, (text.len() as u64) << 1);
            out.extend_from_slice(text.as_bytes());
        }
    }

    fn find(&mut self, text: &[u8]) -> Option<usize> {
        if text.len() < RANGE_BYTES_MIN || text.len() > self.raw.len() {
            return None;
        }
        let start = self.search(self.after..self.raw.len(), text).or_else(|| {
            let end = (self.after + text.len()).min(self.raw.len());
            self.search(0..end, text)
        })?;
        self.after = start + text.len();
        Some(start)
    }

    fn search(&mut self, range: Range<usize>, text: &[u8]) -> Option<usize> {
        if range.len() < text.len() || range.len() > self.budget {
            return None;
        }
        let searched = &self.raw[range.clone()];
        let found = if searched.len() <= SHORT_RAW_BYTES {
            find_short(searched, text)
        } else {
            memchr::memmem::find(searched, text)
        };
        self.budget -= found.unwrap_or(range.len());
        found.map(|start| range.start + start)
    }
}

/// The place of `text`, which is not empty and not longer than what is searched.
fn find_short(searched: &[u8], text: &[u8]) -> Option<usize> {
    let starts = &searched[..=searched.len() - text.len()];
    memchr::memchr_iter(text[0], starts).find(|start| searched[*start..].starts_with(text))
}
