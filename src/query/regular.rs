//! Regular expressions that a user typed: checked, bounded, compared by their text.

use regex::{Regex, RegexBuilder};

/// Bytes that a compiled expression may take: `(x{1000}){1000}` is refused.
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// Bytes that an expression may take while it runs; it becomes slower then, not larger.
const RUNNING_BYTES_MAX: usize = 1 << 20;

/// How deep groups may nest.
const NESTING_MAX: u32 = 64;

/// A regular expression over a text. It runs in time linear in the text.
#[derive(Debug, Clone)]
pub struct RegularExpression {
    text: String,
    compiled: Regex,
}

/// Why a text is no regular expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotRegular {
    /// What is wrong.
    pub reason: String,
    /// Where, if it is one place: a byte of the text.
    pub place: Option<usize>,
}

impl RegularExpression {
    /// Reads an expression.
    ///
    /// # Errors
    /// When it is none, or would take too much memory.
    pub fn parse(text: &str) -> Result<Self, NotRegular> {
        let built = RegexBuilder::new(text)
            .size_limit(COMPILED_BYTES_MAX)
            .dfa_size_limit(RUNNING_BYTES_MAX)
            .nest_limit(NESTING_MAX)
            .build();
        match built {
            Ok(compiled) => Ok(Self { text: text.to_owned(), compiled }),
            Err(error) => Err(reason(text, &error)),
        }
    }

    /// As it was typed, without the slashes.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it finds something in the text.
    pub fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

impl PartialEq for RegularExpression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for RegularExpression {}

fn reason(text: &str, error: &regex::Error) -> NotRegular {
    if let regex::Error::CompiledTooBig(limit) = error {
        let reason = format!("the regular expression takes more than {} KiB", limit >> 10);
        return NotRegular { reason, place: None };
    }
    let parsed = regex_syntax::ParserBuilder::new().nest_limit(NESTING_MAX).build().parse(text);
    let (reason, place) = match parsed {
        Err(regex_syntax::Error::Parse(error)) => {
            (error.kind().to_string(), Some(error.span().start.offset))
        }
        Err(regex_syntax::Error::Translate(error)) => {
            (error.kind().to_string(), Some(error.span().start.offset))
        }
        Err(_) | Ok(_) => ("it cannot be read".to_owned(), None),
    };
    NotRegular { reason: format!("no regular expression: {reason}"), place }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_that_is_none_names_the_place() {
        let error = RegularExpression::parse("time(out").expect_err("a mistake");
        assert_eq!(error.reason, "no regular expression: unclosed group");
        assert_eq!(error.place, Some(4));
    }

    #[test]
    fn an_expression_that_takes_too_much_is_refused() {
        let error = RegularExpression::parse("(x{1000}){1000}").expect_err("too much");
        assert!(error.reason.contains("more than 1024 KiB"), "{}", error.reason);
    }
}
