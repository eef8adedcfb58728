//! The end of a written time: its zone, if it has one.

use crate::decode::timestamp::cursor::Cursor;

/// The widest offset there is, in hours.
const HOURS_MAX: u32 = 18;

/// What the end of a time says about its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// The offset in seconds east of Greenwich.
    Offset(i32),
    /// Nothing, or a name that means several zones.
    Unstated,
}

/// Reads a zone up to the end of the text; none when that is no zone.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Zone> {
    drop_monotonic(cursor);
    cursor.spaces();
    let mut zone = match cursor.peek() {
        None | Some(b'[') => Zone::Unstated,
        Some(b'+' | b'-') => numeric(cursor)?,
        Some(_) => named(cursor)?,
    };
    // Go prints `+0000 UTC`, JavaScript `GMT+0000 (Central European …)`.
    if matches!(cursor.peek(), Some(b'+' | b'-')) {
        zone = numeric(cursor)?;
    }
    cursor.spaces();
    match cursor.peek() {
        None => Some(zone),
        Some(b'[' | b'(') => is_long_name(cursor.rest()).then_some(zone),
        Some(_) => {
            named(cursor)?;
            cursor.is_done().then_some(zone)
        }
    }
}

/// `[Europe/Berlin]` and `(Central European Standard Time)`, which only repeat the offset. The
/// closing bracket may be lost already.
fn is_long_name(text: &[u8]) -> bool {
    let name = &text[1..];
    let name = name.strip_suffix(b"]").or_else(|| name.strip_suffix(b")")).unwrap_or(name);
    let is_city = text[0] == b'[' && name.contains(&b'/');
    name.iter().all(|byte| byte.is_ascii_alphabetic() || b"/_ -".contains(byte) || !byte.is_ascii())
        && (is_city || text[0] == b'(')
        && !name.is_empty()
}

/// Go's `time.String` ends with the monotonic clock, ` m=+3.1`, which is no part of it.
fn drop_monotonic(cursor: &mut Cursor<'_>) {
    let rest = cursor.rest();
    let Some(start) = memchr::memmem::find(rest, b" m=") else { return };
    if let Ok(kept) = std::str::from_utf8(&rest[..start]) {
        *cursor = Cursor::new(kept);
    }
}

/// `+01:00`, `+0100` or `+01`.
fn numeric(cursor: &mut Cursor<'_>) -> Option<Zone> {
    let sign = if cursor.one_of(b"+-")? == b'-' { -1 } else { 1 };
    let hours = cursor.number(2, 2)?;
    let minutes = match cursor.one_of(b":") {
        Some(_) => cursor.number(2, 2)?,
        None => cursor.number(2, 2).unwrap_or(0),
    };
    if hours > HOURS_MAX || minutes > 59 {
        return None;
    }
    Some(Zone::Offset(sign * (hours * 3600 + minutes * 60) as i32))
}

/// A zone's short name. Names that mean several zones (`CST`, `IST`, `BST`) state no offset.
fn named(cursor: &mut Cursor<'_>) -> Option<Zone> {
    let hours = match cursor.word()? {
        b"Z" | b"z" | b"UTC" | b"GMT" | b"WET" => 0,
        b"CET" | b"WEST" | b"WAT" => 1,
        b"CEST" | b"EET" | b"SAST" | b"CAT" => 2,
        b"EEST" | b"MSK" | b"EAT" | b"TRT" => 3,
        b"PKT" | b"UZT" => 5,
        b"WIB" | b"ICT" => 7,
        b"HKT" | b"SGT" | b"PHT" | b"AWST" => 8,
        b"JST" | b"KST" => 9,
        b"AEST" => 10,
        b"AEDT" => 11,
        b"NZST" => 12,
        b"NZDT" => 13,
        b"BRT" | b"ART" | b"CLST" => -3,
        b"EDT" => -4,
        b"EST" | b"CDT" => -5,
        b"MDT" => -6,
        b"MST" | b"PDT" => -7,
        b"PST" | b"AKDT" => -8,
        b"AKST" => -9,
        b"HST" => -10,
        b"IST" | b"CST" | b"BST" | b"AST" | b"GST" | b"ADT" => {
            return Some(Zone::Unstated);
        }
        _ => return None,
    };
    Some(Zone::Offset(hours * 3600))
}

/// The offset with which a text ends, in seconds east of Greenwich: `+01:00`, `+0100`. None
/// for one without, and for `Z` and `UTC`, which many writers use whatever their own zone.
pub(in crate::decode) fn at_end(text: &str) -> Option<i32> {
    let text = text.trim_end_matches([']', '"']);
    let place = text.rfind(['+', '-']).filter(|place| *place > 8)?;
    let tail = &text[place..];
    if tail.len() < 5 {
        return None;
    }
    match numeric(&mut Cursor::new(tail))? {
        Zone::Offset(offset) if offset != 0 => Some(offset),
        Zone::Offset(_) | Zone::Unstated => None,
    }
}
