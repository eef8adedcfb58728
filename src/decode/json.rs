//! Reads one JSON object in one pass into a flat list of named values that borrow from it.
//!
//! There is no tree: nested names are joined by dots, numbers stay the digits they are.
//! What is not a whole JSON object gives nothing, and the line is read as text.

use std::borrow::Cow;

use crate::decode::escape::unescape;
use crate::model::field::Value;

/// Objects and lists nested deeper than this are kept as text: the reader recurses.
const DEPTH_MAX: usize = 64;
/// Members beyond this are kept together as text: one line must not fill the index.
const MEMBERS_MAX: usize = 512;
/// What is nested under a longer name is kept as text: each name is repeated in all names
/// below it.
const NAME_BYTES_MAX: usize = 1024;
/// The name under which members beyond [`MEMBERS_MAX`] are kept.
const REST: &str = "json.rest";

/// A JSON object's members in their order; nesting joined by dots.
pub(super) type Members<'a> = Vec<(Cow<'a, str>, Scalar<'a>)>;

/// A value that is not an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar<'a> {
    /// A string, its escapes not yet resolved.
    Text(Text<'a>),
    /// A text that was not escaped, or is no more.
    Resolved(Cow<'a, str>),
    /// The digits of a number.
    Number(&'a str),
    Boolean(bool),
    Null,
    List(Vec<Scalar<'a>>),
}

/// The inside of a string's quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text<'a> {
    raw: &'a str,
    escaped: bool,
}

impl<'a> Text<'a> {
    /// The text with its escapes resolved; borrowed when there are none.
    pub(super) fn resolve(self) -> Cow<'a, str> {
        if self.escaped { Cow::Owned(unescape(self.raw)) } else { Cow::Borrowed(self.raw) }
    }

    /// The text without the line's end that it closes with, and whether there was one.
    ///
    /// Container runtimes end almost every text so; cutting it off before escapes are
    /// resolved saves the copy.
    pub(super) fn resolve_line(self) -> (Cow<'a, str>, bool) {
        let Some(cut) = self.raw.strip_suffix("\\n").filter(|_| self.escaped) else {
            return (self.resolve(), false);
        };
        let backslashes = cut.bytes().rev().take_while(|byte| *byte == b'\\').count();
        if backslashes % 2 == 1 {
            return (self.resolve(), false);
        }
        let cut = cut.strip_suffix("\\r").unwrap_or(cut);
        let escaped = memchr::memchr(b'\\', cut.as_bytes()).is_some();
        (Text { raw: cut, escaped }.resolve(), true)
    }
}

impl<'a> Scalar<'a> {
    /// Text and numbers as text.
    pub(super) fn as_text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text.resolve()),
            Self::Resolved(text) => Some(text.clone()),
            Self::Number(digits) => Some(Cow::Borrowed(digits)),
            Self::Boolean(_) | Self::Null | Self::List(_) => None,
        }
    }

    /// The value of a field; none for null, which says nothing.
    pub(super) fn into_value(self) -> Option<Value> {
        Some(match self {
            Self::Text(text) => Value::Text(text.resolve().into_owned()),
            Self::Resolved(text) => Value::Text(text.into_owned()),
            Self::Number(digits) => Value::Number(digits.to_owned()),
            Self::Boolean(value) => Value::Boolean(value),
            Self::Null => return None,
            Self::List(values) => {
                Value::List(values.into_iter().filter_map(Self::into_value).collect())
            }
        })
    }
}

/// Reads an object that is the whole text but for white space and a comma behind it
/// (as in an array with one object a line); none for anything else.
pub(super) fn read(text: &str) -> Option<Members<'_>> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, members: Vec::new() };
    reader.space();
    if reader.peek() != Some(b'{') {
        return None;
    }
    reader.members.reserve(16);
    reader.object("", 0)?;
    reader.space();
    if reader.peek() == Some(b',') {
        reader.at += 1;
        reader.space();
    }
    (reader.at == text.len()).then_some(reader.members)
}

/// How far a text that begins like an object is one: the byte where reading it stopped.
pub(super) fn reach(text: &str) -> usize {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, members: Vec::new() };
    let _gives_up_somewhere = reader.object("", 0);
    let mut at = reader.at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    members: Members<'a>,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    /// Reads an object whose brace is next; its members' names begin with `prefix`.
    fn object(&mut self, prefix: &str, depth: usize) -> Option<()> {
        self.take(b'{')?;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Some(());
        }
        loop {
            if self.members.len() >= MEMBERS_MAX {
                return self.rest_of_object();
            }
            self.space();
            let key = self.string()?.resolve();
            self.space();
            self.take(b':')?;
            self.space();
            let name = if prefix.is_empty() { key } else { format!("{prefix}.{key}").into() };
            self.member(name, depth)?;
            self.space();
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    /// Reads the value that is next under this name.
    fn member(&mut self, name: Cow<'a, str>, depth: usize) -> Option<()> {
        let opens = depth < DEPTH_MAX && name.len() <= NAME_BYTES_MAX;
        match self.peek()? {
            b'{' if opens => self.object(&name, depth + 1),
            b'[' if opens => self.list(name, depth + 1),
            b'{' | b'[' => {
                let raw = self.skipped()?;
                self.members.push((name, Scalar::Text(Text { raw, escaped: false })));
                Some(())
            }
            _ => {
                let value = self.scalar()?;
                self.members.push((name, value));
                Some(())
            }
        }
    }

    /// Reads a list. Objects in it become members under the list's own name; the values
    /// beside them become one member, unless there are only objects.
    fn list(&mut self, name: Cow<'a, str>, depth: usize) -> Option<()> {
        let start = self.at;
        self.take(b'[')?;
        let mut values = Vec::new();
        let mut objects = false;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            self.members.push((name, Scalar::List(values)));
            return Some(());
        }
        loop {
            self.space();
            if values.len() >= MEMBERS_MAX {
                // The whole list becomes one text; what was an object in it stays a member.
                self.at = start;
                let raw = self.skipped()?;
                self.members.push((name, Scalar::Text(Text { raw, escaped: false })));
                return Some(());
            }
            match self.peek()? {
                b'{' if depth < DEPTH_MAX && self.members.len() < MEMBERS_MAX => {
                    objects = true;
                    let first = self.members.len();
                    self.object(&name, depth + 1)?;
                    self.join_pair(&name, first);
                }
                b'{' | b'[' => {
                    let raw = self.skipped()?;
                    values.push(Scalar::Text(Text { raw, escaped: false }));
                }
                _ => values.push(self.scalar()?),
            }
            self.space();
            match self.peek()? {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    if !objects || !values.is_empty() {
                        self.members.push((name, Scalar::List(values)));
                    }
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    /// An element `{"key": k, "value": v}` of a list means a member `k`; a `type` beside them
    /// says nothing that the value does not.
    fn join_pair(&mut self, name: &str, first: usize) {
        let (mut key, mut value) = (None, None);
        for (place, (member, scalar)) in self.members[first..].iter().enumerate() {
            let own = member.get(name.len() + 1..).unwrap_or_default();
            let is_type =
                own.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case("type"));
            let own = own.split('.').next().unwrap_or_default();
            match (own, scalar) {
                _ if is_type => {}
                (_, Scalar::Text(text)) if key.is_none() && own.eq_ignore_ascii_case("key") => {
                    key = Some(*text);
                }
                _ if value.is_none() && own.eq_ignore_ascii_case("value") => {
                    value = Some(first + place);
                }
                _ => return,
            }
        }
        if let (Some(key), Some(place)) = (key, value) {
            let joined = format!("{name}.{}", key.resolve());
            let (_, value) = self.members.swap_remove(place);
            self.members.truncate(first);
            self.members.push((joined.into(), value));
        }
    }

    /// Keeps all that is left of an object as text and goes behind its brace.
    fn rest_of_object(&mut self) -> Option<()> {
        let start = self.at;
        self.skip_closing(1)?;
        let raw = &self.text[start..self.at - 1];
        self.members.push((Cow::Borrowed(REST), Scalar::Text(Text { raw, escaped: false })));
        Some(())
    }

    /// The text of the object or list that is next, without looking into it.
    fn skipped(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.at += 1;
        self.skip_closing(1)?;
        Some(&self.text[start..self.at])
    }

    /// Goes behind the bracket that closes `open` open ones.
    fn skip_closing(&mut self, mut open: usize) -> Option<()> {
        while open > 0 {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                _ => {}
            }
            self.at += 1;
        }
        Some(())
    }

    fn scalar(&mut self) -> Option<Scalar<'a>> {
        match self.peek()? {
            b'"' => self.string().map(Scalar::Text),
            b't' => self.word("true", Scalar::Boolean(true)),
            b'f' => self.word("false", Scalar::Boolean(false)),
            b'n' => self.word("null", Scalar::Null),
            // Python's json and some C++ writers print these, though JSON has no such numbers.
            b'N' => self.word("NaN", Scalar::Null),
            b'I' => self.word("Infinity", Scalar::Null),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str, value: Scalar<'a>) -> Option<Scalar<'a>> {
        self.bytes[self.at..].starts_with(word.as_bytes()).then(|| {
            self.at += word.len();
            value
        })
    }

    fn number(&mut self) -> Option<Scalar<'a>> {
        let rest = &self.bytes[self.at..];
        let length = rest
            .iter()
            .take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .count();
        let digits = &self.text[self.at..self.at + length];
        if !is_number(digits) {
            return None;
        }
        self.at += length;
        Some(Scalar::Number(digits))
    }

    /// Reads a string whose quote is next.
    fn string(&mut self) -> Option<Text<'a>> {
        self.take(b'"')?;
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = &self.bytes[self.at..];
            self.at += memchr::memchr2(b'"', b'\\', rest)?;
            if self.bytes[self.at] == b'"' {
                break;
            }
            escaped = true;
            self.at += 2;
            if self.at > self.bytes.len() {
                return None;
            }
        }
        // An escaped character of several bytes would leave `at` inside it; the next
        // search finds the quote all the same, which always is a character of its own.
        let raw = &self.text[start..self.at];
        self.at += 1;
        Some(Text { raw, escaped })
    }
}

/// Whether these characters form a number as JSON writes it (leading zeros let pass).
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
        }
        None => (text, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    [whole, fraction, exponent]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The members as `name=value`, one a line.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let members = read(text).unwrap_or_else(|| panic!("not an object: {text}"));
        let found: Vec<String> = members
            .into_iter()
            .map(|(name, value)| match value.into_value() {
                Some(value) => format!("{name}={value}"),
                None => format!("{name} is null"),
            })
            .collect();
        assert_eq!(found, expected, "text: {text}");
    }

    #[test]
    fn nested_names_are_joined_by_dots_in_their_order() {
        check(
            r#"{"a":{"b":{"c":1},"d":"x"},"e":[1,"two",true],"f":null,"g":{}}"#,
            &["a.b.c=1", "a.d=x", "e=1, two, true", "f is null"],
        );
    }

    #[test]
    fn numbers_keep_their_digits() {
        check(
            r#"{"id":13951875289793649960,"t":1795253415.250,"e":-1.5E+9}"#,
            &["id=13951875289793649960", "t=1795253415.250", "e=-1.5E+9"],
        );
    }

    #[test]
    fn both_of_two_equal_keys_are_kept() {
        check(r#"{"a":1,"a":2}"#, &["a=1", "a=2"]);
    }

    #[test]
    fn lists_of_objects_and_of_pairs_become_members() {
        check(r#"{"s":[{"id":1},{"id":2}]}"#, &["s.id=1", "s.id=2"]);
        check(
            r#"{"map":[{"key":"traceId","value":"ab"},{"Key":"n","Value":2}]}"#,
            &["map.traceId=ab", "map.n=2"],
        );
        check(
            r#"{"at":[{"key":"service.name","value":{"stringValue":"pay"}}]}"#,
            &["at.service.name=pay"],
        );
        check(
            r#"{"tags":[{"key":"span.kind","type":"string","value":"server"},{"key":"a","other":1}]}"#,
            &["tags.span.kind=server", "tags.key=a", "tags.other=1"],
        );
    }

    #[test]
    fn escapes_are_resolved_and_half_pairs_replaced() {
        check(r#"{"a":"\"\\\/\n\tü😀\ud83dx\q"}"#, &["a=\"\\/\n\tü😀\u{fffd}x\\q"]);
    }

    #[test]
    fn what_is_not_a_whole_object_is_refused() {
        for text in [
            "",
            "{",
            "[]",
            "1",
            r#"{"a":1"#,
            r#"{"a":1}x"#,
            r#"{"a"}"#,
            "{a:1}",
            r#"{"a":1,}"#,
            r#"{"a":01x}"#,
            r#"{"a":tru}"#,
            r#"{"a":"\"#,
            r#"{"a":"\é"#,
            r#"{"a":.5}"#,
        ] {
            assert_eq!(read(text), None, "text: {text}");
        }
        assert!(read(" {\"a\":1} , ").is_some());
    }

    #[test]
    fn depth_and_number_of_members_are_limited_and_nothing_is_lost() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
        let members = read(&deep).unwrap();
        assert_eq!(members.len(), 1);
        assert!(members[0].1.as_text().unwrap().starts_with(r#"{"a":{"a""#));
        let list = format!("{{\"a\":[{}0]}}", "0,".repeat(1000));
        assert!(read(&list).unwrap()[0].1.as_text().unwrap().starts_with("[0,0"));
        let name = "n".repeat(5000);
        let long = format!("{{\"{name}\":{{\"a\":1}}}}");
        assert_eq!(read(&long).unwrap()[0].1.as_text().unwrap(), "{\"a\":1}");
        let many: Vec<String> = (0..1000).map(|index| format!("\"k{index}\":{index}")).collect();
        let many = format!("{{{}}}", many.join(","));
        let members = read(&many).unwrap();
        assert_eq!(members.len(), MEMBERS_MAX + 1);
        assert!(members[MEMBERS_MAX].1.as_text().unwrap().ends_with("\"k999\":999"));
    }

    #[test]
    fn the_end_of_a_line_is_cut_off_without_a_copy() {
        let text = Text { raw: r"ready\n", escaped: true };
        assert!(matches!(text.resolve_line(), (Cow::Borrowed("ready"), true)));
        let text = Text { raw: r"C:\\new\\n", escaped: true };
        assert_eq!(text.resolve_line(), (Cow::from(r"C:\new\n"), false));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,80}", json in r#"[{}\[\],:"\\a1 -]{0,60}"#) {
            let _ = read(&text);
            let _ = read(&json);
        }
    }
}
