//! Numbers that count from an epoch, their unit told by their magnitude.

use crate::decode::timestamp::Reading;
use crate::model::time::Timestamp;

/// Seconds below this are counters or uptimes: as a date they would lie before 1973.
const SECONDS_LEAST: u128 = 100_000_000;
/// .NET counts units of 100 ns since year 1; as nanoseconds these would be 1989 to 1991.
const TICKS: std::ops::Range<u128> = 620_000_000_000_000_000..670_000_000_000_000_000;
/// Ticks from year 1 to the epoch.
const TICKS_TO_EPOCH: u128 = 621_355_968_000_000_000;
/// More digits than any time in nanoseconds has, with room for zeros of an exponent.
const DIGITS_MAX: usize = 30;

/// Reads an epoch number such as `1795253415.25`, `1795253415250` or `1.795253415e9`,
/// `/Date(1795253415250)/`, and
/// labels of daemontools.
///
/// Decimal throughout: a floating point number would lose digits above 2^53.
pub(super) fn read(text: &str) -> Option<Reading> {
    if let Some(inner) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        // The offset is only for display; the number counts from the epoch in UTC.
        let number = inner.split(['+', '-']).next()?;
        return read(number);
    }
    if let Some(label) = text.strip_prefix('@') {
        return tai(label);
    }
    let is_numeric = |byte: u8| byte.is_ascii_digit() || b".eE+-".contains(&byte);
    if !text.as_bytes().first()?.is_ascii_digit() || !text.bytes().all(is_numeric) {
        return None;
    }
    let decimal = Decimal::parse(text)?;
    if decimal.is_compact_date() {
        return None;
    }
    decimal.time().map(Reading::Instant)
}

/// A label of daemontools and its kin, `@400000006a217d3d0ee6b280`: seconds since 1970 above
/// 2^62 and ten, then nanoseconds, in hexadecimal.
fn tai(label: &str) -> Option<Reading> {
    const BASE: u64 = (1 << 62) + 10;
    if !matches!(label.len(), 16 | 24) || !label.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let (seconds, fraction) = label.split_at(16);
    let seconds = u64::from_str_radix(seconds, 16).ok()?.checked_sub(BASE)?;
    let fraction = i64::from_str_radix(fraction, 16).unwrap_or(0);
    let whole = i64::try_from(seconds).ok()?.checked_mul(SECOND)?;
    (0..SECOND).contains(&fraction).then_some(())?;
    Some(Reading::Instant(Timestamp::from_nanoseconds(whole.checked_add(fraction)?)))
}

/// The instant of whole seconds (or a finer unit) and the nanoseconds within the second.
pub(in crate::decode) fn split(whole: &str, nanoseconds: &str) -> Option<Timestamp> {
    let seconds: i64 = whole.parse().ok()?;
    let nanoseconds: i64 = nanoseconds.parse().ok().filter(|value| (0..SECOND).contains(value))?;
    Some(Timestamp::from_nanoseconds(seconds.checked_mul(SECOND)?.checked_add(nanoseconds)?))
}

const SECOND: i64 = 1_000_000_000;

/// A number by its digits, without sign: `digits` times ten to the power of `-places`.
struct Decimal {
    digits: u128,
    count: usize,
    places: i32,
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i8>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let count = whole.len() + fraction.len();
        let all_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        if !all_digits || whole.is_empty() || count > DIGITS_MAX {
            return None;
        }
        let digits = whole
            .bytes()
            .chain(fraction.bytes())
            .fold(0, |value: u128, digit| value * 10 + u128::from(digit - b'0'));
        Some(Self { digits, count, places: fraction.len() as i32 - i32::from(exponent) })
    }

    /// Whether it is a date written without separators, such as `20261121093015250`.
    fn is_compact_date(&self) -> bool {
        let years = |shift: u32| (1900..2200).contains(&(self.digits / 10u128.pow(shift)));
        self.places == 0 && ((self.count == 14 && years(10)) || (self.count == 17 && years(13)))
    }

    fn time(&self) -> Option<Timestamp> {
        let whole = self.scaled(0)?;
        if TICKS.contains(&whole) {
            return nanoseconds(whole.checked_sub(TICKS_TO_EPOCH)?.checked_mul(100)?);
        }
        let power = match whole {
            0..SECONDS_LEAST => return None,
            SECONDS_LEAST..100_000_000_000 => 9,
            100_000_000_000..100_000_000_000_000 => 6,
            100_000_000_000_000..100_000_000_000_000_000 => 3,
            _ => 0,
        };
        nanoseconds(self.scaled(power)?)
    }

    /// The number times ten to the power of `power`, cut to a whole one.
    fn scaled(&self, power: i32) -> Option<u128> {
        let shift = power - self.places;
        let factor = 10u128.checked_pow(shift.unsigned_abs())?;
        if shift >= 0 { self.digits.checked_mul(factor) } else { Some(self.digits / factor) }
    }
}

fn nanoseconds(value: u128) -> Option<Timestamp> {
    i64::try_from(value).ok().map(Timestamp::from_nanoseconds)
}
