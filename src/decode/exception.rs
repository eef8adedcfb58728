//! Finds type, message and stack trace of an exception in the text that prints it.

use crate::model::field::{self, Field};

/// The field that names an exception's type.
pub(super) const TYPE: &str = "exception.type";
/// The field that holds what an exception says.
pub(super) const MESSAGE: &str = "exception.message";
/// The field that holds an exception as it was printed.
pub(super) const STACKTRACE: &str = "exception.stacktrace";

/// Python's first line of a stack trace.
pub(super) const TRACEBACK: &str = "Traceback (most recent call last):";

/// Words before an exception's type.
const LEADS: [&str; 8] = [
    "Exception in thread ",
    "Unhandled exception. ",
    "Unhandled Exception: ",
    "Caused by: ",
    "Wrapped by: ",
    "PHP Fatal error:  Uncaught ",
    "Fatal error: Uncaught ",
    "Uncaught ",
];
/// How the names of exceptions end.
const ENDS: [&str; 9] = [
    "Exception",
    "Error",
    "Throwable",
    "Failure",
    "Fault",
    "Interrupt",
    "Timeout",
    "Iteration",
    "Errno",
];

/// An exception in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exception<'a> {
    pub(super) kind: &'a str,
    pub(super) message: &'a str,
    /// The byte of the text where it begins.
    pub(super) start: usize,
}

/// Finds the first exception of a text.
pub(super) fn find(text: &str) -> Option<Exception<'_>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let after = &text[start + line.len()..];
        let line = line.trim_end();
        let found = if line.trim_start().starts_with(TRACEBACK) {
            python(after)
        } else {
            crash(line, after).or_else(|| header(line)).or_else(|| ruby(line))
        };
        if let Some((kind, message)) = found {
            return Some(Exception { kind, message, start });
        }
        start = text.len() - after.len();
    }
    None
}

/// Adds what the fields of a record leave open: the type of a stack trace given alone.
pub(super) fn complete(fields: &mut Vec<Field>) {
    let has = |fields: &[Field], name| field::find(fields, name).is_some();
    if has(fields, TYPE) {
        return;
    }
    let mut printed = fields.iter().filter(|field| field.name.ends_with("exception"));
    if let Some((kind, message)) = printed.find_map(|field| php_object(field.value.as_text()?)) {
        let found = [Field::text(TYPE, kind), Field::text(MESSAGE, message)];
        fields.extend(found);
        return;
    }
    let Some(trace) = field::find(fields, STACKTRACE).and_then(|value| value.as_text()) else {
        return;
    };
    let Some(found) = find(trace) else { return };
    let (kind, message) = (Field::text(TYPE, found.kind), Field::text(MESSAGE, found.message));
    let message = (!has(fields, MESSAGE)).then_some(message);
    fields.push(kind);
    fields.extend(message);
}

/// Monolog prints an exception as `[object] (Type(code: 0): message at /file.php:31)`.
fn php_object(text: &str) -> Option<(&str, &str)> {
    let (kind, rest) = text.strip_prefix("[object] (")?.split_once("(code: ")?;
    let (_, rest) = rest.split_once("): ")?;
    let line = rest.lines().next().unwrap_or_default();
    let message = line.rsplit_once(" at ").map_or(line, |parts| parts.0);
    Some((kind, message))
}

/// Whether a program says with this line that it crashes: it begins a record of its own.
pub(super) fn is_crash(line: &str) -> bool {
    const STARTS: [&str; 7] = [
        "panic: ",
        "fatal error: ",
        "Exception in thread ",
        "Unhandled exception. ",
        "Unhandled Exception: ",
        "PHP Fatal error: ",
        TRACEBACK,
    ];
    STARTS.iter().any(|start| line.starts_with(start)) || is_rust_panic(line)
}

/// Whether Rust says with this line that a thread panics.
pub(super) fn is_rust_panic(line: &str) -> bool {
    line.starts_with("thread '") && line.contains(" panicked at ")
}

/// Type and message of a line such as `java.io.IOException: reset`.
pub(super) fn header(line: &str) -> Option<(&str, &str)> {
    let mut rest = line.trim_start();
    let mut led = false;
    while let Some(after) = LEADS.iter().find_map(|lead| rest.strip_prefix(lead)) {
        led = true;
        rest = after;
        if let Some(quoted) = rest.strip_prefix('"') {
            rest = quoted.split_once("\" ")?.1;
        }
    }
    let (kind, message) = split(rest)?;
    let last = kind.rsplit(['.', ':', '\\', '$']).next().unwrap_or(kind);
    let named = ENDS.iter().any(|end| last.ends_with(end));
    (named || led || is_class(kind)).then_some((kind, message))
}

/// Whether a name is that of a class in a package of at least two parts, as in Java:
/// `com.shop.Declined`. Other names must end as those of exceptions do.
fn is_class(name: &str) -> bool {
    let is_package = |part: &str| part.starts_with(|letter: char| letter.is_ascii_lowercase());
    let Some((package, class)) = name.rsplit_once('.') else { return false };
    let mut parts = package.split('.');
    parts.clone().count() >= 2
        && parts.all(is_package)
        && class.starts_with(|letter: char| letter.is_ascii_uppercase())
}

/// The name before a colon (or alone on its line) and what follows it.
pub(super) fn split(line: &str) -> Option<(&str, &str)> {
    let (kind, message) = line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""));
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || b"_.$\\:".contains(&byte);
    let fits = kind.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
        && kind.bytes().all(inside);
    fits.then(|| (kind, message.trim()))
}

/// Python prints type and message last, after indented lines.
fn python(after: &str) -> Option<(&str, &str)> {
    let mut last = None;
    for line in after.lines() {
        let is_link = line.starts_with("During handling of") || line.starts_with("The above exc");
        if line.is_empty() || line.starts_with([' ', '\t']) || is_link || line == TRACEBACK {
            continue;
        }
        last = split(line).or(last);
    }
    last
}

/// Panics of Go and Rust.
fn crash<'a>(line: &'a str, after: &'a str) -> Option<(&'a str, &'a str)> {
    for kind in ["panic", "fatal error"] {
        if let Some(message) = line.strip_prefix(kind).and_then(|rest| rest.strip_prefix(": ")) {
            return Some((kind, message));
        }
    }
    if !is_rust_panic(line) {
        return None;
    }
    // Before Rust 1.73 the message stood between quotes on the first line.
    let (_, place) = line.split_once(" panicked at ")?;
    let quoted = place.strip_prefix('\'').and_then(|rest| rest.split_once("', "));
    let message = quoted.map_or_else(|| after.lines().next().unwrap_or_default(), |parts| parts.0);
    Some(("panic", message))
}

/// `app.rb:3:in 'pay': declined (CardError)`.
fn ruby(line: &str) -> Option<(&str, &str)> {
    let (_, rest) = line.split_once(":in ")?;
    let (_, rest) = rest.split_once("': ").or_else(|| rest.split_once("`: "))?;
    let (message, kind) = rest.strip_suffix(')')?.rsplit_once(" (")?;
    Some((kind, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &str)>) {
        let found = find(text).map(|exception| (exception.kind, exception.message));
        assert_eq!(found, expected, "text: {text}");
    }

    #[test]
    fn java_and_dotnet_name_the_exception_first() {
        check(
            "java.io.IOException: reset by peer\n\tat pay.Charge.run(Charge.java:17)",
            Some(("java.io.IOException", "reset by peer")),
        );
        check(
            "Exception in thread \"main\" java.lang.IllegalStateException: no\n\tat A.b",
            Some(("java.lang.IllegalStateException", "no")),
        );
        check(
            "System.TimeoutException: acquirer slow\n   at Shop.Pay.Run()",
            Some(("System.TimeoutException", "acquirer slow")),
        );
    }

    #[test]
    fn python_names_it_last() {
        check(
            "Traceback (most recent call last):\n  File \"a.py\", line 3, in f\n    g()\nValueError: no",
            Some(("ValueError", "no")),
        );
    }

    #[test]
    fn panics_of_go_and_rust_are_found() {
        check("panic: nil map\n\ngoroutine 1 [running]:", Some(("panic", "nil map")));
        check(
            "thread 'main' panicked at src/x.rs:4:5:\nno stock\nnote: run",
            Some(("panic", "no stock")),
        );
        check("thread 'main' panicked at 'no stock', src/x.rs:4:5", Some(("panic", "no stock")));
    }

    #[test]
    fn ruby_and_php_are_found() {
        check("app.rb:3:in 'pay': declined (CardError)", Some(("CardError", "declined")));
        check(
            "PHP Fatal error:  Uncaught RuntimeException: declined in /a.php:3",
            Some(("RuntimeException", "declined in /a.php:3")),
        );
    }

    #[test]
    fn a_class_in_a_package_is_one_whatever_its_name() {
        check("com.shop.core.Declined: no\n\tat A.b", Some(("com.shop.core.Declined", "no")));
        check("shop.Declined: no", None);
        check("www.shop.example: no", None);
    }

    #[test]
    fn plain_words_are_no_exception() {
        check("order accepted: 5", None);
        check("GET /x: Error", None);
        check("", None);
    }
}
