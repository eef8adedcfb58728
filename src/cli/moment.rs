//! Points in time as a person types them, for `--since` and `--until`.
//!
//! What time it is and in which zone are arguments. A time of day without a date is the
//! last one that has passed; a length of time is one ago, with or without a minus sign.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp as Point, Zoned};

use crate::model::time::Timestamp;

/// A text that is no point in time, or points that do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MomentError {
    /// The text has none of the known forms.
    #[error("`{text}` is no point in time")]
    NotAMoment {
        /// What was typed.
        text: String,
    },
    /// The point lies outside the years 1678 to 2261.
    #[error("`{text}` lies too far from now")]
    TooFar {
        /// What was typed.
        text: String,
    },
    /// Nothing lies between the two.
    #[error("nothing lies between {since} and {until}: the end must come after the beginning")]
    EmptyWindow {
        /// The beginning.
        since: Timestamp,
        /// The end.
        until: Timestamp,
    },
}

impl MomentError {
    /// What to type instead.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::NotAMoment { .. } | Self::TooFar { .. } => {
                "write `2026-11-21T09:30:00Z`, `2026-11-21 09:30`, `2026-11-21`, `-15m`, `2h`, \
                 `yesterday 14:00`, `today` or `14:00`"
            }
            Self::EmptyWindow { .. } => "swap --since and --until",
        }
    }
}

/// The point in time that a text names.
///
/// # Errors
/// When it names none, or one that no log line can have.
pub fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, MomentError> {
    let typed = text.trim();
    let too_far = || MomentError::TooFar { text: text.to_owned() };
    if let Some(ago) = length(typed) {
        let point = i128::from(now.nanoseconds()).saturating_sub(ago);
        return i64::try_from(point).map(Timestamp::from_nanoseconds).map_err(|_| too_far());
    }
    let here = Point::from_nanosecond(i128::from(now.nanoseconds()))
        .map_err(|_| too_far())?
        .to_zoned(zone.clone());
    let point = absolute(typed, zone)
        .or_else(|| worded(typed, &here))
        .ok_or_else(|| MomentError::NotAMoment { text: text.to_owned() })?;
    let nanoseconds = i64::try_from(point.as_nanosecond()).map_err(|_| too_far())?;
    Ok(Timestamp::from_nanoseconds(nanoseconds))
}

/// `-15m`, `2h`, `1h30m`, `3d` in nanoseconds, held at the end of the range; none if the
/// text is no length of time.
pub fn length(text: &str) -> Option<i128> {
    let mut rest = text.strip_prefix('-').unwrap_or(text);
    let mut sum = 0i128;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, after) = split_while(rest, |character| character.is_ascii_digit());
        let (unit, after) = split_while(after, |character| character.is_ascii_alphabetic());
        let unit = unit_nanoseconds(unit)?;
        if number.is_empty() {
            return None;
        }
        // Digits alone fail to be a number only by their number.
        let number = number.parse().unwrap_or(i128::MAX);
        sum = sum.saturating_add(unit.saturating_mul(number));
        rest = after;
    }
    Some(sum)
}

fn split_while(text: &str, belongs: fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|character| !belongs(character)).unwrap_or(text.len()))
}

fn unit_nanoseconds(unit: &str) -> Option<i128> {
    const SECOND: i128 = 1_000_000_000;
    match unit {
        "ms" => Some(SECOND / 1_000),
        "s" | "sec" => Some(SECOND),
        "m" | "min" => Some(60 * SECOND),
        "h" => Some(3_600 * SECOND),
        "d" => Some(86_400 * SECOND),
        "w" => Some(7 * 86_400 * SECOND),
        _ => None,
    }
}

/// A time with its offset or zone, or a date and perhaps a time in the given zone.
fn absolute(text: &str, zone: &TimeZone) -> Option<Point> {
    if let Ok(point) = text.parse::<Point>() {
        return Some(point);
    }
    if let Ok(zoned) = text.parse::<Zoned>() {
        return Some(zoned.timestamp());
    }
    let civil = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(DateTime::from));
    Some(civil.ok()?.to_zoned(zone.clone()).ok()?.timestamp())
}

/// `now`, `today`, `yesterday 14:00`, `14:00`.
fn worded(text: &str, here: &Zoned) -> Option<Point> {
    let lower = text.to_ascii_lowercase();
    let (word, rest) = lower.split_once(char::is_whitespace).unwrap_or((&lower, ""));
    let day = match word {
        "now" if rest.is_empty() => return Some(here.timestamp()),
        "today" => here.date(),
        "yesterday" => here.date().yesterday().ok()?,
        _ => return last(time_of_day(&lower)?, here),
    };
    let time = if rest.is_empty() { Time::midnight() } else { time_of_day(rest.trim())? };
    at(day, time, here)
}

/// The last time that this time of day has passed.
fn last(time: Time, here: &Zoned) -> Option<Point> {
    let today = at(here.date(), time, here)?;
    if today <= here.timestamp() {
        Some(today)
    } else {
        at(here.date().yesterday().ok()?, time, here)
    }
}

fn at(day: Date, time: Time, here: &Zoned) -> Option<Point> {
    let zoned = day.to_datetime(time).to_zoned(here.time_zone().clone()).ok()?;
    Some(zoned.timestamp())
}

/// `14:00`, `14:00:05`, `14:00:05.250`. A bare number is none: 14 could mean too much.
fn time_of_day(text: &str) -> Option<Time> {
    let is_clock = text.contains(':') && text.starts_with(|first: char| first.is_ascii_digit());
    if !is_clock {
        return None;
    }
    let padded = if text.find(':') == Some(1) { format!("0{text}") } else { text.to_owned() };
    padded.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2026-11-21T09:30:15Z, a Saturday.
    const NOW: Timestamp = Timestamp::from_nanoseconds(1_795_253_415_000_000_000);

    fn zone() -> TimeZone {
        TimeZone::fixed(jiff::tz::offset(1))
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = parse(text, NOW, &zone()).map(|time| time.to_string());
        assert_eq!(found.as_deref(), Ok(expected), "text: {text}");
    }

    #[track_caller]
    fn check_refused(text: &str) {
        let found = parse(text, NOW, &zone());
        assert!(matches!(found, Err(MomentError::NotAMoment { .. })), "{text}: {found:?}");
    }

    #[test]
    fn a_time_with_its_offset_is_taken_as_it_is() {
        check("2026-11-21T09:30:15.25Z", "2026-11-21T09:30:15.250000000Z");
        check("2026-11-21T09:30:15+02:00", "2026-11-21T07:30:15.000000000Z");
        check("2026-11-21 09:30:15Z", "2026-11-21T09:30:15.000000000Z");
    }

    #[test]
    fn a_time_without_an_offset_is_in_the_given_zone() {
        check("2026-11-21T09:30:15", "2026-11-21T08:30:15.000000000Z");
        check("2026-11-21 09:30", "2026-11-21T08:30:00.000000000Z");
        check("2026-11-21", "2026-11-20T23:00:00.000000000Z");
    }

    #[test]
    fn a_length_of_time_is_one_ago() {
        check("-15m", "2026-11-21T09:15:15.000000000Z");
        check("15min", "2026-11-21T09:15:15.000000000Z");
        check("2h", "2026-11-21T07:30:15.000000000Z");
        check("1h30m", "2026-11-21T08:00:15.000000000Z");
        check("2d", "2026-11-19T09:30:15.000000000Z");
        check("500ms", "2026-11-21T09:30:14.500000000Z");
    }

    #[test]
    fn words_name_days() {
        check("now", "2026-11-21T09:30:15.000000000Z");
        check("today", "2026-11-20T23:00:00.000000000Z");
        check("today 8:05", "2026-11-21T07:05:00.000000000Z");
        check("Yesterday 14:00", "2026-11-20T13:00:00.000000000Z");
        check("yesterday", "2026-11-19T23:00:00.000000000Z");
    }

    #[test]
    fn a_time_of_day_is_the_last_that_has_passed() {
        check("10:30", "2026-11-21T09:30:00.000000000Z");
        check("10:30:16", "2026-11-20T09:30:16.000000000Z");
        check("23:59:59.5", "2026-11-20T22:59:59.500000000Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in
            ["", "-", "soon", "15", "15x", "m", "25:00", "yesterday noon", "2026-13-01", "now 1:00"]
        {
            check_refused(text);
        }
    }

    #[test]
    fn a_point_out_of_range_is_refused_by_name() {
        for text in ["99999999999999999999d", "9000d9000000000d", "400000d", "9999-01-01"] {
            let found = parse(text, NOW, &zone());
            assert!(matches!(found, Err(MomentError::TooFar { .. })), "{text}: {found:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>(), words in "[-0-9:dhmswTZ +.a-z]{0,24}") {
            let _ = parse(&text, NOW, &zone());
            let _ = parse(&words, NOW, &zone());
        }
    }
}
