//! What a word is: the one tokeniser, for the index and for matching.
//!
//! A word is a maximal run of letters, digits and `_`, in lower case. Everything else
//! separates, so `ORD-20417` is two words that stand one after the other.

use std::borrow::Cow;

/// The words of a text, in order.
pub fn words(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    Runs { rest: text }.map(lowered)
}

/// Calls `visit` with each word in order until it returns false; says whether it reached the end.
///
/// Does not allocate for words that are in lower case already; others are written to
/// `buffer`, which may be used again for the next text.
pub fn visit_words(text: &str, buffer: &mut String, mut visit: impl FnMut(&str) -> bool) -> bool {
    for run in (Runs { rest: text }) {
        let goes_on = if is_lowered(run) {
            visit(run)
        } else {
            lower_into(run, buffer);
            visit(buffer)
        };
        if !goes_on {
            return false;
        }
    }
    true
}

/// Whether `text` is exactly one word, as [`words`] would give it.
pub fn is_word(text: &str) -> bool {
    let mut found = words(text);
    found.next().is_some_and(|word| word == text) && found.next().is_none()
}

/// Runs of word characters as the text spells them.
struct Runs<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Runs<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let start = boundary(self.rest, 0, true);
        if start == self.rest.len() {
            return None;
        }
        let end = boundary(self.rest, start, false);
        let run = &self.rest[start..end];
        self.rest = &self.rest[end..];
        Some(run)
    }
}

/// The first place from `from` on where a character is (`wanted`) or is not part of a
/// word; the text's end if there is none. ASCII is judged byte by byte.
fn boundary(text: &str, from: usize, wanted: bool) -> usize {
    let bytes = text.as_bytes();
    let mut place = from;
    while let Some(&byte) = bytes.get(place) {
        if byte < 0x80 {
            if is_word_byte(byte) == wanted {
                return place;
            }
            place += 1;
            continue;
        }
        let Some(character) = text[place..].chars().next() else { break };
        if character.is_alphanumeric() == wanted {
            return place;
        }
        place += character.len_utf8();
    }
    text.len()
}

const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_lowered(run: &str) -> bool {
    run.bytes().all(|byte| byte < 0x80 && !byte.is_ascii_uppercase())
}

fn lowered(run: &str) -> Cow<'_, str> {
    if is_lowered(run) {
        return Cow::Borrowed(run);
    }
    let mut word = String::with_capacity(run.len());
    lower_into(run, &mut word);
    Cow::Owned(word)
}

/// Lower case character by character. The few marks that it brings forth (the dot of a
/// Turkish `İ`) are left out, so that the words of a word are the word itself.
fn lower_into(run: &str, word: &mut String) {
    word.clear();
    for character in run.chars() {
        if character.is_ascii() {
            word.push(character.to_ascii_lowercase());
        } else {
            word.extend(character.to_lowercase().filter(|lower| lower.is_alphanumeric()));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(words(text).collect::<Vec<_>>(), expected, "text: {text}");
        let mut visited = Vec::new();
        visit_words(text, &mut String::new(), |word| {
            visited.push(word.to_owned());
            true
        });
        assert_eq!(visited, expected, "text: {text}");
    }

    #[test]
    fn words_are_runs_of_letters_digits_and_underlines_in_lower_case() {
        check(
            "Order ORD-20417 failed: card_declined",
            &["order", "ord", "20417", "failed", "card_declined"],
        );
        check("", &[]);
        check(" -- ", &[]);
    }

    #[test]
    fn letters_of_every_script_belong_to_words() {
        check("Größe=4,ЗАКАЗ № 7", &["größe", "4", "заказ", "7"]);
        check("İstanbul", &["istanbul"]);
    }

    #[test]
    fn a_visit_ends_when_it_has_seen_enough() {
        assert!(!visit_words("a b c", &mut String::new(), |word| word != "b"));
    }

    proptest! {
        #[test]
        fn a_word_is_a_word_again(text in "\\PC{0,40}") {
            for word in words(&text) {
                prop_assert!(is_word(&word), "word: {word}");
            }
        }
    }
}
