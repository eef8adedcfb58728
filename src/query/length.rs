//! Lengths of time as a query spells them: `2s`, `150ms`, `1.5h`.

use std::fmt;

use crate::query::decimal::{self, Decimal};

/// The units, the longest first, and how many nanoseconds each has.
const UNITS: [(&str, u64); 7] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    ("ns", 1),
];

/// A length of time in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Length(pub u64);

impl Length {
    /// Reads digits, perhaps with a fraction, and their unit; parts of a nanosecond are
    /// dropped. None for anything else and for more than 584 years.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.find(|character: char| !matches!(character, '0'..='9' | '.'))?;
        let (number, unit) = text.split_at(digits);
        let unit = if unit == "μs" { "µs" } else { unit };
        let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let whole: u64 = whole.parse().ok()?;
        let part = fraction_of(fraction, *size)?;
        whole.checked_mul(*size)?.checked_add(part).map(Self)
    }
}

/// That many parts of ten, hundred, … of `size`.
fn fraction_of(digits: &str, size: u64) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut part = 0;
    let mut unit = u128::from(size) << 64;
    for digit in digits.bytes() {
        unit /= 10;
        part += unit * u128::from(digit - b'0');
    }
    // Rounded, for a tenth has no end in twos.
    u64::try_from((part + (1 << 32)) >> 64).ok()
}

/// The longest unit in which the length is a whole number.
impl fmt::Display for Length {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = UNITS.iter().find(|(_, size)| self.0.is_multiple_of(*size) && self.0 > 0);
        let (name, size) = exact.copied().unwrap_or(("ns", 1));
        write!(formatter, "{}{name}", self.0 / size)
    }
}

/// Compares a value with a bound: numbers with numbers, lengths of time with lengths of
/// time; none if they cannot be compared.
pub fn compare(value: &str, bound: &str) -> Option<std::cmp::Ordering> {
    if let Some(bound) = Decimal::parse(bound) {
        return Some(decimal::compare(&Decimal::parse(value)?, &bound));
    }
    Some(Length::parse(value)?.cmp(&Length::parse(bound)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(Length::parse(text).map(|length| length.0), expected, "text: {text}");
    }

    #[test]
    fn a_length_has_a_number_and_a_unit() {
        check("2s", Some(2_000_000_000));
        check("150ms", Some(150_000_000));
        check("1.5h", Some(5_400_000_000_000));
        check("0.1s", Some(100_000_000));
        check("0.3ns", Some(0));
        check("3µs", Some(3_000));
        check("3μs", Some(3_000));
        for text in ["", "2", "s", ".", "1.", ".5s", "1.2.3s", "2 s", "-2s", "2d", "99999999999h"] {
            check(text, None);
        }
    }

    #[test]
    fn a_length_is_shown_in_its_longest_whole_unit() {
        assert_eq!(Length(1_500_000_000).to_string(), "1500ms");
        assert_eq!(Length(120_000_000_000).to_string(), "2m");
        assert_eq!(Length(0).to_string(), "0ns");
    }

    proptest! {
        #[test]
        fn a_shown_length_is_read_back(nanoseconds: u64) {
            let length = Length(nanoseconds);
            prop_assert_eq!(Length::parse(&length.to_string()), Some(length));
        }
    }
}
