//! Lengths of time in words for a person, with three significant digits.

/// Nanoseconds in a second.
const SECOND: i64 = 1_000_000_000;
/// Nanoseconds in a millisecond.
const MILLISECOND: i64 = 1_000_000;
/// Nanoseconds in a microsecond.
const MICROSECOND: i64 = 1_000;

/// A duration in nanoseconds as a person says it: `840 µs`, `12.3 ms`, `2.10 s`,
/// `1 min 04 s`, `2 h 05 min`, `3 d 04 h`.
pub fn duration(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    format!("{sign}{}", magnitude(nanoseconds.saturating_abs()))
}

fn magnitude(nanoseconds: i64) -> String {
    // Each bound is where the next smaller unit's rounding would show four digits.
    match nanoseconds {
        0 => "0 s".to_owned(),
        1..1_000 => format!("{nanoseconds} ns"),
        1_000..999_500 => format!("{} µs", rounded(nanoseconds, MICROSECOND)),
        999_500..999_500_000 => digits(nanoseconds, MILLISECOND, "ms"),
        999_500_000..59_950_000_000 => digits(nanoseconds, SECOND, "s"),
        _ => coarse(rounded(nanoseconds, SECOND)),
    }
}

/// Three significant digits of a value below 1,000 units.
fn digits(nanoseconds: i64, unit: i64, name: &str) -> String {
    let hundredths = rounded(nanoseconds, unit / 100);
    let tenths = rounded(nanoseconds, unit / 10);
    if hundredths < 1_000 {
        format!("{}.{:02} {name}", hundredths / 100, hundredths % 100)
    } else if tenths < 1_000 {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    } else {
        format!("{} {name}", rounded(nanoseconds, unit))
    }
}

/// Two units for what takes a minute or more.
fn coarse(seconds: i64) -> String {
    let minutes = seconds / 60;
    let hours = minutes / 60;
    match seconds {
        ..3_600 => format!("{minutes} min {:02} s", seconds % 60),
        3_600..86_400 => format!("{hours} h {:02} min", minutes % 60),
        _ => format!("{} d {:02} h", hours / 24, hours % 24),
    }
}

fn rounded(value: i64, unit: i64) -> i64 {
    value.saturating_add(unit / 2) / unit
}

/// The one form in which all offsets of a story are shown, so that they align.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OffsetForm {
    unit: OffsetUnit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OffsetUnit {
    Microseconds,
    Milliseconds,
    Seconds,
    Clock,
}

impl OffsetForm {
    /// The form that suits a request of this length in nanoseconds.
    pub const fn for_length(nanoseconds: i64) -> Self {
        let unit = match nanoseconds {
            ..10_000_000 => OffsetUnit::Microseconds,
            10_000_000..SECOND => OffsetUnit::Milliseconds,
            SECOND..600_000_000_000 => OffsetUnit::Seconds,
            _ => OffsetUnit::Clock,
        };
        Self { unit }
    }

    /// An offset in nanoseconds, without a sign: `0.840 ms`, `12.3 ms`, `1.204 s`, `12:04.345`.
    pub fn show(self, nanoseconds: i64) -> String {
        match self.unit {
            OffsetUnit::Microseconds => {
                let micros = rounded(nanoseconds, MICROSECOND);
                format!("{}.{:03} ms", micros / 1_000, micros % 1_000)
            }
            OffsetUnit::Milliseconds => {
                let tenths = rounded(nanoseconds, MILLISECOND / 10);
                format!("{}.{} ms", tenths / 10, tenths % 10)
            }
            OffsetUnit::Seconds => {
                let millis = rounded(nanoseconds, MILLISECOND);
                format!("{}.{:03} s", millis / 1_000, millis % 1_000)
            }
            OffsetUnit::Clock => clock(rounded(nanoseconds, MILLISECOND)),
        }
    }
}

/// `12:04.345`, `1:12:04.345`.
fn clock(millis: i64) -> String {
    let seconds = millis / 1_000;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    let rest = format!("{:02}.{:03}", seconds % 60, millis % 1_000);
    if hours > 0 { format!("{hours}:{minutes:02}:{rest}") } else { format!("{minutes}:{rest}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(nanoseconds: i64, expected: &str) {
        assert_eq!(duration(nanoseconds), expected, "nanoseconds: {nanoseconds}");
    }

    #[test]
    fn durations_have_three_digits_and_the_unit_that_fits() {
        check(0, "0 s");
        check(950, "950 ns");
        check(840_000, "840 µs");
        check(1_234_567, "1.23 ms");
        check(12_345_678, "12.3 ms");
        check(123_456_789, "123 ms");
        check(2_104_000_000, "2.10 s");
        check(64_000_000_000, "1 min 04 s");
        check(7_500_000_000_000, "2 h 05 min");
        check(273_600_000_000_000, "3 d 04 h");
        check(-12_345_678, "-12.3 ms");
    }

    #[test]
    fn rounding_moves_on_to_the_next_unit() {
        check(999_499, "999 µs");
        check(999_500, "1.00 ms");
        check(9_995_000, "10.0 ms");
        check(99_950_000, "100 ms");
        check(999_500_000, "1.00 s");
        check(59_949_999_999, "59.9 s");
        check(59_950_000_000, "1 min 00 s");
    }

    #[test]
    fn offsets_of_one_story_have_one_form() {
        let form = OffsetForm::for_length(3_420_000_000);
        assert_eq!(form.show(1_204_400_000), "1.204 s");
        assert_eq!(OffsetForm::for_length(500_000_000).show(12_340_000), "12.3 ms");
        assert_eq!(OffsetForm::for_length(5_000_000).show(840_000), "0.840 ms");
        assert_eq!(OffsetForm::for_length(900_000_000_000).show(724_345_000_000), "12:04.345");
        assert_eq!(OffsetForm::for_length(i64::MAX).show(4_324_345_000_000), "1:12:04.345");
    }

    proptest! {
        #[test]
        fn any_duration_is_short(nanoseconds in any::<i64>()) {
            prop_assert!(duration(nanoseconds).chars().count() <= 14);
        }
    }
}
