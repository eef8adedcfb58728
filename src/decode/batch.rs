//! Takes apart JSON documents that hold many records: what an exporter of spans writes in
//! one line, what a cloud hands over as one message.
//!
//! A path of names leads to the lists (`resourceSpans.scopeSpans.spans`). Each element at its
//! end becomes a text of its own, an object with the element's members first and those of
//! all objects around it behind them.
//!
//! Invariant: the parts cover the text from its first byte to its last, without a gap.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A document with more records than this is kept whole: exporters send some hundreds.
const PARTS_MAX: usize = 20_000;

/// What stands around the records is repeated with each; more text than this in all is not
/// worth having, and the document is kept whole.
const BYTES_MAX: usize = 32 << 20;

/// How the records of a document are found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Batch {
    /// The names of the lists, the outermost first.
    pub(super) path: Vec<String>,
    /// A member of the record, and the table around it in which its value is a name: the
    /// member is then followed by what stands there.
    pub(super) lookup: Vec<(String, String)>,
}

/// One record of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// An object that stands for itself.
    pub(super) text: String,
    /// The bytes of the document that it accounts for.
    pub(super) span: Range<usize>,
}

impl Batch {
    /// The records of a document; none if it has none of them where they should be, or too
    /// many to take apart.
    pub(super) fn split(&self, text: &str) -> Option<Vec<Part>> {
        let document: Object<'_> = serde_json::from_str(text.trim_end_matches([',', ' '])).ok()?;
        let mut found = Found { batch: self, text, parts: Vec::new(), bytes: 0 };
        found.descend(&document, &self.path, &mut Vec::new())?;
        found.finished()
    }
}

/// The objects of a list that is the whole text; none for any other text.
pub(super) fn list(text: &str) -> Option<Vec<Part>> {
    let inside = text.strip_prefix('[')?.trim_start();
    if !inside.starts_with('{') {
        return None;
    }
    let batch = Batch::default();
    let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    let mut found = Found { batch: &batch, text, parts: Vec::new(), bytes: 0 };
    for element in elements {
        element.get().starts_with('{').then_some(())?;
        found.add(element.get(), &[])?;
    }
    found.finished()
}

/// An object's members in their order, their values unread.
struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(member, _)| member == name).map(|(_, value)| *value)
    }
}

struct Found<'b, 'a> {
    batch: &'b Batch,
    text: &'a str,
    parts: Vec<Part>,
    bytes: usize,
}

impl<'a> Found<'_, 'a> {
    /// Follows the path; `around` are the members of the objects passed on the way. None
    /// where the limits are reached. The path's length limits the depth.
    fn descend(
        &mut self,
        object: &Object<'a>,
        path: &[String],
        around: &mut Vec<(Cow<'a, str>, &'a RawValue)>,
    ) -> Option<()> {
        let Some((name, rest)) = path.split_first() else { return Some(()) };
        // Of objects that are not where they should be, nothing is told; the others count.
        let Some(list) = object.get(name) else { return Some(()) };
        let Ok(list) = serde_json::from_str::<Vec<&'a RawValue>>(list.get()) else {
            return Some(());
        };
        let passed = around.len();
        let inherited = object.0.iter().filter(|(member, _)| member != name);
        around.extend(inherited.map(|(member, value)| (member.clone(), *value)));
        for element in list {
            if rest.is_empty() {
                self.add(element.get(), around)?;
            } else if let Ok(inner) = serde_json::from_str(element.get()) {
                self.descend(&inner, rest, around)?;
            }
        }
        around.truncate(passed);
        Some(())
    }

    /// Adds one record; none if the document is too large to be taken apart.
    fn add(&mut self, element: &'a str, around: &[(Cow<'a, str>, &'a RawValue)]) -> Option<()> {
        let Ok(own) = serde_json::from_str::<Object<'a>>(element) else { return Some(()) };
        let mut text = String::with_capacity(element.len() + 256);
        text.push('{');
        for (name, value) in &own.0 {
            write_member(&mut text, name, value.get());
        }
        for (name, value) in around.iter().rev() {
            if own.get(name).is_some() {
                continue;
            }
            match self.looked_up(name, value, &own) {
                Some(value) => write_member(&mut text, name, value.get()),
                None => write_member(&mut text, name, value.get()),
            }
        }
        text.push('}');
        self.bytes += text.len();
        // A borrowed value lies inside the document, so its distance is its place there.
        let end = element.as_ptr() as usize + element.len() - self.text.as_ptr() as usize;
        let start = self.parts.last().map_or(0, |part| part.span.end);
        self.parts.push(Part { text, span: start..end });
        (self.parts.len() <= PARTS_MAX && self.bytes <= BYTES_MAX).then_some(())
    }

    /// What stands in a table around the record under the name that the record gives.
    fn looked_up(
        &self,
        table: &str,
        value: &'a RawValue,
        own: &Object<'a>,
    ) -> Option<&'a RawValue> {
        let (member, _) = self.batch.lookup.iter().find(|(_, named)| named == table)?;
        let key: Cow<'a, str> = serde_json::from_str(own.get(member)?.get()).ok()?;
        serde_json::from_str::<Object<'a>>(value.get()).ok()?.get(&key)
    }

    fn finished(mut self) -> Option<Vec<Part>> {
        self.parts.last_mut()?.span.end = self.text.len();
        Some(self.parts)
    }
}

fn write_member(text: &mut String, name: &str, value: &str) {
    if text.len() > 1 {
        text.push(',');
    }
    let name = serde_json::Value::from(name);
    write!(text, "{name}:{value}").expect("writing to a string never fails");
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Object<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Object<'de>, M::Error> {
        let mut members = Vec::new();
        while let Some((Name(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        Ok(Object(members))
    }
}

/// A member's name, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(path: &str, lookup: &[(&str, &str)]) -> Batch {
        let lookup = lookup.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned()));
        Batch { path: path.split('.').map(str::to_owned).collect(), lookup: lookup.collect() }
    }

    #[track_caller]
    fn check(batch: &Batch, text: &str, expected: &[&str]) {
        let parts = batch.split(text).unwrap_or_default();
        let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
        assert_eq!(texts, expected, "text: {text}");
        let whole: String = parts.iter().map(|part| &text[part.span.clone()]).collect();
        assert!(parts.is_empty() || whole == text, "the parts cover the text: {text}");
    }

    #[test]
    fn each_record_takes_what_stands_around_it_along() {
        check(
            &batch("resource.scope.spans", &[]),
            r#"{"v":1,"resource":[{"r":{"n":"pay"},"scope":[{"s":"x","spans":[{"id":1},{"id":2,"s":"own"}]},{"spans":[{"id":3}]}]}]}"#,
            &[
                r#"{"id":1,"s":"x","r":{"n":"pay"},"v":1}"#,
                r#"{"id":2,"s":"own","r":{"n":"pay"},"v":1}"#,
                r#"{"id":3,"r":{"n":"pay"},"v":1}"#,
            ],
        );
    }

    #[test]
    fn a_name_is_looked_up_in_the_table_around_it() {
        check(
            &batch("data.spans", &[("processID", "processes")]),
            r#"{"data":[{"spans":[{"processID":"p1"},{"processID":"p9"}],"processes":{"p1":{"serviceName":"cart"}}}]}"#,
            &[
                r#"{"processID":"p1","processes":{"serviceName":"cart"}}"#,
                r#"{"processID":"p9","processes":{"p1":{"serviceName":"cart"}}}"#,
            ],
        );
    }

    #[test]
    fn a_document_without_records_is_none() {
        let spans = batch("data.spans", &[]);
        for text in ["{}", "[]", r#"{"data":[]}"#, r#"{"data":3}"#, r#"{"data":[{"spans":{}}]}"#] {
            assert_eq!(spans.split(text), None, "text: {text}");
        }
    }

    #[test]
    fn a_list_of_objects_is_their_texts() {
        let text = r#"[{"a":1}, {"b":"]"}]"#;
        let parts = list(text).expect("a list of objects");
        assert_eq!(parts[1].text, r#"{"b":"]"}"#);
        assert_eq!(parts.iter().map(|part| &text[part.span.clone()]).collect::<String>(), text);
        assert_eq!(list("[1,2]"), None);
        assert_eq!(list("[]"), None);
    }

    #[test]
    fn what_would_grow_beyond_measure_is_kept_whole() {
        let around = "x".repeat(BYTES_MAX / 100);
        let list = vec!["{}"; 101].join(",");
        let text = format!(r#"{{"a":[{list}],"b":"{around}"}}"#);
        assert_eq!(batch("a", &[]).split(&text), None);
    }

    proptest::proptest! {
        #[test]
        fn the_parts_of_any_text_cover_it(text in r#"\{"a":\[(\{"b":"[x\\\\"\]é]{0,3}"\},?){0,4}\]\}|[\[\]{}",:a0]{0,20}"#) {
            if let Some(parts) = batch("a", &[]).split(&text) {
                let whole: String = parts.iter().map(|part| &text[part.span.clone()]).collect();
                proptest::prop_assert_eq!(whole, text);
            }
        }
    }
}
