//! Parts a line into the text of its shape and its slots, in one pass.
//!
//! Every row of letters and digits that has a digit becomes a slot, as narrow as its kind.
//! What is left, with a mark for each slot, is the line's skeleton: lines of one statement
//! have the same.

use std::ops::Range;

use crate::model::slot;
use crate::model::template::SlotKind;

/// Stands for a slot in a skeleton. No UTF-8 has this byte.
const MARK: u8 = 0xff;

/// A line with more slots is a dump; a template of it would hardly fit a second one.
const SLOTS_MAX: usize = 128;

/// Shorter rows of hexadecimal digits may be anything.
const HEXADECIMAL_BYTES_MIN: usize = 8;

/// Longer rows of letters and digits in turn are data, not names.
const MIXED_BYTES_MAX: usize = 64;

/// Shorter ones are names: `k8s`, `h2o`.
const MIXED_BYTES_MIN: usize = 6;

const DIGIT: u8 = 1;
const LETTER: u8 = 2;
/// A digit or a small letter from `a` to `f`.
const HEXADECIMAL: u8 = 4;

/// What each byte is.
static KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let value = byte as u8;
        if value.is_ascii_digit() {
            kinds[byte] = DIGIT | HEXADECIMAL;
        } else if value.is_ascii_alphabetic() {
            kinds[byte] = if matches!(value, b'a'..=b'f') { LETTER | HEXADECIMAL } else { LETTER };
        }
        byte += 1;
    }
    kinds
};

/// A line's skeleton and slots; used again for the next line.
#[derive(Debug, Default, Clone)]
pub(super) struct Scan {
    /// The text between the slots, with marks for the slots.
    pub(super) skeleton: Vec<u8>,
    /// Where the slots are.
    pub(super) slots: Vec<Range<u32>>,
    /// What they hold.
    pub(super) kinds: Vec<SlotKind>,
}

impl Scan {
    /// Reads a line; false if it has too many slots.
    pub(super) fn read(&mut self, line: &[u8]) -> bool {
        self.skeleton.clear();
        self.slots.clear();
        self.kinds.clear();
        let (mut copied, mut place) = (0, 0);
        while let Some(digit) = next_digit(line, place) {
            let token = token_at(line, digit, copied);
            let Some((range, kind)) = slot_in(line, &token) else {
                place = token.end;
                continue;
            };
            if self.slots.len() == SLOTS_MAX {
                return false;
            }
            self.skeleton.extend_from_slice(&line[copied..range.start]);
            mark(&mut self.skeleton, kind);
            copied = range.end;
            place = range.end;
            self.slots.push(range.start as u32..range.end as u32);
            self.kinds.push(kind);
        }
        self.skeleton.extend_from_slice(&line[copied..]);
        true
    }
}

/// Writes a slot's mark: one for each kind, with what the kind fixes.
fn mark(skeleton: &mut Vec<u8>, kind: SlotKind) {
    let [number, first, second, third, fourth] = kind.code();
    skeleton.extend_from_slice(&[MARK, number, first, second, third, fourth]);
}

/// The first digit from `from` on; eight bytes at a time.
fn next_digit(line: &[u8], from: usize) -> Option<usize> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    /// Carries into the high bit whatever is 10 or more.
    const BEYOND_NINE: u64 = 0x7676_7676_7676_7676;
    let (words, rest) = line.get(from..)?.as_chunks::<8>();
    for (place, word) in words.iter().enumerate() {
        let value = u64::from_le_bytes(*word) ^ ZEROS;
        let digits = !(((value & LOW) + BEYOND_NINE) | value) & HIGH;
        if digits != 0 {
            return Some(from + place * 8 + digits.trailing_zeros() as usize / 8);
        }
    }
    let found = rest.iter().position(u8::is_ascii_digit)?;
    Some(line.len() - rest.len() + found)
}

/// A row of letters and digits, and what is in it.
struct Token {
    start: usize,
    end: usize,
    /// The first row of digits in it.
    digits: Range<usize>,
    /// Whether there are digits behind those and other letters.
    is_mixed: bool,
    has_letter: bool,
    is_hexadecimal: bool,
}

fn token_at(line: &[u8], digit: usize, floor: usize) -> Token {
    let kind = |place: usize| KINDS[usize::from(line[place])];
    let mut start = digit;
    let mut kinds = HEXADECIMAL;
    let mut has_letter = false;
    while start > floor && kind(start - 1) != 0 {
        start -= 1;
        kinds &= kind(start);
        has_letter = true;
    }
    let mut digits_end = digit;
    while digits_end < line.len() && kind(digits_end) & DIGIT != 0 {
        digits_end += 1;
    }
    let mut end = digits_end;
    let mut is_mixed = false;
    while end < line.len() && kind(end) != 0 {
        kinds &= kind(end);
        is_mixed |= kind(end) & DIGIT != 0;
        has_letter = true;
        end += 1;
    }
    let is_hexadecimal = kinds & HEXADECIMAL != 0;
    Token { start, end, digits: digit..digits_end, is_mixed, has_letter, is_hexadecimal }
}

/// The slot that a token is or holds; none where it is taken for text.
fn slot_in(line: &[u8], token: &Token) -> Option<(Range<usize>, SlotKind)> {
    let length = token.end - token.start;
    if length == 8 && token.is_hexadecimal && is_uuid(&line[token.start..]) {
        return Some((token.start..token.start + UUID_BYTES, SlotKind::Uuid));
    }
    if !token.has_letter {
        return number(line, token);
    }
    let text = &line[token.start..token.end];
    if token.is_mixed && is_power(text) {
        return None;
    }
    if token.is_hexadecimal && length >= HEXADECIMAL_BYTES_MIN && !has_unit(text) {
        let length = u8::try_from(length).ok()?;
        return Some((token.start..token.end, SlotKind::Hexadecimal(length)));
    }
    if token.is_mixed {
        return (MIXED_BYTES_MIN..=MIXED_BYTES_MAX)
            .contains(&length)
            .then_some((token.start..token.end, SlotKind::Mixed(length as u8)));
    }
    let kind = digits_kind(&line[token.digits.clone()])?;
    Some((token.digits.clone(), kind))
}

/// Whether this may be a number in powers of ten: `12e5`.
fn is_power(text: &[u8]) -> bool {
    let mut letters = text.iter().filter(|byte| byte.is_ascii_alphabetic());
    matches!(letters.next(), Some(b'e' | b'E')) && letters.next().is_none()
}

/// Whether this may be a number with its unit: digits, and at most two letters behind them.
fn has_unit(text: &[u8]) -> bool {
    text[..text.len().saturating_sub(2)].iter().all(u8::is_ascii_digit)
}

const UUID_BYTES: usize = 36;

/// Whether a UUID in small letters begins here, of letters and digits, and nothing follows it.
fn is_uuid(rest: &[u8]) -> bool {
    let Some(text) = rest.get(..UUID_BYTES) else { return false };
    let fits = |(place, byte): (usize, &u8)| match place {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => KINDS[usize::from(*byte)] & HEXADECIMAL != 0,
    };
    let goes_on = |byte: &u8| KINDS[usize::from(*byte)] != 0 || matches!(byte, b'-' | b'_');
    text.iter().enumerate().all(fits)
        && text.iter().any(u8::is_ascii_lowercase)
        && text.iter().any(|byte| matches!(byte, b'1'..=b'9'))
        && !rest.get(UUID_BYTES).is_some_and(goes_on)
}

/// What begins with a row of digits.
fn number(line: &[u8], token: &Token) -> Option<(Range<usize>, SlotKind)> {
    let (start, end) = (token.start, token.end);
    let text = &line[start..end];
    let rest = &line[start..];
    if text.len() == 4
        && let Some((length, kind)) = moment(rest)
    {
        return Some((start..start + length, kind));
    }
    if text.len() == 2
        && let Some((length, kind)) = clock(rest)
    {
        return Some((start..start + length, kind));
    }
    if line.get(end) == Some(&b'.')
        && let Some((length, kind)) = dotted(rest, text.len())
    {
        return Some((start..start + length, kind?));
    }
    Some((start..end, digits_kind(text)?))
}

/// The kind of a row of digits; none for zeros, and for rows too long to be numbers.
fn digits_kind(text: &[u8]) -> Option<SlotKind> {
    match (text.len(), text[0]) {
        (1, b'0') => None,
        (1, _) => Some(SlotKind::Digit),
        (10 | 13, b'1') => Some(SlotKind::Epoch(text.len() as u8)),
        (2..=15, b'0') => text.iter().any(|byte| *byte != b'0').then_some(SlotKind::Padded),
        (2..=15, _) => Some(SlotKind::Digits),
        (16..=20, b'1'..=b'9') => Some(SlotKind::Long(text.len() as u8)),
        _ => None,
    }
}

/// Numbers with dots between them, of which the first has `first` digits: how long they are
/// together, and their kind, which zeros have none of.
fn dotted(rest: &[u8], first: usize) -> Option<(usize, Option<SlotKind>)> {
    let run = |from: usize| {
        rest.get(from..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let second = run(first + 1);
    if second == 0 {
        return None;
    }
    let end = first + 1 + second;
    let goes_on = |end: usize| rest.get(end) == Some(&b'.') && run(end + 1) > 0;
    if !goes_on(end) {
        let is_plain = first == 1 || rest[0] != b'0';
        return (is_plain && first <= 15 && second <= 9)
            .then(|| (end, decimal_kind(&rest[..end], first, second)));
    }
    let third = run(end + 1);
    let middle = end + 1 + third;
    let fourth = if goes_on(middle) { run(middle + 1) } else { 0 };
    let end = middle + 1 + fourth;
    let groups = [first, second, third, fourth];
    let is_quad = groups.iter().all(|length| (1..=3).contains(length))
        && !goes_on(end)
        && rest[..end].split(|byte| *byte == b'.').all(|part| part.len() == 1 || part[0] != b'0');
    is_quad.then_some((end, Some(SlotKind::Quad)))
}

fn decimal_kind(text: &[u8], whole: usize, places: usize) -> Option<SlotKind> {
    if whole == 10 && text[0] == b'1' {
        return Some(SlotKind::EpochDecimal(places as u8));
    }
    text.iter().any(|byte| matches!(byte, b'1'..=b'9')).then_some(SlotKind::Decimal)
}

/// A date and time of day that exist, without a zone: how long, and its form.
fn moment(rest: &[u8]) -> Option<(usize, SlotKind)> {
    let head = rest.get(..11)?;
    let (date, middle) = (head[4], head[10]);
    if head[7] != date || !matches!(date, b'-' | b'/') || !matches!(middle, b'T' | b' ') {
        return None;
    }
    let (length, clock) = clock(&rest[11..])?;
    let SlotKind::Clock { point, digits } = clock else { return None };
    let kind = SlotKind::Moment { date, middle, point, digits };
    let length = 11 + length;
    slot::nanoseconds(kind, &rest[..length]).map(|_| (length, kind))
}

/// A time of day that exists: how long, and its form.
fn clock(rest: &[u8]) -> Option<(usize, SlotKind)> {
    let is_form = |(place, byte): (usize, &u8)| match place {
        2 | 5 => *byte == b':',
        _ => byte.is_ascii_digit(),
    };
    let head = rest.get(..8)?;
    if !head.iter().enumerate().all(is_form) {
        return None;
    }
    let is_digit = |place: usize| rest.get(place).is_some_and(u8::is_ascii_digit);
    let (mut point, mut places) = (b'.', 0);
    if let Some(found) = rest.get(8).filter(|byte| matches!(byte, b'.' | b','))
        && is_digit(9)
    {
        point = *found;
        places = rest[9..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    }
    let length = if places == 0 { 8 } else { 9 + places };
    let goes_on = is_digit(length) || (rest.get(length) == Some(&b':') && is_digit(length + 1));
    if places > 9 || goes_on {
        return None;
    }
    let digits = places as u8;
    slot::time_of_day(&rest[..length], digits)?;
    Some((length, SlotKind::Clock { point, digits }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &[(&str, SlotKind)]) {
        let mut scan = Scan::default();
        assert!(scan.read(line.as_bytes()));
        let texts = scan.slots.iter().map(|range| &line[range.start as usize..range.end as usize]);
        let found: Vec<_> = texts.zip(scan.kinds.iter().copied()).collect();
        assert_eq!(found, expected, "line: {line}");
    }

    #[test]
    fn numbers_and_ids_are_slots_and_words_are_not() {
        check(
            "order ORD-20417 of usr_7 in 16.5ms",
            &[("20417", SlotKind::Digits), ("7", SlotKind::Digit), ("16.5", SlotKind::Decimal)],
        );
        check(
            "7b2f9c41d05e83a6 x 4d2a46c7-71cb-4cf1-b5bb-b68406d9da6f",
            &[
                ("7b2f9c41d05e83a6", SlotKind::Hexadecimal(16)),
                ("4d2a46c7-71cb-4cf1-b5bb-b68406d9da6f", SlotKind::Uuid),
            ],
        );
        check(
            "from 10.26.33.30:8080 k8s GF4Q2mXb",
            &[
                ("10.26.33.30", SlotKind::Quad),
                ("8080", SlotKind::Digits),
                ("8", SlotKind::Digit),
                ("GF4Q2mXb", SlotKind::Mixed(8)),
            ],
        );
    }

    #[test]
    fn times_are_one_slot() {
        let moment = SlotKind::Moment { date: b'-', middle: b'T', point: b'.', digits: 3 };
        check("2026-11-21T09:30:15.250Z", &[("2026-11-21T09:30:15.250", moment)]);
        let clock = SlotKind::Clock { point: b',', digits: 3 };
        check("[09:30:15,250]", &[("09:30:15,250", clock)]);
        check(
            "1795253415250 1795253415.25",
            &[("1795253415250", SlotKind::Epoch(13)), ("1795253415.25", SlotKind::EpochDecimal(2))],
        );
    }

    #[test]
    fn zeros_are_text() {
        check("0 00 0.0 000000", &[]);
        check("007 10", &[("007", SlotKind::Padded), ("10", SlotKind::Digits)]);
    }

    proptest! {
        #[test]
        fn slots_are_ascii_in_order_and_apart(line in "[0-9a-f.:T é-]{0,60}|\\PC{0,60}") {
            let mut scan = Scan::default();
            prop_assert!(scan.read(line.as_bytes()));
            let mut end = 0;
            for range in &scan.slots {
                prop_assert!(range.start >= end && range.end > range.start);
                prop_assert!(line.as_bytes()[range.start as usize..range.end as usize].is_ascii());
                end = range.end;
            }
        }
    }
}
