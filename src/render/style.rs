//! How text answers look: what the terminal, the user and the environment ask for.

use jiff::tz::TimeZone;

use crate::render::path::PathView;

/// Narrower than this no table can be read; text is laid out for this many columns then.
pub const WIDTH_MIN: usize = 40;

/// How text answers look.
#[derive(Debug, Clone)]
pub struct Style {
    /// Columns of the terminal; rows are cut or wrapped to fit.
    pub width: usize,
    /// Whether colours are wanted. They only repeat what characters say.
    pub colour: bool,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// Whether everything is shown: messages are wrapped and not cut, stack traces whole,
    /// each line with its place in the files.
    pub full: bool,
    /// How paths are shown.
    pub paths: PathView,
}

impl Style {
    /// The columns to lay out for.
    pub fn columns(&self) -> usize {
        self.width.max(WIDTH_MIN)
    }
}
