//! How bad a record says it is, on the scale of OpenTelemetry's log data model.

use std::fmt;

/// A severity number, 1 (TRACE) to 24 (FATAL4).
///
/// Invariant: the number is between 1 and 24.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Severity(u8);

impl Severity {
    /// The first number of `TRACE`.
    pub const TRACE: Self = Self(1);
    /// The first number of `DEBUG`.
    pub const DEBUG: Self = Self(5);
    /// The first number of `INFO`.
    pub const INFO: Self = Self(9);
    /// The first number of `WARN`.
    pub const WARN: Self = Self(13);
    /// The first number of `ERROR`.
    pub const ERROR: Self = Self(17);
    /// The first number of `FATAL`.
    pub const FATAL: Self = Self(21);

    /// The severity with this number; none outside 1 to 24.
    pub const fn new(number: u8) -> Option<Self> {
        if number >= 1 && number <= 24 { Some(Self(number)) } else { None }
    }

    /// The number on OpenTelemetry's scale.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The short name of the range the number lies in: `trace` to `fatal`.
    pub const fn name(self) -> &'static str {
        match self.0 {
            ..=4 => "trace",
            5..=8 => "debug",
            9..=12 => "info",
            13..=16 => "warn",
            17..=20 => "error",
            21.. => "fatal",
        }
    }

    /// Whether this is `ERROR` or worse.
    pub const fn is_error(self) -> bool {
        self.0 >= Self::ERROR.0
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
