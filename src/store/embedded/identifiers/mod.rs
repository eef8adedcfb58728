//! Ids and numbers in the index: which groups have them, in a sorted table of hashes.
//!
//! No two requests share their ids, so a dictionary of them is as large as the ids themselves and
//! takes most of the time of indexing. Here an id is a key of 34 bits. A key may stand for
//! several ids: what is found is verified, as all that the index finds.
//!
//! ```text
//! key: the first three characters (16 bits) | hash of the whole word (18 bits)
//! ```
//! so that the words that begin alike lie side by side, and a beginning is a range of keys.

use std::ops::Range;

use twox_hash::XxHash3_64;

mod bits;
pub(super) mod plugin;
mod table;

pub(super) use table::Table;

/// A word with so many digits is an id or a number, not one of a language.
const DIGITS_MIN: usize = 4;

/// Bits of a key.
const KEY_BITS: u32 = 34;

/// Bits of a key that are a hash.
const HASH_BITS: u32 = 18;

/// Characters of a word that its key spells out.
const SPELLED: usize = 3;

/// Different characters in a key's spelling: none, ten digits, 26 letters, any other.
const CHARACTERS: u64 = 38;

/// Spellings below this are those of words, the others those of trace ids.
const SPELLINGS: u64 = CHARACTERS.pow(SPELLED as u32);

/// Spellings that trace ids have.
const TRACE_SPELLINGS: u64 = (1 << 16) - SPELLINGS;

/// An id as the table knows it.
pub(super) type Key = u64;

/// Whether a word is looked up here, and not among the words of a language.
pub(super) fn is_identifier(word: &[u8]) -> bool {
    let digits = word.iter().filter(|byte| byte.is_ascii_digit());
    digits.take(DIGITS_MIN).count() == DIGITS_MIN
}

/// The key of a word.
pub(super) fn key_of(word: &[u8]) -> Key {
    spelling(word) << HASH_BITS | XxHash3_64::oneshot(word) >> (64 - HASH_BITS)
}

/// The key of a trace id's low half.
pub(super) fn key_of_half(half: u64) -> Key {
    let hash = XxHash3_64::oneshot(&half.to_le_bytes());
    let spelling = SPELLINGS + (hash & u64::from(u32::MAX)) % TRACE_SPELLINGS;
    spelling << HASH_BITS | hash >> (64 - HASH_BITS)
}

/// The keys of all words that begin like this.
pub(super) fn keys_beginning(prefix: &str) -> Range<Key> {
    let missing = SPELLED.saturating_sub(prefix.len()) as u32;
    let first = spelling(prefix.as_bytes());
    first << HASH_BITS..(first + CHARACTERS.pow(missing)) << HASH_BITS
}

fn spelling(word: &[u8]) -> u64 {
    (0..SPELLED).fold(0, |spelled, place| {
        spelled * CHARACTERS + word.get(place).map_or(0, |byte| character(*byte))
    })
}

const fn character(byte: u8) -> u64 {
    match byte {
        b'0'..=b'9' => (byte - b'0') as u64 + 1,
        b'a'..=b'z' => (byte - b'a') as u64 + 11,
        _ => CHARACTERS - 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_with_four_digits_are_identifiers() {
        for (word, expected) in
            [("20417", true), ("a1b2c3d4", true), ("404", false), ("gbp", false)]
        {
            assert_eq!(is_identifier(word.as_bytes()), expected, "word: {word}");
        }
    }

    proptest! {
        #[test]
        fn every_word_is_among_those_that_begin_like_it(word in "[0-9a-z_é]{1,9}", cut in 1usize..9) {
            let prefix: String = word.chars().take(cut).collect();
            prop_assert!(keys_beginning(&prefix).contains(&key_of(word.as_bytes())), "{prefix} of {word}");
        }

        #[test]
        fn words_and_trace_ids_have_different_keys_of_34_bits(word in "[0-9a-z_é]{1,9}", half: u64) {
            prop_assert!(key_of(word.as_bytes()) < SPELLINGS << HASH_BITS);
            prop_assert!((SPELLINGS << HASH_BITS..1 << KEY_BITS).contains(&key_of_half(half)));
        }
    }
}
