//! Times in a form that a definition spells out, such as `%d.%m.%Y %H:%M:%S%.3f`.

use jiff::fmt::strtime::{self, BrokenDownTime};

use crate::decode::timestamp::Reading;
use crate::decode::timestamp::calendar::{day_number, instant, moment};

/// Reads a text in this form; none when it does not fit or is out of range.
pub(in crate::decode) fn read(form: &str, text: &str) -> Option<Reading> {
    let parts = strtime::parse(form, text).ok()?;
    if let Some(time) = parts.timestamp() {
        return i64::try_from(time.as_nanosecond())
            .ok()
            .map(|at| Reading::Instant(crate::model::time::Timestamp::from_nanoseconds(at)));
    }
    let nanoseconds = time_of_day(&parts)?;
    let month = parts.month().and_then(|month| u8::try_from(month).ok());
    let day = parts.day().and_then(|day| u8::try_from(day).ok());
    let (Some(month), Some(day)) = (month, day) else {
        return Some(Reading::Daily { nanoseconds });
    };
    let Some(year) = parts.year() else {
        return Some(Reading::Yearless { month, day, nanoseconds });
    };
    let days = day_number(i64::from(year), month, day)?;
    match parts.offset() {
        Some(offset) => instant(days, nanoseconds, offset.seconds()).map(Reading::Instant),
        None => instant(days, nanoseconds, 0).map(|as_utc| Reading::Zoneless { as_utc }),
    }
}

fn time_of_day(parts: &BrokenDownTime) -> Option<i64> {
    let part = |value: Option<i8>| u32::try_from(value.unwrap_or(0)).ok();
    let fraction = u32::try_from(parts.subsec_nanosecond().unwrap_or(0)).ok()?;
    moment(part(Some(parts.hour()?))?, part(parts.minute())?, part(parts.second())?, fraction)
}

/// Whether the form is one that can be read at all; the reason if not.
pub(in crate::decode) fn check(form: &str) -> Result<(), String> {
    // A form is only looked at as far as a text fits, so a time is printed in it first.
    let noon = jiff::civil::date(2026, 11, 21).at(9, 30, 15, 250_000_000);
    let zoned = noon.to_zoned(jiff::tz::TimeZone::UTC).map_err(|error| error.to_string())?;
    let text = strtime::format(form, &zoned).map_err(|error| error.to_string())?;
    strtime::parse(form, text).map(|_| ()).map_err(|error| error.to_string())
}
