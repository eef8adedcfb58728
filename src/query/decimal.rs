//! Numbers as logs write them, compared exactly: ids of 64 bits and prices alike.
//!
//! Nothing passes through floating point, which cannot tell 9007199254740993 from its
//! neighbour.

use std::cmp::Ordering;

/// Numbers with a greater power of ten are none: no log means them.
const EXPONENT_MAX: i64 = 10_000;

/// A decimal number, borrowed from its text.
///
/// Its value is `0.d1d2d3… × 10^point`, with the digits of `whole` and `fraction` in a row.
#[derive(Debug, Clone, Copy)]
pub struct Decimal<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i64,
}

impl<'a> Decimal<'a> {
    /// Reads a number: a sign, digits, a fraction, a power of ten; none for anything else.
    pub fn parse(text: &'a str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (negative, bytes) = match bytes {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, bytes),
        };
        let (whole, rest) = digits(bytes);
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => digits(rest),
            _ => (&rest[..0], rest),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', power @ ..] => exponent(power)?,
            _ => return None,
        };
        Some(Self { negative, whole, fraction, exponent })
    }

    /// The digits from the first that is not zero, and the power of ten of that digit.
    fn leading(&self) -> Option<(impl Iterator<Item = u8> + use<'a>, i64)> {
        let row = self.whole.iter().chain(self.fraction).copied();
        let zeros = row.clone().take_while(|digit| *digit == b'0').count();
        let length = self.whole.len() + self.fraction.len();
        (zeros < length)
            .then(|| (row.skip(zeros), self.whole.len() as i64 - zeros as i64 + self.exponent))
    }
}

/// Orders two numbers by size.
pub fn compare(left: &Decimal<'_>, right: &Decimal<'_>) -> Ordering {
    match (left.leading(), right.leading()) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) if right.negative => Ordering::Greater,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) if left.negative => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(_), Some(_)) if left.negative != right.negative => {
            if left.negative {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (Some((first, first_power)), Some((second, second_power))) => {
            let order = first_power.cmp(&second_power).then_with(|| compare_digits(first, second));
            if left.negative { order.reverse() } else { order }
        }
    }
}

/// Compares rows of digits after the point; a missing digit is a zero.
fn compare_digits(
    mut left: impl Iterator<Item = u8>,
    mut right: impl Iterator<Item = u8>,
) -> Ordering {
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (first, second) => first.unwrap_or(b'0').cmp(&second.unwrap_or(b'0')),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    bytes.split_at(end)
}

fn exponent(bytes: &[u8]) -> Option<i64> {
    let power: i64 = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    (-EXPONENT_MAX..=EXPONENT_MAX).contains(&power).then_some(power)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(left: &str, right: &str, expected: Ordering) {
        let (first, second) = (Decimal::parse(left), Decimal::parse(right));
        let found = compare(&first.expect("a number"), &second.expect("a number"));
        assert_eq!(found, expected, "{left} and {right}");
    }

    #[test]
    fn numbers_beyond_floating_point_keep_their_order() {
        check("9007199254740992", "9007199254740993", Ordering::Less);
        check("18446744073709551616", "18446744073709551615", Ordering::Greater);
    }

    #[test]
    fn spellings_of_one_number_are_equal() {
        check("500", "+500.00", Ordering::Equal);
        check("0.5", ".5e0", Ordering::Equal);
        check("1e3", "1000", Ordering::Equal);
        check("-0", "0", Ordering::Equal);
    }

    #[test]
    fn signs_and_fractions_count() {
        check("-2", "1", Ordering::Less);
        check("-2", "-3", Ordering::Greater);
        check("0.05", "0.5", Ordering::Less);
        check("99.5", "100", Ordering::Less);
        check("0", "-1", Ordering::Greater);
    }

    #[test]
    fn what_is_no_number_has_no_size() {
        for text in ["", "-", ".", "1.2.3", "12ms", "0x1f", "1e", "1e99999999", "NaN"] {
            assert!(Decimal::parse(text).is_none(), "text: {text}");
        }
    }

    proptest! {
        #[test]
        fn integers_compare_as_integers_do(left: i128, right: i128) {
            let (first, second) = (left.to_string(), right.to_string());
            let (first, second) = (Decimal::parse(&first), Decimal::parse(&second));
            prop_assert_eq!(compare(&first.unwrap(), &second.unwrap()), left.cmp(&right));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,20}") {
            let _ = Decimal::parse(&text);
        }
    }
}
