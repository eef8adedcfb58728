//! Templates as bytes and back, exactly.

use crate::model::template::{Dated, Made, Measured, Piece, SlotKind, Template};
use crate::store::embedded::codec::Previous;
use crate::store::embedded::codec::read::EntryReader;
use crate::store::embedded::codec::write::EntryWriter;
use crate::store::embedded::dictionary::{Dictionary, DictionaryBuilder};
use crate::store::embedded::wire::{Cursor, Malformed, put_bytes, put_number, put_signed, text};

/// Writes templates with the dictionary that they share.
pub(super) fn write<'a>(templates: impl ExactSizeIterator<Item = &'a Template>) -> Vec<u8> {
    let mut dictionary = DictionaryBuilder::default();
    let mut body = Vec::new();
    put_number(&mut body, templates.len() as u64);
    for template in templates {
        put_template(&mut body, &mut dictionary, template);
    }
    let mut out = Vec::new();
    dictionary.finish(&mut out);
    out.append(&mut body);
    out
}

/// Reads what [`write`] wrote.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Template>, Malformed> {
    let mut cursor = Cursor::new(bytes);
    let dictionary = Dictionary::read(&mut cursor)?;
    let count = cursor.count()?;
    (0..count).map(|_| template(&mut cursor, &dictionary)).collect()
}

fn put_template(out: &mut Vec<u8>, dictionary: &mut DictionaryBuilder, template: &Template) {
    let (mut known, mut raw) = (Vec::new(), Vec::new());
    let mut writer = EntryWriter {
        out: &mut known,
        raw: &mut raw,
        dictionary,
        previous: &mut Previous::default(),
    };
    writer.write(&template.sample);
    put_bytes(out, &known);
    put_number(out, template.slots.len() as u64);
    for kind in &template.slots {
        out.extend_from_slice(&kind.code());
    }
    put_pieces(out, &template.line);
    put_number(out, template.made.len() as u64);
    for made in &template.made {
        put_number(out, u64::from(made.place));
        put_pieces(out, &made.pieces);
    }
    for slot in [template.trace, template.span, template.parent] {
        put_number(out, slot.map_or(0, |slot| u64::from(slot) + 1));
    }
    put_number(out, template.time.map_or(0, |time| u64::from(time.slot) + 1));
    put_signed(out, template.time.map_or(0, |time| time.zone));
    put_number(out, template.duration.map_or(0, |measured| u64::from(measured.slot) + 1));
    put_number(out, template.duration.map_or(0, |measured| measured.unit));
}

fn put_pieces(out: &mut Vec<u8>, pieces: &[Piece]) {
    put_number(out, pieces.len() as u64);
    for piece in pieces {
        match piece {
            Piece::Slot(slot) => put_number(out, u64::from(*slot) << 1 | 1),
            Piece::Text(text) => {
                put_number(out, (text.len() as u64) << 1);
                out.extend_from_slice(text.as_bytes());
            }
        }
    }
}

fn template(cursor: &mut Cursor<'_>, dictionary: &Dictionary) -> Result<Template, Malformed> {
    let mut reader = EntryReader {
        cursor: Cursor::new(cursor.bytes()?),
        raw: Cursor::new(&[]),
        dictionary,
        previous: Previous::default(),
    };
    let sample = reader.read()?;
    let count = cursor.count()?;
    let slots = (0..count).map(|_| kind(cursor.array()?)).collect::<Result<Vec<_>, _>>()?;
    let line = pieces(cursor)?;
    let count = cursor.count()?;
    let made = (0..count).map(|_| {
        let place = u32::try_from(cursor.number()?).map_err(|_| Malformed("no such text"))?;
        Ok(Made { place, pieces: pieces(cursor)? })
    });
    let made = made.collect::<Result<Vec<_>, _>>()?;
    let [trace, span, parent] = [slot(cursor)?, slot(cursor)?, slot(cursor)?];
    let (time, zone) = (slot(cursor)?, cursor.signed()?);
    let (duration, unit) = (slot(cursor)?, cursor.number()?);
    Ok(Template {
        line,
        slots,
        sample,
        made,
        trace,
        span,
        parent,
        time: time.map(|slot| Dated { slot, zone }),
        duration: duration.map(|slot| Measured { slot, unit }),
    })
}

fn slot(cursor: &mut Cursor<'_>) -> Result<Option<u16>, Malformed> {
    let Some(slot) = cursor.number()?.checked_sub(1) else { return Ok(None) };
    u16::try_from(slot).map(Some).map_err(|_| Malformed("no such slot"))
}

fn pieces(cursor: &mut Cursor<'_>) -> Result<Vec<Piece>, Malformed> {
    let count = cursor.count()?;
    let piece = |_| {
        let tag = cursor.size()?;
        if tag & 1 == 1 {
            let slot = u16::try_from(tag >> 1).map_err(|_| Malformed("no such slot"))?;
            return Ok(Piece::Slot(slot));
        }
        Ok(Piece::Text(text(cursor.take(tag >> 1)?)?.into()))
    };
    (0..count).map(piece).collect()
}

fn kind(bytes: [u8; 5]) -> Result<SlotKind, Malformed> {
    let [number, first, second, third, fourth] = bytes;
    let kind = match number {
        1 => SlotKind::Digit,
        2 => SlotKind::Digits,
        3 => SlotKind::Padded,
        4 => SlotKind::Long(first),
        5 => SlotKind::Epoch(first),
        6 => SlotKind::EpochDecimal(first),
        7 => SlotKind::Decimal,
        8 => SlotKind::Quad,
        9 => SlotKind::Hexadecimal(first),
        10 => SlotKind::Uuid,
        11 => SlotKind::Mixed(first),
        12 => SlotKind::Moment { date: first, middle: second, point: third, digits: fourth },
        13 => SlotKind::Clock { point: first, digits: second },
        _ => return Err(Malformed("an unknown kind of slot")),
    };
    // Written again it must be the same: separators that are no ASCII would make no text.
    let is_whole = kind.code() == bytes && bytes.is_ascii();
    is_whole.then_some(kind).ok_or(Malformed("a kind of slot is damaged"))
}
