//! Numbers and times to text, without allocation: this is where the generator's speed comes from.

use crate::random::Random;

/// Appends a number.
pub(crate) fn number(out: &mut Vec<u8>, value: u64) {
    let mut digits = [0_u8; 20];
    let mut rest = value;
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// Appends a number with leading zeros, `width` digits wide; higher digits are cut off.
pub(crate) fn padded(out: &mut Vec<u8>, value: u64, width: usize) {
    let start = out.len();
    out.resize(start + width, b'0');
    let mut rest = value;
    for digit in out[start..].iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}

/// Appends 16 hexadecimal digits.
pub(crate) fn hex(out: &mut Vec<u8>, value: u64) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for shift in (0..16).rev() {
        out.push(DIGITS[((value >> (shift * 4)) & 15) as usize]);
    }
}

/// Appends an address of the private network 10.0.0.0/8.
pub(crate) fn address(out: &mut Vec<u8>, bits: u64) {
    out.extend_from_slice(b"10.");
    number(out, bits & 63);
    out.push(b'.');
    number(out, (bits >> 8) & 255);
    out.push(b'.');
    number(out, (bits >> 16) & 255);
}

/// Appends a duration in milliseconds with two decimals: mostly short, sometimes long.
pub(crate) fn milliseconds(out: &mut Vec<u8>, random: &mut Random) {
    let scale = *random.pick(&[300, 2_000, 2_000, 9_000, 60_000]);
    let hundredths = random.between(20, scale);
    number(out, hundredths / 100);
    out.push(b'.');
    padded(out, hundredths % 100, 2);
}

/// Renders times; remembers the second it rendered last, since neighbours share it.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    second: Option<u64>,
    prefix: Vec<u8>,
}

impl Clock {
    /// Appends microseconds since the epoch as RFC 3339 with milliseconds: `2026-03-02T08:00:00.123Z`.
    pub(crate) fn rfc3339(&mut self, out: &mut Vec<u8>, micros: u64) {
        let second = micros / 1_000_000;
        if self.second != Some(second) {
            self.second = Some(second);
            self.prefix.clear();
            date_and_time(&mut self.prefix, second);
        }
        out.extend_from_slice(&self.prefix);
        out.push(b'.');
        padded(out, micros / 1000 % 1000, 3);
        out.push(b'Z');
    }
}

/// Appends `2026-03-02T08:00:00`, by the usual arithmetic on years that begin in March.
fn date_and_time(out: &mut Vec<u8>, second: u64) {
    let days = second / 86_400 + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let parts = [
        (year, 4, b'-'),
        (month, 2, b'-'),
        (day, 2, b'T'),
        (second / 3600 % 24, 2, b':'),
        (second / 60 % 60, 2, b':'),
    ];
    for (value, width, separator) in parts {
        padded(out, value, width);
        out.push(separator);
    }
    padded(out, second % 60, 2);
}

#[cfg(test)]
mod tests {
    use super::Clock;

    #[track_caller]
    fn check(micros: u64, expected: &str) {
        let mut out = Vec::new();
        Clock::default().rfc3339(&mut out, micros);
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        check(0, "1970-01-01T00:00:00.000Z");
        check(951_782_400_123_456, "2000-02-29T00:00:00.123Z");
        check(1_772_438_400_999_999, "2026-03-02T08:00:00.999Z");
    }
}
