//! Lines to columns.

use crate::model::line::Position;
use crate::model::slot;
use crate::model::template::{Filled, SlotKind, Template};
use crate::store::embedded::columns::{
    CODES, COLUMNS, IDS, NUMBERS, POSITIONS, Previous, TEMPLATES, TEXTS, TIMES, id_digits, unit,
};
use crate::store::embedded::wire::{put_bytes, put_number, put_signed};

/// The columns of a block in the making.
#[derive(Debug, Default)]
pub(in crate::store::embedded) struct ColumnsWriter {
    columns: [Vec<u8>; COLUMNS],
    previous: Previous,
}

impl ColumnsWriter {
    /// Adds a line. `number` is its template's.
    pub(in crate::store::embedded) fn add(
        &mut self,
        number: u32,
        template: &Template,
        filled: &Filled<'_>,
        position: Position,
    ) {
        put_number(&mut self.columns[TEMPLATES], u64::from(number));
        let last = self.previous.position(&template.sample.path);
        let column = &mut self.columns[POSITIONS];
        put_signed(column, position.line.wrapping_sub(last.line) as i64);
        put_signed(column, position.offset.wrapping_sub(last.offset) as i64);
        *last = position;
        for (slot, kind) in (0..).zip(&template.slots) {
            self.slot(*kind, filled.slot(slot));
        }
    }

    /// Writes the columns; none are left.
    pub(in crate::store::embedded) fn finish(&mut self, out: &mut Vec<u8>) {
        for column in &mut self.columns {
            put_bytes(out, column);
            column.clear();
        }
        self.previous = Previous::default();
    }

    fn slot(&mut self, kind: SlotKind, text: &[u8]) {
        match kind {
            SlotKind::Digit | SlotKind::Digits => self.number(text),
            SlotKind::Padded => {
                self.columns[NUMBERS].push(text.len() as u8);
                self.number(text);
            }
            SlotKind::Decimal => {
                let point = text.iter().position(|byte| *byte == b'.').unwrap_or(text.len());
                let (whole, places) = text.split_at(point);
                let places = places.get(1..).unwrap_or_default();
                self.number(whole);
                self.columns[NUMBERS].push(places.len() as u8);
                self.number(places);
            }
            SlotKind::Quad => text.split(|byte| *byte == b'.').for_each(|part| self.number(part)),
            SlotKind::Epoch(_) | SlotKind::Long(16..=19) => self.time(kind, value(text) as i64),
            SlotKind::EpochDecimal(places) => {
                let (whole, fraction) = text.split_at(10);
                let scale = 10_i64.pow(u32::from(places));
                self.time(kind, value(whole) as i64 * scale + value(&fraction[1..]) as i64);
            }
            SlotKind::Moment { digits, .. } => {
                let nanoseconds = slot::nanoseconds(kind, text).unwrap_or_default();
                self.time(kind, nanoseconds.div_euclid(unit(digits)));
            }
            SlotKind::Clock { digits, .. } => {
                let of_day = slot::time_of_day(text, digits).unwrap_or_default();
                self.time(kind, of_day / unit(digits));
            }
            SlotKind::Hexadecimal(_) | SlotKind::Uuid => match id_digits(kind) {
                Some(digits) => self.id(kind, digits, text),
                None => self.columns[TEXTS].extend_from_slice(text),
            },
            SlotKind::Long(_) | SlotKind::Mixed(_) => self.columns[TEXTS].extend_from_slice(text),
        }
    }

    fn number(&mut self, digits: &[u8]) {
        put_number(&mut self.columns[NUMBERS], value(digits));
    }

    fn time(&mut self, kind: SlotKind, time: i64) {
        let last = self.previous.time(kind);
        put_signed(&mut self.columns[TIMES], time.wrapping_sub(*last));
        *last = time;
    }

    fn id(&mut self, kind: SlotKind, digits: u8, text: &[u8]) {
        let id = slot::hexadecimal(text);
        let known = self.previous.ids.iter().position(|known| *known == (kind, id));
        self.columns[CODES].push(known.map_or(0, |place| place as u8 + 1));
        if known.is_none() {
            let bytes = id.to_be_bytes();
            self.columns[IDS].extend_from_slice(&bytes[16 - usize::from(digits).div_ceil(2)..]);
        }
        self.previous.remember(known, (kind, id));
    }
}

/// The number of a row of at most 19 digits.
fn value(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |value: u64, byte| {
        value.wrapping_mul(10).wrapping_add(u64::from(byte.wrapping_sub(b'0')))
    })
}
