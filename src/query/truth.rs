//! Yes, no, or cannot tell: logs are incomplete, and an answer says where that matters.

/// The answer to a question (Kleene's logic of three values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// It does not hold.
    No,
    /// The logs cannot tell.
    CannotTell,
    /// It holds.
    Yes,
}

impl Truth {
    /// Both: the less certain of the two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Either: the more certain of the two.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// The opposite; what cannot be told stays so.
    #[must_use]
    pub const fn negated(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::CannotTell => Self::CannotTell,
            Self::Yes => Self::No,
        }
    }

    /// The name in machine-readable answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::CannotTell => "cannot_tell",
            Self::Yes => "yes",
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}
