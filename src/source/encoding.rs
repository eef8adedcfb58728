//! UTF-16 becomes UTF-8 while it is read.
//!
//! A byte-order mark comes through as the three bytes of U+FEFF, which
//! [`lines`](crate::source::lines) drops as it drops a UTF-8 mark. A unit without its
//! partner becomes U+FFFD. UTF-8 and anything like it is not touched here: bytes that are
//! not valid are kept as they are.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE};

/// Bytes transcoded at a time.
const STEP_BYTES: usize = 16 << 10;

/// How a stream's text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8, ASCII or something of the kind, where `\n` is one byte.
    Bytes,
    /// UTF-16, low byte first.
    Utf16Little,
    /// UTF-16, high byte first.
    Utf16Big,
}

/// Reads UTF-16 as UTF-8.
pub(super) struct Transcoder<R> {
    input: R,
    decoder: Decoder,
    encoded: Vec<u8>,
    text: Vec<u8>,
    given: usize,
    over: bool,
}

impl<R: Read> Transcoder<R> {
    /// Reads `input`, whose high bytes come first if `big`.
    pub(super) fn new(input: R, big: bool) -> Self {
        let encoding = if big { UTF_16BE } else { UTF_16LE };
        Self {
            input,
            decoder: encoding.new_decoder_without_bom_handling(),
            encoded: vec![0; STEP_BYTES],
            // Two bytes become at most three; some room is for what was held back.
            text: Vec::with_capacity(STEP_BYTES * 2),
            given: 0,
            over: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        let count = self.input.read(&mut self.encoded)?;
        self.over = count == 0;
        self.given = 0;
        self.text.clear();
        self.text.resize(STEP_BYTES * 2, 0);
        let (result, read, written, _) =
            self.decoder.decode_to_utf8(&self.encoded[..count], &mut self.text, self.over);
        debug_assert!(result == CoderResult::InputEmpty && read == count);
        self.text.truncate(written);
        Ok(())
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.over {
            self.refill()?;
        }
        let ready = &self.text[self.given..];
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], big: bool, expected: &str) {
        let mut text = String::new();
        Transcoder::new(bytes, big).read_to_string(&mut text).expect("it is valid UTF-8 now");
        assert_eq!(text, expected);
    }

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn both_byte_orders_are_read() {
        let text = "Größe \u{1F600}\r\nzwei\n";
        check(&utf16(text, u16::to_le_bytes), false, text);
        check(&utf16(text, u16::to_be_bytes), true, text);
    }

    #[test]
    fn text_longer_than_a_step_is_whole() {
        let text = "\u{20AC}x\u{1F600}".repeat(30_000);
        check(&utf16(&text, u16::to_le_bytes), false, &text);
    }

    #[test]
    fn an_odd_byte_and_a_lone_surrogate_are_marked() {
        check(b"a\0b", false, "a\u{FFFD}");
        check(&[0x00, 0xD8, b'a', 0], false, "\u{FFFD}a");
    }
}
