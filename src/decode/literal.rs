//! Objects as JavaScript's console prints them, made into JSON: names without quotes, texts in
//! single ones, `undefined`, names of classes before their braces.

/// A longer print is a dump.
const BYTES_MAX: usize = 1 << 20;

/// The object as JSON; none if it holds what no console prints. Whether it is an object in
/// the end, the reader of JSON says.
pub(super) fn to_json(text: &str) -> Option<String> {
    if text.len() > BYTES_MAX || !text.trim_start().starts_with('{') {
        return None;
    }
    let mut written = String::with_capacity(text.len() + text.len() / 4);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match first {
            '\'' | '"' | '`' => rest = quoted(rest, first, &mut written)?,
            '}' | ']' => {
                drop_comma(&mut written);
                written.push(first);
                rest = &rest[1..];
            }
            '[' if is_placeholder(rest) => {
                let end = rest.find(']')?;
                push_text(&mut written, &rest[..=end]);
                rest = &rest[end + 1..];
            }
            _ if is_word(first) => rest = word(rest, &mut written),
            _ => {
                written.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    Some(written)
}

const fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$' | '-' | '+' | '.')
}

/// `[Object]`, `[Array]`, `[Function: x]`: what the console did not print.
fn is_placeholder(text: &str) -> bool {
    text[1..].starts_with(|letter: char| letter.is_ascii_uppercase())
}

/// Writes a text in quotes as JSON does; what follows it.
fn quoted<'a>(text: &'a str, quote: char, written: &mut String) -> Option<&'a str> {
    let mut inside = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((place, letter)) = letters.next() {
        match letter {
            _ if letter == quote => {
                push_text(written, &inside);
                return Some(&text[place + 1..]);
            }
            '\\' => match letters.next()?.1 {
                'n' => inside.push('\n'),
                't' => inside.push('\t'),
                other => inside.push(other),
            },
            other => inside.push(other),
        }
    }
    None
}

/// Writes a word: a number or truth value as it is, a name in quotes, a class not at all.
fn word<'a>(text: &'a str, written: &mut String) -> &'a str {
    let end = text.find(|letter: char| !is_word(letter)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let next = rest.trim_start();
    if next.starts_with(':') {
        push_text(written, word);
    } else if matches!(word, "true" | "false" | "null") || is_number(word) {
        written.push_str(word);
    } else if word == "undefined" {
        written.push_str("null");
    } else if next.starts_with(['{', '[']) {
        return next;
    } else if let Some(size) = next.strip_prefix('(') {
        // `Map(2) {`
        return size.find(')').map_or("", |close| &size[close + 1..]);
    } else {
        push_text(written, word);
    }
    rest
}

fn is_number(word: &str) -> bool {
    word.parse::<f64>().is_ok()
        && word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-')
}

fn push_text(written: &mut String, text: &str) {
    written.push_str(&serde_json::Value::from(text).to_string());
}

fn drop_comma(written: &mut String) {
    let kept = written.trim_end().len();
    if written[..kept].ends_with(',') {
        written.truncate(kept - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::json;

    #[test]
    fn what_the_console_prints_becomes_json() {
        let text = "{\n  resource: Resource {\n    attributes: { 'service.name': 'pay' }\n  },\n  \
                    traceId: '7b2f',\n  parentId: undefined,\n  name: \"it's\",\n  duration: 12.5,\n  \
                    events: [],\n  links: [ [Object] ],\n  status: { code: 2 },\n}";
        let json = to_json(text).expect("an object");
        let members = json::read(&json).expect("JSON");
        let found: Vec<String> = members
            .into_iter()
            .map(|(name, value)| format!("{name}={}", value.as_text().unwrap_or("-".into())))
            .collect();
        let expected = [
            "resource.attributes.service.name=pay",
            "traceId=7b2f",
            "parentId=-",
            "name=it's",
            "duration=12.5",
            "events=-",
            "links=-",
            "status.code=2",
        ];
        assert_eq!(found, expected);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_rewritten_or_refused(text in r#"\{[a-z0-9{}\[\]:,'"`\\ ()A-Zé-]{0,60}"#) {
            let _ = to_json(&text);
        }
    }
}
