//! A query's text cut into tokens, each with its place.
//!
//! One pass from left to right. Brackets end a word; whoever means them quotes them.

use std::ops::Range;

use crate::query::condition::Comparison;
use crate::query::error::{QueryError, QueryErrorKind};
use crate::query::length::Length;

pub(super) const A_CONDITION: &str = "a word, a \"phrase\" or field:value";
pub(super) const A_VALUE: &str = "a value, a prefix*, * or a comparison";
const A_BOUND: &str = "a length of time with its unit: ->2s, ->150ms";

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `{`
    OpenGroup,
    /// `}`
    CloseGroup,
    /// `!` right before a `{`.
    Without,
    /// `-` right before what is not wanted.
    Minus,
    /// `AND`
    And,
    /// `OR`
    Or,
    /// `NOT`
    Not,
    /// `>`
    Parent,
    /// `>>`
    Ancestor,
    /// `->` with the bound that is written right behind it.
    Before(Option<Length>),
    /// `*`
    Everything,
    /// A run of characters without quotation marks.
    Bare(&'a str),
    /// A text between quotation marks.
    Quoted(String),
    /// A regular expression between slashes.
    Regular(&'a str),
    /// A field with what is asked of it; `*` is the name of every field.
    Field(&'a str, Value),
}

/// What stands behind the colon of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    /// The comparison it begins with.
    pub(super) comparison: Option<Comparison>,
    /// The text behind it, without quotation marks.
    pub(super) text: String,
    /// Where that is, with its quotation marks.
    pub(super) span: Range<usize>,
    /// Whether it stood in quotation marks.
    pub(super) quoted: bool,
    /// Whether an asterisk follows the closing quotation mark.
    pub(super) starred: bool,
}

/// A token and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) span: Range<usize>,
}

/// Cuts a text into tokens.
///
/// # Errors
/// When a quotation has no end, or an arrow has no length of time behind it.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, QueryError> {
    let mut lexer = Lexer { text, place: 0 };
    let mut tokens = Vec::new();
    while let Some(start) = lexer.next_start() {
        let kind = lexer.token()?;
        tokens.push(Token { kind, span: start..lexer.place });
    }
    Ok(tokens)
}

/// Whether a value can stand in a query without quotation marks and mean itself.
pub(super) fn is_plain_value(value: &str) -> bool {
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

const fn is_bracket(character: char) -> bool {
    matches!(character, '(' | ')' | '{' | '}')
}

struct Lexer<'a> {
    text: &'a str,
    place: usize,
}

impl<'a> Lexer<'a> {
    /// Passes over white space; the next token's place, if there is one.
    fn next_start(&mut self) -> Option<usize> {
        let rest = self.rest();
        self.place += rest.len() - rest.trim_start().len();
        (self.place < self.text.len()).then_some(self.place)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.place..]
    }

    fn token(&mut self) -> Result<Kind<'a>, QueryError> {
        let rest = self.rest();
        let mut characters = rest.chars();
        let (first, second) = (characters.next(), characters.next());
        let follows = second.is_some_and(|character| !character.is_whitespace());
        let single = match first {
            Some('(') => Kind::Open,
            Some(')') => Kind::Close,
            Some('{') => Kind::OpenGroup,
            Some('}') => Kind::CloseGroup,
            Some('!') if second == Some('{') => Kind::Without,
            Some('-') if second == Some('>') => return self.arrow(),
            Some('-') if follows => Kind::Minus,
            Some('"') => return self.quoted().map(Kind::Quoted),
            Some('/') => return Ok(self.regular().unwrap_or_else(|| self.bare())),
            _ => {
                return match self.field_name() {
                    Some(name) => self.value().map(|value| Kind::Field(name, value)),
                    None => Ok(self.bare()),
                };
            }
        };
        self.place += 1;
        Ok(single)
    }

    /// A run of characters, which may be an operator.
    fn bare(&mut self) -> Kind<'a> {
        match self.run() {
            "AND" => Kind::And,
            "OR" => Kind::Or,
            "NOT" => Kind::Not,
            ">" => Kind::Parent,
            ">>" => Kind::Ancestor,
            "*" => Kind::Everything,
            run => Kind::Bare(run),
        }
    }

    /// The text up to white space, a bracket or a quotation mark.
    fn run(&mut self) -> &'a str {
        let rest = self.rest();
        let ends = |character: char| {
            character.is_whitespace() || character == '"' || is_bracket(character)
        };
        let run = &rest[..rest.find(ends).unwrap_or(rest.len())];
        self.place += run.len();
        run
    }

    fn arrow(&mut self) -> Result<Kind<'a>, QueryError> {
        self.place += "->".len();
        let start = self.place;
        match self.run() {
            "" => Ok(Kind::Before(None)),
            bound => Length::parse(bound).map(|bound| Kind::Before(Some(bound))).ok_or_else(|| {
                let kind = QueryErrorKind::NoLength(bound.to_owned());
                QueryError::new(kind, start..self.place, A_BOUND)
            }),
        }
    }

    /// What stands between two slashes, the second of which ends a word; a path that begins
    /// with a slash is none.
    fn regular(&mut self) -> Option<Kind<'a>> {
        let inner = &self.rest()[1..];
        let (mut escaped, mut is_path) = (false, false);
        let mut characters = inner.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            let ends_here = characters
                .peek()
                .is_none_or(|(_, next)| next.is_whitespace() || matches!(next, ')' | '}'));
            if character == '/' && !escaped && ends_here {
                self.place += at + "//".len();
                return (at > 0).then_some(Kind::Regular(&inner[..at]));
            }
            if character.is_whitespace() && is_path {
                return None;
            }
            is_path |= character == '/' && !escaped;
            escaped = character == '\\' && !escaped;
        }
        None
    }

    /// A name with a colon at this place, passed over; `*` is the name of every field.
    fn field_name(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let end = if rest.starts_with('*') { 1 } else { name_length(rest) };
        let value = rest[end..].strip_prefix(':')?;
        let name = &rest[..end];
        let is_address = matches!(name, "http" | "https") && value.starts_with("//");
        if end == 0 || is_address {
            return None;
        }
        self.place += end + 1;
        Some(name)
    }

    /// What follows the colon.
    fn value(&mut self) -> Result<Value, QueryError> {
        let comparison = self.comparison();
        let start = self.place;
        let quoted = self.rest().starts_with('"');
        let text = if quoted { self.quoted()? } else { self.run().to_owned() };
        let span = start..self.place;
        let starred = quoted && self.rest().starts_with('*');
        self.place += usize::from(starred);
        Ok(Value { comparison, text, span, quoted, starred })
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
        let open = start..self.text.len();
        Err(QueryError::new(QueryErrorKind::OpenQuote, open, "a closing `\"`"))
    }
}

/// How many bytes at the beginning of a text are the name of a field.
fn name_length(text: &str) -> usize {
    let is_first = |character: char| character.is_alphabetic() || matches!(character, '_' | '@');
    if !text.starts_with(is_first) {
        return 0;
    }
    let ends = |character: char| {
        !(character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '@' | '/'))
    };
    text.find(ends).unwrap_or(text.len())
}
