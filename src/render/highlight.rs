//! The words of a query marked where they stand in a text.

use regex::{Regex, RegexBuilder};

use crate::render::painted::{Painted, Role, columns};

/// Words beyond this many are not marked: a pattern of them all would cost more than it tells.
const WORDS_MAX: usize = 64;

/// Finds words of a query, without regard to case.
#[derive(Debug, Clone)]
pub struct Highlighter {
    pattern: Option<Regex>,
    /// Put around a match; empty where colour marks it.
    brackets: (&'static str, &'static str),
}

impl Highlighter {
    /// Marks these words: by colour, or else between `«` and `»`.
    pub fn new(words: &[String], colour: bool) -> Self {
        let alternatives: Vec<String> = words
            .iter()
            .filter(|word| !word.trim().is_empty())
            .take(WORDS_MAX)
            .map(|word| regex::escape(word))
            .collect();
        let pattern = (!alternatives.is_empty()).then(|| {
            // A word too long for a pattern goes unmarked.
            RegexBuilder::new(&alternatives.join("|")).case_insensitive(true).build().ok()
        });
        let brackets = if colour { ("", "") } else { ("«", "»") };
        Self { pattern: pattern.flatten(), brackets }
    }

    /// Whether any word stands in the text.
    pub fn finds(&self, text: &str) -> bool {
        self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
    }

    /// The text with its matches marked.
    pub fn mark(&self, role: Role, text: &str) -> Painted {
        let mut painted = Painted::new();
        let mut done = 0;
        for found in self.pattern.iter().flat_map(|pattern| pattern.find_iter(text)) {
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
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let mut out = Vec::new();
        let highlighter = Highlighter::new(&words, false);
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
}
