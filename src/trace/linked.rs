//! Links that a line states: what its span stems from beside its parent.
//!
//! Records of spans list them (`links[]` of OTLP, `references[]` of Jaeger, `_MS.links`,
//! Honeycomb's link records, Datadog's span links): a batch has many senders, and a consumer
//! that begins a trace of its own links to the one that sent its message.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::model::entry::Entry;
use crate::model::id::{SpanId, TraceId};

/// Links of one line that are read: a batch of more messages is told by these.
const LINKS_MAX: usize = 128;

/// A list of links that is written as a text is read up to this length.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// What a link names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Stated {
    /// The request; that of the line where none is named.
    pub(super) trace: Option<TraceId>,
    /// The span.
    pub(super) span: Option<SpanId>,
}

/// A link whose parts stand in several fields.
#[derive(Default)]
struct Parts {
    stated: Stated,
    /// Whether it says that it is the parent, which is no link.
    is_parent: bool,
}

/// The links that an entry states, each once.
pub(super) fn stated(entry: &Entry) -> Vec<Stated> {
    let mut found: BTreeMap<&str, Parts> = BTreeMap::new();
    let mut listed = Vec::new();
    for field in &entry.record.fields {
        let Some((container, name)) = split(&field.name) else { continue };
        let Some(text) = field.value.as_text() else { continue };
        if text.starts_with('[') && text.len() <= TEXT_BYTES_MAX {
            listed.extend(list(text));
        } else if found.len() < LINKS_MAX || found.contains_key(container) {
            take(found.entry(container).or_default(), name, text);
        }
    }
    let single = found.into_values().filter(|parts| !parts.is_parent).map(|parts| parts.stated);
    let mut seen = BTreeSet::from([Stated::default()]);
    single.chain(listed).filter(|link| seen.insert(*link)).take(LINKS_MAX).collect()
}

/// A name that is inside of a link: what it is a part of, and which.
fn split(name: &str) -> Option<(&str, &str)> {
    // Few names have these letters, and this is asked of every field.
    let is_near = name.contains("ink") || name.contains("ref") || name.contains("_MS");
    if !is_near {
        return None;
    }
    let is_container = |part: &str| {
        let part = part.trim_start_matches('_');
        matches!(part, "link" | "links" | "Links" | "references" | "span_links" | "MS")
    };
    let (container, last) = name.rsplit_once('.').unwrap_or(("", name));
    (container.split('.').any(is_container) || is_container(last)).then_some((container, last))
}

fn take(parts: &mut Parts, name: &str, text: &str) {
    let name: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    match name.as_str() {
        "traceid" | "operationid" => {
            parts.stated.trace = parts.stated.trace.or_else(|| TraceId::from_hex(text.trim()));
        }
        "spanid" | "id" => {
            parts.stated.span = parts.stated.span.or_else(|| SpanId::from_hex(text.trim()));
        }
        "reftype" => parts.is_parent = text == "CHILD_OF",
        _ => {}
    }
}

/// Links in a list that is written as JSON.
fn list(text: &str) -> Vec<Stated> {
    let Ok(Value::Array(links)) = serde_json::from_str(text) else { return Vec::new() };
    let link = |link: &Value| {
        let mut parts = Parts::default();
        for (name, value) in link.as_object()? {
            take(&mut parts, name, value.as_str().unwrap_or_default());
        }
        Some(parts.stated)
    };
    links.iter().take(LINKS_MAX).filter_map(link).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::field::Field;
    use crate::model::fixture::entry;

    const TRACE: &str = "7b2f9c41d05e83a6194cbe70f2a85d13";
    const SPAN: &str = "c19f04a7e6b35d28";

    #[track_caller]
    fn check(fields: &[(&str, &str)], expected: usize) {
        let mut entry = entry("batch", "taken").done();
        let fields = fields.iter().map(|(name, value)| Field::text(*name, *value));
        entry.record.fields = fields.collect();
        let whole = Stated { trace: TraceId::from_hex(TRACE), span: SpanId::from_hex(SPAN) };
        assert_eq!(stated(&entry), vec![whole; expected]);
    }

    #[test]
    fn links_are_read_as_each_exporter_writes_them() {
        check(&[("links.0.traceId", TRACE), ("links.0.spanId", SPAN)], 1);
        check(&[("Links.3.TraceId", TRACE), ("Links.3.SpanId", SPAN)], 1);
        check(&[("trace.link.trace_id", TRACE), ("trace.link.span_id", SPAN)], 1);
        let follows = ("references.0.refType", "FOLLOWS_FROM");
        check(&[follows, ("references.0.traceID", TRACE), ("references.0.spanID", SPAN)], 1);
        let text = format!(r#"[{{"operation_Id":"{TRACE}","id":"{SPAN}"}}]"#);
        check(&[("_MS.links", &text)], 1);
        let text = format!(r#"[{{"trace_id":"{TRACE}","span_id":"{SPAN}","flags":1}}]"#);
        check(&[("_dd.span_links", &text)], 1);
    }

    #[test]
    fn a_parent_and_other_names_are_no_links() {
        let parent = ("references.0.refType", "CHILD_OF");
        check(&[parent, ("references.0.traceID", TRACE), ("references.0.spanID", SPAN)], 0);
        check(&[("trace_id", TRACE), ("blink", SPAN), ("reference", "ORD-1")], 0);
        check(&[("links", "[not JSON"), ("links.0.traceId", "not an id")], 0);
    }
}
