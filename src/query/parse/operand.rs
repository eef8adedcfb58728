//! A single condition: a word, a phrase, a prefix, a regular expression, a field.

use std::ops::Range;

use super::{EXPRESSIONS_MAX, Parser};
use crate::query::condition::{Comparison, Condition, Test};
use crate::query::decimal::Decimal;
use crate::query::error::{QueryError, QueryErrorKind};
use crate::query::length::Length;
use crate::query::level::{self, LEVEL_NAMES};
use crate::query::lexer::{A_CONDITION, A_VALUE, Kind, Value};
use crate::query::names::{self, WellKnown, nearest, normalised};
use crate::query::question::{CountTest, Quantity, Question, Whole};
use crate::query::regular::RegularExpression;
use crate::query::words::words;

const A_SIZE: &str = "a number, a length of time or a level";
const A_LENGTH: &str = "a comparison with a length of time and its unit: >2s, <=150ms";
const A_COUNT: &str = "a whole number or a comparison with one: >0";

impl Parser<'_> {
    /// A condition on a request: of some line of it, or of the whole.
    pub(super) fn asked(&mut self) -> Result<Question, QueryError> {
        if let Some(Kind::Field(name, _)) = self.peek()
            && let Some(of) = WholeName::of(name)
        {
            return self.whole(of);
        }
        let condition = self.condition()?;
        // `*:*` asks nothing.
        Ok(if condition == Condition::EVERYTHING {
            Question::EVERYTHING
        } else {
            Question::Line(condition)
        })
    }

    /// A condition on a line.
    pub(super) fn condition(&mut self) -> Result<Condition, QueryError> {
        let place = self.here();
        let Some(token) = self.tokens.get(self.next).cloned() else {
            let kind = QueryErrorKind::NothingFollows(self.text.to_owned());
            return Err(QueryError::new(kind, place, A_CONDITION));
        };
        self.count_condition(&place)?;
        self.next += 1;
        match token.kind {
            Kind::Bare(text) => Self::bare(text, place),
            Kind::Quoted(text) => self.phrase(&text, place),
            Kind::Regular(text) => self.regular(text, place),
            Kind::Field(name, value) => field(name, value, place),
            Kind::And | Kind::Or | Kind::Parent | Kind::Ancestor | Kind::Before(_) => {
                let kind = QueryErrorKind::NothingBefore(self.text[place.clone()].to_owned());
                Err(QueryError::new(kind, place.start..place.start, A_CONDITION))
            }
            Kind::Close => {
                Err(QueryError::new(QueryErrorKind::NothingOpened(")"), place, A_CONDITION))
            }
            Kind::CloseGroup => {
                Err(QueryError::new(QueryErrorKind::NothingOpened("}"), place, A_CONDITION))
            }
            Kind::Open
            | Kind::OpenGroup
            | Kind::Without
            | Kind::Minus
            | Kind::Not
            | Kind::Everything => {
                let kind = QueryErrorKind::Misplaced(self.text[place.clone()].to_owned());
                Err(QueryError::new(kind, place, A_CONDITION))
            }
        }
    }

    fn phrase(&self, text: &str, place: Range<usize>) -> Result<Condition, QueryError> {
        let followed = self.tokens.get(self.next).filter(|next| next.span.start == place.end);
        if let Some(next) = followed.filter(|next| self.text[next.span.clone()].starts_with('*')) {
            let kind = QueryErrorKind::MisplacedAsterisk(self.text[place].to_owned() + "*");
            let asterisk = next.span.start..next.span.start + 1;
            return Err(QueryError::new(kind, asterisk, "the end of the phrase"));
        }
        words_of(text, place)
    }

    fn regular(&mut self, text: &str, place: Range<usize>) -> Result<Condition, QueryError> {
        if self.expressions == EXPRESSIONS_MAX {
            let kind = QueryErrorKind::TooManyExpressions { limit: EXPRESSIONS_MAX };
            return Err(QueryError::new(kind, place, "fewer regular expressions"));
        }
        self.expressions += 1;
        RegularExpression::parse(text).map(Condition::Matches).map_err(|error| {
            let inside = place.start + 1;
            let span = match error.place {
                Some(at) => inside + at.min(text.len())..place.end - 1,
                None => place,
            };
            let expected = "a regular expression between slashes";
            QueryError::new(QueryErrorKind::NotRegular(error.reason), span, expected)
                .with_hint("put the text in quotation marks to look for it as it is")
        })
    }

    fn bare(text: &str, place: Range<usize>) -> Result<Condition, QueryError> {
        if text.starts_with(':') {
            let kind = QueryErrorKind::NothingBefore(":".to_owned());
            return Err(QueryError::new(kind, place.start..place.start, "the name of a field"));
        }
        if text.starts_with('!') && !text.starts_with("!=") {
            let kind = QueryErrorKind::Misplaced("!".to_owned());
            return Err(QueryError::new(kind, place.start..place.start + 1, A_CONDITION)
                .with_hint("write NOT or - before what no line shall say, !{ … } for absence"));
        }
        if let Some(operator) = foreign_operator(text) {
            let kind = QueryErrorKind::NoWord(text.to_owned());
            return Err(
                QueryError::new(kind, place, A_CONDITION).with_hint(format!("write {operator}"))
            );
        }
        match text.split_once('*') {
            None => words_of(text, place),
            Some((before, after)) => prefix(before, after, place.start),
        }
    }

    fn whole(&mut self, of: WholeName) -> Result<Question, QueryError> {
        let place = self.here();
        self.count_condition(&place)?;
        let Some(Kind::Field(name, value)) = self.peek().cloned() else {
            return self.condition().map(Question::Line);
        };
        self.next += 1;
        let hint = format!("a field of this name is asked of one line: {{ {name}:… }}");
        let whole = match of {
            WholeName::Duration => duration(name, value).map_err(|error| error.with_hint(hint))?,
            WholeName::Count(quantity) => {
                count(name, value, quantity).map_err(|error| error.with_hint(hint))?
            }
            WholeName::RootService => Whole::RootService(test(name, value)?),
            WholeName::RootOperation => Whole::RootOperation(test(name, value)?),
        };
        Ok(Question::Whole(whole))
    }
}

/// Names that ask of a request as a whole.
#[derive(Debug, Clone, Copy)]
enum WholeName {
    Duration,
    Count(Quantity),
    RootService,
    RootOperation,
}

impl WholeName {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "duration" => Self::Duration,
            "errors" => Self::Count(Quantity::Errors),
            "spans" => Self::Count(Quantity::Spans),
            "services" => Self::Count(Quantity::Services),
            "root.service" => Self::RootService,
            "root.operation" => Self::RootOperation,
            _ => return None,
        })
    }
}

fn duration(name: &str, value: Value) -> Result<Whole, QueryError> {
    let Some(comparison) = value.comparison else {
        let kind = if value.text.is_empty() {
            QueryErrorKind::NothingFollows(format!("{name}:"))
        } else {
            QueryErrorKind::NotComparable(value.text)
        };
        return Err(QueryError::new(kind, value.span, A_LENGTH));
    };
    match Length::parse(&value.text) {
        Some(length) => Ok(Whole::Duration(comparison, length)),
        None if value.text.is_empty() => {
            let kind = QueryErrorKind::NothingFollows(format!("{name}:{comparison}"));
            Err(QueryError::new(kind, value.span, A_LENGTH))
        }
        None => Err(QueryError::new(QueryErrorKind::NoLength(value.text), value.span, A_LENGTH)),
    }
}

fn count(name: &str, value: Value, quantity: Quantity) -> Result<Whole, QueryError> {
    if value.text.is_empty() {
        let kind = QueryErrorKind::NothingFollows(format!("{name}:"));
        return Err(QueryError::new(kind, value.span, A_COUNT));
    }
    let is_whole = value.text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(number) = value.text.parse().ok().filter(|_| is_whole) else {
        return Err(QueryError::new(QueryErrorKind::NoNumber(value.text), value.span, A_COUNT));
    };
    let passes = match value.comparison {
        Some(comparison) => CountTest::Compare(comparison, number),
        None => CountTest::Is(number),
    };
    Ok(Whole::Count(quantity, passes))
}

fn field(name: &str, value: Value, place: Range<usize>) -> Result<Condition, QueryError> {
    let test = test(name, value)?;
    if name != "*" {
        return Ok(Condition::Field { name: name.to_owned(), test });
    }
    match test {
        Test::Equals(value) => Ok(Condition::Value(value)),
        Test::Exists => Ok(Condition::EVERYTHING),
        Test::Prefix(_) | Test::Compare(..) => {
            let kind = QueryErrorKind::MisplacedAsterisk(format!("*:{test}"));
            let asterisk = place.start..place.start + 1;
            Err(QueryError::new(kind, asterisk, "the name of a field, or a whole value"))
        }
    }
}

/// What is asked of a field.
fn test(name: &str, value: Value) -> Result<Test, QueryError> {
    if let Some(comparison) = value.comparison {
        return compared(name, comparison, value);
    }
    if value.quoted && value.starred {
        return Ok(Test::Prefix(value.text));
    }
    if value.quoted {
        return equals(name, value.text, value.span);
    }
    if value.text.is_empty() {
        let kind = QueryErrorKind::NothingFollows(format!("{name}:"));
        return Err(QueryError::new(kind, value.span, A_VALUE));
    }
    match value.text.split_once('*') {
        None => equals(name, value.text, value.span),
        Some(("", "")) => Ok(Test::Exists),
        Some((prefix, "")) => Ok(Test::Prefix(prefix.to_owned())),
        Some((before, _)) => {
            let asterisk = value.span.start + before.len();
            let kind = QueryErrorKind::MisplacedAsterisk(value.text);
            let expected = "`*` at the end of the value only";
            Err(QueryError::new(kind, asterisk..asterisk + 1, expected)
                .with_hint("quote the value to look for the asterisk itself"))
        }
    }
}

fn equals(name: &str, value: String, span: Range<usize>) -> Result<Test, QueryError> {
    if is_level(name) && level::band(&value).is_none() {
        return Err(no_level(value, span));
    }
    Ok(Test::Equals(value))
}

fn compared(name: &str, comparison: Comparison, value: Value) -> Result<Test, QueryError> {
    let Value { text, span, .. } = value;
    if text.is_empty() {
        let kind = QueryErrorKind::NothingFollows(format!("{name}:{comparison}"));
        return Err(QueryError::new(kind, span, A_SIZE));
    }
    if is_level(name) {
        return match level::band(&text) {
            Some(_) => Ok(Test::Compare(comparison, text)),
            None => Err(no_level(text, span)),
        };
    }
    if Decimal::parse(&text).is_none() && Length::parse(&text).is_none() {
        return Err(QueryError::new(QueryErrorKind::NotComparable(text), span, A_SIZE));
    }
    Ok(Test::Compare(comparison, text))
}

fn words_of(text: &str, place: Range<usize>) -> Result<Condition, QueryError> {
    let found: Vec<String> = words(text).map(std::borrow::Cow::into_owned).collect();
    if found.is_empty() {
        let kind = QueryErrorKind::NoWord(text.to_owned());
        return Err(QueryError::new(kind, place, A_CONDITION));
    }
    Ok(Condition::Words(found))
}

/// A condition on the beginning of a word.
fn prefix(before: &str, after: &str, start: usize) -> Result<Condition, QueryError> {
    let asterisk = start + before.len();
    let is_one_run =
        before.chars().all(|character| character.is_alphanumeric() || character == '_');
    let mut found = words(before);
    match (found.next(), found.next()) {
        (Some(word), None) if after.is_empty() && is_one_run => {
            Ok(Condition::Prefix(word.into_owned()))
        }
        _ => {
            let kind = QueryErrorKind::MisplacedAsterisk(format!("{before}*{after}"));
            let expected = "`*` at the end of a single word";
            Err(QueryError::new(kind, asterisk..asterisk + 1, expected)
                .with_hint("a value of several words is found by its beginning as field:value*"))
        }
    }
}

/// How this language spells an operator of others.
fn foreign_operator(text: &str) -> Option<&'static str> {
    Some(match text {
        "||" | "|" => "OR",
        "&&" | "&" => "AND",
        "!" => "NOT",
        _ => return None,
    })
}

fn is_level(name: &str) -> bool {
    names::well_known(&normalised(name)) == Some(WellKnown::Level)
}

fn no_level(value: String, span: Range<usize>) -> QueryError {
    let levels = ["trace", "debug", "info", "warn", "error", "fatal"];
    let hint = nearest(&value, levels).map(|level| format!("did you mean `{level}`?"));
    QueryError { kind: QueryErrorKind::NoLevel(value), span, expected: LEVEL_NAMES, hint }
}
