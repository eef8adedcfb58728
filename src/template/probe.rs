//! Lines like a given one with other values in their slots.
//!
//! What a part of an entry is made of shows when the slots change; so does whether every
//! value of a kind means the same.

use std::ops::Range;

use crate::model::slot;
use crate::model::template::SlotKind;
use crate::model::time::NANOSECONDS_PER_DAY;

/// How the new values are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// As long as the old ones.
    Same,
    /// Of any length that their kind allows.
    Any,
    /// Numbers from this one on; other kinds as in `Same`.
    From(u16),
}

/// Where the meaning of short numbers is known to change, that of status codes above all.
pub(super) const EDGES: [Choice; 6] = [
    Choice::From(110),
    Choice::From(210),
    Choice::From(310),
    Choice::From(404),
    Choice::From(503),
    Choice::From(700),
];

/// Numbers without a pattern, the same in every run: answers must not depend on chance.
#[derive(Debug)]
pub(super) struct Noise(u64);

impl Default for Noise {
    fn default() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }
}

impl Noise {
    /// A number below `bound`, which is not zero.
    fn below(&mut self, bound: u64) -> u64 {
        // SplitMix64 by Sebastiano Vigna.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn digits(&mut self, out: &mut Vec<u8>, count: usize) {
        for _ in 0..count {
            out.push(b'0' + self.below(10) as u8);
        }
    }

    fn number(&mut self, out: &mut Vec<u8>, length: usize) {
        out.push(b'1' + self.below(9) as u8);
        self.digits(out, length.saturating_sub(1));
    }

    /// Another value of a kind. Rarely one of another kind: the caller looks.
    pub(super) fn value(&mut self, kind: SlotKind, old: &[u8], choice: Choice) -> Vec<u8> {
        let mut out = Vec::with_capacity(old.len());
        let wanted = match choice {
            Choice::Same | Choice::From(_) => old.len(),
            Choice::Any => 2 + self.below(11) as usize,
        };
        match kind {
            SlotKind::Digit => out.push(b'1' + self.below(9) as u8),
            SlotKind::Digits => match choice {
                Choice::From(edge) => {
                    slot::put_padded(&mut out, u64::from(edge) + self.below(80), 1);
                }
                Choice::Same | Choice::Any => self.number(&mut out, wanted),
            },
            SlotKind::Padded => {
                out.push(b'0');
                self.number(&mut out, wanted - 1);
            }
            SlotKind::Long(length) => self.number(&mut out, usize::from(length)),
            SlotKind::Epoch(length) => {
                out.push(b'1');
                self.digits(&mut out, usize::from(length) - 1);
            }
            SlotKind::EpochDecimal(places) => {
                out.push(b'1');
                self.digits(&mut out, 9);
                out.push(b'.');
                self.digits(&mut out, usize::from(places));
            }
            SlotKind::Decimal => self.decimal(&mut out, old, choice),
            SlotKind::Quad => {
                let parts: Vec<String> =
                    (0..4).map(|_| (1 + self.below(255)).to_string()).collect();
                out.extend_from_slice(parts.join(".").as_bytes());
            }
            SlotKind::Hexadecimal(_) | SlotKind::Uuid | SlotKind::Mixed(_) => {
                self.letters(&mut out, kind, old);
            }
            SlotKind::Moment { .. } => {
                // Any day between 2020 and 2029.
                let day = 18_262 + self.below(3_650) as i64;
                let of_day = self.below(NANOSECONDS_PER_DAY as u64) as i64;
                slot::write_moment(&mut out, kind, day * NANOSECONDS_PER_DAY + of_day);
            }
            SlotKind::Clock { point, digits } => {
                let of_day = self.below(NANOSECONDS_PER_DAY as u64) as i64;
                slot::write_clock(&mut out, point, digits, of_day);
            }
        }
        out
    }

    fn decimal(&mut self, out: &mut Vec<u8>, old: &[u8], choice: Choice) {
        let whole = old.iter().position(|byte| *byte == b'.').unwrap_or(old.len());
        let (whole, places) = match choice {
            Choice::Same | Choice::From(_) => (whole, old.len().saturating_sub(whole + 1)),
            Choice::Any => (1 + self.below(6) as usize, 1 + self.below(6) as usize),
        };
        self.number(out, whole);
        out.push(b'.');
        self.digits(out, places);
    }

    /// Letters for letters and digits for digits; in hexadecimal either for either.
    fn letters(&mut self, out: &mut Vec<u8>, kind: SlotKind, old: &[u8]) {
        let is_mixed = matches!(kind, SlotKind::Mixed(_));
        for byte in old {
            out.push(match byte {
                b'-' => b'-',
                b'A'..=b'Z' => b'A' + self.below(26) as u8,
                b'a'..=b'z' if is_mixed => b'a' + self.below(26) as u8,
                _ if is_mixed => b'0' + self.below(10) as u8,
                _ => b"0123456789abcdef"[self.below(16) as usize],
            });
        }
    }
}

/// A line with these values in its slots.
pub(super) fn refilled(line: &[u8], slots: &[Range<u32>], values: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len());
    let mut copied = 0;
    for (range, value) in slots.iter().zip(values) {
        out.extend_from_slice(&line[copied..range.start as usize]);
        out.extend_from_slice(value);
        copied = range.end as usize;
    }
    out.extend_from_slice(&line[copied..]);
    out
}
