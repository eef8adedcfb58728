//! Closes what the times of a stream leave open: zone, year, day.

use jiff::tz::TimeZone;

use crate::decode::draft::StatedTime;
use crate::decode::habits::{Habits, SUSPECT_FROM};
use crate::decode::timestamp::{self, Order, Reading};
use crate::decode::zones;
use crate::model::record::{RecordTime, TimeBasis};
use crate::model::time::{NANOSECONDS_PER_DAY, Timestamp};

/// A message that mentions a time farther off than this from the record before does not say
/// when it was written.
const MENTIONED_WITHIN: u64 = NANOSECONDS_PER_DAY as u64;

/// An envelope that was stamped within this of the line's own time tells as much, and more
/// exactly: container runtimes stamp a line when it is written.
const PROMPT: u64 = 1_000_000_000;

/// What is known of a stream's time so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Clock {
    /// When the file was modified.
    modified: Option<Timestamp>,
    /// The time of the record before.
    last: Option<Timestamp>,
    /// The last time that nothing had to be assumed of.
    complete: Option<Timestamp>,
    /// What the stream shows, while it is observed.
    habits: Option<Habits>,
    /// How far its local clock is ahead of UTC, in nanoseconds, where it has shown that.
    offset: Option<i64>,
    /// The zone of its local times, where the user states it.
    zone: Option<TimeZone>,
    /// Whether its local times are as good as those of its envelopes.
    is_prompt: bool,
    /// Whether its own times and those of its envelopes lie more than a day apart.
    is_suspect: bool,
    /// The order of its dates, where it has shown that.
    order: Option<Order>,
    /// The day that its file's name states, as a time.
    named: Option<Timestamp>,
    /// When it began, where only its end could be dated.
    beginning: Option<Timestamp>,
}

impl Clock {
    pub(super) fn new(modified: Option<i64>) -> Self {
        Self { modified: modified.map(Timestamp::from_nanoseconds), ..Self::default() }
    }

    /// A clock for the same stream that only observes it.
    pub(super) fn observing(other: &Self) -> Self {
        let habits = Some(Habits::default());
        let (modified, named, zone) = (other.modified, other.named, other.zone.clone());
        Self { modified, habits, zone, named, ..Self::default() }
    }

    /// Takes over what another clock has observed.
    pub(super) fn learn(&mut self, other: &Self) {
        let Some(habits) = &other.habits else { return };
        self.offset = habits.offset();
        self.is_prompt = habits.is_prompt();
        self.order = habits.order(self.modified);
        self.is_suspect = habits.is_suspect;
        if habits.lacks_days() && self.named.is_none() {
            self.beginning = self.modified.and_then(|end| habits.beginning(end));
        }
    }

    /// Whether the stream has shown times of day and nothing that dates them.
    pub(super) fn lacks_days(&self) -> bool {
        self.named.is_none() && self.habits.as_ref().is_some_and(Habits::lacks_days)
    }

    /// Whether a line whose time is known so, read alone, means another in this stream. A
    /// complete time means the same everywhere, one of an envelope unless the stream's own are
    /// surer.
    pub(super) fn is_biased(&self, basis: TimeBasis) -> bool {
        let is_off = self.offset.is_some() && !self.is_prompt;
        self.is_suspect
            || match basis {
                TimeBasis::Line => false,
                TimeBasis::Envelope => is_off,
                _ => is_off || self.order.is_some() || self.zone.is_some(),
            }
    }

    /// Takes the day from a file's name that states one: `app-2026-11-21.log`.
    pub(super) fn named(&mut self, path: &str) {
        self.named = timestamp::date_in(path.rsplit(['/', '\\']).next().unwrap_or(path));
    }

    /// Takes the zone of its local times from the user.
    pub(super) fn set_zone(&mut self, zone: Option<TimeZone>) {
        self.zone = zone;
    }

    /// A record's time from what its line states and what its envelopes state, the
    /// innermost first. A complete time of the line wins, then a complete one of an
    /// envelope; then whatever leaves least open; at last the time of the record before.
    pub(super) fn resolve<'a>(
        &mut self,
        line: Option<&'a StatedTime>,
        envelopes: impl Iterator<Item = &'a StatedTime> + Clone,
    ) -> Option<RecordTime> {
        if let Some(stated) = line.filter(|stated| stated.mentioned) {
            return self.mentioned(stated).or_else(|| self.inherited());
        }
        let envelope = envelopes.clone().find_map(|one| one.reading.complete());
        if let Some(habits) = &mut self.habits {
            habits.observe(line, envelope, self.complete);
        }
        let complete = |stated: &StatedTime, basis| {
            let at = stated.reading.complete()?;
            Some(RecordTime { at, text: stated.text.clone(), basis })
        };
        let found = line
            .and_then(|stated| complete(stated, TimeBasis::Line))
            .or_else(|| self.learned(line?, envelope))
            .or_else(|| envelopes.clone().find_map(|one| complete(one, TimeBasis::Envelope)))
            .or_else(|| line.into_iter().chain(envelopes.clone()).find_map(|one| self.in_zone(one)))
            .or_else(|| {
                let all = line.into_iter().chain(envelopes);
                all.filter_map(|stated| self.assume(stated)).min_by_key(|time| time.basis)
            })
            .or_else(|| self.inherited());
        self.last = found.as_ref().map(|time| time.at).or(self.last);
        let sure = found.as_ref().filter(|time| time.basis <= TimeBasis::Envelope);
        self.complete = sure.map(|time| time.at).or(self.complete);
        found
    }

    /// The envelope's time, where the line states one that lies more than a day from it. Only a
    /// stream that has shown such times at its beginning is looked at.
    pub(super) fn suspected<'a>(
        &self,
        time: Option<&RecordTime>,
        mut envelopes: impl Iterator<Item = &'a StatedTime>,
    ) -> Option<&'a str> {
        let time = time.filter(|time| self.is_suspect && time.basis == TimeBasis::Line)?;
        let envelope = envelopes.find(|one| one.reading.complete().is_some())?;
        let apart = (time.at - envelope.reading.complete()?).unsigned_abs();
        (apart > SUSPECT_FROM).then_some(envelope.text.as_str())
    }

    /// A local time, by the offset that the stream has shown. Where the envelope was stamped
    /// within a moment of it, that is the surer one.
    fn learned(&self, stated: &StatedTime, envelope: Option<Timestamp>) -> Option<RecordTime> {
        let offset = self.offset?;
        let local = match stated.reading {
            Reading::Zoneless { as_utc } => as_utc,
            Reading::Disputed { parts, nanoseconds } => self.ordered(parts, nanoseconds)?,
            Reading::Daily { nanoseconds } => {
                on_the_day_near(nanoseconds, envelope.or(self.last)?.plus(offset))?
            }
            Reading::Instant(_) | Reading::Yearless { .. } => return None,
        };
        let at = local.plus(-offset);
        let is_prompt = |envelope: Timestamp| (at - envelope).unsigned_abs() <= PROMPT;
        if envelope.is_some_and(is_prompt) {
            return None;
        }
        Some(RecordTime { at, text: stated.text.clone(), basis: TimeBasis::ZoneLearned })
    }

    /// A local time in the zone that the user states.
    fn in_zone(&self, stated: &StatedTime) -> Option<RecordTime> {
        let zone = self.zone.as_ref()?;
        let near = self.last.or(self.modified).and_then(|near| zones::shown(zone, near));
        let (local, basis) = match stated.reading {
            Reading::Zoneless { as_utc } => (as_utc, TimeBasis::ZoneGiven),
            Reading::Disputed { parts, nanoseconds } => {
                (self.ordered(parts, nanoseconds)?, TimeBasis::ZoneGiven)
            }
            Reading::Yearless { month, day, nanoseconds } => {
                (timestamp::yearless(month, day, nanoseconds, near?)?, TimeBasis::DateAssumed)
            }
            Reading::Daily { nanoseconds } if self.last.is_some() => {
                (on_the_day_near(nanoseconds, near?)?, TimeBasis::DateAssumed)
            }
            Reading::Daily { nanoseconds } => (self.daily(nanoseconds)?, TimeBasis::DateAssumed),
            Reading::Instant(_) => return None,
        };
        let at = zones::resolve(zone, local, self.last)?;
        Some(RecordTime { at, text: stated.text.clone(), basis })
    }

    /// The time of the record before.
    fn inherited(&self) -> Option<RecordTime> {
        let at = self.last?;
        Some(RecordTime { at, text: String::new(), basis: TimeBasis::Inherited })
    }

    /// A time among the words of a message. One that is far from the records before speaks of
    /// something else: a build, an expiry.
    fn mentioned(&mut self, stated: &StatedTime) -> Option<RecordTime> {
        let time = RecordTime { basis: TimeBasis::Mentioned, ..self.assume(stated)? };
        let is_far = |last: Timestamp| (time.at - last).unsigned_abs() > MENTIONED_WITHIN;
        if self.last.is_some_and(is_far) {
            return None;
        }
        self.last = Some(time.at);
        Some(time)
    }

    /// Closes what a text leaves open. UTC is assumed, never the zone of this machine.
    fn assume(&self, stated: &StatedTime) -> Option<RecordTime> {
        let near = self.last.or(self.modified);
        let (at, basis) = match stated.reading {
            Reading::Instant(at) => (at, TimeBasis::Line),
            Reading::Zoneless { as_utc } => (as_utc, TimeBasis::ZoneAssumed),
            Reading::Yearless { month, day, nanoseconds } => {
                (timestamp::yearless(month, day, nanoseconds, near?)?, TimeBasis::DateAssumed)
            }
            Reading::Disputed { parts, nanoseconds } => {
                (self.ordered(parts, nanoseconds)?, TimeBasis::ZoneAssumed)
            }
            Reading::Daily { nanoseconds } => (self.daily(nanoseconds)?, TimeBasis::DateAssumed),
        };
        Some(RecordTime { at, text: stated.text.clone(), basis })
    }

    /// A date whose parts come in an unknown order: a full year stands last, behind day and
    /// month; of the others the date that is closest to what is known of the stream's time.
    fn ordered(&self, parts: [u16; 3], nanoseconds: i64) -> Option<Timestamp> {
        let read = |order: &Order| timestamp::in_order(*order, parts, nanoseconds);
        if let Some(time) = self.order.as_ref().and_then(read) {
            return Some(time);
        }
        if parts[2] >= 100 {
            return read(&Order::Day);
        }
        let near = self.last.or(self.modified);
        let all = Order::ALL.iter().filter_map(read);
        match near {
            Some(near) => {
                let mut all = all;
                all.by_ref().min_by_key(|time| (*time - near).unsigned_abs())
            }
            None => Order::ALL.iter().find_map(read),
        }
    }

    /// A time of day on the day that brings it closest to the record before, so that
    /// midnight is passed; for the first record, on the day the file was modified.
    fn daily(&self, nanoseconds: i64) -> Option<Timestamp> {
        if let Some(near) = self.last.or(self.beginning) {
            return on_the_day_near(nanoseconds, near);
        }
        let day = self.named.or(self.modified)?;
        timestamp::instant(day.nanoseconds().div_euclid(NANOSECONDS_PER_DAY), nanoseconds, 0)
    }
}

/// A time of day on the day that brings it closest to another time, so that midnight is passed.
fn on_the_day_near(nanoseconds: i64, near: Timestamp) -> Option<Timestamp> {
    let today = near.nanoseconds().div_euclid(NANOSECONDS_PER_DAY);
    (today - 1..=today + 1)
        .filter_map(|day| timestamp::instant(day, nanoseconds, 0))
        .min_by_key(|time| (*time - near).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(text: &str) -> StatedTime {
        StatedTime {
            reading: timestamp::read(text).unwrap(),
            text: text.to_owned(),
            mentioned: false,
        }
    }

    /// The times of one stream, line by line: the line's own, its envelope's.
    #[track_caller]
    fn check(modified: Option<&str>, lines: &[(&str, &str)], expected: &[(&str, TimeBasis)]) {
        let modified = modified.map(|text| stated(text).reading.complete().unwrap().nanoseconds());
        let mut clock = Clock::new(modified);
        for ((line, envelope), (at, basis)) in lines.iter().zip(expected) {
            let line = (!line.is_empty()).then(|| stated(line));
            let envelope = (!envelope.is_empty()).then(|| stated(envelope));
            let found = clock.resolve(line.as_ref(), envelope.iter()).unwrap();
            assert_eq!(found.at, stated(at).reading.complete().unwrap());
            assert_eq!(found.basis, *basis);
        }
    }

    #[test]
    fn a_complete_line_wins_then_the_envelope_then_assumptions() {
        check(
            Some("2026-11-21T12:00:00Z"),
            &[
                ("2026-11-21T10:30:15+01:00", "2026-11-21T09:30:16Z"),
                ("2026-11-21 10:30:15", "2026-11-21T09:30:17Z"),
                ("2026-11-21 10:30:15", ""),
                ("", ""),
                ("10:30:16", "Nov 21 10:30:15"),
                ("10:30:16", "2026-11-21 10:30:17"),
            ],
            &[
                ("2026-11-21T09:30:15Z", TimeBasis::Line),
                ("2026-11-21T09:30:17Z", TimeBasis::Envelope),
                ("2026-11-21T10:30:15Z", TimeBasis::ZoneAssumed),
                ("2026-11-21T10:30:15Z", TimeBasis::Inherited),
                ("2026-11-21T10:30:16Z", TimeBasis::DateAssumed),
                ("2026-11-21T10:30:17Z", TimeBasis::ZoneAssumed),
            ],
        );
    }

    /// The same after the lines were observed once.
    #[track_caller]
    fn check_learned(modified: &str, lines: &[(&str, &str)], expected: &[(&str, TimeBasis)]) {
        let modified = stated(modified).reading.complete().map(Timestamp::nanoseconds);
        let mut clock = Clock::new(modified);
        let mut trial = Clock::observing(&clock);
        for is_trial in [true, false] {
            if !is_trial {
                clock.learn(&trial);
            }
            let mut expected = expected.iter();
            for (line, envelope) in lines {
                let line = (!line.is_empty()).then(|| stated(line));
                let envelope = (!envelope.is_empty()).then(|| stated(envelope));
                let clock = if is_trial { &mut trial } else { &mut clock };
                let found = clock.resolve(line.as_ref(), envelope.iter());
                if let (false, Some((at, basis))) = (is_trial, expected.next()) {
                    let found = found.unwrap();
                    assert_eq!(found.at, stated(at).reading.complete().unwrap(), "line {line:?}");
                    assert_eq!(found.basis, *basis, "line {line:?}");
                }
            }
        }
    }

    #[test]
    fn the_zone_of_local_times_is_learned_from_late_envelopes() {
        check_learned(
            "2026-11-21T12:00:00Z",
            &[
                ("2026-11-21 10:30:15", "2026-11-21T09:30:20Z"),
                ("2026-11-21 10:30:16", "2026-11-21T09:30:20Z"),
                ("2026-11-21 10:30:17", "2026-11-21T09:30:20Z"),
                ("00:59:59", "2026-11-22T00:00:20Z"),
                ("00:00:20", "2026-11-21T23:00:20.5Z"),
            ],
            &[
                ("2026-11-21T09:30:15Z", TimeBasis::ZoneLearned),
                ("2026-11-21T09:30:16Z", TimeBasis::ZoneLearned),
                ("2026-11-21T09:30:17Z", TimeBasis::ZoneLearned),
                ("2026-11-21T23:59:59Z", TimeBasis::ZoneLearned),
                ("2026-11-21T23:00:20.5Z", TimeBasis::Envelope),
            ],
        );
    }

    #[test]
    fn an_offset_that_the_lines_do_not_agree_on_is_not_learned() {
        check_learned(
            "2026-11-21T12:00:00Z",
            &[
                ("2026-11-21 10:30:15", "2026-11-21T09:30:20Z"),
                ("2026-11-21 11:30:16", "2026-11-21T09:30:20Z"),
                ("2026-11-21 12:30:17", "2026-11-21T09:30:20Z"),
            ],
            &[("2026-11-21T09:30:20Z", TimeBasis::Envelope)],
        );
    }

    #[test]
    fn the_zone_is_learned_from_neighbours_that_state_one() {
        let lines = [
            ("2026-11-21T09:30:15Z", ""),
            ("2026-11-21 17:30:15.1", ""),
            ("2026-11-21T09:30:16Z", ""),
            ("2026-11-21 17:30:16.1", ""),
            ("2026-11-21T09:30:17Z", ""),
            ("2026-11-21 17:30:17.1", ""),
        ];
        check_learned(
            "2026-11-21T12:00:00Z",
            &lines,
            &[
                ("2026-11-21T09:30:15Z", TimeBasis::Line),
                ("2026-11-21T09:30:15.1Z", TimeBasis::ZoneLearned),
            ],
        );
        check_learned(
            "2026-11-21T12:00:00Z",
            &[("2026-11-21T10:30:15+01:00", ""), ("2026-11-21 10:30:16", "")],
            &[
                ("2026-11-21T09:30:15Z", TimeBasis::Line),
                ("2026-11-21T09:30:16Z", TimeBasis::ZoneLearned),
            ],
        );
    }

    #[test]
    fn one_date_tells_the_order_of_all() {
        check_learned(
            "2026-11-21T12:00:00Z",
            &[("11/09/2026 09:30:15", ""), ("11/21/2026 09:30:15", "")],
            &[
                ("2026-11-09T09:30:15Z", TimeBasis::ZoneAssumed),
                ("2026-11-21T09:30:15Z", TimeBasis::ZoneAssumed),
            ],
        );
        check_learned(
            "2026-11-21T12:00:00Z",
            &[("26/11/09 09:30:15", ""), ("26/11/21 09:30:15", "")],
            &[("2026-11-09T09:30:15Z", TimeBasis::ZoneAssumed)],
        );
    }

    #[test]
    fn days_are_counted_back_from_the_end_of_the_file() {
        check_learned(
            "2026-11-21T04:00:00Z",
            &[("22:00:00", ""), ("06:00:00", ""), ("16:00:00", ""), ("03:59:00", "")],
            &[
                ("2026-11-19T22:00:00Z", TimeBasis::DateAssumed),
                ("2026-11-20T06:00:00Z", TimeBasis::DateAssumed),
                ("2026-11-20T16:00:00Z", TimeBasis::DateAssumed),
                ("2026-11-21T03:59:00Z", TimeBasis::DateAssumed),
            ],
        );
    }

    #[test]
    fn a_time_of_day_passes_midnight() {
        check(
            Some("2026-11-21T12:00:00Z"),
            &[("23:59:59", ""), ("00:00:01", "")],
            &[
                ("2026-11-21T23:59:59Z", TimeBasis::DateAssumed),
                ("2026-11-22T00:00:01Z", TimeBasis::DateAssumed),
            ],
        );
    }

    #[test]
    fn the_zone_that_the_user_states_serves_times_that_leave_theirs_open() {
        let modified =
            stated("2026-11-21T12:00:00Z").reading.complete().map(Timestamp::nanoseconds);
        let mut clock = Clock::new(modified);
        clock.set_zone(TimeZone::get("Europe/Berlin").ok());
        for (line, at, basis) in [
            ("2026-11-21T09:30:14Z", "2026-11-21T09:30:14Z", TimeBasis::Line),
            ("2026-11-21 10:30:15", "2026-11-21T09:30:15Z", TimeBasis::ZoneGiven),
            ("Nov 21 10:30:16", "2026-11-21T09:30:16Z", TimeBasis::DateAssumed),
            ("10:30:17", "2026-11-21T09:30:17Z", TimeBasis::DateAssumed),
        ] {
            let found = clock.resolve(Some(&stated(line)), std::iter::empty()).unwrap();
            assert_eq!(found.at, stated(at).reading.complete().unwrap(), "{line}");
            assert_eq!(found.basis, basis, "{line}");
        }
    }

    #[test]
    fn without_any_reference_a_date_stays_open() {
        let mut clock = Clock::new(None);
        assert_eq!(clock.resolve(Some(&stated("09:30:15")), std::iter::empty()), None);
        assert_eq!(clock.resolve(Some(&stated("Nov 21 09:30:15")), std::iter::empty()), None);
    }
}
