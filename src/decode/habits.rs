//! What a stream shows of how it writes times: how far its local clock is from UTC, and in
//! which order its dates are.
//!
//! Learned from the first lines of a stream, before they are read for good.

use crate::decode::draft::StatedTime;
use crate::decode::timestamp::{self, Order, Reading};
use crate::model::time::{NANOSECONDS_PER_DAY, Timestamp};

const MINUTE: i64 = 60 * 1_000_000_000;
/// Offsets of zones are whole quarters of an hour.
const QUARTER: i64 = 15 * MINUTE;
/// No zone is farther east.
const OFFSET_MAX: i64 = 14 * 60 * MINUTE;
/// No zone is farther west.
const OFFSET_MIN: i64 = -12 * 60 * MINUTE;
/// As close as a container runtime stamps a line that is written.
const PROMPT: i64 = 1_000_000_000;
/// Fewer comparisons may agree by chance.
const SAMPLES_LEAST: usize = 3;
/// Comparisons that are kept: the first lines of a stream.
const SAMPLES_MAX: usize = 1000;

/// A line whose own time is farther than this from that of its envelope is not to be trusted
/// blindly: a clock is wrong, or old lines were sent again.
pub(super) const SUSPECT_FROM: u64 = NANOSECONDS_PER_DAY as u64;

/// What a stream has shown so far.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an observation of its own")]
pub(super) struct Habits {
    /// By how much local times were ahead of complete ones beside them.
    samples: Vec<i64>,
    /// Whether all of them come from envelopes that were stamped within a moment.
    lagging: bool,
    /// An offset that a line states.
    stated: Option<i64>,
    /// Whether a date had a number above 12 in the first or the second place.
    day_first: bool,
    month_first: bool,
    /// Dates of two-digit years.
    short_dates: Vec<[u16; 3]>,
    /// Whether a line's own time was more than a day from its envelope's.
    pub(super) is_suspect: bool,
    /// Times of day without any date, as far as nothing else dates the stream.
    days: Days,
}

/// Times of day in the order of their lines.
#[derive(Debug, Clone, Default)]
struct Days {
    first: Option<i64>,
    last: Option<i64>,
    midnights: i64,
    /// Whether something in the stream has a date.
    dated: bool,
}

impl Habits {
    /// Takes in what a line and its envelope, or the complete time before it, say.
    pub(super) fn observe(
        &mut self,
        line: Option<&StatedTime>,
        envelope: Option<Timestamp>,
        before: Option<Timestamp>,
    ) {
        let Some(line) = line.filter(|line| !line.mentioned) else { return };
        self.days.dated |= envelope.is_some() || !matches!(line.reading, Reading::Daily { .. });
        match line.reading {
            Reading::Instant(own) => {
                let is_far = |envelope| (own - envelope).unsigned_abs() > SUSPECT_FROM;
                self.is_suspect |= envelope.is_some_and(is_far);
                let offset = timestamp::offset_of(&line.text)
                    .map(|seconds| i64::from(seconds) * 1_000_000_000);
                self.stated = self.stated.or(offset);
            }
            Reading::Zoneless { as_utc } => {
                self.order_of(&line.text);
                if let Some(beside) = envelope.or(before) {
                    self.compare(as_utc - beside);
                }
                self.lagging |= envelope.is_none();
            }
            Reading::Daily { nanoseconds } => {
                if let Some(beside) = envelope {
                    let of_day = beside.nanoseconds().rem_euclid(NANOSECONDS_PER_DAY);
                    let half = NANOSECONDS_PER_DAY / 2;
                    self.compare(
                        (nanoseconds - of_day + half).rem_euclid(NANOSECONDS_PER_DAY) - half,
                    );
                }
                self.days.pass(nanoseconds);
            }
            Reading::Disputed { parts, .. } if self.short_dates.len() < SAMPLES_MAX => {
                self.short_dates.push(parts);
            }
            Reading::Disputed { .. } | Reading::Yearless { .. } => {}
        }
    }

    fn compare(&mut self, ahead: i64) {
        if self.samples.len() < SAMPLES_MAX
            && (OFFSET_MIN - QUARTER..=OFFSET_MAX + QUARTER).contains(&ahead)
        {
            self.samples.push(ahead);
        }
    }

    /// `21/11/2026` and `11/21/2026` tell the order of all the stream's dates.
    fn order_of(&mut self, text: &str) {
        let mut parts = text.splitn(3, '/');
        let (Some(first), Some(second)) = (parts.next(), parts.next()) else { return };
        let number =
            |part: &str| part.parse::<u8>().ok().filter(|number| (13..=31).contains(number));
        self.day_first |= number(first).is_some();
        self.month_first |= number(second).is_some();
    }

    /// How far the stream's local clock is ahead of UTC, in nanoseconds; none if the lines do
    /// not agree, or if it is not.
    pub(super) fn offset(&self) -> Option<i64> {
        let mut rounded: Vec<i64> = self
            .samples
            .iter()
            .map(|ahead| (ahead + QUARTER / 2).div_euclid(QUARTER) * QUARTER)
            .collect();
        rounded.sort_unstable();
        let median = rounded.get(rounded.len() / 2).copied();
        let agreeing = rounded.iter().filter(|ahead| Some(**ahead) == median).count();
        let stable = rounded.len() >= SAMPLES_LEAST && agreeing * 5 >= rounded.len() * 4;
        median.filter(|_| stable).or(self.stated).filter(|offset| *offset != 0)
    }

    /// Whether local times and envelopes agree within a moment, but for the offset.
    pub(super) fn is_prompt(&self) -> bool {
        let Some(offset) = self.offset() else { return false };
        !self.lagging && self.samples.iter().all(|ahead| (ahead - offset).abs() <= PROMPT)
    }

    /// The order of dates whose numbers leave it open.
    pub(super) fn order(&self, near: Option<Timestamp>) -> Option<Order> {
        if self.day_first != self.month_first {
            return Some(if self.day_first { Order::Day } else { Order::Month });
        }
        let fits = |order: &&Order| {
            self.short_dates.iter().all(|parts| timestamp::in_order(**order, *parts, 0).is_some())
        };
        let distance = |order: &&Order| {
            let time =
                self.short_dates.last().and_then(|parts| timestamp::in_order(**order, *parts, 0));
            match (time, near) {
                (Some(time), Some(near)) => (time - near).unsigned_abs(),
                _ => 0,
            }
        };
        if self.short_dates.is_empty() || self.short_dates.iter().all(|parts| parts[2] >= 100) {
            return None;
        }
        Order::ALL.iter().filter(fits).min_by_key(distance).copied()
    }

    /// Whether the stream shows times of day and nothing that dates them.
    pub(super) fn lacks_days(&self) -> bool {
        !self.days.dated && self.days.first.is_some()
    }

    /// When the first line was written, if the last one was written at about `end`.
    pub(super) fn beginning(&self, end: Timestamp) -> Option<Timestamp> {
        let (first, last) = (self.days.first?, self.days.last?);
        let today = end.nanoseconds().div_euclid(NANOSECONDS_PER_DAY);
        let day = (today - 1..=today + 1)
            .min_by_key(|day| (day * NANOSECONDS_PER_DAY + last - end.nanoseconds()).abs())?;
        timestamp::instant(day - self.days.midnights, first, 0)
    }
}

impl Days {
    fn pass(&mut self, nanoseconds: i64) {
        self.first = self.first.or(Some(nanoseconds));
        if self.last.is_some_and(|last| last - nanoseconds > NANOSECONDS_PER_DAY / 2) {
            self.midnights += 1;
        }
        self.last = Some(nanoseconds);
    }
}
