//! What an entry says, as text: its message, the named values the message leaves out, and
//! the lines that follow, such as a stack trace.

use std::borrow::Cow;

use crate::model::entry::Entry;
use crate::model::field::{Field, find};
use crate::model::id::TraceId;
use crate::render::technical::is_technical;

/// Named values beyond this many are for the machine-readable answers.
const VALUES_MAX: usize = 24;

/// The names, in lower case without separators, that say again what the request's tree shows.
const CONTEXT_NAMES: [&str; 15] = [
    "traceid",
    "spanid",
    "parentid",
    "parentspanid",
    "traceflags",
    "traceparent",
    "traceidraw",
    "remotespan",
    "parentname",
    "tracestate",
    "b3",
    "xb3traceid",
    "xb3spanid",
    "xb3parentspanid",
    "xb3sampled",
];

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement<'a> {
    /// The first line of the message; of the raw record, if it has neither message nor values.
    pub first: Cow<'a, str>,
    /// Named values that the message does not say.
    pub values: Vec<(&'a str, String)>,
    /// The lines that follow: the rest of the message, the exception.
    pub rest: Vec<Cow<'a, str>>,
}

impl<'a> Statement<'a> {
    /// What this entry says.
    pub fn of(entry: &'a Entry) -> Self {
        let message = entry.record.message.trim();
        let values = values(entry, message);
        let mut lines = message.lines().map(str::trim_end).filter(|line| !line.is_empty());
        let first = lines.next().map_or_else(
            || if values.is_empty() { raw_line(entry) } else { Cow::Borrowed("") },
            Cow::Borrowed,
        );
        let mut rest: Vec<_> = lines.map(Cow::Borrowed).collect();
        rest.extend(exception(&entry.record.fields, message));
        Self { first, values, rest }
    }

    /// What this entry says, for a row with little room: values that only say where it was
    /// written, or that there is none, are left out unless `wanted` or all that it says.
    pub fn brief(entry: &'a Entry, wanted: impl Fn(&str) -> bool) -> Self {
        let mut said = Self::of(entry);
        let tells =
            |(name, value): &(&str, String)| (!is_technical(name) && value != "-") || wanted(value);
        if !said.first.is_empty() || said.values.iter().any(tells) {
            said.values.retain(tells);
        }
        said
    }
}

fn raw_line(entry: &Entry) -> Cow<'_, str> {
    let line = entry.record.raw.split(|byte| *byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(line)
}

fn values<'a>(entry: &'a Entry, message: &str) -> Vec<(&'a str, String)> {
    let mut values: Vec<(&'a str, String)> = Vec::new();
    for field in &entry.record.fields {
        if field.name.starts_with("exception.") || is_context(field, entry) {
            continue;
        }
        let value = field.value.to_string();
        let said_before = || values.iter().any(|(_, said)| holds(said, &value));
        let is_said = says(message, &value)
            || (is_convention(&field.name) && (holds(message, &value) || said_before()));
        if !value.is_empty() && !is_said {
            values.push((&field.name, value));
        }
        if values.len() == VALUES_MAX {
            break;
        }
    }
    values
}

/// Whether this is a name of OpenTelemetry's conventions: such fields stand behind those of
/// the log and say again what they say.
fn is_convention(name: &str) -> bool {
    const GROUPS: [&str; 21] = [
        "http",
        "url",
        "server",
        "client",
        "user_agent",
        "network",
        "rpc",
        "db",
        "messaging",
        "user",
        "session",
        "faas",
        "graphql",
        "service",
        "deployment",
        "process",
        "thread",
        "k8s",
        "container",
        "code",
        "cloud",
    ];
    name.split_once('.').is_some_and(|(group, _)| GROUPS.contains(&group))
}

/// Whether a text has the value as words of its own, or as a part of an address.
fn holds(text: &str, value: &str) -> bool {
    says(text, value) || (value.starts_with('/') && text.contains(value))
}

/// Whether the field is trace context, by its name or because it is the entry's own id.
fn is_context(field: &Field, entry: &Entry) -> bool {
    let name: String = field
        .name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let is_trace_id = || {
        let text = field.value.as_text()?;
        (text.len() >= 16).then(|| TraceId::from_hex(text))?
    };
    CONTEXT_NAMES.iter().any(|known| name.ends_with(known))
        || is_trace_id().is_some_and(|id| Some(id) == entry.context.trace_id)
}

/// Whether the message has the value as a word or words of its own.
fn says(message: &str, value: &str) -> bool {
    let is_inside_word = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    message.match_indices(value).any(|(at, _)| {
        let before = message[..at].chars().next_back();
        let after = message[at + value.len()..].chars().next();
        !is_inside_word(before) && !is_inside_word(after)
    })
}

/// The lines of an exception that the message does not show already.
fn exception<'a>(fields: &'a [Field], message: &str) -> Vec<Cow<'a, str>> {
    let text = |name: &str| find(fields, name).and_then(|value| value.as_text()).unwrap_or("");
    let trace = text("exception.stacktrace").trim_end();
    if let Some(first) = trace.lines().next() {
        let is_shown = message.contains('\n') && message.contains(first.trim());
        let lines = trace.lines().filter(|line| !line.trim().is_empty());
        return if is_shown { Vec::new() } else { lines.map(Cow::Borrowed).collect() };
    }
    match (text("exception.type"), text("exception.message")) {
        ("", "") => Vec::new(),
        ("", said) | (said, "") if message.contains(said) => Vec::new(),
        (_, said) if !said.is_empty() && message.contains(said) => Vec::new(),
        ("", said) | (said, "") => vec![said.into()],
        (kind, said) => vec![format!("{kind}: {said}").into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::field::Value;
    use crate::render::fixture;

    #[track_caller]
    fn check(message: &str, fields: &[(&str, &str)], first: &str, values: &str, rest: &[&str]) {
        let mut entry = fixture::entry("payment", message);
        entry.record.raw = b"the raw line\nand more".to_vec();
        entry.context.trace_id = TraceId::from_hex("4bf92f3577b34da6a3ce929d0e0e4736");
        entry.record.fields = fields
            .iter()
            .map(|(name, value)| Field {
                name: (*name).to_owned(),
                value: Value::Text((*value).to_owned()),
            })
            .collect();
        let said = Statement::of(&entry);
        let shown: Vec<_> =
            said.values.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(said.first, first);
        assert_eq!(shown.join(" "), values);
        assert_eq!(said.rest, rest);
    }

    #[test]
    fn values_that_the_message_says_are_left_out() {
        check(
            "order ORD-1 paid with 2 items",
            &[("order_id", "ORD-1"), ("items", "2"), ("amount", "12")],
            "order ORD-1 paid with 2 items",
            "amount=12",
            &[],
        );
    }

    #[test]
    fn a_value_inside_a_word_is_not_said() {
        check("took 2500 ms", &[("attempt", "2")], "took 2500 ms", "attempt=2", &[]);
    }

    #[test]
    fn trace_context_is_left_out_under_any_name() {
        check(
            "paid",
            &[
                ("TraceId", "4bf92f3577b34da6a3ce929d0e0e4736"),
                ("dd.span_id", "7"),
                ("req", "4bf92f3577b34da6a3ce929d0e0e4736"),
            ],
            "paid",
            "",
            &[],
        );
    }

    #[test]
    fn a_brief_row_leaves_out_where_it_was_written_unless_that_is_all_or_wanted() {
        let brief = |message: &str, fields: &[(&str, &str)]| {
            let mut entry = fixture::entry("payment", message);
            entry.record.fields =
                fields.iter().map(|(name, value)| Field::text(*name, *value)).collect();
            let said = Statement::brief(&entry, |value| value == "stderr");
            said.values.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(brief("paid", &[("pid", "7"), ("amount", "89"), ("flags", "-")]), ["amount"]);
        assert_eq!(brief("paid", &[("pid", "7"), ("log.iostream", "stderr")]), ["log.iostream"]);
        assert_eq!(brief("", &[("pid", "7")]), ["pid"]);
    }

    #[test]
    fn a_stack_trace_follows_the_message() {
        check(
            "charge failed",
            &[
                ("exception.type", "E"),
                ("exception.stacktrace", "E: timeout\n\tat pay(Pay.java:7)\n"),
            ],
            "charge failed",
            "",
            &["E: timeout", "\tat pay(Pay.java:7)"],
        );
    }

    #[test]
    fn an_exception_without_a_trace_is_one_line_unless_the_message_says_it() {
        let fields = [("exception.type", "Timeout"), ("exception.message", "after 2 s")];
        check("charge failed", &fields, "charge failed", "", &["Timeout: after 2 s"]);
        check("charge failed after 2 s", &fields, "charge failed after 2 s", "", &[]);
    }

    #[test]
    fn an_entry_that_says_nothing_shows_its_raw_line() {
        check("", &[], "the raw line", "", &[]);
        check("", &[("status", "200")], "", "status=200", &[]);
    }
}
