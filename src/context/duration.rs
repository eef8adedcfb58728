//! Durations in text and in fields, as whole nanoseconds.
//!
//! A unit in the text wins, then one in the field's name, then the producer's habit. A bare
//! number of unknown unit is no duration.

/// Nanoseconds of one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit(u64);

impl Unit {
    pub(super) const NANOSECOND: Self = Self(1);
    pub(super) const MICROSECOND: Self = Self(1_000);
    pub(super) const MILLISECOND: Self = Self(1_000_000);
    pub(super) const SECOND: Self = Self(1_000_000_000);
    const MINUTE: Self = Self(60 * 1_000_000_000);
    const HOUR: Self = Self(3_600 * 1_000_000_000);
    const DAY: Self = Self(24 * 3_600 * 1_000_000_000);
}

/// Reads a duration that states its unit: `12.5ms`, `12 ms`, `1m2.5s`, `00:00:01.25`, `PT0.012S`.
pub(super) fn with_unit(text: &str) -> Option<u64> {
    let text = text.trim();
    if let Some(iso) = text.strip_prefix("PT") {
        return sum_of_parts(&iso.to_ascii_lowercase());
    }
    if text.contains(':') {
        return clock(text);
    }
    sum_of_parts(text)
}

/// Reads a bare decimal number of this unit.
pub(super) fn of_number(text: &str, unit: Unit) -> Option<u64> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut total = whole.checked_mul(unit.0)?;
    let mut digit_worth = unit.0;
    for digit in fraction.bytes() {
        digit_worth /= 10;
        total = total.checked_add(digit_worth * u64::from(digit - b'0'))?;
    }
    Some(total)
}

/// `[d.]hh:mm:ss[.fraction]`, as .NET writes it.
fn clock(text: &str) -> Option<u64> {
    let mut parts = text.splitn(3, ':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let (days, hours) = hours.split_once('.').unwrap_or(("0", hours));
    let mut total = of_number(days, Unit::DAY)?;
    for (part, unit) in [(hours, Unit::HOUR), (minutes, Unit::MINUTE), (seconds, Unit::SECOND)] {
        total = total.checked_add(of_number(part, unit)?)?;
    }
    Some(total)
}

/// Numbers, each with its unit, one after the other; at most days to nanoseconds.
fn sum_of_parts(text: &str) -> Option<u64> {
    const PARTS_MAX: usize = 7;
    let mut rest = text;
    let mut total = 0u64;
    for _ in 0..PARTS_MAX {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|end| *end > 0)?;
        let (number, tail) = rest.split_at(end);
        let tail = tail.trim_start();
        let letters = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, next) = tail.split_at(letters);
        total = total.checked_add(of_number(number, unit_of_word(unit.trim())?)?)?;
        if next.is_empty() {
            return Some(total);
        }
        rest = next;
    }
    None
}

/// The unit that a word stands for.
pub(super) fn unit_of_word(word: &str) -> Option<Unit> {
    Some(match word {
        "ns" | "nanos" | "nanoseconds" => Unit::NANOSECOND,
        "us" | "µs" | "μs" | "micros" | "microseconds" => Unit::MICROSECOND,
        "ms" | "millis" | "milliseconds" | "msec" | "msecs" => Unit::MILLISECOND,
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::SECOND,
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::MINUTE,
        "h" | "hour" | "hours" => Unit::HOUR,
        _ => return None,
    })
}

/// How a field's name speaks of a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// The name states the unit.
    With(Unit),
    /// Only the producer knows it.
    Unknown,
}

/// Whether a field of this name holds the duration of an operation, and in what unit.
pub(super) fn naming(name: &str) -> Option<Naming> {
    const BASES: [&str; 13] = [
        "duration",
        "elapsed",
        "latency",
        "took",
        "responsetime",
        "requesttime",
        "timetaken",
        "elapsedtime",
        "executiontime",
        "processingtime",
        "totaltime",
        "timespent",
        "elapsedhuman",
    ];
    let mut parts = name.rsplit(['.', '/']);
    let last = plain(parts.next()?);
    let container = parts.next().map(plain).unwrap_or_default();
    match (container.as_str(), last.as_str()) {
        ("event", "duration") => return Some(Naming::With(Unit::NANOSECOND)),
        ("duration", unit) => return unit_of_word(unit).map(Naming::With),
        ("grpc", "timems") | (_, "responsetime" | "timetaken") => {
            return Some(Naming::With(Unit::MILLISECOND));
        }
        (_, "requesttime") => return Some(Naming::With(Unit::SECOND)),
        (_, "latencyhuman") => return Some(Naming::Unknown),
        _ => {}
    }
    let base =
        BASES.iter().filter(|base| last.starts_with(**base)).max_by_key(|base| base.len())?;
    match &last[base.len()..] {
        "" => Some(Naming::Unknown),
        unit => unit_of_word(unit).map(Naming::With),
    }
}

/// The unit in which a format's producer writes a bare number.
pub(super) fn habit(format: &str) -> Option<Unit> {
    const HABITS: [(&str, Unit); 24] = [
        ("js", Unit::MICROSECOND),
        ("insights", Unit::MILLISECOND),
        ("zap", Unit::SECOND),
        ("zerolog", Unit::MILLISECOND),
        ("slog", Unit::NANOSECOND),
        ("logrus", Unit::NANOSECOND),
        ("pino", Unit::MILLISECOND),
        ("fastify", Unit::MILLISECOND),
        ("caddy", Unit::SECOND),
        ("traefik", Unit::NANOSECOND),
        ("zipkin", Unit::MICROSECOND),
        ("jaeger", Unit::MICROSECOND),
        ("envoy", Unit::MILLISECOND),
        ("istio", Unit::MILLISECOND),
        ("kong", Unit::MILLISECOND),
        ("lograge", Unit::MILLISECOND),
        ("logbook", Unit::MILLISECOND),
        ("iis", Unit::MILLISECOND),
        ("serilog", Unit::MILLISECOND),
        ("nginx", Unit::SECOND),
        ("alb", Unit::SECOND),
        ("celery", Unit::SECOND),
        ("sidekiq", Unit::SECOND),
        ("dapr", Unit::MILLISECOND),
    ];
    let mut words = format.split(['-', '_', '.', ' ', '/']);
    words.find_map(|word| HABITS.iter().find(|(name, _)| *name == word).map(|(_, unit)| *unit))
}

fn plain(part: &str) -> String {
    part.chars()
        .filter(|character| !matches!(character, '_' | '-' | ' '))
        .map(|character| character.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(with_unit(text), expected, "text: {text}");
    }

    #[test]
    fn the_unit_in_the_text_is_believed() {
        check("12.3456ms", Some(12_345_600));
        check("12 ms", Some(12_000_000));
        check("812µs", Some(812_000));
        check("2.10s", Some(2_100_000_000));
        check("1m2.5s", Some(62_500_000_000));
        check("00:00:01.2345678", Some(1_234_567_800));
        check("PT0.012S", Some(12_000_000));
        check("926us", Some(926_000));
    }

    #[test]
    fn what_states_no_unit_is_no_duration() {
        for text in ["", "12", "ms", "12 apples", "1.2.3s", "99999999999h", "-1ms", "::"] {
            check(text, None);
        }
    }

    #[test]
    fn names_and_producers_state_units() {
        assert_eq!(naming("duration_ms"), Some(Naming::With(Unit::MILLISECOND)));
        assert_eq!(naming("elapsedMilliseconds"), Some(Naming::With(Unit::MILLISECOND)));
        assert_eq!(naming("event.duration"), Some(Naming::With(Unit::NANOSECOND)));
        assert_eq!(naming("transaction.duration.us"), Some(Naming::With(Unit::MICROSECOND)));
        assert_eq!(naming("duration"), Some(Naming::Unknown));
        assert_eq!(naming("durationless"), None);
        assert_eq!(habit("caddy-json"), Some(Unit::SECOND));
        assert_eq!(habit("generic-json"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9.:a-zPTµ ]{0,20}") {
            let _ = (with_unit(&text), of_number(&text, Unit::DAY));
        }
    }
}
