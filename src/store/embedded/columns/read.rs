//! Columns to lines.

use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::model::entry::Entry;
use crate::model::line::Position;
use crate::model::slot::{put_padded, write_clock, write_moment};
use crate::model::template::{Filled, Piece, SlotKind, Template};
use crate::model::time::NANOSECONDS_PER_DAY;
use crate::store::Batch;
use crate::store::embedded::columns::{
    CODES, COLUMNS, IDS, NUMBERS, POSITIONS, Previous, TEMPLATES, TEXTS, TIMES, id_digits, unit,
};
use crate::store::embedded::wire::{Cursor, Malformed};

/// What gives the templates that lines are of.
pub(in crate::store::embedded) type TemplateOf<'a> =
    dyn Fn(u64) -> Result<Arc<Template>, Malformed> + 'a;

/// A line has about so many bytes and slots: room is made for all lines of a block at once.
const LINE_BYTES: usize = 256;
const LINE_SLOTS: usize = 8;

/// A block has hardly more lines than this: foreign numbers do not say how much room is made.
const LINES_MAX: usize = 1 << 10;

/// Lines that were read from columns.
#[derive(Debug, Default)]
pub(in crate::store::embedded) struct StoredLines {
    templates: Vec<Arc<Template>>,
    bytes: Vec<u8>,
    slots: Vec<Range<u32>>,
    lines: Vec<StoredLine>,
}

#[derive(Debug)]
struct StoredLine {
    /// The template's place in [`StoredLines::templates`].
    template: usize,
    bytes: Range<usize>,
    slots: Range<usize>,
    position: Position,
}

impl StoredLines {
    /// Reads as many lines as there are.
    pub(in crate::store::embedded) fn read(
        cursor: &mut Cursor<'_>,
        count: usize,
        template_of: &TemplateOf<'_>,
    ) -> Result<Self, Malformed> {
        let mut columns = Vec::with_capacity(COLUMNS);
        for _ in 0..COLUMNS {
            columns.push(Cursor::new(cursor.bytes()?));
        }
        let mut reader = ColumnsReader {
            columns,
            previous: Previous::default(),
            lines: Self::with_room_for(count.min(LINES_MAX)),
            places: HashMap::default(),
            text: Vec::new(),
            ends: Vec::new(),
        };
        for _ in 0..count {
            reader.line(template_of)?;
        }
        Ok(reader.lines)
    }

    fn with_room_for(count: usize) -> Self {
        Self {
            templates: Vec::new(),
            bytes: Vec::with_capacity(count * LINE_BYTES),
            slots: Vec::with_capacity(count * LINE_SLOTS),
            lines: Vec::with_capacity(count),
        }
    }

    /// Puts the entries of these lines behind others.
    pub(in crate::store::embedded) fn append(
        &self,
        lines: Range<usize>,
        entries: &mut Vec<Entry>,
    ) -> Result<(), Malformed> {
        for line in self.lines.get(lines).ok_or(Malformed("lines are missing"))? {
            let filled = Filled {
                line: &self.bytes[line.bytes.clone()],
                slots: &self.slots[line.slots.clone()],
            };
            let entry = self.templates[line.template].entry(&filled, line.position);
            entries.push(entry.ok_or(Malformed("a line does not fit"))?);
        }
        Ok(())
    }

    /// Puts a line, whose entry this is, into a batch as a line of its template.
    pub(in crate::store::embedded) fn copy(&self, line: usize, entry: Entry, batch: &mut Batch) {
        let stored = &self.lines[line];
        let filled = Filled {
            line: &self.bytes[stored.bytes.clone()],
            slots: &self.slots[stored.slots.clone()],
        };
        let template = &self.templates[stored.template];
        match template.time_of(&filled) {
            Some(time) => batch.templated.push(template, &filled, stored.position, time),
            None => batch.entries.push(entry),
        }
    }

    /// Bytes they take in memory, roughly.
    pub(in crate::store::embedded) fn memory(&self) -> usize {
        self.bytes.capacity()
            + self.slots.capacity() * size_of::<Range<u32>>()
            + self.lines.capacity() * size_of::<StoredLine>()
    }
}

struct ColumnsReader<'a> {
    columns: Vec<Cursor<'a>>,
    previous: Previous,
    lines: StoredLines,
    /// The places of templates in `lines`, by their numbers.
    places: HashMap<u64, usize, RandomState>,
    /// The texts of a line's slots, one after the other, and where each ends.
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl ColumnsReader<'_> {
    fn line(&mut self, template_of: &TemplateOf<'_>) -> Result<(), Malformed> {
        let place = self.template(template_of)?;
        let template = Arc::clone(&self.lines.templates[place]);
        let column = &mut self.columns[POSITIONS];
        let (line, offset) = (column.signed()? as u64, column.signed()? as u64);
        let last = self.previous.position(&template.sample.path);
        last.line = last.line.wrapping_add(line);
        last.offset = last.offset.wrapping_add(offset);
        let position = *last;
        let (start, first) = (self.lines.bytes.len(), self.lines.slots.len());
        self.lines.slots.resize(first + template.slots.len(), 0..0);
        // Slots were written in the order of their numbers, and stand in any order in the line.
        self.texts(&template.slots)?;
        for piece in &template.line {
            match piece {
                Piece::Text(text) => self.lines.bytes.extend_from_slice(text.as_bytes()),
                Piece::Slot(slot) => {
                    let slot = usize::from(*slot);
                    let end = *self.ends.get(slot).ok_or(Malformed("no such slot"))?;
                    let begin = slot.checked_sub(1).map_or(0, |before| self.ends[before]);
                    let text = &self.text[begin..end];
                    let from = (self.lines.bytes.len() - start) as u32;
                    self.lines.bytes.extend_from_slice(text);
                    let range = from..from + text.len() as u32;
                    self.lines.slots[first + slot] = range;
                }
            }
        }
        let bytes = start..self.lines.bytes.len();
        let slots = first..self.lines.slots.len();
        self.lines.lines.push(StoredLine { template: place, bytes, slots, position });
        Ok(())
    }

    /// The place of the next line's template among those of the lines.
    fn template(&mut self, template_of: &TemplateOf<'_>) -> Result<usize, Malformed> {
        let number = self.columns[TEMPLATES].number()?;
        if let Some(place) = self.places.get(&number) {
            return Ok(*place);
        }
        let place = self.lines.templates.len();
        self.lines.templates.push(template_of(number)?);
        self.places.insert(number, place);
        Ok(place)
    }

    fn texts(&mut self, kinds: &[SlotKind]) -> Result<(), Malformed> {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        self.ends.clear();
        for kind in kinds {
            self.slot(*kind, &mut text)?;
            self.ends.push(text.len());
        }
        self.text = text;
        Ok(())
    }

    fn slot(&mut self, kind: SlotKind, out: &mut Vec<u8>) -> Result<(), Malformed> {
        match kind {
            SlotKind::Digit | SlotKind::Digits => self.number(out, 1)?,
            SlotKind::Padded => {
                let width = self.columns[NUMBERS].byte()?;
                self.number(out, usize::from(width))?;
            }
            SlotKind::Decimal => {
                self.number(out, 1)?;
                out.push(b'.');
                let places = self.columns[NUMBERS].byte()?;
                self.number(out, usize::from(places))?;
            }
            SlotKind::Quad => {
                for part in 0..4 {
                    if part > 0 {
                        out.push(b'.');
                    }
                    self.number(out, 1)?;
                }
            }
            SlotKind::Epoch(_) | SlotKind::Long(16..=19) => {
                put_padded(out, self.time(kind)? as u64, 1);
            }
            SlotKind::EpochDecimal(places) => {
                let scale = 10_u64.pow(u32::from(places.min(18)));
                let time = self.time(kind)? as u64;
                put_padded(out, time / scale, 1);
                out.push(b'.');
                put_padded(out, time % scale, usize::from(places));
            }
            SlotKind::Moment { digits, .. } => {
                let nanoseconds = self.time(kind)?.checked_mul(unit(digits));
                let nanoseconds = nanoseconds.ok_or(Malformed("a time is out of range"))?;
                write_moment(out, kind, nanoseconds);
            }
            SlotKind::Clock { point, digits } => {
                let of_day = self.time(kind)?.checked_mul(unit(digits));
                let of_day = of_day.filter(|time| (0..NANOSECONDS_PER_DAY).contains(time));
                write_clock(out, point, digits, of_day.ok_or(Malformed("a time is too late"))?);
            }
            SlotKind::Hexadecimal(length) => match id_digits(kind) {
                Some(digits) => self.id(kind, digits, out)?,
                None => self.text(length, out)?,
            },
            SlotKind::Uuid => self.id(kind, 32, out)?,
            SlotKind::Long(length) | SlotKind::Mixed(length) => self.text(length, out)?,
        }
        Ok(())
    }

    fn number(&mut self, out: &mut Vec<u8>, width: usize) -> Result<(), Malformed> {
        put_padded(out, self.columns[NUMBERS].number()?, width);
        Ok(())
    }

    fn text(&mut self, length: u8, out: &mut Vec<u8>) -> Result<(), Malformed> {
        let text = self.columns[TEXTS].take(usize::from(length))?;
        // Slots are ASCII by their kinds, and a line must be text.
        if !text.is_ascii() {
            return Err(Malformed("a slot is no text"));
        }
        out.extend_from_slice(text);
        Ok(())
    }

    fn time(&mut self, kind: SlotKind) -> Result<i64, Malformed> {
        let difference = self.columns[TIMES].signed()?;
        let last = self.previous.time(kind);
        *last = last.wrapping_add(difference);
        Ok(*last)
    }

    fn id(&mut self, kind: SlotKind, digits: u8, out: &mut Vec<u8>) -> Result<(), Malformed> {
        const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";
        let code = usize::from(self.columns[CODES].byte()?);
        let known = code.checked_sub(1);
        let id = if let Some(place) = known {
            let known = self.previous.ids.get(place).ok_or(Malformed("an id is missing"))?;
            if known.0 != kind {
                return Err(Malformed("an id is of another kind"));
            }
            known.1
        } else {
            let bytes = self.columns[IDS].take(usize::from(digits).div_ceil(2))?;
            bytes.iter().fold(0, |id: u128, byte| id << 8 | u128::from(*byte))
        };
        self.previous.remember(known, (kind, id));
        for digit in (0..u32::from(digits)).rev() {
            out.push(HEXADECIMAL[(id >> (4 * digit)) as usize & 15]);
            if kind == SlotKind::Uuid && matches!(digit, 24 | 20 | 16 | 12) {
                out.push(b'-');
            }
        }
        Ok(())
    }
}
