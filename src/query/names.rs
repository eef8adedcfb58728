//! Names of fields as users spell them, and which fields a name finds.
//!
//! Case, `_`, `-`, `.` and blanks do not count: `orderId`, `order_id` and `Order-Id` are one
//! name. The last parts of a nested name find it too: `status_code` finds `http.status_code`.

use std::borrow::Cow;

/// Names longer than this are not compared for likeness: no one types them.
const LIKENESS_BYTES_MAX: usize = 64;

/// What is known of every entry, whatever its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WellKnown {
    /// The service that wrote it.
    Service,
    /// How bad it says it is.
    Level,
    /// The request.
    TraceId,
    /// The span.
    SpanId,
    /// The file or stream.
    Path,
    /// The text.
    Message,
    /// The logger or category.
    Logger,
    /// The thread.
    Thread,
    /// The host.
    Host,
    /// The instance of the service.
    Instance,
    /// The definition that understood it.
    Format,
    /// What the text says, without the values it says it of.
    Template,
}

/// The names of what is known of every entry, for suggestions.
pub const WELL_KNOWN_NAMES: [&str; 13] = [
    "service", "level", "severity", "trace_id", "span_id", "path", "message", "logger", "thread",
    "host", "instance", "format", "template",
];

/// What a normalised name stands for in every entry, if anything. Fields that have the
/// name by themselves are found as well.
pub fn well_known(normalised: &str) -> Option<WellKnown> {
    Some(match normalised {
        "service" | "servicename" => WellKnown::Service,
        "level" | "severity" | "severitytext" | "loglevel" | "levelname" | "lvl" => {
            WellKnown::Level
        }
        "traceid" => WellKnown::TraceId,
        "spanid" => WellKnown::SpanId,
        "path" => WellKnown::Path,
        "message" | "msg" => WellKnown::Message,
        "logger" | "loggername" | "loglogger" | "sourcecontext" | "caller" | "scopename" => {
            WellKnown::Logger
        }
        "thread" | "threadname" | "processthreadname" => WellKnown::Thread,
        "host" | "hostname" => WellKnown::Host,
        "instance" => WellKnown::Instance,
        "format" => WellKnown::Format,
        "template" => WellKnown::Template,
        _ => return None,
    })
}

/// A name in the form in which names are compared.
pub fn normalised(name: &str) -> Cow<'_, str> {
    if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        return Cow::Borrowed(name);
    }
    let kept = name.chars().filter(|character| !is_ignored(*character));
    Cow::Owned(kept.flat_map(char::to_lowercase).collect())
}

const fn is_ignored(character: char) -> bool {
    matches!(character, '_' | '-' | '.' | ' ')
}

/// Whether a normalised name finds a field: by its whole name or by its last dotted parts.
pub fn finds(wanted: &str, field: &str) -> bool {
    if wanted.is_empty() {
        return false;
    }
    same(wanted, field) || field.match_indices('.').any(|(dot, _)| same(wanted, &field[dot + 1..]))
}

/// Whether a normalised name finds a business key: by its name, with or without a final `id`.
pub fn finds_key(wanted: &str, key: &str) -> bool {
    !wanted.is_empty()
        && (same(wanted, key) || key.strip_suffix("_id").is_some_and(|noun| same(wanted, noun)))
}

/// Whether `name` normalises to `wanted`, without writing it down.
fn same(wanted: &str, name: &str) -> bool {
    if name.len() < wanted.len() && name.is_ascii() {
        return false;
    }
    let kept = name.chars().filter(|character| !is_ignored(*character));
    kept.flat_map(char::to_lowercase).eq(wanted.chars())
}

/// The known name that is most like `name`, if any is alike: at most a third of it differs.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = normalised(name);
    if wanted.len() > LIKENESS_BYTES_MAX {
        return None;
    }
    let allowed = (wanted.chars().count() / 3).max(1);
    known
        .into_iter()
        .filter(|candidate| candidate.len() <= LIKENESS_BYTES_MAX)
        .map(|candidate| (distance(&wanted, &normalised(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many insertions, deletions, replacements and swaps of neighbours part two names.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut before_last = vec![0; right.len() + 1];
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, from) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, to) in right.iter().enumerate() {
            let replaced = last[column] + usize::from(from != to);
            let mut best = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            let swapped =
                row > 0 && column > 0 && *from == right[column - 1] && left[row - 1] == *to;
            if swapped {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_separators_do_not_count() {
        for name in ["orderId", "order_id", "Order-Id", "order.id", "Order Id"] {
            assert_eq!(normalised(name), "orderid", "name: {name}");
        }
    }

    #[test]
    fn a_name_finds_the_whole_field_or_its_last_parts() {
        for wanted in ["httpstatuscode", "statuscode"] {
            assert!(finds(wanted, "http.status_code"), "wanted: {wanted}");
        }
        assert!(finds("requestmethod", "http.request.method"));
        for wanted in ["code", "httpstatus", "", "xhttpstatuscode"] {
            assert!(!finds(wanted, "http.status_code"), "wanted: {wanted}");
        }
    }

    #[test]
    fn a_key_is_found_without_its_id() {
        assert!(finds_key("order", "order_id"));
        assert!(finds_key("orderid", "order_id"));
        assert!(!finds_key("ord", "order_id"));
    }

    #[test]
    fn the_nearest_name_is_suggested_and_a_strange_one_is_not() {
        let known = ["service", "severity", "order_id"];
        assert_eq!(nearest("servcie", known), Some("service"));
        assert_eq!(nearest("oderId", known), Some("order_id"));
        assert_eq!(nearest("colour", known), None);
    }
}
