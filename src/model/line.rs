//! A line of bytes and where it stands.

/// A line longer than this is cut and marked: one runaway line must not take the process down.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// Where a line begins in its stream (after decompression and transcoding to UTF-8).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Position {
    /// The line's number, from 1.
    pub line: u64,
    /// Bytes before the line.
    pub offset: u64,
}

impl Position {
    /// The first line of a stream.
    pub const START: Self = Self { line: 1, offset: 0 };
}

/// One physical line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The bytes without the final `\n`; at most [`LINE_BYTES_MAX`].
    pub bytes: &'a [u8],
    /// Where it begins.
    pub position: Position,
    /// How many bytes of it were cut off, beyond `bytes`.
    pub cut: u64,
    /// Whether it ended with `\n`; false only for the last line of a stream.
    pub terminated: bool,
}
