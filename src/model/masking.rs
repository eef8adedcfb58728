//! What stays the same in texts that the same code wrote: words, without the values in them.
//!
//! A word is a run of letters and digits. It is taken for a value if it is a number, an
//! identifier in hexadecimal, or has more digits than a name has: `Travel2Controller` and
//! `s3` stay, `20417`, `9f3c21ab` and `x4711` become `*`. The number behind a code location
//! (`OrderService#37`, `order.go:37`) is part of its name and stays.

use std::borrow::Cow;

/// What stands for a value.
pub const MASK: &str = "*";

/// A mixed word with so many digits is a value: names have one or two (`oauth2`, `utf8`, `x86`).
const DIGITS_OF_A_VALUE: usize = 3;

/// A word of hexadecimal digits with at least one decimal one is a value from this length on:
/// shorter ones are also words (`b2b`, `ec2`).
const HEXADECIMAL_MIN: usize = 6;

/// So many hexadecimal words in a chain are an id; two may be a name (`add-2`).
const HEXADECIMAL_WORDS_MIN: usize = 3;

/// The text with its values masked; neighbouring masks that only a hyphen, a colon, a slash,
/// a comma, a plus sign or a full stop divides become one, as in times and UUIDs.
pub fn masked(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let chained = hexadecimal_chain(rest);
        if chained > 0 && !out.ends_with(char::is_alphanumeric) {
            push_mask(&mut out);
            rest = &rest[chained..];
            continue;
        }
        let is_word = first.is_alphanumeric();
        let end = rest.find(|letter: char| letter.is_alphanumeric() != is_word);
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        if is_word && is_value(piece) && !is_line_number(&out, piece) {
            push_mask(&mut out);
        } else {
            out.push_str(piece);
        }
        rest = after;
    }
    Cow::Owned(out)
}

/// The length of the hexadecimal words joined by hyphens that a text begins with, if they are
/// an id as UUIDs are: several words, with digits in them. Else 0.
fn hexadecimal_chain(text: &str) -> usize {
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '-');
    let chain = &text[..end.unwrap_or(text.len())];
    let is_id = chain.split('-').count() >= HEXADECIMAL_WORDS_MIN
        && chain
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
        && chain.bytes().any(|byte| byte.is_ascii_digit());
    if is_id { chain.len() } else { 0 }
}

/// Whether a word is a value and not part of what the code says.
fn is_value(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return false;
    }
    let is_hexadecimal = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits == word.len()
        || digits >= DIGITS_OF_A_VALUE
        || (is_hexadecimal && word.len() >= HEXADECIMAL_MIN)
}

/// Whether a number is that of a line of code: behind `Name#` or `file.ext:`.
fn is_line_number(before: &str, word: &str) -> bool {
    let is_name = |text: &str| text.ends_with(char::is_alphabetic);
    if !word.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    if let Some(name) = before.strip_suffix('#') {
        return is_name(name);
    }
    before.strip_suffix(':').is_some_and(|name| {
        let file = name.rsplit(char::is_whitespace).next().unwrap_or_default();
        is_name(file) && file.rsplit_once('.').is_some_and(|(stem, _)| !stem.is_empty())
    })
}

fn push_mask(out: &mut String) {
    let joined = out.trim_end_matches(['-', ':', '/', ',', '.', '+']);
    if out.len() - joined.len() <= 1 && joined.ends_with(MASK) {
        out.truncate(joined.len());
    } else {
        out.push_str(MASK);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(masked(text), expected);
    }

    #[test]
    fn values_are_masked_and_names_stay() {
        check("charging card of ORD-20417", "charging card of ORD-*");
        check("acquirer attempt 1 of 3", "acquirer attempt * of *");
        check("Travel2Controller on s3 with oauth2", "Travel2Controller on s3 with oauth2");
        check("user 9f3c21ab bought x4711", "user * bought *");
        check("nothing to mask", "nothing to mask");
    }

    #[test]
    fn a_uuid_and_a_time_are_one_value_each() {
        check("id 8a533bf9-bd12-4608-a8eb-606890982448 at 2026-11-21T09:30:15.250Z", "id * at *");
        check("10.0.0.7:8080", "*");
    }

    #[test]
    fn the_line_of_a_code_location_stays() {
        check("t.s.TravelServiceImpl#532 read 7 rows", "t.s.TravelServiceImpl#532 read * rows");
        check("order.go:37 order:37 order #37", "order.go:37 order:* order #*");
    }

    proptest! {
        #[test]
        fn masking_twice_changes_nothing(text in "[a-f0-9 #:.é-]{0,40}") {
            let once = masked(&text).into_owned();
            let twice = masked(&once).into_owned();
            prop_assert_eq!(twice, once);
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = masked(&text);
        }
    }
}
