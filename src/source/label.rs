//! Names of files and of archive members as text that is safe to show and to store.
//!
//! A name is only ever a label: nothing is opened or written by a name from an archive.
//! Bytes that are not UTF-8 become `\xNN` and control characters their escapes, so that
//! two different names do not become one label.

use std::path::Path;

/// The label of a name made of any bytes.
pub(super) fn of_bytes(name: &[u8]) -> String {
    let mut label = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() {
                label.extend(character.escape_default());
            } else {
                label.push(character);
            }
        }
        for byte in chunk.invalid() {
            label.extend(std::ascii::escape_default(*byte).map(char::from));
        }
    }
    label
}

/// The label of a path.
pub(super) fn of_path(path: &Path) -> String {
    of_bytes(path.as_os_str().as_encoded_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &[u8], expected: &str) {
        assert_eq!(of_bytes(name), expected);
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        check("logs/größe 1.log".as_bytes(), "logs/größe 1.log");
    }

    #[test]
    fn control_characters_and_foreign_bytes_are_escaped() {
        check(b"a\x1b[2J\nb", "a\\u{1b}[2J\\nb");
        check(b"caf\xe9.log", "caf\\xe9.log");
    }
}
