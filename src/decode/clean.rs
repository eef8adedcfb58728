//! Makes text of a line's bytes: without colours, without what is no text.
//!
//! Only what the definitions see is cleaned; a record's raw bytes stay as they are.

use std::borrow::Cow;

/// Starts a terminal's control sequence.
const ESCAPE: u8 = 0x1b;
/// Stands before each text of a sequence of JSON texts (RFC 7464).
const RECORD_SEPARATOR: u8 = 0x1e;
/// The mark that some editors and Windows programs put before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The line as text: invalid UTF-8 replaced, terminal sequences, NUL bytes, a byte order
/// mark and the `\r` at the end taken out. Borrowed when there is nothing to mend.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let bytes = bytes.strip_prefix(&[RECORD_SEPARATOR]).unwrap_or(bytes);
    let text = match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    };
    if memchr::memchr2(ESCAPE, 0, bytes).is_none() {
        return text;
    }
    Cow::Owned(without_sequences(&text))
}

/// Text from inside an envelope without terminal sequences; borrowed when it has none.
pub(super) fn inner(text: Cow<'_, str>) -> Cow<'_, str> {
    if memchr::memchr(ESCAPE, text.as_bytes()).is_none() {
        return text;
    }
    Cow::Owned(without_sequences(&text))
}

/// Takes out CSI sequences (`ESC [ … letter`), OSC sequences (`ESC ] … BEL` or `ESC \`),
/// two-character sequences and NUL.
fn without_sequences(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\0' => {}
            '\u{1b}' => match letters.next() {
                Some('[') => {
                    // The sequence ends with its first letter or sign from `@` on.
                    letters.by_ref().find(|letter| ('@'..='~').contains(letter));
                }
                Some(']') => skip_command(&mut letters),
                Some(_) | None => {}
            },
            _ => kept.push(letter),
        }
    }
    kept
}

/// Skips an operating system command up to its end, or all that is left.
fn skip_command(letters: &mut std::str::Chars<'_>) {
    while let Some(letter) = letters.next() {
        if letter == '\u{7}' {
            return;
        }
        if letter == '\u{1b}' {
            letters.next();
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(text(bytes), expected);
    }

    #[test]
    fn colours_links_and_line_ends_are_taken_out() {
        check(b"\x1b[32mINFO\x1b[0m ready\r", "INFO ready");
        check(b"\x1b]8;;http://x\x07link\x1b]8;;\x1b\\ end", "link end");
        check(b"\x1b[1;31", "");
        check(b"a\0b", "ab");
    }

    #[test]
    fn what_is_no_text_is_replaced_and_clean_text_is_borrowed() {
        check(b"a\xffb", "a\u{fffd}b");
        check("\u{feff}{}".as_bytes(), "{}");
        check(b"\x1e{}", "{}");
        assert!(matches!(text(b"plain"), Cow::Borrowed("plain")));
    }
}
