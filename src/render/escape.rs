//! Control characters of foreign text made visible, so that no log line can drive a terminal.
//!
//! C0 controls and DEL become their Unicode pictures (`␛`, `␇`, `␡`), a tab becomes four
//! blanks, and C1 controls, line separators and bidirectional controls become `\u{…}`.
//!
//! Invariant: what [`visible`] returns holds no control character, and text without any
//! comes back as it was.

use std::borrow::Cow;
use std::fmt::Write;

/// What a tab becomes: a column stop would depend on where the text stands in its row.
const TAB: &str = "    ";

/// The text with its control characters made visible.
pub fn visible(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(is_unsafe) else {
        return Cow::Borrowed(text);
    };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..first]);
    for character in text[first..].chars() {
        push_visible(&mut shown, character);
    }
    Cow::Owned(shown)
}

/// Whether a terminal might obey the character, or show the text in another order for it.
pub const fn is_unsafe(character: char) -> bool {
    matches!(
        character,
        '\0'..='\x1f'
            | '\x7f'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
    )
}

fn push_visible(shown: &mut String, character: char) {
    match character {
        '\t' => shown.push_str(TAB),
        '\0'..='\x1f' => shown.push(picture(u32::from(character))),
        '\x7f' => shown.push('␡'),
        _ if is_unsafe(character) => {
            write!(shown, "\\u{{{:x}}}", u32::from(character)).expect("a String takes all text");
        }
        _ => shown.push(character),
    }
}

/// The picture of a C0 control: the block at U+2400 has them in the same order.
fn picture(code: u32) -> char {
    char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(visible(text), expected);
    }

    #[test]
    fn a_colour_sequence_is_shown_and_not_obeyed() {
        check("\x1b[31mred\x1b[0m", "␛[31mred␛[0m");
    }

    #[test]
    fn a_title_sequence_of_eight_bit_controls_is_shown() {
        check("\u{9d}0;owned\u{9c}\x07", "\\u{9d}0;owned\\u{9c}␇");
    }

    #[test]
    fn text_that_would_turn_its_direction_is_shown_in_logical_order() {
        check("pay\u{202e}lluf", "pay\\u{202e}lluf");
    }

    #[test]
    fn a_tab_becomes_blanks_and_a_newline_a_picture() {
        check("\tat f\r\n", "    at f␍␊");
    }

    #[test]
    fn text_without_controls_is_lent_as_it_is() {
        assert!(matches!(visible("größe 東京 🚂"), Cow::Borrowed("größe 東京 🚂")));
    }

    proptest! {
        #[test]
        fn no_control_character_is_left(text in any::<String>()) {
            prop_assert!(!visible(&text).chars().any(|character| character.is_control() || is_unsafe(character)));
        }

        #[test]
        fn controls_of_any_kind_are_never_left(
            text in proptest::collection::vec(
                prop_oneof![0u32..0xa0, 0x2000u32..0x2070, Just(0x61c), Just(0xfeff)],
                0..40,
            )
        ) {
            let text: String = text.into_iter().filter_map(char::from_u32).collect();
            prop_assert!(!visible(&text).contains(is_unsafe));
        }
    }
}
