//! A place in a short text that is read from left to right.

/// Reads a text byte by byte; what does not fit leaves it where it was.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// At the beginning of `text`.
    pub(super) const fn new(text: &'a str) -> Self {
        Self { rest: text.as_bytes() }
    }

    /// What was not read yet.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether everything was read.
    pub(super) const fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next byte, without taking it.
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Takes one of these bytes.
    pub(super) fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let byte = self.peek().filter(|byte| wanted.contains(byte))?;
        self.rest = &self.rest[1..];
        Some(byte)
    }

    /// Takes exactly this text.
    pub(super) fn literal(&mut self, wanted: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(wanted)?;
        Some(())
    }

    /// Takes spaces, if there are any, and says whether there were.
    pub(super) fn spaces(&mut self) -> bool {
        let before = self.rest.len();
        self.rest = self.rest.trim_ascii_start();
        self.rest.len() < before
    }

    /// Takes `least` to `most` digits as a number; at most nine, so that it fits.
    pub(super) fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.rest.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        if count < least {
            return None;
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        Some(digits.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0')))
    }

    /// How many digits come next.
    pub(super) fn digits_ahead(&self) -> usize {
        self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// Takes the letters that come next; none if there are none.
    pub(super) fn word(&mut self) -> Option<&'a [u8]> {
        let count = self.rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        if count == 0 {
            return None;
        }
        let (word, rest) = self.rest.split_at(count);
        self.rest = rest;
        Some(word)
    }

    /// Takes the letters that come next, of any alphabet; nothing if there are none.
    pub(super) fn name(&mut self) -> &'a [u8] {
        let is_letter = |byte: &&u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
        let count = self.rest.iter().take_while(is_letter).count();
        let (name, rest) = self.rest.split_at(count);
        self.rest = rest;
        name
    }

    /// Takes digits after a separator as a fraction of a second, in nanoseconds; finer
    /// digits are cut off.
    pub(super) fn fraction(&mut self) -> Option<u32> {
        let count = self.digits_ahead();
        if count == 0 {
            return None;
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        let kept = digits.iter().copied().chain(std::iter::repeat(b'0')).take(9);
        Some(kept.fold(0, |value, digit| value * 10 + u32::from(digit - b'0')))
    }
}
