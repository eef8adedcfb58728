//! What can be wrong with a definition, and where.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// A line of a definition file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file; for embedded ones `parsers/<name>.toml`.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.path.display(), self.line)
    }
}

/// Why a definition cannot be used.
#[derive(Debug, Error)]
pub enum DefinitionError {
    /// The file or directory cannot be read.
    #[error("{}: {cause}", path.display())]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The file is larger than any definition needs to be.
    #[error("{}: larger than {limit} bytes", path.display())]
    FileTooLarge {
        /// The file.
        path: PathBuf,
        /// The most that is read.
        limit: u64,
    },
    /// The file is not TOML.
    #[error("{place}: {message}")]
    Syntax {
        /// Where reading stopped.
        place: Place,
        /// What the TOML reader says.
        message: String,
    },
    /// A key that definitions do not have.
    #[error("{place}: unknown key `{key}`")]
    UnknownKey {
        /// Where it stands.
        place: Place,
        /// The key.
        key: String,
        /// The key that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A key that must be there is not.
    #[error("{place}: `{key}` is missing")]
    KeyMissing {
        /// Where it should stand.
        place: Place,
        /// The key.
        key: &'static str,
    },
    /// A value that its key cannot have.
    #[error("{place}: `{key}` must be {expected}")]
    WrongValue {
        /// Where it stands.
        place: Place,
        /// The key.
        key: String,
        /// What would be right.
        expected: String,
    },
    /// A pattern that is no regular expression.
    #[error("{place}: pattern, column {column}: {message}")]
    Pattern {
        /// The line of the mistake inside the pattern.
        place: Place,
        /// Its column in that line, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// A pattern that would take too much memory.
    #[error("{place}: the compiled pattern is larger than {limit} bytes")]
    PatternTooLarge {
        /// Where it stands.
        place: Place,
        /// The most it may take.
        limit: usize,
    },
    /// A pattern that does not say where the message is.
    #[error("{place}: pattern has no group named `message`")]
    MessageGroupMissing {
        /// Where it stands.
        place: Place,
    },
    /// A time form that cannot be read.
    #[error("{place}: time form `{form}`: {message}")]
    TimeForm {
        /// Where it stands.
        place: Place,
        /// The form.
        form: String,
        /// What is wrong.
        message: String,
    },
    /// Two definitions in one directory have the same name.
    #[error("{place}: the name `{name}` is taken by {}", other.display())]
    NameTaken {
        /// The later one.
        place: Place,
        /// The name.
        name: String,
        /// The file of the earlier one.
        other: PathBuf,
    },
    /// A sample or reject does not hold.
    #[error("{0}")]
    Unproven(Box<Failure>),
}

impl DefinitionError {
    /// What to do about it, when that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { .. } | Self::Syntax { .. } | Self::WrongValue { .. } => None,
            Self::FileTooLarge { .. } => Some("put each format into a file of its own".to_owned()),
            Self::UnknownKey { nearest, .. } => {
                nearest.map(|nearest| format!("did you mean `{nearest}`?"))
            }
            Self::KeyMissing { key: "sample", .. } => {
                Some("add a [[sample]] with a `line` and what to `expect` of it".to_owned())
            }
            Self::KeyMissing { .. } => Some("see parsers/README.md for an example".to_owned()),
            Self::Pattern { .. } => {
                Some("write patterns between ''' so that backslashes stay as they are".to_owned())
            }
            Self::PatternTooLarge { .. } => {
                Some("replace counted repetitions such as {1,1000} by `+`".to_owned())
            }
            Self::MessageGroupMissing { .. } => {
                Some("name the part that holds the text: (?<message>.*)".to_owned())
            }
            Self::TimeForm { .. } => Some(
                "forms look like %Y-%m-%d %H:%M:%S%.3f; without `time` all usual forms are tried"
                    .to_owned(),
            ),
            Self::NameTaken { .. } => Some("give each definition a name of its own".to_owned()),
            Self::Unproven(failure) => failure.hint.clone(),
        }
    }
}

/// A sample or reject that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where it stands.
    pub place: Place,
    /// What was looked at: `sample`, `reject`, a field's name.
    pub subject: String,
    /// What should have been found.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// What to do about it, when that is known.
    pub hint: Option<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: {}: expected {}, found {}",
            self.place, self.subject, self.expected, self.found
        )
    }
}
