//! How far a pattern goes along with a text that it does not match.
//!
//! A pattern is a row of parts. The longest row of its first parts that matches ends where
//! the pattern gives up; the part behind it is what was wanted there.

use regex::bytes::RegexBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::decode::shape::PATTERN_BYTES_MAX;

/// Patterns of more parts are followed only so far.
const PARTS_MAX: usize = 256;

/// A part that has no name is shown so far.
const SHOWN_CHARACTERS_MAX: usize = 40;

/// One part of a pattern, and the group that it stands in.
struct Part {
    hir: Hir,
    group: Option<String>,
}

/// How far a pattern goes along with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::decode) struct Reach {
    /// How much of what it matched is of its own: any word goes along with `\S+`, and that
    /// makes no pattern near.
    pub(in crate::decode) likeness: usize,
    /// The byte where it gives up.
    pub(in crate::decode) at: usize,
    /// What it wanted there.
    pub(in crate::decode) wanted: String,
}

/// How far a pattern goes along with a text. None if it wants something else from the
/// beginning, has nothing of its own before, or matches.
pub(in crate::decode) fn of(source: &str, text: &str) -> Option<Reach> {
    let mut builder = regex_syntax::ParserBuilder::new();
    let hir = builder.unicode(false).utf8(false).build().parse(source).ok()?;
    let mut parts = Vec::new();
    flatten(hir, None, &mut parts);
    parts.truncate(PARTS_MAX);
    // A row that matches still matches when it is shortened.
    let (mut matched, mut unmatched) = (0, parts.len() + 1);
    let mut at = 0;
    while unmatched - matched > 1 {
        let middle = usize::midpoint(matched, unmatched);
        match end_of(&parts[..middle], text) {
            Some(end) => (matched, at) = (middle, end),
            None => unmatched = middle,
        }
    }
    let wanted = parts.get(matched)?;
    let likeness = parts[..matched].iter().map(Part::likeness).sum();
    (likeness > 0 && at > 0 && text.is_char_boundary(at)).then(|| Reach {
        likeness,
        at,
        wanted: wanted.shown(),
    })
}

/// Where a row of parts ends that matches from the beginning of the text.
fn end_of(parts: &[Part], text: &str) -> Option<usize> {
    let mut row = vec![Hir::look(Look::Start)];
    row.extend(parts.iter().map(|part| part.hir.clone()));
    let source = Hir::concat(row).to_string();
    let mut builder = RegexBuilder::new(&source);
    let regex = builder.unicode(false).size_limit(PATTERN_BYTES_MAX).build().ok()?;
    regex.find(text.as_bytes()).map(|found| found.end())
}

/// Takes a pattern apart as far as its parts stand in a row. Its depth was limited when it
/// was parsed.
fn flatten(hir: Hir, group: Option<&str>, parts: &mut Vec<Part>) {
    match hir.kind() {
        HirKind::Concat(row) => row.iter().for_each(|part| flatten(part.clone(), group, parts)),
        HirKind::Capture(capture) => {
            flatten((*capture.sub).clone(), capture.name.as_deref().or(group), parts);
        }
        HirKind::Literal(literal) if literal.0.is_ascii() && literal.0.len() > 1 => {
            for byte in &literal.0 {
                parts.push(Part { hir: Hir::literal([*byte]), group: group.map(str::to_owned) });
            }
        }
        _ => parts.push(Part { hir, group: group.map(str::to_owned) }),
    }
}

impl Part {
    /// How much a text is of this format that has the part: a letter of its own counts most, a
    /// narrow class less, what nearly every text has not at all.
    fn likeness(&self) -> usize {
        /// Letters, digits and a few signs are a narrow class; all but a quote is not.
        const NARROW_MAX: usize = 80;
        let class = match self.hir.kind() {
            HirKind::Literal(literal) if &*literal.0 == b" " => return 0,
            HirKind::Literal(_) => return 3,
            HirKind::Class(class) => class,
            HirKind::Repetition(repetition) => match repetition.sub.kind() {
                HirKind::Class(class) if repetition.min > 0 => class,
                _ => return 0,
            },
            _ => return 0,
        };
        let Class::Bytes(class) = class else { return 0 };
        let width: usize = class.iter().map(regex_syntax::hir::ClassBytesRange::len).sum();
        usize::from(width <= NARROW_MAX)
    }

    /// The group, the text, or the expression that a reader of the definition finds there.
    fn shown(&self) -> String {
        if let Some(group) = &self.group {
            return format!("`{group}`");
        }
        if let HirKind::Literal(literal) = self.hir.kind() {
            return format!("`{}`", String::from_utf8_lossy(&literal.0));
        }
        if let HirKind::Look(_) = self.hir.kind() {
            return "the line's end".to_owned();
        }
        let expression = self.hir.to_string().replace("(?-u:", "(?:");
        let shown: String = expression.chars().take(SHOWN_CHARACTERS_MAX).collect();
        format!("`{shown}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: Option<(&str, &str)>) {
        let found = of(pattern, text);
        let found = found.as_ref().map(|reach| (&text[..reach.at], reach.wanted.as_str()));
        assert_eq!(found, expected, "pattern: {pattern}, text: {text}");
    }

    #[test]
    fn a_pattern_gives_up_before_the_part_that_does_not_match() {
        let pattern = r"^(?<time>\d\d:\d\d) \[(?<level>[A-Z]+)\] (?<message>.*)$";
        check(pattern, "09:30 [info] x", Some(("09:30 [", "`level`")));
        check(pattern, "09:30 INFO x", Some(("09:30 ", "`[`")));
        check(pattern, "09:3x", Some(("09:3", "`time`")));
        check(pattern, "x", None);
    }

    #[test]
    fn what_any_text_has_makes_no_pattern_near() {
        check(r"^\S+ \S+ \[(?<message>.*)$", "some words here", None);
    }
}
