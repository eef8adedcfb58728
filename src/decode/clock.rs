//! Closes what the times of a stream leave open: zone, year, day.

use crate::decode::draft::StatedTime;
use crate::decode::timestamp::{self, Order, Reading};
use crate::model::record::{RecordTime, TimeBasis};
use crate::model::time::{NANOSECONDS_PER_DAY, Timestamp};

/// A message that mentions a time farther off than this from the record before does not say
/// when it was written.
const MENTIONED_WITHIN: u64 = NANOSECONDS_PER_DAY as u64;

/// What is known of a stream's time so far.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// When the file was modified.
    modified: Option<Timestamp>,
    /// The time of the record before.
    last: Option<Timestamp>,
}

impl Clock {
    pub(super) fn new(modified: Option<i64>) -> Self {
        Self { modified: modified.map(Timestamp::from_nanoseconds), last: None }
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
        let complete = |stated: &StatedTime, basis| {
            let at = stated.reading.complete()?;
            Some(RecordTime { at, text: stated.text.clone(), basis })
        };
        let found = line
            .and_then(|stated| complete(stated, TimeBasis::Line))
            .or_else(|| envelopes.clone().find_map(|one| complete(one, TimeBasis::Envelope)))
            .or_else(|| {
                let all = line.into_iter().chain(envelopes);
                all.filter_map(|stated| self.assume(stated)).min_by_key(|time| time.basis)
            })
            .or_else(|| self.inherited());
        self.last = found.as_ref().map(|time| time.at).or(self.last);
        found
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
        let day_of = |time: Timestamp| time.nanoseconds().div_euclid(NANOSECONDS_PER_DAY);
        let Some(last) = self.last else {
            return timestamp::instant(day_of(self.modified?), nanoseconds, 0);
        };
        let today = day_of(last);
        (today - 1..=today + 1)
            .filter_map(|day| timestamp::instant(day, nanoseconds, 0))
            .min_by_key(|time| (*time - last).unsigned_abs())
    }
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
    fn without_any_reference_a_date_stays_open() {
        let mut clock = Clock::new(None);
        assert_eq!(clock.resolve(Some(&stated("09:30:15")), std::iter::empty()), None);
        assert_eq!(clock.resolve(Some(&stated("Nov 21 09:30:15")), std::iter::empty()), None);
    }
}
