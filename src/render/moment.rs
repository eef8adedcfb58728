//! Points in time as a person reads them: in the zone that was asked for.

use jiff::tz::TimeZone;

use crate::model::time::Timestamp;

/// How much of a point in time is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// `2026-11-21 10:30:15.250 +01:00`, and `UTC` for that zone.
    Zoned,
    /// `2026-11-21 10:30:15.250`.
    Dated,
    /// `11-21 10:30:15.250`, where columns are scarce.
    Short,
}

impl Detail {
    /// The columns of a time shown like this, but for zoned ones, which vary.
    pub const fn columns(self) -> usize {
        match self {
            Self::Zoned => 30,
            Self::Dated => 23,
            Self::Short => 18,
        }
    }
}

/// A point in time in words.
pub fn moment(time: Timestamp, zone: &TimeZone, detail: Detail) -> String {
    let Ok(point) = jiff::Timestamp::from_nanosecond(i128::from(time.nanoseconds())) else {
        return time.to_string();
    };
    let zoned = point.to_zoned(zone.clone());
    let form = match detail {
        Detail::Zoned if *zone == TimeZone::UTC => "%Y-%m-%d %H:%M:%S%.3f UTC",
        Detail::Zoned => "%Y-%m-%d %H:%M:%S%.3f %:z",
        Detail::Dated => "%Y-%m-%d %H:%M:%S%.3f",
        Detail::Short => "%m-%d %H:%M:%S%.3f",
    };
    zoned.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(zone: &TimeZone, detail: Detail, expected: &str) {
        let time = Timestamp::from_nanoseconds(1_795_253_415_250_900_000);
        assert_eq!(moment(time, zone, detail), expected);
    }

    #[test]
    fn a_time_is_shown_in_the_zone_asked_for() {
        let berlin = TimeZone::fixed(jiff::tz::offset(1));
        check(&TimeZone::UTC, Detail::Zoned, "2026-11-21 09:30:15.250 UTC");
        check(&berlin, Detail::Zoned, "2026-11-21 10:30:15.250 +01:00");
        check(&berlin, Detail::Dated, "2026-11-21 10:30:15.250");
        check(&berlin, Detail::Short, "11-21 10:30:15.250");
    }
}
