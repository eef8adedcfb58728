//! Reads `key=value` pairs: `level=info msg="order accepted" took=4.5ms`.

use std::borrow::Cow;

use crate::decode::escape::unescape;

/// Pairs beyond this are not split off: one line must not fill the index.
const PAIRS_MAX: usize = 512;

/// One pair.
pub(super) type Pair<'a> = (&'a str, Cow<'a, str>);

/// Reads pairs up to the first thing that is none; gives them and what is left.
///
/// Values are bare or in double quotes with escapes; pairs are parted by spaces or commas.
pub(super) fn pairs(text: &str) -> (Vec<Pair<'_>>, &str) {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while found.len() < PAIRS_MAX {
        let Some((name, value, after)) = pair(rest) else { break };
        found.push((name, value));
        rest = after.trim_start_matches([' ', '\t', ',']);
    }
    (found, rest)
}

/// Whether a text begins as such lines do, told without reading all of it.
pub(super) fn begins(text: &str) -> bool {
    key(text).is_some()
}

fn pair(text: &str) -> Option<(&str, Cow<'_, str>, &str)> {
    let name = key(text)?;
    let rest = &text[name.len() + 1..];
    // Python prints texts in single quotes; an apostrophe alone opens nothing.
    if let Some((raw, after)) = rest.strip_prefix('\'').and_then(|quoted| quoted_end(quoted, b'\''))
    {
        return Some((name, Cow::Borrowed(raw), after));
    }
    if let Some(quoted) = rest.strip_prefix('"') {
        let (raw, after) = quoted_end(quoted, b'"')?;
        let escaped = memchr::memchr(b'\\', raw.as_bytes()).is_some();
        let value = if escaped { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) };
        return Some((name, value, after));
    }
    let end = rest.find([' ', '\t', ',']).unwrap_or(rest.len());
    // A comma inside a value (`a=1,2`) belongs to it unless another key follows.
    let end = match rest.as_bytes().get(end) {
        Some(b',') if key(rest[end + 1..].trim_start()).is_none() => {
            rest.find([' ', '\t']).unwrap_or(rest.len())
        }
        _ => end,
    };
    Some((name, Cow::Borrowed(&rest[..end]), &rest[end..]))
}

/// The key that a text begins with, when `=` follows it directly.
fn key(text: &str) -> Option<&str> {
    let end = text.bytes().position(|byte| !is_key_byte(byte))?;
    (end > 0 && text.as_bytes()[end] == b'=').then(|| &text[..end])
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'@' | b'/')
}

/// The inside of quotes and what follows them, which is a space, a comma or nothing.
fn quoted_end(text: &str, quote: u8) -> Option<(&str, &str)> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(quote, b'\\', text.as_bytes().get(at..)?)?;
        if text.as_bytes()[at] == quote {
            let after = &text[at + 1..];
            let parted = after.is_empty() || after.starts_with([' ', '\t', ',']);
            return parted.then(|| (&text[..at], after));
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)], left: &str) {
        let (found, rest) = pairs(text);
        let found: Vec<(&str, &str)> =
            found.iter().map(|(name, value)| (*name, value.as_ref())).collect();
        assert_eq!(found, expected, "text: {text}");
        assert_eq!(rest, left, "text: {text}");
    }

    #[test]
    fn values_are_bare_or_quoted_with_escapes() {
        check(
            r#"level=info msg="said \"no\"\n" took=4.5ms empty= last="""#,
            &[
                ("level", "info"),
                ("msg", "said \"no\"\n"),
                ("took", "4.5ms"),
                ("empty", ""),
                ("last", ""),
            ],
            "",
        );
    }

    #[test]
    fn pairs_may_be_parted_by_commas_and_values_may_hold_them() {
        check("traceId=ab, spanId=cd", &[("traceId", "ab"), ("spanId", "cd")], "");
        check("dd.trace_id=1,dd.span_id=2", &[("dd.trace_id", "1"), ("dd.span_id", "2")], "");
        check("ids=1,2,3 n=3", &[("ids", "1,2,3"), ("n", "3")], "");
    }

    #[test]
    fn the_first_thing_that_is_no_pair_ends_the_run() {
        check("a=1 then b=2", &[("a", "1")], "then b=2");
        check("no pairs", &[], "no pairs");
        check("a='b c' d='", &[("a", "b c"), ("d", "'")], "");
        check(r#"a="open"#, &[], r#"a="open"#);
        check(r#"a="\"#, &[], r#"a="\"#);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,80}", close in r#"[a=", \\é]{0,40}"#) {
            let _ = pairs(&text);
            let _ = pairs(&close);
        }
    }
}
