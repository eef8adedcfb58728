//! Identifiers of traces and spans, as the W3C Trace Context specification defines them.
//!
//! How the many spellings in logs become these two types is the business of `context`;
//! here they are only numbers that were found valid.

use std::fmt;
use std::num::{NonZeroU64, NonZeroU128};

/// A trace's identifier: 128 bits, never zero.
///
/// An id of 64 bits (Jaeger, old B3, Datadog) has a zero high half.
/// Invariant: the value is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(NonZeroU128);

impl TraceId {
    /// The id with this value, or none for zero, which names no trace.
    pub const fn new(value: u128) -> Option<Self> {
        match NonZeroU128::new(value) {
            Some(value) => Some(Self(value)),
            None => None,
        }
    }

    /// Reads 1 to 32 hexadecimal digits of either case; none for anything else and for zero.
    pub fn from_hex(text: &str) -> Option<Self> {
        Self::new(hex_value(text, 32)?)
    }

    /// The id as a number.
    pub const fn value(self) -> u128 {
        self.0.get()
    }

    /// The low 64 bits, by which ids of 64 and of 128 bits are joined.
    pub const fn low_half(self) -> u64 {
        self.0.get() as u64
    }

    /// Whether only 64 bits are known, so that the high half may be missing.
    pub const fn is_short(self) -> bool {
        self.0.get() >> 64 == 0
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

/// A span's identifier: 64 bits, never zero.
///
/// Invariant: the value is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId(NonZeroU64);

impl SpanId {
    /// The id with this value, or none for zero, which names no span.
    pub const fn new(value: u64) -> Option<Self> {
        match NonZeroU64::new(value) {
            Some(value) => Some(Self(value)),
            None => None,
        }
    }

    /// Reads 1 to 16 hexadecimal digits of either case; none for anything else and for zero.
    pub fn from_hex(text: &str) -> Option<Self> {
        Self::new(hex_value(text, 16)? as u64)
    }

    /// The id as a number.
    pub const fn value(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

/// The value of up to `digits_max` hexadecimal digits and nothing else (no sign, no `0x`).
fn hex_value(text: &str, digits_max: usize) -> Option<u128> {
    if text.is_empty() || text.len() > digits_max {
        return None;
    }
    text.bytes().try_fold(0u128, |value, byte| {
        let digit = char::from(byte).to_digit(16)?;
        Some(value << 4 | u128::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_id_is_shown_with_all_its_digits() {
        let id = TraceId::from_hex("194CBE70F2A85D13").expect("an id");
        assert_eq!(id.to_string(), "0000000000000000194cbe70f2a85d13");
        assert!(id.is_short());
    }

    #[test]
    fn zero_names_nothing() {
        assert_eq!(TraceId::from_hex("00000000000000000000000000000000"), None);
        assert_eq!(SpanId::from_hex("0"), None);
    }

    #[test]
    fn signs_blanks_and_long_texts_are_no_ids() {
        for text in ["", "+1", "0x1", " 1", "11223344556677889"] {
            assert_eq!(SpanId::from_hex(text), None, "text: {text}");
        }
    }
}
