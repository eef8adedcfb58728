//! Days and instants of the proleptic Gregorian calendar, with every step checked.

use crate::model::time::{NANOSECONDS_PER_DAY, Timestamp};

/// Nanoseconds in a second.
pub(super) const SECOND: i64 = 1_000_000_000;

/// Days from the epoch to this date; none for a day that no calendar has.
///
/// The method is Howard Hinnant's `days_from_civil`: years begin in March, so that the
/// leap day is the last of its year, and 400 years form one era.
pub(in crate::decode) fn day_number(year: i64, month: u8, day: u8) -> Option<i64> {
    if !(0..=9999).contains(&year) || day == 0 || day > days_in_month(year, month)? {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// How many days a month has; none for a month that no year has.
fn days_in_month(year: i64, month: u8) -> Option<u8> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if leap => Some(29),
        2 => Some(28),
        _ => None,
    }
}

/// The instant of this time of this day, in a zone `offset` seconds east of Greenwich.
pub(in crate::decode) fn instant(days: i64, nanoseconds: i64, offset: i32) -> Option<Timestamp> {
    let midnight = days.checked_mul(NANOSECONDS_PER_DAY)?;
    let shift = i64::from(offset) * SECOND;
    let time = midnight.checked_add(nanoseconds)?.checked_sub(shift)?;
    Some(Timestamp::from_nanoseconds(time))
}

/// Nanoseconds since midnight; none for a time that no clock shows.
///
/// A 60th second is read, since clocks with leap seconds print it; it is the next minute.
pub(in crate::decode) fn moment(hour: u32, minute: u32, second: u32, fraction: u32) -> Option<i64> {
    if hour > 23 || minute > 59 || second > 60 || fraction > 999_999_999 {
        return None;
    }
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    Some(seconds * SECOND + i64::from(fraction))
}

/// The time of this yearless date in the year that brings it closest to `near`.
pub(in crate::decode) fn yearless(
    month: u8,
    day: u8,
    nanoseconds: i64,
    near: Timestamp,
) -> Option<Timestamp> {
    // Days are enough to guess the year: a year more or less moves the date by 365.
    let reference = near.nanoseconds().div_euclid(NANOSECONDS_PER_DAY);
    let year = 1970 + reference.div_euclid(365);
    (year - 2..=year + 1)
        .filter_map(|year| instant(day_number(year, month, day)?, nanoseconds, 0))
        .min_by_key(|time| (*time - near).unsigned_abs())
}

/// The order of the parts of a date, by what comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::decode) enum Order {
    /// `21/11/2026`.
    Day,
    /// `11/21/2026`.
    Month,
    /// `26/11/21`.
    Year,
}

impl Order {
    /// All orders, the commonest first.
    pub(in crate::decode) const ALL: [Self; 3] = [Self::Year, Self::Day, Self::Month];
}

/// The time of a date whose parts come in this order, as if it were UTC; none if the
/// calendar has no such day. Years of two digits are those of this century.
pub(in crate::decode) fn in_order(
    order: Order,
    parts: [u16; 3],
    nanoseconds: i64,
) -> Option<Timestamp> {
    let [first, second, third] = parts;
    let (year, month, day) = match order {
        Order::Day => (third, second, first),
        Order::Month => (third, first, second),
        Order::Year => (first, second, third),
    };
    let year = if year < 100 { 2000 + year } else { year };
    let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    instant(day_number(i64::from(year), month, day)?, nanoseconds, 0)
}
