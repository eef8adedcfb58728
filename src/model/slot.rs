//! Texts of slots as numbers and back: both ways exact, so that a number can stand for its text.

use crate::model::template::SlotKind;
use crate::model::time::NANOSECONDS_PER_DAY;

const SECOND: i64 = 1_000_000_000;

/// The point in time that a slot reads in UTC, in nanoseconds since the epoch; none for kinds
/// that state no date, and for dates that do not exist.
pub fn nanoseconds(kind: SlotKind, text: &[u8]) -> Option<i64> {
    match kind {
        SlotKind::Moment { digits, .. } => moment(text, digits),
        SlotKind::Epoch(10) => digits(text)?.checked_mul(SECOND),
        SlotKind::Epoch(13) => digits(text)?.checked_mul(1_000_000),
        SlotKind::Long(16) => digits(text)?.checked_mul(1_000),
        SlotKind::Long(19) => digits(text),
        SlotKind::EpochDecimal(places) => {
            let (whole, fraction) = text.split_at_checked(10)?;
            let fraction = scaled(digits(fraction.get(1..)?)?, places)?;
            digits(whole)?.checked_mul(SECOND)?.checked_add(fraction)
        }
        _ => None,
    }
}

/// The hexadecimal digits of a text as a number; other bytes do not count.
pub fn hexadecimal(text: &[u8]) -> u128 {
    // Sixteen digits fit in a word, with which it is much faster to reckon.
    let mut words = [0u64; 3];
    let mut digits = 0;
    for byte in text {
        let digit = DIGITS[usize::from(*byte)];
        if digit < 16 {
            words[(digits / 16).min(2)] = words[(digits / 16).min(2)] << 4 | u64::from(digit);
            digits += 1;
        }
    }
    match digits {
        0..=16 => u128::from(words[0]),
        17..=32 => u128::from(words[0]) << (4 * (digits - 16)) | u128::from(words[1]),
        _ => fold(text),
    }
}

/// The same of more digits than a number has: the last ones count.
fn fold(text: &[u8]) -> u128 {
    let digits = text.iter().map(|byte| DIGITS[usize::from(*byte)]).filter(|digit| *digit < 16);
    digits.fold(0, |value, digit| value << 4 | u128::from(digit))
}

/// What each byte is worth as a hexadecimal digit; 16 for those that are none.
static DIGITS: [u8; 256] = {
    let mut digits = [16; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value as usize] as usize] = value;
        digits[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    digits
};

/// Nanoseconds since midnight of `hh:mm:ss` with a fraction of so many digits.
pub fn time_of_day(text: &[u8], places: u8) -> Option<i64> {
    let two = |at: usize| text.get(at..at + 2).and_then(digits);
    let (hours, minutes, seconds) = (two(0)?, two(3)?, two(6)?);
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let fraction = if places == 0 { 0 } else { scaled(digits(text.get(9..)?)?, places)? };
    Some((hours * 3600 + minutes * 60 + seconds) * SECOND + fraction)
}

/// Digits of a fraction of a second as nanoseconds.
fn scaled(fraction: i64, places: u8) -> Option<i64> {
    (places <= 9).then(|| fraction * 10_i64.pow(9 - u32::from(places)))
}

/// The number of a row of at most 19 digits.
fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0i64, |value, byte| {
        if !byte.is_ascii_digit() {
            return None;
        }
        value.checked_mul(10)?.checked_add(i64::from(byte - b'0'))
    })
}

fn moment(text: &[u8], places: u8) -> Option<i64> {
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(digits);
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let days = days_of(year, month, day)?;
    let of_day = time_of_day(text.get(11..)?, places)?;
    days.checked_mul(NANOSECONDS_PER_DAY)?.checked_add(of_day)
}

/// Days since the epoch of a date of the Gregorian calendar, years 1700 to 2200; none for
/// dates that do not exist. The method is Howard Hinnant's `days_from_civil`.
fn days_of(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1700..=2200).contains(&year) || !(1..=12).contains(&month) || day < 1 {
        return None;
    }
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if day > length {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Writes the text of a point in time, the inverse of [`nanoseconds`] for moments.
pub fn write_moment(out: &mut Vec<u8>, kind: SlotKind, nanoseconds: i64) {
    let SlotKind::Moment { date, middle, point, digits } = kind else { return };
    let days = nanoseconds.div_euclid(NANOSECONDS_PER_DAY);
    let (year, month, day) = crate::model::time::civil_date(days);
    put_padded(out, year as u64, 4);
    out.push(date);
    put_padded(out, month as u64, 2);
    out.push(date);
    put_padded(out, day as u64, 2);
    out.push(middle);
    write_clock(out, point, digits, nanoseconds.rem_euclid(NANOSECONDS_PER_DAY));
}

/// Writes `hh:mm:ss` with a fraction, the inverse of [`time_of_day`].
pub fn write_clock(out: &mut Vec<u8>, point: u8, places: u8, of_day: i64) {
    let seconds = (of_day / SECOND) as u64;
    put_padded(out, seconds / 3600, 2);
    out.push(b':');
    put_padded(out, seconds / 60 % 60, 2);
    out.push(b':');
    put_padded(out, seconds % 60, 2);
    if places > 0 {
        out.push(point);
        let unit = 10_i64.pow(9 - u32::from(places.min(9)));
        put_padded(out, (of_day % SECOND / unit) as u64, usize::from(places));
    }
}

/// Writes a number with at least `width` digits.
pub fn put_padded(out: &mut Vec<u8>, value: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut place = digits.len();
    let mut rest = value;
    while rest > 0 {
        place -= 1;
        digits[place] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend_from_slice(&digits[place.min(digits.len() - width.min(digits.len()))..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_digits_of_any_number_are_read() {
        for text in ["", "0", "7b2f9c41", "deadbeefdeadbeef", "1deadbeefdeadbeef", "00f1-ZZ-2AB"] {
            let digits = text.chars().filter_map(|digit| digit.to_digit(16));
            let expected = digits.fold(0, |value: u128, digit| value << 4 | u128::from(digit));
            assert_eq!(hexadecimal(text.as_bytes()), expected, "text: {text}");
        }
        let long = "123456789abcdef0123456789abcdef0123456789";
        assert_eq!(hexadecimal(long.as_bytes()), 0xabcd_ef01_2345_6789_abcd_ef01_2345_6789);
    }

    const SHAPE: SlotKind = SlotKind::Moment { date: b'-', middle: b'T', point: b'.', digits: 3 };

    #[test]
    fn a_moment_is_written_as_it_was_read() {
        for text in
            ["2026-11-21T09:30:15.250", "1970-01-01T00:00:00.000", "2000-02-29T23:59:59.999"]
        {
            let read = nanoseconds(SHAPE, text.as_bytes()).expect("a date that exists");
            let mut written = Vec::new();
            write_moment(&mut written, SHAPE, read);
            assert_eq!(String::from_utf8(written).expect("digits"), text);
        }
        let read = nanoseconds(SHAPE, b"2026-11-21T09:30:15.250");
        assert_eq!(read, Some(1_795_253_415_250_000_000));
    }

    #[test]
    fn days_and_hours_that_do_not_exist_are_refused() {
        for text in
            ["2026-02-29T09:30:15.250", "2026-13-01T09:30:15.250", "2026-01-01T24:00:00.000"]
        {
            assert_eq!(nanoseconds(SHAPE, text.as_bytes()), None, "text: {text}");
        }
    }

    #[test]
    fn epochs_are_read_by_their_digits() {
        let expected = Some(1_795_253_415_250_000_000);
        assert_eq!(nanoseconds(SlotKind::Epoch(13), b"1795253415250"), expected);
        assert_eq!(nanoseconds(SlotKind::EpochDecimal(2), b"1795253415.25"), expected);
    }
}
