//! Finds a time in a text that no definition describes: what it begins with, or what stands
//! anywhere in it.

use crate::decode::timestamp::calendar::{Order, in_order};
use crate::decode::timestamp::{Reading, TEXT_BYTES_MAX, read};
use crate::model::time::Timestamp;

/// No written time is longer, but for one with a zone's long name behind it.
const WINDOW_BYTES: usize = 44;
/// The shortest time: `9:30AM`.
const BYTES_LEAST: usize = 6;
/// Places in a text that are tried; a longer text has its time at the front.
const PLACES_MAX: usize = 64;

/// A time and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::decode) struct Found {
    /// What it says.
    pub(in crate::decode) reading: Reading,
    /// The byte at which it begins.
    pub(in crate::decode) start: usize,
    /// The byte behind it.
    pub(in crate::decode) end: usize,
}

/// The time that a text begins with, up to a sign that parts words; the longest that fits.
pub(in crate::decode) fn at_start(text: &str) -> Option<Found> {
    let bytes = text.as_bytes();
    let first = *bytes.first()?;
    if first == b'@' {
        let end = text.find(' ').filter(|end| *end <= WINDOW_BYTES)?;
        return Some(Found { reading: read(&text[..end])?, start: 0, end });
    }
    if !(first.is_ascii_alphanumeric() || first == b'*' || !first.is_ascii()) {
        return None;
    }
    let digits = bytes.iter().take(20).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 && !begins_with_name(text) {
        return None;
    }
    let last = bytes.len().min(WINDOW_BYTES);
    (BYTES_LEAST..=last).rev().filter(|end| is_end(bytes, *end)).find_map(|end| {
        let reading = read(text.get(..end)?)?;
        let fits = match reading {
            Reading::Daily { .. } => is_time_of_day(&text[..end]),
            Reading::Instant(_) if is_number(&text[..end]) => is_epoch(digits),
            _ => true,
        };
        fits.then_some(Found { reading, start: 0, end })
    })
}

/// The first time of a text that has a date; numbers and times of day could be anything.
pub(in crate::decode) fn anywhere(text: &str) -> Option<Found> {
    let bytes = text.as_bytes();
    let parts = |place: usize| place == 0 || is_parting(bytes[place - 1]);
    let may_begin = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    (0..bytes.len())
        .filter(|place| may_begin(bytes[*place]) && parts(*place))
        .take(PLACES_MAX)
        .find_map(|place| {
            let found = at_start(text.get(place..)?)?;
            let written = &text[place..place + found.end];
            let dated = !matches!(found.reading, Reading::Daily { .. }) && !is_number(written);
            dated.then_some(Found { start: place, end: place + found.end, ..found })
        })
}

/// The day that a file's name states, at midnight UTC: `app-2026-11-21.log`, `app.20261121.gz`.
pub(in crate::decode) fn date_in(name: &str) -> Option<Timestamp> {
    let digits = |byte: &u8| byte.is_ascii_digit();
    let bytes = name.as_bytes();
    (0..bytes.len()).filter(|at| *at == 0 || !bytes[at - 1].is_ascii_digit()).find_map(|at| {
        let rest = &bytes[at..];
        let joined = rest.iter().take_while(|byte| digits(byte)).count();
        let parts = match joined {
            8 => [&rest[..4], &rest[4..6], &rest[6..8]],
            4 if rest.len() >= 10 && rest[4] == rest[7] && b"-_.".contains(&rest[4]) => {
                [&rest[..4], &rest[5..7], &rest[8..10]]
            }
            _ => return None,
        };
        let number = |part: &[u8]| std::str::from_utf8(part).ok()?.parse::<u16>().ok();
        let [year, month, day] = parts.map(number);
        let year = year.filter(|year| (1990..2100).contains(year))?;
        in_order(Order::Year, [year, month?, day?], 0)
    })
}

/// Whether a text can end here: at its own end, or where words part.
fn is_end(bytes: &[u8], end: usize) -> bool {
    if bytes[end - 1].is_ascii_whitespace() {
        return false;
    }
    bytes.get(end).is_none_or(|byte| is_parting(*byte)) || matches!(bytes[end - 1], b']' | b')')
}

fn is_parting(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"[](){}<>,;|:\"'=#-".contains(&byte)
}

/// Whether it begins with letters as long as the name of a day or month, then a space or the
/// like.
fn begins_with_name(text: &str) -> bool {
    let text = text.strip_prefix('*').unwrap_or(text);
    let letters = text.chars().take(12).take_while(|letter| letter.is_alphabetic()).count();
    (3..=10).contains(&letters)
        && text.chars().nth(letters).is_some_and(|next| matches!(next, ' ' | ',' | '.'))
        && text.bytes().take(TEXT_BYTES_MAX).any(|byte| byte == b':')
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Seconds, milli-, micro- or nanoseconds of these years have exactly so many digits.
const fn is_epoch(digits: usize) -> bool {
    matches!(digits, 10 | 13 | 16 | 19)
}

/// With seconds, or with AM or PM: `12:30` alone is a score, a ratio or a port.
fn is_time_of_day(text: &str) -> bool {
    let colons = text.bytes().filter(|byte| *byte == b':').count();
    colons >= 2 || (colons == 1 && text.ends_with(['M', 'm']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_start(text: &str, expected: Option<&str>) {
        let found = at_start(text).map(|found| &text[..found.end]);
        assert_eq!(found, expected, "text: {text}");
    }

    #[track_caller]
    fn check_anywhere(text: &str, expected: Option<&str>) {
        let found = anywhere(text).map(|found| &text[found.start..found.end]);
        assert_eq!(found, expected, "text: {text}");
    }

    #[test]
    fn the_longest_time_is_taken_and_words_behind_it_are_not() {
        check_start("2026-11-21 09:30:15,250 - INFO - up", Some("2026-11-21 09:30:15,250"));
        check_start("2026-11-21 09:30:15 INFO up", Some("2026-11-21 09:30:15"));
        check_start("2026-11-21 09:30:15 +0100 up", Some("2026-11-21 09:30:15 +0100"));
        check_start("2026-11-21 09:30:15 CET [7] LOG", Some("2026-11-21 09:30:15 CET"));
        check_start("Sat Nov 21 09:30:15.250 2026] [core]", Some("Sat Nov 21 09:30:15.250 2026]"));
        check_start("20261121-22:15:29:606|Step|1", Some("20261121-22:15:29:606"));
        check_start("1795253415.250    12 10.0.0.9", Some("1795253415.250"));
        check_start("9:30AM WRN low", Some("9:30AM"));
        check_start("26/11/21 09:30:15 INFO x", Some("26/11/21 09:30:15"));
        check_start("11-21 09:30:15.250  1702 D", Some("11-21 09:30:15.250"));
        check_start("261121 093015 148 INFO", Some("261121 093015"));
    }

    #[test]
    fn numbers_ratios_and_words_are_no_times() {
        for text in ["12:30 won", "10.0.0.9 - -", "12345678 rows", "April is near: 1", "1:M x", ""]
        {
            check_start(text, None);
        }
    }

    #[test]
    fn a_date_is_found_behind_words_but_no_bare_number() {
        check_anywhere(
            "Started GET \"/x\" for 10.0.0.1 at 2026-11-21 09:30:15 +0000",
            Some("2026-11-21 09:30:15 +0000"),
        );
        check_anywhere("order 1795253415 took 09:30:15", None);
    }

    #[test]
    fn the_date_of_a_file_name_is_read() {
        let date = |name| date_in(name).map(|time| time.to_string()[..10].to_owned());
        for name in ["app-2026-11-21.log", "app.20261121.gz", "2026_11_21.log"] {
            assert_eq!(date(name).as_deref(), Some("2026-11-21"), "name: {name}");
        }
        for name in ["app.log", "app-12345678.log", "build-2026.log", "app-2026-13-41.log"] {
            assert_eq!(date(name), None, "name: {name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,80}", time in "[0-9:/.,é TZNovSat+-]{0,60}") {
            let _ = (at_start(&text), anywhere(&text), at_start(&time), anywhere(&time));
        }
    }
}
