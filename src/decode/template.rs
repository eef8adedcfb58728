//! Fills message templates of logging libraries that write the template and its values.

use std::borrow::Cow;

use crate::decode::json::{Members, Scalar};

/// A longer message stays the template it was: a value can be named many times in it.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// Fills the `{}` of logback's raw messages with the arguments in their order.
pub(super) fn positional<'a>(message: Cow<'a, str>, arguments: &[Scalar<'a>]) -> Cow<'a, str> {
    if arguments.is_empty() || !message.contains("{}") {
        return message;
    }
    let mut filled = String::with_capacity(message.len() + 32);
    let mut parts = message.split("{}");
    filled.push_str(parts.next().unwrap_or_default());
    let mut arguments = arguments.iter();
    for part in parts {
        match arguments.next() {
            Some(argument) => filled.push_str(&shown(argument)),
            None => filled.push_str("{}"),
        }
        filled.push_str(part);
    }
    Cow::Owned(filled)
}

/// Fills the `{Name}`, `{@Name}` and `{Name:format}` of Serilog's templates from the
/// members of these names; a hole without a value stays. `{{` is a brace.
pub(super) fn named(template: &str, members: &Members<'_>) -> String {
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        filled.push_str(&rest[..open]);
        rest = &rest[open + 1..];
        if let Some(after) = rest.strip_prefix('{') {
            filled.push('{');
            rest = after;
            continue;
        }
        let Some(close) = rest.find('}') else {
            filled.push('{');
            break;
        };
        let hole = &rest[..close];
        match member(hole, members) {
            Some(value) => filled.push_str(&shown(value)),
            None => filled.extend(["{", hole, "}"]),
        }
        rest = &rest[close + 1..];
        if filled.len() > MESSAGE_BYTES_MAX {
            return template.to_owned();
        }
    }
    filled.push_str(rest);
    filled
}

/// The value for a hole; alignment (`,10`) and format (`:0.00`) do not concern its name.
fn member<'m, 'a>(hole: &str, members: &'m Members<'a>) -> Option<&'m Scalar<'a>> {
    let name = hole.split([',', ':']).next()?.trim_start_matches(['@', '$']);
    members.iter().find(|(member, _)| member == name).map(|(_, value)| value)
}

fn shown<'a>(value: &Scalar<'a>) -> Cow<'a, str> {
    match value.as_text() {
        Some(text) => text,
        None => value
            .clone()
            .into_value()
            .map_or(Cow::Borrowed("null"), |value| Cow::Owned(value.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::json;

    #[track_caller]
    fn check(template: &str, object: &str, expected: &str) {
        let members = json::read(object).unwrap();
        assert_eq!(named(template, &members), expected, "template: {template}");
    }

    #[test]
    fn holes_are_filled_by_name() {
        let object = r#"{"Amount":42,"Id":"ORD-1","Many":[1,2]}"#;
        check("Charged {Amount} for {@Id}", object, "Charged 42 for ORD-1");
        check("{Amount,8:0.00} {Many}", object, "42 1, 2");
        check("{Other} {{x}} {open", object, "{Other} {x}} {open");
    }

    #[test]
    fn a_template_that_multiplies_its_values_stays_as_it_is() {
        let object = format!("{{\"a\":\"{}\"}}", "x".repeat(10_000));
        let template = "{a}".repeat(10_000);
        check(&template, &object, &template);
    }

    #[test]
    fn holes_are_filled_in_order_as_far_as_there_are_arguments() {
        let members = json::read(r#"{"a":["ORD-1",7]}"#).unwrap();
        let Scalar::List(arguments) = &members[0].1 else { panic!("a list") };
        assert_eq!(positional("order {} of {} {}".into(), arguments), "order ORD-1 of 7 {}");
    }
}
