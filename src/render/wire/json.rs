//! JSON text that is safe to look at: control characters beyond those that JSON itself
//! forbids (DEL, C1, bidirectional ones) are written as `\u….` escapes. No value changes.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

use crate::render::escape::is_unsafe;

/// Writes a value as one line.
///
/// # Errors
/// When the writer fails.
pub(super) fn write_line(out: &mut dyn io::Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(&mut *out, Escaping(CompactFormatter));
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

struct Escaping(CompactFormatter);

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_unsafe) {
            self.0.write_string_fragment(writer, &rest[..at])?;
            let character = rest[at..].chars().next().unwrap_or_default();
            // All of them lie in the basic plane: one escape each.
            write!(writer, "\\u{:04x}", u32::from(character))?;
            rest = &rest[at + character.len_utf8()..];
        }
        self.0.write_string_fragment(writer, rest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        write_line(&mut out, &text).expect("a Vec takes all bytes");
        String::from_utf8(out).expect("JSON is text")
    }

    #[test]
    fn eight_bit_and_bidirectional_controls_are_escaped() {
        assert_eq!(written("a\u{9b}b\u{202e}c\x7f\x1b"), "\"a\\u009bb\\u202ec\\u007f\\u001b\"\n");
    }

    proptest! {
        #[test]
        fn text_comes_back_as_it_was(text in any::<String>()) {
            let json = written(&text);
            prop_assert!(!json.trim_end().contains(is_unsafe));
            prop_assert_eq!(serde_json::from_str::<String>(&json).expect("valid JSON"), text);
        }
    }
}
