//! Columns to lines.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

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

/// The lines of a block. Whoever looks for one request needs a few of them: at first only
/// these are put together, and all once more is asked for.
#[derive(Debug)]
pub(in crate::store::embedded) struct StoredLines {
    count: usize,
    was_asked: AtomicBool,
    all: OnceLock<Result<ReadLines, Malformed>>,
}

impl StoredLines {
    /// So many lines, of which nothing was read yet.
    pub(in crate::store::embedded) const fn new(count: usize) -> Self {
        Self { count, was_asked: AtomicBool::new(false), all: OnceLock::new() }
    }

    /// Puts the entries of some lines of these columns behind others.
    pub(in crate::store::embedded) fn append(
        &self,
        columns: &[u8],
        lines: Range<usize>,
        template_of: &TemplateOf<'_>,
        entries: &mut Vec<Entry>,
    ) -> Result<(), Malformed> {
        if lines.is_empty() {
            return Ok(());
        }
        if !self.was_asked.swap(true, Ordering::Relaxed) {
            let some = ReadLines::read(columns, lines.clone(), template_of)?;
            return some.append(0..lines.len(), entries);
        }
        self.all(columns, template_of)?.append(lines, entries)
    }

    /// All lines of these columns.
    pub(in crate::store::embedded) fn all(
        &self,
        columns: &[u8],
        template_of: &TemplateOf<'_>,
    ) -> Result<&ReadLines, Malformed> {
        let all = self.all.get_or_init(|| ReadLines::read(columns, 0..self.count, template_of));
        all.as_ref().map_err(|malformed| *malformed)
    }

    /// Bytes they take in memory, roughly, once all are put together.
    pub(in crate::store::embedded) const fn memory(&self) -> usize {
        let slots = LINE_SLOTS * size_of::<Range<u32>>();
        self.count * (LINE_BYTES + slots + size_of::<StoredLine>())
    }
}

/// Lines that were read from columns.
#[derive(Debug, Default)]
pub(in crate::store::embedded) struct ReadLines {
    templates: Vec<Arc<Template>>,
    bytes: Vec<u8>,
    slots: Vec<Range<u32>>,
    lines: Vec<StoredLine>,
}

#[derive(Debug)]
struct StoredLine {
    /// The template's place in [`ReadLines::templates`].
    template: usize,
    bytes: Range<usize>,
    slots: Range<usize>,
    position: Position,
}

impl ReadLines {
    /// Reads some of the lines.
    fn read(
        columns: &[u8],
        wanted: Range<usize>,
        template_of: &TemplateOf<'_>,
    ) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(columns);
        let mut columns = Vec::with_capacity(COLUMNS);
        for _ in 0..COLUMNS {
            columns.push(Cursor::new(cursor.bytes()?));
        }
        let mut reader = ColumnsReader {
            columns,
            previous: Previous::default(),
            lines: Self::with_room_for(wanted.len().min(LINES_MAX)),
            places: HashMap::default(),
            text: Vec::new(),
            ends: Vec::new(),
        };
        for _ in 0..wanted.start {
            reader.pass(template_of)?;
        }
        for _ in wanted {
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
    fn append(&self, lines: Range<usize>, entries: &mut Vec<Entry>) -> Result<(), Malformed> {
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
}

struct ColumnsReader<'a> {
    columns: Vec<Cursor<'a>>,
    previous: Previous,
    lines: ReadLines,
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
        let position = self.position(&template)?;
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

    /// Goes over a line that is not wanted: what follows is written as a difference from it.
    fn pass(&mut self, template_of: &TemplateOf<'_>) -> Result<(), Malformed> {
        let place = self.template(template_of)?;
        let template = Arc::clone(&self.lines.templates[place]);
        self.position(&template)?;
        template.slots.iter().try_for_each(|kind| self.pass_slot(*kind))
    }

    fn pass_slot(&mut self, kind: SlotKind) -> Result<(), Malformed> {
        let numbers = &mut self.columns[NUMBERS];
        match kind {
            SlotKind::Digit | SlotKind::Digits => drop(numbers.number()?),
            SlotKind::Padded => {
                numbers.byte()?;
                numbers.number()?;
            }
            SlotKind::Decimal => {
                numbers.number()?;
                numbers.byte()?;
                numbers.number()?;
            }
            SlotKind::Quad => {
                for _ in 0..4 {
                    numbers.number()?;
                }
            }
            SlotKind::Epoch(_)
            | SlotKind::Long(16..=19)
            | SlotKind::EpochDecimal(_)
            | SlotKind::Moment { .. }
            | SlotKind::Clock { .. } => drop(self.time(kind)?),
            SlotKind::Hexadecimal(length) => match id_digits(kind) {
                Some(digits) => drop(self.id(kind, digits)?),
                None => drop(self.columns[TEXTS].take(usize::from(length))?),
            },
            SlotKind::Uuid => drop(self.id(kind, 32)?),
            SlotKind::Long(length) | SlotKind::Mixed(length) => {
                self.columns[TEXTS].take(usize::from(length))?;
            }
        }
        Ok(())
    }

    /// Where the next line stands in its stream.
    fn position(&mut self, template: &Template) -> Result<Position, Malformed> {
        let column = &mut self.columns[POSITIONS];
        let (line, offset) = (column.signed()? as u64, column.signed()? as u64);
        let last = self.previous.position(&template.sample.path);
        last.line = last.line.wrapping_add(line);
        last.offset = last.offset.wrapping_add(offset);
        Ok(*last)
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
                Some(digits) => self.write_id(kind, digits, out)?,
                None => self.text(length, out)?,
            },
            SlotKind::Uuid => self.write_id(kind, 32, out)?,
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

    fn write_id(&mut self, kind: SlotKind, digits: u8, out: &mut Vec<u8>) -> Result<(), Malformed> {
        const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";
        let id = self.id(kind, digits)?;
        for digit in (0..u32::from(digits)).rev() {
            out.push(HEXADECIMAL[(id >> (4 * digit)) as usize & 15]);
            if kind == SlotKind::Uuid && matches!(digit, 24 | 20 | 16 | 12) {
                out.push(b'-');
            }
        }
        Ok(())
    }

    fn id(&mut self, kind: SlotKind, digits: u8) -> Result<u128, Malformed> {
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
        Ok(id)
    }
}
