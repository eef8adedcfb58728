//! Reads the many spellings of a point in time that logs use.
//!
//! What a text leaves open (zone, year, day) stays open in the [`Reading`]; the stream's
//! [`Clock`](super::clock::Clock) closes it. Every form is read whole: a text with
//! anything left over is no time. All arithmetic is checked; what lies outside the years
//! 1677 to 2262 is absent.

mod calendar;
mod cursor;
mod epoch;
mod find;
mod forms;
mod pattern;
mod zone;

pub(super) use calendar::{Order, in_order, instant, yearless};
pub(super) use epoch::split as split_epoch;
pub(super) use find::{Found, anywhere, at_start, date_in};
pub(super) use pattern::{check as check_pattern, read as read_pattern};
pub(super) use zone::at_end as offset_of;

use crate::model::time::Timestamp;

/// What a text says about a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Date, time and zone.
    Instant(Timestamp),
    /// Date and time, but no zone.
    Zoneless {
        /// The time as if it were UTC.
        as_utc: Timestamp,
    },
    /// Month, day and time, but no year and no zone.
    Yearless {
        /// 1 to 12.
        month: u8,
        /// 1 to 31.
        day: u8,
        /// Nanoseconds since midnight.
        nanoseconds: i64,
    },
    /// Date and time without a zone, the parts of the date in an order that only other lines
    /// of the stream can tell.
    Disputed {
        /// As they are written; years may have two digits.
        parts: [u16; 3],
        /// Nanoseconds since midnight.
        nanoseconds: i64,
    },
    /// A time of day alone.
    Daily {
        /// Nanoseconds since midnight.
        nanoseconds: i64,
    },
}

impl Reading {
    /// The time, if nothing is left open.
    pub(super) const fn complete(self) -> Option<Timestamp> {
        match self {
            Self::Instant(time) => Some(time),
            Self::Zoneless { .. }
            | Self::Disputed { .. }
            | Self::Yearless { .. }
            | Self::Daily { .. } => None,
        }
    }
}

/// The longest spelling read; longer texts are no times, and are not looked at further.
const TEXT_BYTES_MAX: usize = 80;

/// Reads a time in any known form; none when the text is no time or out of range.
pub(super) fn read(text: &str) -> Option<Reading> {
    let text = text.trim_matches(|letter: char| letter.is_whitespace() || "[]\"'".contains(letter));
    // A zone's name in brackets (`…[Europe/Berlin]`) lost its end above; forms::read knows.
    if text.is_empty() || text.len() > TEXT_BYTES_MAX {
        return None;
    }
    epoch::read(text).or_else(|| forms::read(text))
}

#[cfg(test)]
mod tests;
