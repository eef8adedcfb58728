//! Which statement of the code wrote a line.
//!
//! A logger that names a line of code (`OrderService#37`) is that statement. Else it is the
//! text without its values: numbers and ids, what follows `=`, and a single word behind a
//! colon, but for errors, whose last word may be all that tells them apart.

use crate::model::entry::Entry;
use crate::model::field::find;
use crate::model::masking::{MASK, masked};
use crate::model::severity::Severity;

/// What of a message is looked at: statements differ in their first words.
const CHARACTERS_MAX: usize = 240;

/// Words of a message that are compared.
const WORDS_MAX: usize = 24;

/// The statement that wrote a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::analysis) struct Statement {
    /// Its service.
    pub(in crate::analysis) service: String,
    /// The logger or code location.
    pub(in crate::analysis) logger: String,
    /// The severity's number; 0 if none is stated.
    pub(in crate::analysis) severity: u8,
    /// The type of the exception it reports, if any.
    pub(in crate::analysis) exception: String,
    /// Its constant words, joined by blanks.
    pub(in crate::analysis) text: String,
}

impl Statement {
    /// Whether it reports an error.
    pub(in crate::analysis) fn is_error(&self) -> bool {
        self.severity >= Severity::ERROR.number()
    }

    /// Whether it warns or reports an error.
    pub(in crate::analysis) fn is_warning(&self) -> bool {
        self.severity >= Severity::WARN.number()
    }
}

/// The statement that wrote this entry.
pub(in crate::analysis) fn statement(entry: &Entry) -> Statement {
    let record = &entry.record;
    let severity = record.severity.map_or(0, Severity::number);
    let logger = record.logger.clone().unwrap_or_default();
    let first = record.message.lines().next().unwrap_or_default();
    let exception = find(&record.fields, "exception.type").and_then(|value| value.as_text());
    let exception = exception.map_or_else(|| exceptions(first), str::to_owned);
    let text = if is_code_location(&logger) {
        String::new()
    } else {
        constant(first, severity >= Severity::ERROR.number())
    };
    Statement { service: entry.context.service.clone(), logger, severity, exception, text }
}

/// Whether a logger names the line of code: `OrderService#37`, `order.go:37`.
fn is_code_location(logger: &str) -> bool {
    let digits = logger.len() - logger.trim_end_matches(|last: char| last.is_ascii_digit()).len();
    digits > 0 && logger[..logger.len() - digits].ends_with(['#', ':'])
}

/// The types of exceptions that a text names, the first two.
fn exceptions(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_alphanumeric() && !".$_".contains(letter));
    let named = words.filter(|word| {
        let is_type = word.ends_with("Exception") || word.ends_with("Error");
        is_type && word.contains(|letter: char| letter.is_lowercase()) && word.len() > 9
    });
    let named: Vec<&str> = named.take(2).collect();
    named.join(" ")
}

/// The text without its values.
fn constant(text: &str, is_error: bool) -> String {
    let end = text.char_indices().nth(CHARACTERS_MAX).map_or(text.len(), |(end, _)| end);
    let masked = masked(&text[..end]);
    let mut words: Vec<&str> = Vec::new();
    for piece in
        masked.split(|letter: char| letter.is_whitespace() || "[](){},;|<>".contains(letter))
    {
        let piece = piece.trim_matches(['.', '"', '\'', '!']);
        if piece.is_empty() {
            continue;
        }
        let is_value = words.last().is_some_and(|last| last.ends_with(':')) && !is_error;
        match piece.split_once(['=', ':']) {
            // `key=value`, `key:value`; `key: value` comes as two pieces.
            Some((key, value))
                if !key.is_empty() && !value.is_empty() && !value.starts_with('/') =>
            {
                words.push(key);
                words.push(MASK);
            }
            _ if is_value => words.push(MASK),
            _ => words.push(piece),
        }
        if words.len() >= WORDS_MAX {
            break;
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::entry;

    #[track_caller]
    fn check(one: &str, other: &str, same: bool) {
        let of = |message: &str| statement(&entry("cart", message).done());
        assert_eq!(of(one) == of(other), same, "{one} | {other}");
    }

    #[test]
    fn lines_that_differ_in_values_are_of_one_statement() {
        check("order ORD-1 paid with 2 items", "order ORD-77 paid with 11 items", true);
        check("loading sku=KTL", "loading sku=MUG", true);
        check("[query][Station: suzhou]", "[query][Station: nanjing]", true);
        check("order ORD-1 paid", "order ORD-1 refused", false);
        check("error: card declined", "error: card expired", false);
    }

    #[test]
    fn a_line_of_code_is_one_statement_whatever_it_says() {
        let of = |message: &str| {
            let mut entry = entry("cart", message).done();
            entry.record.logger = Some("Cart#37".to_owned());
            statement(&entry)
        };
        assert_eq!(of("loading one"), of("loaded another of them"));
        assert_ne!(of("failed: java.lang.IllegalStateException"), of("failed: a.TimeoutException"));
    }
}
