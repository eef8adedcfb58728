//! Reads the chain of spans that Rust's `tracing` writes before a message:
//! `request{method=GET uri=/carts/7}:load{cart="7"}`.
//!
//! What a span knows holds for every line inside it, so its values become fields under its
//! name: `request.method`, `load.cart`.

use std::borrow::Cow;

use crate::decode::logfmt;

/// The field that keeps the names of the spans, outermost first.
pub(super) const NAMES: &str = "tracing.spans";

/// Spans inside each other beyond this are a recursion, of which the outermost tell enough.
const SPANS_MAX: usize = 32;

/// A field's name and value.
pub(super) type Value<'a> = (String, Cow<'a, str>);

/// The values of all spans of a chain, and the spans' names joined by colons.
pub(super) fn read(text: &str) -> (String, Vec<Value<'_>>) {
    let mut names = String::new();
    let mut values = Vec::new();
    let mut rest = text;
    for _ in 0..SPANS_MAX {
        let end = rest.find(['{', ':']).unwrap_or(rest.len());
        let name = &rest[..end];
        if !names.is_empty() {
            names.push(':');
        }
        names.push_str(name);
        let after = rest[end..].strip_prefix('{').map(|inside| {
            let close = closing(inside);
            let (pairs, _) = logfmt::pairs(&inside[..close]);
            let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
            values.extend(pairs.map(|(key, value)| (format!("{name}.{key}"), value)));
            inside.get(close + 1..).unwrap_or_default()
        });
        match after.unwrap_or(&rest[end..]).strip_prefix(':') {
            Some(next) => rest = next,
            None => break,
        }
    }
    (names, values)
}

/// Where the bracket closes that was opened before the text; its end, if it never does.
fn closing(text: &str) -> usize {
    let mut depth = 0usize;
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b'{' if !is_quoted => depth += 1,
            b'}' if !is_quoted && depth == 0 => return place,
            b'}' if !is_quoted => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, names: &str, values: &[(&str, &str)]) {
        let (found_names, found) = read(text);
        let found: Vec<(&str, &str)> =
            found.iter().map(|(name, value)| (name.as_str(), value.as_ref())).collect();
        assert_eq!(found_names, names, "text: {text}");
        assert_eq!(found, values, "text: {text}");
    }

    #[test]
    fn values_stand_under_the_name_of_their_span() {
        check(
            "request{method=GET uri=/carts/7}:load{cart=\"7 b\"}",
            "request:load",
            &[("request.method", "GET"), ("request.uri", "/carts/7"), ("load.cart", "7 b")],
        );
    }

    #[test]
    fn a_span_may_have_no_values() {
        check("request:load{cart=7}:check", "request:load:check", &[("load.cart", "7")]);
        check("request{}", "request", &[]);
    }

    #[test]
    fn brackets_in_quotes_or_in_values_close_nothing() {
        check("a{x=\"}\\\"}\"}:b{y={1}}", "a:b", &[("a.x", "}\"}"), ("b.y", "{1}")]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in r#"[a={}:", \\é]{0,60}"#) {
            let _ = read(&text);
        }
    }
}
