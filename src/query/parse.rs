//! Text to a query: words, phrases, prefixes and `field:value` conditions, all of which must hold.
//!
//! One pass from left to right, without recursion. What the language will have later
//! (`OR`, `NOT`, groups, structure) is refused by name, never read as plain words: a query
//! must not change its meaning without a word.

use std::ops::Range;

use crate::query::condition::{Comparison, Condition, Query, Test};
use crate::query::decimal::Decimal;
use crate::query::error::{QueryError, QueryErrorKind};
use crate::query::level::{self, LEVEL_NAMES};
use crate::query::names::{self, WellKnown, nearest, normalised};
use crate::query::words::words;

/// A longer text is no question of a person; refusing it costs nothing.
pub const QUERY_BYTES_MAX: usize = 64 * 1024;

/// More conditions than these are refused: each is a search of its own.
pub const CONDITIONS_MAX: usize = 1024;

/// Names that ask of a request as a whole, which is not there yet.
const REQUEST_NAMES: [&str; 5] = ["errors", "spans", "services", "root.service", "root.operation"];

const A_CONDITION: &str = "a word, a \"phrase\" or field:value";
const A_VALUE: &str = "a value, a prefix*, * or a comparison";

/// Reads a query.
///
/// # Errors
/// When the text is too long or is not of the language, with the place of the mistake.
pub fn parse(text: &str) -> Result<Query, QueryError> {
    if text.len() > QUERY_BYTES_MAX {
        let kind = QueryErrorKind::TooLong { bytes: text.len(), limit: QUERY_BYTES_MAX };
        return Err(mistake(kind, QUERY_BYTES_MAX..text.len(), "a shorter query"));
    }
    let mut parser = Parser { text, place: 0 };
    let mut query = Query::default();
    let mut operator: Option<Range<usize>> = None;
    let mut has_operand = false;
    while let Some(start) = parser.next_start() {
        match parser.item()? {
            Item::And if has_operand && operator.is_none() => operator = Some(start..parser.place),
            Item::And => {
                let kind = QueryErrorKind::NothingBefore("AND".to_owned());
                return Err(mistake(kind, start..start, A_CONDITION));
            }
            Item::Everything => (has_operand, operator) = (true, None),
            Item::One(condition) => {
                if query.conditions.len() == CONDITIONS_MAX {
                    let kind = QueryErrorKind::TooManyConditions { limit: CONDITIONS_MAX };
                    return Err(mistake(kind, start..text.len(), "fewer conditions"));
                }
                query.conditions.push(condition);
                (has_operand, operator) = (true, None);
            }
        }
    }
    match operator {
        Some(_) => {
            let kind = QueryErrorKind::NothingFollows("AND".to_owned());
            Err(mistake(kind, text.len()..text.len(), A_CONDITION))
        }
        None => Ok(query),
    }
}

/// Whether a value can stand in a query without quotation marks and mean itself.
pub fn is_plain_value(value: &str) -> bool {
    !value.is_empty()
        && !value.starts_with(['<', '>'])
        && !value.starts_with("//")
        && !value.contains(|character: char| {
            character.is_whitespace()
                || character.is_control()
                || is_bracket(character)
                || matches!(character, '"' | '*' | '\\')
        })
}

/// What stands at one place of a query.
enum Item {
    And,
    Everything,
    One(Condition),
}

struct Parser<'a> {
    text: &'a str,
    place: usize,
}

impl<'a> Parser<'a> {
    /// Passes over white space; the next item's place, if there is one.
    fn next_start(&mut self) -> Option<usize> {
        let rest = &self.text[self.place..];
        self.place += rest.len() - rest.trim_start().len();
        (self.place < self.text.len()).then_some(self.place)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.place..]
    }

    fn item(&mut self) -> Result<Item, QueryError> {
        if self.rest().starts_with('"') {
            return self.phrase();
        }
        match self.field_name() {
            Some(name) => self.field(name),
            None => self.bare(),
        }
    }

    fn phrase(&mut self) -> Result<Item, QueryError> {
        let start = self.place;
        let text = self.quoted()?;
        if self.rest().starts_with('*') {
            let kind = QueryErrorKind::MisplacedAsterisk(self.text[start..=self.place].to_owned());
            return Err(mistake(kind, self.place..self.place + 1, "the end of the phrase"));
        }
        self.words_of(&text, start).map(|words| Item::One(Condition::Words(words)))
    }

    fn words_of(&self, text: &str, start: usize) -> Result<Vec<String>, QueryError> {
        let found: Vec<String> = words(text).map(std::borrow::Cow::into_owned).collect();
        if found.is_empty() {
            let kind = QueryErrorKind::NoWord(text.to_owned());
            return Err(mistake(kind, start..self.place, A_CONDITION));
        }
        Ok(found)
    }

    /// A name with a colon at this place, passed over; `*` is the name of every field.
    fn field_name(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let (name, value) = rest.split_once(':')?;
        let is_address = matches!(name, "http" | "https") && value.starts_with("//");
        if is_address || !(name == "*" || is_name(name)) {
            return None;
        }
        self.place += name.len() + 1;
        Some(name)
    }

    fn field(&mut self, name: &'a str) -> Result<Item, QueryError> {
        let start = self.place - name.len() - 1;
        if REQUEST_NAMES.contains(&name) {
            return Err(not_yet(&format!("{name}:"), start..self.place, None));
        }
        let test = self.test(name, start)?;
        if name != "*" {
            return Ok(Item::One(Condition::Field { name: name.to_owned(), test }));
        }
        match test {
            Test::Equals(value) => Ok(Item::One(Condition::Value(value))),
            Test::Exists => Ok(Item::Everything),
            Test::Prefix(_) | Test::Compare(..) => {
                let kind = QueryErrorKind::MisplacedAsterisk(self.text[start..self.place].into());
                Err(mistake(kind, start..start + 1, "the name of a field, or a whole value"))
            }
        }
    }

    /// What follows the colon.
    fn test(&mut self, name: &str, start: usize) -> Result<Test, QueryError> {
        if let Some(comparison) = self.comparison() {
            return self.compared(name, comparison, start);
        }
        let value_start = self.place;
        let quoted = self.rest().starts_with('"');
        let value = if quoted { self.quoted()? } else { self.unquoted()?.to_owned() };
        if quoted {
            if self.rest().starts_with('*') {
                self.place += 1;
                return Ok(Test::Prefix(value));
            }
            return self.equals(name, value, value_start);
        }
        if value.is_empty() {
            let kind = QueryErrorKind::NothingFollows(format!("{name}:"));
            return Err(mistake(kind, value_start..value_start, A_VALUE));
        }
        match value.split_once('*') {
            None => self.equals(name, value, value_start),
            Some(("", "")) => Ok(Test::Exists),
            Some((prefix, "")) => Ok(Test::Prefix(prefix.to_owned())),
            Some((before, _)) => {
                let asterisk = value_start + before.len();
                let kind = QueryErrorKind::MisplacedAsterisk(value);
                let hint = "quote the value to look for the asterisk itself";
                Err(mistake(kind, asterisk..asterisk + 1, "`*` at the end of the value only")
                    .with_hint(hint))
            }
        }
    }

    fn equals(&self, name: &str, value: String, start: usize) -> Result<Test, QueryError> {
        let span = start..self.place;
        if is_level(name) && level::band(&value).is_none() {
            return Err(no_level(value, span));
        }
        Ok(Test::Equals(value))
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let (comparison, length) = match self.rest().as_bytes() {
            [b'<', b'=', ..] => (Comparison::LessOrEqual, 2),
            [b'>', b'=', ..] => (Comparison::GreaterOrEqual, 2),
            [b'<', ..] => (Comparison::Less, 1),
            [b'>', ..] => (Comparison::Greater, 1),
            _ => return None,
        };
        self.place += length;
        Some(comparison)
    }

    fn compared(
        &mut self,
        name: &str,
        comparison: Comparison,
        start: usize,
    ) -> Result<Test, QueryError> {
        if name == "duration" {
            return Err(not_yet(&format!("{name}:{comparison}"), start..self.place, None));
        }
        let value_start = self.place;
        let quoted = self.rest().starts_with('"');
        let value = if quoted { self.quoted()? } else { self.unquoted()?.to_owned() };
        let span = value_start..self.place;
        if value.is_empty() {
            let kind = QueryErrorKind::NothingFollows(format!("{name}:{comparison}"));
            return Err(mistake(kind, span, "a number or a level"));
        }
        if is_level(name) {
            return match level::band(&value) {
                Some(_) => Ok(Test::Compare(comparison, value)),
                None => Err(no_level(value, span)),
            };
        }
        if Decimal::parse(&value).is_none() {
            let kind = QueryErrorKind::NotComparable(value);
            return Err(mistake(kind, span, "a number or a level"));
        }
        Ok(Test::Compare(comparison, value))
    }

    /// A word without quotation marks, or an operator.
    fn bare(&mut self) -> Result<Item, QueryError> {
        let start = self.place;
        let token = self.unquoted()?;
        let span = start..self.place;
        match token {
            "AND" => return Ok(Item::And),
            "*" => return Ok(Item::Everything),
            "OR" | "NOT" | ">" | ">>" => return Err(not_yet(token, span, Some(token))),
            _ => {}
        }
        if token.starts_with("->") {
            return Err(not_yet("->", span, Some(token)));
        }
        if token.len() > 1 && token.starts_with('-') {
            return Err(not_yet("-", start..start + 1, Some(token)));
        }
        if token.len() > 2 && token.starts_with('/') && token.ends_with('/') {
            return Err(not_yet("/…/", span, Some(token)));
        }
        if token.starts_with(':') {
            let kind = QueryErrorKind::NothingBefore(":".to_owned());
            return Err(mistake(kind, start..start, "the name of a field"));
        }
        match token.split_once('*') {
            None => self.words_of(token, start).map(|words| Item::One(Condition::Words(words))),
            Some((before, after)) => prefix(before, after, start),
        }
    }

    /// The text up to white space or a quotation mark.
    fn unquoted(&mut self) -> Result<&'a str, QueryError> {
        let rest = self.rest();
        let end = rest
            .find(|character: char| character.is_whitespace() || character == '"')
            .unwrap_or(rest.len());
        let token = &rest[..end];
        if let Some(bracket) = token.find(is_bracket) {
            let place = self.place + bracket;
            let token = if bracket == 0 { None } else { Some(token) };
            return Err(not_yet(&self.text[place..=place], place..place + 1, token));
        }
        self.place += end;
        Ok(token)
    }

    /// The text between quotation marks; `\"` and `\\` stand for themselves without the first `\`.
    fn quoted(&mut self) -> Result<String, QueryError> {
        let start = self.place;
        let mut text = String::new();
        let mut characters = self.rest().char_indices().skip(1).peekable();
        while let Some((offset, character)) = characters.next() {
            match character {
                '"' => {
                    self.place = start + offset + 1;
                    return Ok(text);
                }
                '\\' => match characters.next_if(|(_, next)| matches!(next, '"' | '\\')) {
                    Some((_, next)) => text.push(next),
                    None => text.push('\\'),
                },
                _ => text.push(character),
            }
        }
        Err(mistake(QueryErrorKind::OpenQuote, start..self.text.len(), "a closing `\"`"))
    }
}

/// A condition on the beginning of a word.
fn prefix(before: &str, after: &str, start: usize) -> Result<Item, QueryError> {
    let asterisk = start + before.len();
    let is_one_run =
        before.chars().all(|character| character.is_alphanumeric() || character == '_');
    let mut found = words(before);
    match (found.next(), found.next()) {
        (Some(word), None) if after.is_empty() && is_one_run => {
            Ok(Item::One(Condition::Prefix(word.into_owned())))
        }
        _ => {
            let kind = QueryErrorKind::MisplacedAsterisk(format!("{before}*{after}"));
            Err(mistake(kind, asterisk..asterisk + 1, "`*` at the end of a single word")
                .with_hint("a value of several words is found by its beginning as field:value*"))
        }
    }
}

fn is_name(name: &str) -> bool {
    let is_first = |character: char| character.is_alphabetic() || matches!(character, '_' | '@');
    name.starts_with(is_first)
        && name.chars().all(|character| {
            character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '@' | '/')
        })
}

const fn is_bracket(character: char) -> bool {
    matches!(character, '(' | ')' | '{' | '}')
}

fn is_level(name: &str) -> bool {
    names::well_known(&normalised(name)) == Some(WellKnown::Level)
}

fn mistake(kind: QueryErrorKind, span: Range<usize>, expected: &'static str) -> QueryError {
    QueryError { kind, span, expected, hint: None }
}

impl QueryError {
    fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Refuses what the language will have later. `quoted` is the text to be quoted instead,
/// where it might have been meant as words.
fn not_yet(token: &str, span: Range<usize>, quoted: Option<&str>) -> QueryError {
    let error = mistake(QueryErrorKind::NotYet(token.to_owned()), span, A_CONDITION);
    match quoted {
        Some(text) => error.with_hint(format!("quote it to look for the text itself: \"{text}\"")),
        None => error,
    }
}

fn no_level(value: String, span: Range<usize>) -> QueryError {
    let levels = ["trace", "debug", "info", "warn", "error", "fatal"];
    let hint = nearest(&value, levels).map(|level| format!("did you mean `{level}`?"));
    QueryError { kind: QueryErrorKind::NoLevel(value), span, expected: LEVEL_NAMES, hint }
}

#[cfg(test)]
mod tests;
