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
        // `[Europe/Berlin]` and `(Central European Standard Time)` only repeat the offset.
        None | Some(b'[' | b'(') => Some(zone),
        Some(_) => {
            let word = cursor.word()?;
            (cursor.is_done() && word.len() <= 5).then_some(zone)
        }
    }
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

/// A zone's short name. Names that mean several zones (`CST`, `IST`, `BST`) and unknown
/// ones state no offset.
fn named(cursor: &mut Cursor<'_>) -> Option<Zone> {
    let hours = match cursor.word()? {
        b"Z" | b"z" | b"UTC" | b"GMT" | b"WET" => 0,
        b"CET" | b"WEST" => 1,
        b"CEST" | b"EET" => 2,
        b"EEST" | b"MSK" => 3,
        b"JST" => 9,
        b"EDT" => -4,
        b"EST" | b"CDT" => -5,
        b"MDT" => -6,
        b"MST" | b"PDT" => -7,
        b"PST" => -8,
        other if other.len() <= 5 && other.iter().all(u8::is_ascii_uppercase) => {
            return Some(Zone::Unstated);
        }
        _ => return None,
    };
    Some(Zone::Offset(hours * 3600))
}
