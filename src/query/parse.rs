//! Text to a question, with the place of every mistake.
//!
//! ```text
//! question := both (OR both)*          both    := negated ([AND] negated)*
//! negated  := (NOT | -) negated | part part    := ( question ) | condition | pattern | !{ line }
//! pattern  := { line } (relation { line })*    relation := > | >> | -> | ->2s
//! ```
//!
//! `line` is the same language for one line, without braces and without what is asked of a
//! request as a whole. Recursion ends at [`DEPTH_MAX`].

mod operand;

use std::ops::Range;

use crate::query::boolean::{self, Boolean};
use crate::query::condition::Condition;
use crate::query::error::{QueryError, QueryErrorKind};
use crate::query::lexer::{A_CONDITION, Kind, Token, tokens};
use crate::query::question::{Pattern, Question, Relation};

/// A longer text is no question of a person; refusing it costs nothing.
pub const QUERY_BYTES_MAX: usize = 64 * 1024;

/// More conditions than these are refused: each is a search of its own.
pub const CONDITIONS_MAX: usize = 1024;

/// More regular expressions than these are refused: each takes up to 2 MB while it runs.
pub const EXPRESSIONS_MAX: usize = 16;

/// Parentheses and negations nest at most so deep.
pub const DEPTH_MAX: usize = 64;

const A_GROUP: &str = "a group { … }";

/// Reads a query.
///
/// # Errors
/// When the text is too long or is not of the language, with the place of the mistake.
pub fn parse(text: &str) -> Result<Question, QueryError> {
    if text.len() > QUERY_BYTES_MAX {
        let kind = QueryErrorKind::TooLong { bytes: text.len(), limit: QUERY_BYTES_MAX };
        let mut cut = QUERY_BYTES_MAX;
        while !text.is_char_boundary(cut) {
            cut -= 1;
        }
        return Err(QueryError::new(kind, cut..text.len(), "a shorter query"));
    }
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Ok(Question::EVERYTHING);
    }
    let mut parser = Parser { text, tokens, next: 0, conditions: 0, expressions: 0, depth: 0 };
    let question = parser.either()?;
    match parser.peek() {
        Some(Kind::CloseGroup) => Err(parser.mistake_here(QueryErrorKind::NothingOpened("}"))),
        Some(_) => Err(parser.mistake_here(QueryErrorKind::NothingOpened(")"))),
        None => Ok(question),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    next: usize,
    conditions: usize,
    expressions: usize,
    depth: usize,
}

/// What can be asked at one level: of a request, or of a line within braces.
trait Level: Boolean {
    /// A part that is neither negated nor in parentheses.
    fn part(parser: &mut Parser<'_>) -> Result<Self, QueryError>;
}

impl Level for Question {
    fn part(parser: &mut Parser<'_>) -> Result<Self, QueryError> {
        match parser.peek() {
            Some(Kind::OpenGroup) => parser.pattern().map(Self::Pattern),
            Some(Kind::Without) => parser.absent().map(Self::Absent),
            Some(Kind::Everything) => {
                parser.next += 1;
                Ok(Self::EVERYTHING)
            }
            _ => parser.asked(),
        }
    }
}

impl Level for Condition {
    fn part(parser: &mut Parser<'_>) -> Result<Self, QueryError> {
        match parser.peek() {
            Some(Kind::OpenGroup | Kind::Without) => {
                let hint = "braces hold what one line fulfils; they do not nest";
                let kind = parser.misplaced();
                Err(parser.mistake_here(kind).with_hint(hint))
            }
            Some(Kind::Everything) => {
                parser.next += 1;
                Ok(Self::EVERYTHING)
            }
            _ => parser.condition(),
        }
    }
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&Kind<'a>> {
        self.tokens.get(self.next).map(|token| &token.kind)
    }

    /// The place of the next token; the text's end if there is none.
    fn here(&self) -> Range<usize> {
        let end = self.text.len();
        self.tokens.get(self.next).map_or(end..end, |token| token.span.clone())
    }

    /// Passes over the next token if it is this one.
    fn takes(&mut self, kind: &Kind<'_>) -> bool {
        let is_next = self.peek() == Some(kind);
        self.next += usize::from(is_next);
        is_next
    }

    fn mistake_here(&self, kind: QueryErrorKind) -> QueryError {
        QueryError::new(kind, self.here(), A_CONDITION)
    }

    fn misplaced(&self) -> QueryErrorKind {
        QueryErrorKind::Misplaced(self.text[self.here()].to_owned())
    }

    fn either<L: Level>(&mut self) -> Result<L, QueryError> {
        let mut parts = vec![self.both()?];
        while self.takes(&Kind::Or) {
            self.operand_follows("OR")?;
            parts.push(self.both()?);
        }
        Ok(boolean::any_of(parts))
    }

    fn both<L: Level>(&mut self) -> Result<L, QueryError> {
        let mut parts = vec![self.negated()?];
        loop {
            if self.takes(&Kind::And) {
                self.operand_follows("AND")?;
            } else if !self.is_operand_next() {
                return self.no_relation().map(|()| boolean::all_of(parts));
            }
            parts.push(self.negated()?);
        }
    }

    /// Whether another operand follows without an operator.
    fn is_operand_next(&self) -> bool {
        !matches!(
            self.peek(),
            None | Some(
                Kind::Or
                    | Kind::Close
                    | Kind::CloseGroup
                    | Kind::Parent
                    | Kind::Ancestor
                    | Kind::Before(_)
            )
        )
    }

    /// Refuses a relation between what is no group.
    fn no_relation(&self) -> Result<(), QueryError> {
        match self.peek() {
            Some(Kind::Parent | Kind::Ancestor | Kind::Before(_)) => {
                let hint = "it stands between groups: { service:cart } > { level:error }; in \
                            quotation marks it is text to look for";
                let error = QueryError::new(self.misplaced(), self.here(), A_CONDITION);
                Err(error.with_hint(hint))
            }
            _ => Ok(()),
        }
    }

    fn operand_follows(&self, operator: &str) -> Result<(), QueryError> {
        let is_end = matches!(self.peek(), None | Some(Kind::Close | Kind::CloseGroup));
        if is_end {
            let kind = QueryErrorKind::NothingFollows(operator.to_owned());
            return Err(QueryError::new(kind, self.here(), A_CONDITION));
        }
        Ok(())
    }

    fn negated<L: Level>(&mut self) -> Result<L, QueryError> {
        let operator = match self.peek() {
            Some(Kind::Not) => "NOT",
            Some(Kind::Minus) => "-",
            _ => return self.part(),
        };
        let place = self.here();
        self.next += 1;
        self.operand_follows(operator)?;
        self.deeper(&place, |parser| parser.negated().map(L::negated))
    }

    fn part<L: Level>(&mut self) -> Result<L, QueryError> {
        let place = self.here();
        if !self.takes(&Kind::Open) {
            return L::part(self);
        }
        if self.peek() == Some(&Kind::Close) {
            let whole = place.start..self.here().end;
            return Err(QueryError::new(QueryErrorKind::NothingWithin("( )"), whole, A_CONDITION));
        }
        let inner = self.deeper(&place, Self::either)?;
        self.closes(&Kind::Close, place, ("(", "a closing `)`"))?;
        Ok(inner)
    }

    /// Does something one level deeper.
    fn deeper<T>(
        &mut self,
        place: &Range<usize>,
        inner: impl FnOnce(&mut Self) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        if self.depth == DEPTH_MAX {
            let kind = QueryErrorKind::TooDeep { limit: DEPTH_MAX };
            return Err(QueryError::new(kind, place.clone(), "fewer parentheses"));
        }
        self.depth += 1;
        let found = inner(self);
        self.depth -= 1;
        found
    }

    /// Passes over the bracket that closes the one opened at `opened`.
    fn closes(
        &mut self,
        closing: &Kind<'_>,
        opened: Range<usize>,
        (name, expected): (&'static str, &'static str),
    ) -> Result<(), QueryError> {
        if self.takes(closing) {
            return Ok(());
        }
        let kind = QueryErrorKind::NotClosed(name);
        Err(QueryError::new(kind, opened, expected))
    }

    fn absent(&mut self) -> Result<Condition, QueryError> {
        self.next += 1;
        self.group()
    }

    fn pattern(&mut self) -> Result<Pattern, QueryError> {
        let first = self.group()?;
        let mut rest = Vec::new();
        loop {
            let relation = match self.peek() {
                Some(Kind::Parent) => Relation::Parent,
                Some(Kind::Ancestor) => Relation::Ancestor,
                Some(Kind::Before(bound)) => Relation::Before(*bound),
                _ => return Ok(Pattern { first, rest }),
            };
            let operator = self.text[self.here()].to_owned();
            self.next += 1;
            match self.peek() {
                Some(Kind::OpenGroup) => rest.push((relation, self.group()?)),
                Some(_) => {
                    let error = QueryError::new(self.misplaced(), self.here(), A_GROUP);
                    return Err(error.with_hint(after(relation)));
                }
                None => {
                    let kind = QueryErrorKind::NothingFollows(operator);
                    return Err(QueryError::new(kind, self.here(), A_GROUP));
                }
            }
        }
    }

    /// `{ … }`
    fn group(&mut self) -> Result<Condition, QueryError> {
        let place = self.here();
        self.next += 1;
        self.count_condition(&place)?;
        if self.peek() == Some(&Kind::CloseGroup) {
            let whole = place.start..self.here().end;
            let kind = QueryErrorKind::NothingWithin("{ }");
            return Err(QueryError::new(kind, whole, A_CONDITION).with_hint("`{ * }` is any line"));
        }
        let inner = self.deeper(&place, Self::either)?;
        self.closes(&Kind::CloseGroup, place, ("{", "a closing `}`"))?;
        Ok(inner)
    }

    fn count_condition(&mut self, place: &Range<usize>) -> Result<(), QueryError> {
        if self.conditions == CONDITIONS_MAX {
            let kind = QueryErrorKind::TooManyConditions { limit: CONDITIONS_MAX };
            return Err(QueryError::new(kind, place.clone(), "fewer conditions"));
        }
        self.conditions += 1;
        Ok(())
    }
}

/// What may have been meant by what follows a relation.
const fn after(relation: Relation) -> &'static str {
    match relation {
        Relation::Parent | Relation::Ancestor => "put braces around it: > { level:error }",
        Relation::Before(_) => {
            "put braces around it: -> { level:error }; a bound stands right behind the arrow: ->2s"
        }
    }
}

#[cfg(test)]
mod tests;
