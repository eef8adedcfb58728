//! The zones of local times as the user states them, for all logs or for those of some paths.
//!
//! A stated zone serves only times that leave theirs open, and gives way to what envelopes show.

use globset::{GlobBuilder, GlobMatcher};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::time::Timestamp;

/// Which zone the local times of a file are in.
#[derive(Debug, Clone, Default)]
pub struct Zones {
    rules: Vec<(Option<GlobMatcher>, TimeZone)>,
}

impl Zones {
    /// Adds a zone, for the paths that match a pattern or for all. Of those that fit a path the
    /// last one counts; one with a pattern counts before one without.
    ///
    /// # Errors
    /// When the pattern is not a glob; says why.
    pub fn add(&mut self, pattern: Option<&str>, zone: TimeZone) -> Result<(), String> {
        let glob = |pattern: &str| GlobBuilder::new(pattern).build().map_err(|e| e.to_string());
        let matcher = pattern.map(|pattern| Ok::<_, String>(glob(pattern)?.compile_matcher()));
        self.rules.push((matcher.transpose()?, zone));
        Ok(())
    }

    /// Whether none is stated.
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The zone of a file: a pattern is matched against its path and against its name.
    pub(super) fn of(&self, path: &str) -> Option<TimeZone> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let fits = |glob: &GlobMatcher| glob.is_match(path) || glob.is_match(name);
        let special = self.rules.iter().rev().find(|(glob, _)| glob.as_ref().is_some_and(fits));
        let general = || self.rules.iter().rev().find(|(glob, _)| glob.is_none());
        special.or_else(general).map(|(_, zone)| zone.clone())
    }
}

/// What a clock in this zone shows as `local` (its reading as if it were UTC), as a point in
/// time. Of an hour that comes twice the first is taken that is not before `last`; one that is
/// skipped is counted on from before.
pub(super) fn resolve(
    zone: &TimeZone,
    local: Timestamp,
    last: Option<Timestamp>,
) -> Option<Timestamp> {
    let shown = jiff::Timestamp::from_nanosecond(i128::from(local.nanoseconds())).ok()?;
    let shown: DateTime = TimeZone::UTC.to_datetime(shown);
    let at = |time: jiff::Timestamp| {
        i64::try_from(time.as_nanosecond()).ok().map(Timestamp::from_nanoseconds)
    };
    let ambiguous = zone.to_ambiguous_timestamp(shown);
    let first = at(ambiguous.compatible().ok()?)?;
    let second = at(ambiguous.later().ok()?)?;
    Some(if last.is_some_and(|last| first < last) { second } else { first })
}

/// What a clock in this zone shows at a point in time, as if it were UTC.
pub(super) fn shown(zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
    let time = jiff::Timestamp::from_nanosecond(i128::from(at.nanoseconds())).ok()?;
    let ahead = zone.to_offset(time).seconds();
    Some(at.plus(i64::from(ahead) * 1_000_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        let time: jiff::Timestamp = text.parse().unwrap();
        Timestamp::from_nanoseconds(i64::try_from(time.as_nanosecond()).unwrap())
    }

    #[track_caller]
    fn check(local: &str, last: Option<&str>, expected: &str) {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(resolve(&zone, time(local), last.map(time)), Some(time(expected)));
    }

    #[test]
    fn a_local_time_is_brought_to_utc_by_the_rules_of_its_day() {
        check("2026-11-21T10:30:15Z", None, "2026-11-21T09:30:15Z");
        check("2026-07-21T10:30:15Z", None, "2026-07-21T08:30:15Z");
        assert_eq!(
            shown(&TimeZone::get("Europe/Berlin").unwrap(), time("2026-07-21T08:30:15Z")),
            Some(time("2026-07-21T10:30:15Z"))
        );
    }

    #[test]
    fn an_hour_that_comes_twice_does_not_run_backwards() {
        check("2026-10-25T02:30:00Z", None, "2026-10-25T00:30:00Z");
        check("2026-10-25T02:10:00Z", Some("2026-10-25T00:50:00Z"), "2026-10-25T01:10:00Z");
    }

    #[test]
    fn an_hour_that_is_skipped_is_counted_on() {
        check("2026-03-29T02:30:00Z", None, "2026-03-29T01:30:00Z");
    }

    #[test]
    fn the_zone_of_a_path_comes_before_that_of_all() {
        let mut zones = Zones::default();
        zones.add(Some("*legacy*"), TimeZone::get("Asia/Tokyo").unwrap()).unwrap();
        zones.add(None, TimeZone::UTC).unwrap();
        assert_eq!(zones.of("logs/legacy/app.log"), TimeZone::get("Asia/Tokyo").ok());
        assert_eq!(zones.of("logs/app.log"), Some(TimeZone::UTC));
        assert_eq!(Zones::default().of("app.log"), None);
        assert!(zones.add(Some("a{"), TimeZone::UTC).is_err());
    }
}
