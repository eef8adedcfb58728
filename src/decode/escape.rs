//! Resolves the escapes of strings in JSON and logfmt.

/// Resolves escapes; what is no escape stays as it is, half a surrogate pair is replaced.
pub(super) fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(place) = memchr::memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..place]);
        rest = &rest[place + 1..];
        let Some(letter) = rest.chars().next() else {
            text.push('\\');
            break;
        };
        rest = &rest[letter.len_utf8()..];
        match letter {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'u' => rest = code_point(rest, &mut text),
            '"' | '\\' | '/' => text.push(letter),
            other => text.extend(['\\', other]),
        }
    }
    text.push_str(rest);
    text
}

/// Adds the character whose four hexadecimal digits (and those of its other half) begin
/// `rest`; gives what follows them.
fn code_point<'a>(rest: &'a str, text: &mut String) -> &'a str {
    let Some(first) = hexadecimal(rest) else {
        text.push_str("\\u");
        return rest;
    };
    let rest = &rest[4..];
    if !(0xd800..0xdc00).contains(&first) {
        text.push(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        return rest;
    }
    let second = rest.strip_prefix("\\u").and_then(hexadecimal);
    let Some(second) = second.filter(|second| (0xdc00..0xe000).contains(second)) else {
        text.push(char::REPLACEMENT_CHARACTER);
        return rest;
    };
    let joined = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    text.push(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER));
    &rest[6..]
}

fn hexadecimal(text: &str) -> Option<u32> {
    let digits = text.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    u32::from_str_radix(digits?, 16).ok()
}
