//! Points in time, in nanoseconds since the Unix epoch, UTC.

use std::fmt;
use std::ops::Sub;

/// A point in time: nanoseconds since 1970-01-01T00:00:00Z.
///
/// The range is the years 1677 to 2262; times beyond it are not representable and are
/// treated as absent by whoever reads them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The point `nanoseconds` after the epoch (before it, if negative).
    pub const fn from_nanoseconds(nanoseconds: i64) -> Self {
        Self(nanoseconds)
    }

    /// Nanoseconds since the epoch.
    pub const fn nanoseconds(self) -> i64 {
        self.0
    }

    /// This point moved by `nanoseconds`, held at the ends of the range.
    #[must_use]
    pub const fn plus(self, nanoseconds: i64) -> Self {
        Self(self.0.saturating_add(nanoseconds))
    }
}

impl Sub for Timestamp {
    type Output = i64;

    /// Nanoseconds from `earlier` to `self`, held at the ends of the range.
    fn sub(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// RFC 3339 in UTC with nine fraction digits, the form of every machine-readable answer.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0.div_euclid(NANOSECONDS_PER_DAY);
        let rest = self.0.rem_euclid(NANOSECONDS_PER_DAY);
        let (year, month, day) = civil_date(days);
        let seconds = rest / 1_000_000_000;
        write!(
            formatter,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:09}Z",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60,
            rest % 1_000_000_000,
        )
    }
}

/// Nanoseconds in a day of 24 hours.
pub const NANOSECONDS_PER_DAY: i64 = 86_400_000_000_000;

/// Year, month and day of the proleptic Gregorian calendar, from days since the epoch.
///
/// The method is Howard Hinnant's `civil_from_days`: years begin in March, so that the
/// leap day is the last of its year, and 400 years form one era.
pub(crate) fn civil_date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_utc_with_nanoseconds() {
        let time = Timestamp::from_nanoseconds(1_795_253_415_250_000_000);
        assert_eq!(time.to_string(), "2026-11-21T09:30:15.250000000Z");
    }

    #[test]
    fn times_before_the_epoch_and_leap_days_are_shown_right() {
        assert_eq!(Timestamp::from_nanoseconds(-1).to_string(), "1969-12-31T23:59:59.999999999Z");
        let leap_day = Timestamp::from_nanoseconds(951_782_400_000_000_000);
        assert_eq!(leap_day.to_string(), "2000-02-29T00:00:00.000000000Z");
    }
}
