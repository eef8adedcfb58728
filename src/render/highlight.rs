//! What a query looks for marked where it stands in a text.

use regex::{Regex, RegexBuilder};

use crate::render::painted::{Painted, Role, columns};

/// More than this is not marked: a pattern of it all would cost more than it tells.
const MARKS_MAX: usize = 64;

/// Something that a query looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// Words one after the other, without regard to case and to what parts them.
    Words(Vec<String>),
    /// A word that begins like this, without regard to case.
    Beginning(String),
    /// This text, without regard to case.
    Text(String),
    /// What a regular expression finds.
    Expression(String),
}

impl Mark {
    /// The regular expression that finds it; none if it looks for nothing.
    fn pattern(&self) -> Option<String> {
        let sought = match self {
            Self::Words(words) => {
                let words: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
                (!words.is_empty()).then(|| format!(r"(?i:\b{}\b)", words.join(r"\W+")))
            }
            Self::Beginning(text) => Some(format!(r"(?i:\b{}\w*)", regex::escape(text))),
            Self::Text(text) if text.trim().is_empty() => None,
            Self::Text(text) => Some(format!("(?i:{})", regex::escape(text))),
            // Flags that it sets hold no further than its own end.
            Self::Expression(expression) => Some(format!("(?:{expression})")),
        };
        sought.filter(|sought| Regex::new(sought).is_ok())
    }
}

/// Finds what a query looks for.
#[derive(Debug, Clone)]
pub struct Highlighter {
    pattern: Option<Regex>,
    /// Put around a match; empty where colour marks it.
    brackets: (&'static str, &'static str),
}

impl Highlighter {
    /// Marks these: by colour, or else between `«` and `»`.
    pub fn new(marks: &[Mark], colour: bool) -> Self {
        let alternatives: Vec<String> =
            marks.iter().take(MARKS_MAX).filter_map(Mark::pattern).collect();
        // What is too long for a pattern goes unmarked.
        let pattern = (!alternatives.is_empty())
            .then(|| RegexBuilder::new(&alternatives.join("|")).build().ok());
        let brackets = if colour { ("", "") } else { ("«", "»") };
        Self { pattern: pattern.flatten(), brackets }
    }

    /// Whether any of it stands in the text.
    pub fn finds(&self, text: &str) -> bool {
        self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
    }

    /// The text with its matches marked.
    pub fn mark(&self, role: Role, text: &str) -> Painted {
        let mut painted = Painted::new();
        let mut done = 0;
        for found in self.pattern.iter().flat_map(|pattern| pattern.find_iter(text)) {
            if found.is_empty() {
                continue;
            }
            painted.push(role, &text[done..found.start()]);
            painted.push(Role::Match, self.brackets.0);
            painted.push(Role::Match, found.as_str());
            painted.push(Role::Match, self.brackets.1);
            done = found.end();
        }
        painted.push(role, &text[done..]);
        painted
    }

    /// The text with its matches marked and cut to fit; what stands long before the first
    /// match is left out, so that the match is always seen.
    pub fn excerpt(&self, role: Role, text: &str, room: usize) -> Painted {
        let found = self.pattern.as_ref().and_then(|pattern| pattern.find(text));
        let Some(found) = found.filter(|found| columns(&text[..found.end()]) + 3 > room) else {
            return self.mark(role, text).cut(room);
        };
        // A third of the row shows what led to the match.
        let from = start_of_tail(&text[..found.start()], room / 3);
        let mut painted = Painted::of(role, if from > 0 { "…" } else { "" });
        painted.append(&self.mark(role, &text[from..]));
        painted.cut(room)
    }
}

/// Where the last `room` columns of a text begin.
fn start_of_tail(text: &str, room: usize) -> usize {
    let mut taken = 0;
    for (at, character) in text.char_indices().rev() {
        taken += columns(character.encode_utf8(&mut [0; 4]));
        if taken > room {
            return at + character.len_utf8();
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[&str], text: &str, room: usize, expected: &str) {
        let marks: Vec<Mark> = words.iter().map(|word| Mark::Text((*word).to_owned())).collect();
        check_marks(&marks, text, room, expected);
    }

    #[track_caller]
    fn check_marks(marks: &[Mark], text: &str, room: usize, expected: &str) {
        let mut out = Vec::new();
        let highlighter = Highlighter::new(marks, false);
        let painted = highlighter.excerpt(Role::Plain, text, room);
        assert!(painted.columns() <= room);
        painted.write(&mut out, false).expect("a Vec takes all bytes");
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    #[test]
    fn a_match_is_marked_whatever_its_case() {
        check(&["ord-1"], "order ORD-1 paid", 40, "order «ORD-1» paid");
    }

    #[test]
    fn a_match_beyond_the_row_is_brought_into_view() {
        check(&["b.d"], "a very long line says b.d at its end", 20, "… says «b.d» at its…");
    }

    #[test]
    fn words_are_taken_literally_and_none_marks_nothing() {
        check(&[".*"], "all of it", 40, "all of it");
        check(&[""], "all of it", 40, "all of it");
        check(&[], "all of it", 6, "all o…");
    }

    #[test]
    fn words_are_marked_whatever_parts_them_and_expressions_as_they_find() {
        let words = |words: &[&str]| Mark::Words(words.iter().map(|&word| word.into()).collect());
        check_marks(&[words(&["ord", "7"])], "order ORD-7, ORD-70", 40, "order «ORD-7», ORD-70");
        let beginning = Mark::Beginning("declin".to_owned());
        check_marks(&[beginning], "card declined", 40, "card «declined»");
        let expression = Mark::Expression("t.?o|x*".to_owned());
        check_marks(&[expression], "a time-out", 40, "a time-out".replace("t-o", "«t-o»").as_str());
    }
}
