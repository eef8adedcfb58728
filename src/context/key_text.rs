//! Business identifiers in running text: `orderId=ORD-1`, `[Order Id: 7]`, `order #5521`,
//! `Trip(id=…)`, `/orders/ORD-1/items/7?customer_id=42`, `ORD-20417` alone.
//!
//! One pass over the words. A word with a digit is a candidate; what stands between it and
//! the words before decides its name. No pattern is tried twice, so the time is linear.

use crate::context::key_name::{self, KeyName, Names, Promise};
use crate::context::key_value::{Keys, Shape, keeps, shape};
use crate::context::secret;

/// Identifiers stand near the beginning of a message; the tail of a dump repeats them.
const TEXT_BYTES_MAX: usize = 32 * 1024;

/// Finds the identifiers in a text.
pub(super) fn scan(text: &str, names: &mut Names, keys: &mut Keys) {
    let bytes = &text.as_bytes()[..text.len().min(TEXT_BYTES_MAX)];
    if !bytes.iter().any(u8::is_ascii_digit) {
        return;
    }
    let end = bytes.len();
    let mut scanner =
        Scanner { text, names, place: 0, end, before: [None; 2], list: None, table: None };
    while let Some(token) = scanner.next_token() {
        if token.has_digit && !keys.is_full() {
            scanner.judge(token, keys);
        } else if scanner.list.is_some() && closes(scanner.gap(token)) {
            scanner.list = None;
        }
        scanner.note_table(token);
        scanner.before = [Some(token), scanner.before[0]];
    }
}

/// A run of letters, digits, `-` and `_`.
#[derive(Debug, Clone, Copy)]
struct Token {
    start: usize,
    end: usize,
    has_digit: bool,
}

struct Scanner<'a, 'n> {
    text: &'a str,
    names: &'n mut Names,
    place: usize,
    end: usize,
    /// The last token and the one before it.
    before: [Option<Token>; 2],
    /// The name of the values in the list that was opened and is not closed.
    list: Option<String>,
    /// The table that a statement of SQL speaks of.
    table: Option<Token>,
}

/// What stands between a token and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Assignment,
    Comma,
    Hash,
    Blank,
    Slash,
    Other,
}

impl<'a> Scanner<'a, '_> {
    fn next_token(&mut self) -> Option<Token> {
        let bytes = self.text.as_bytes();
        let start =
            self.place + bytes[self.place..self.end].iter().position(|byte| is_part(*byte))?;
        let length = bytes[start..self.end].iter().take_while(|byte| is_part(**byte)).count();
        let end = start + length;
        self.place = end;
        let has_digit = bytes[start..end].iter().any(u8::is_ascii_digit);
        Some(Token { start, end, has_digit })
    }

    fn token_text(&self, token: Token) -> &'a str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    /// The text between the token and the one before.
    fn gap(&self, token: Token) -> &'a str {
        let from = self.before[0].map_or(0, |before| before.end);
        self.text.get(from..token.start).unwrap_or_default()
    }

    /// Finds the name of a value, if it is one.
    fn judge(&mut self, token: Token, keys: &mut Keys) {
        let value = self.token_text(token).trim_matches(['-', '_']);
        let gap = self.gap(token);
        if self.list.is_some() && closes(gap) {
            self.list = None;
        }
        let Some(shape) = shape(value).filter(|shape| !self.is_part_of_number(token, *shape))
        else {
            return;
        };
        let word = self.before[0].map(|before| self.token_text(before)).unwrap_or_default();
        let kind = gap_kind(gap);
        match self.named(token, word, kind, shape) {
            Some(name) => {
                if kind == Gap::Assignment {
                    self.list = gap.contains('[').then(|| name.clone());
                }
                keys.add(&name, value);
            }
            None if is_secret(word, kind) || self.is_inside(token) => {}
            None => add_unnamed(value, shape, keys),
        }
    }

    /// The name that the words before give to a value.
    fn named(&mut self, token: Token, word: &str, kind: Gap, shape: Shape) -> Option<String> {
        match kind {
            Gap::Assignment => {
                let key = self.key(word)?;
                let counts = shape == Shape::Integer && self.gap(token).contains('=');
                let is_noun = key.promise == Promise::Noun && counts;
                (is_noun || keeps(key.promise, shape)).then_some(key.name)
            }
            Gap::Comma => self.list.clone().or_else(|| self.bound(word)),
            Gap::Hash => key_name::of_noun(word),
            Gap::Blank => self.after_noun(word, token, shape),
            Gap::Slash => self.in_path(token, shape).map(|key| key.name),
            Gap::Other => None,
        }
    }

    /// `order ORD-5521`, `user 42`, `order id 5521`.
    fn after_noun(&mut self, word: &str, token: Token, shape: Shape) -> Option<String> {
        if shape == Shape::Integer && token.end - token.start < 2 {
            return None;
        }
        if let Some(name) = key_name::of_noun(word) {
            return Some(name);
        }
        let key = self.key(word)?;
        let noun = key.name.split('_').next()?;
        (key.promise == Promise::Id && key_name::of_noun(noun).is_some()).then_some(key.name)
    }

    /// The key that the word before the value stands for.
    fn key(&mut self, word: &str) -> Option<KeyName> {
        let qualifier = self.qualifier();
        let known = self.names.key(word, qualifier).cloned();
        let of_row = || {
            self.table
                .filter(|_| word.eq_ignore_ascii_case("id"))
                .and_then(|table| key_name::of_table(self.token_text(table)))
        };
        match known {
            Some(key) if key.promise == Promise::Bare => of_row().or(Some(key)),
            other => other,
        }
    }

    /// The name in a pair that Rails binds to a statement: `["id", 42]`.
    fn bound(&mut self, word: &str) -> Option<String> {
        let name = self.before[0]?;
        let is_quoted = name.start >= 2 && self.text.as_bytes()[..name.start].ends_with(b"[\"");
        let key = self.key(word).filter(|_| is_quoted)?;
        (key.promise == Promise::Id).then_some(key.name)
    }

    /// Keeps the word behind `FROM` and its like: the table whose rows are looked for.
    fn note_table(&mut self, token: Token) {
        let Some(before) = self.before[0] else { return };
        let is_lead = ["FROM", "UPDATE", "INTO"].contains(&self.token_text(before));
        let between = self.text.get(before.end..token.start).unwrap_or_default();
        if is_lead && matches!(between, " " | " \"" | " `" | " [") {
            self.table = Some(token);
        }
    }

    /// The word before the name, where only a blank, dot or opening bracket parts them.
    fn qualifier(&self) -> Option<&'a str> {
        let [Some(name), Some(before)] = self.before else { return None };
        let between = self.text.get(before.end..name.start)?;
        let joins =
            |character| matches!(character, ' ' | '.' | '(' | '{' | '[' | '"' | '\\' | ':' | '=');
        (between.len() <= 6 && between.chars().all(joins)).then(|| self.token_text(before))
    }

    /// `/orders/ORD-1`: the collection must be a whole part of the path.
    fn in_path(&self, token: Token, shape: Shape) -> Option<KeyName> {
        let collection = self.before[0].filter(|before| before.end + 1 == token.start)?;
        let bytes = self.text.as_bytes();
        let is_part = collection.start > 0 && bytes[collection.start - 1] == b'/';
        let ends = bytes.get(token.end).is_none_or(|byte| !matches!(byte, b'.' | b':'))
            || bytes.get(token.end + 1).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        if !is_part || !ends || collection.has_digit {
            return None;
        }
        let key = key_name::of_collection(self.token_text(collection))?;
        (shape == Shape::Integer || keeps(key.promise, shape)).then_some(key)
    }

    /// Whether the token goes on where another ended with a dot, as parts of a JWT do.
    fn is_inside(&self, token: Token) -> bool {
        let bytes = self.text.as_bytes();
        let is_word = |place: Option<usize>| place.is_some_and(|place| is_part(bytes[place]));
        token.start.checked_sub(1).is_some_and(|place| bytes[place] == b'.')
            && is_word(token.start.checked_sub(2))
    }

    /// Whether the token is a piece of a time, a fraction, an address or a share.
    fn is_part_of_number(&self, token: Token, shape: Shape) -> bool {
        let bytes = self.text.as_bytes();
        let at = |place: usize| bytes.get(place).copied().unwrap_or_default();
        let (next, after) = (at(token.end), at(token.end + 1));
        let last = token.start.checked_sub(1).map_or(0, at);
        let before_last = token.start.checked_sub(2).map_or(0, at);
        if matches!(next, b'@' | b'%') || last == b'@' {
            return true;
        }
        let goes_on = matches!(next, b'.' | b':') && after.is_ascii_digit();
        let went_before = matches!(last, b'.' | b':') && before_last.is_ascii_digit();
        shape == Shape::Integer && (goes_on || went_before)
            || (next == b'.' && after.is_ascii_digit())
            || (last == b'.' && before_last.is_ascii_digit())
    }
}

const fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || byte >= 0x80
}

/// Whether a list ends between two tokens.
fn closes(gap: &str) -> bool {
    gap.bytes().any(|byte| byte == b']')
}

/// Whether the word before a value says that the value is a secret.
fn is_secret(word: &str, kind: Gap) -> bool {
    matches!(kind, Gap::Assignment | Gap::Blank) && secret::is_name(&word.to_ascii_lowercase())
}

/// Sorts what stands between two tokens.
fn gap_kind(gap: &str) -> Gap {
    let bytes = gap.as_bytes();
    match bytes {
        b" " => return Gap::Blank,
        b"/" => return Gap::Slash,
        b" #" | b"#" => return Gap::Hash,
        _ => {}
    }
    if bytes.len() > 10 || bytes.contains(&b'\n') {
        return Gap::Other;
    }
    let only = |allowed: &[u8]| bytes.iter().all(|byte| allowed.contains(byte));
    if only(b" =:>\"'\\[({<#`") && (bytes.contains(&b'=') || bytes.contains(&b':')) {
        return Gap::Assignment;
    }
    if only(b" ,\"'\\") && bytes.contains(&b',') { Gap::Comma } else { Gap::Other }
}

/// A value that is an identifier by its own look is kept even without a name.
fn add_unnamed(value: &str, shape: Shape, keys: &mut Keys) {
    match shape {
        Shape::Typed(length) if !keys.has_value(value) => {
            keys.add(&key_name::of_prefix(&value[..length]), value);
        }
        Shape::Uuid if !keys.has_value(value) => keys.add("id", value),
        Shape::Typed(_) | Shape::Uuid | Shape::Integer | Shape::Mixed | Shape::Word => {}
    }
}

#[cfg(test)]
mod tests;
