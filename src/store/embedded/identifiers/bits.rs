//! Numbers of any width, one after the other without gaps.
//!
//! A number whose size is known only roughly is written by Golomb and Rice's code: what is above
//! some number of low bits as so many ones, then the low bits. Numbers that are much larger than
//! foreseen are written in full behind a row of ones.

use crate::store::embedded::wire::Malformed;

/// So many ones stand before a number that is written in full.
const ESCAPE: u32 = 24;

/// Bits of a number that is written in full.
const WHOLE_BITS: u32 = 40;

/// Writes bits, the lowest first.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    out: Vec<u8>,
    /// Bits that are not yet a whole number of bytes; fewer than eight.
    held: u64,
    count: u32,
}

impl BitWriter {
    /// Appends the low `width` bits of a number, at most 48.
    pub(super) fn put(&mut self, number: u64, width: u32) {
        self.held |= (number & ((1 << width) - 1)) << self.count;
        self.count += width;
        let whole = self.count / 8;
        self.out.extend_from_slice(&self.held.to_le_bytes()[..whole as usize]);
        self.held >>= whole * 8;
        self.count %= 8;
    }

    /// Appends a number of about `low` bits, at most 40.
    pub(super) fn put_rice(&mut self, number: u64, low: u32) {
        let high = number >> low;
        if high >= u64::from(ESCAPE) {
            self.put((1 << ESCAPE) - 1, ESCAPE);
            return self.put(number, WHOLE_BITS);
        }
        self.put((1 << high) - 1, high as u32 + 1);
        self.put(number, low);
    }

    /// Appends the rest of the last byte, and gives all bytes; none are left.
    pub(super) fn take(&mut self) -> Vec<u8> {
        if self.count > 0 {
            self.put(0, 8 - self.count);
        }
        std::mem::take(&mut self.out)
    }
}

/// Reads what the writer wrote.
#[derive(Debug, Clone)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// Bits that were read.
    place: usize,
}

impl<'a> BitReader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, place: 0 }
    }

    /// The next bits, as many as a number of 56 bits has.
    fn peek(&self) -> u64 {
        let rest = self.bytes.get(self.place / 8..).unwrap_or_default();
        let word = rest.first_chunk().map_or_else(
            || {
                let mut word = [0; 8];
                word[..rest.len()].copy_from_slice(rest);
                u64::from_le_bytes(word)
            },
            |word| u64::from_le_bytes(*word),
        );
        word >> (self.place % 8)
    }

    fn skip(&mut self, width: u32) -> Result<(), Malformed> {
        self.place += width as usize;
        if self.place > self.bytes.len() * 8 { Err(Malformed("bits are missing")) } else { Ok(()) }
    }

    /// A number of `width` bits, at most 48.
    pub(super) fn number(&mut self, width: u32) -> Result<u64, Malformed> {
        let number = self.peek() & ((1 << width) - 1);
        self.skip(width)?;
        Ok(number)
    }

    /// A number of about `low` bits.
    pub(super) fn rice(&mut self, low: u32) -> Result<u64, Malformed> {
        let high = self.peek().trailing_ones();
        if high >= ESCAPE {
            self.skip(ESCAPE)?;
            return self.number(WHOLE_BITS);
        }
        self.skip(high + 1)?;
        Ok(u64::from(high) << low | self.number(low)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_are_read_as_they_were_written(
            numbers in prop::collection::vec((0u64..1 << 40, 0u32..=40, any::<bool>()), 0..50)
        ) {
            let mut writer = BitWriter::default();
            for (number, width, is_rough) in &numbers {
                if *is_rough { writer.put_rice(*number, *width) } else { writer.put(*number, *width) }
            }
            let bytes = writer.take();
            let mut reader = BitReader::new(&bytes);
            for (number, width, is_rough) in numbers {
                let (read, expected) = if is_rough {
                    (reader.rice(width), number)
                } else {
                    (reader.number(width), number & ((1 << width) - 1))
                };
                prop_assert_eq!(read, Ok(expected));
            }
        }

        #[test]
        fn foreign_bytes_end(bytes: Vec<u8>, widths in prop::collection::vec(0u32..=40, 0..50)) {
            let mut reader = BitReader::new(&bytes);
            for width in widths {
                let _any_number_or_none = reader.rice(width);
            }
        }
    }
}
