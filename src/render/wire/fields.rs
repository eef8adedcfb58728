//! The fields of an entry as a JSON object, with the log's own spelling of names and numbers.
//!
//! A name that stands more than once holds an array of its values in order. A number is
//! written digit by digit as the log has it, so ids of 64 bits and more survive.

use std::collections::HashMap;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::value::RawValue;

use crate::model::field::{Field, Value};

/// Lists nest no deeper than this: the model nests them once.
const DEPTH_MAX: usize = 8;

/// Fields as an object, in the order of their first appearance.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a>(
    /// The fields.
    pub &'a [Field],
);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut places: HashMap<&str, usize> = HashMap::with_capacity(self.0.len());
        let mut members: Vec<(&str, Vec<&Value>)> = Vec::with_capacity(self.0.len());
        for field in self.0 {
            let place = *places.entry(&field.name).or_insert(members.len());
            if place == members.len() {
                members.push((&field.name, Vec::with_capacity(1)));
            }
            members[place].1.push(&field.value);
        }
        let mut map = serializer.serialize_map(Some(members.len()))?;
        for (name, values) in members {
            match values.as_slice() {
                [value] => map.serialize_entry(name, &One { value, depth: 0 })?,
                _ => map.serialize_entry(name, &Many { values: &values, depth: 0 })?,
            }
        }
        map.end()
    }
}

struct One<'a> {
    value: &'a Value,
    depth: usize,
}

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Text(text) => serializer.serialize_str(text),
            Value::Number(digits) => match number(digits) {
                Some(number) => number.serialize(serializer),
                None => serializer.serialize_str(digits),
            },
            Value::Boolean(value) => serializer.serialize_bool(*value),
            Value::List(_) if self.depth >= DEPTH_MAX => serializer.collect_str(self.value),
            Value::List(values) => {
                let values: Vec<&Value> = values.iter().collect();
                Many { values: &values, depth: self.depth + 1 }.serialize(serializer)
            }
        }
    }
}

struct Many<'a> {
    values: &'a [&'a Value],
    depth: usize,
}

impl Serialize for Many<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.values.len()))?;
        for value in self.values {
            list.serialize_element(&One { value, depth: self.depth })?;
        }
        list.end()
    }
}

/// The digits as a JSON number, if JSON has such a number (`NaN`, `0x1f` and `+1` are none).
fn number(digits: &str) -> Option<Box<RawValue>> {
    let begins_like_one = digits.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    let ends_like_one = digits.ends_with(|last: char| last.is_ascii_digit());
    (begins_like_one && ends_like_one).then(|| RawValue::from_string(digits.to_owned()).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(fields: &[(&str, Value)], expected: &str) {
        let fields: Vec<Field> = fields
            .iter()
            .map(|(name, value)| Field { name: (*name).to_owned(), value: value.clone() })
            .collect();
        let json = serde_json::to_string(&Fields(&fields)).expect("fields are JSON");
        assert_eq!(json, expected);
    }

    fn number(digits: &str) -> Value {
        Value::Number(digits.to_owned())
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn numbers_keep_their_digits() {
        check(
            &[("id", number("18446744073709551617")), ("price", number("1.10"))],
            r#"{"id":18446744073709551617,"price":1.10}"#,
        );
    }

    #[test]
    fn what_json_has_no_number_for_is_text() {
        check(
            &[
                ("a", number("NaN")),
                ("b", number("0x1f")),
                ("c", number("007")),
                ("d", number("1]")),
            ],
            r#"{"a":"NaN","b":"0x1f","c":"007","d":"1]"}"#,
        );
    }

    #[test]
    fn a_name_given_twice_holds_both_values_in_the_place_of_the_first() {
        check(
            &[("k", text("a")), ("other", Value::Boolean(true)), ("k", number("2"))],
            r#"{"k":["a",2],"other":true}"#,
        );
    }

    #[test]
    fn a_list_is_an_array() {
        check(&[("k", Value::List(vec![text("a"), number("2")]))], r#"{"k":["a",2]}"#);
        check(&[], "{}");
    }

    #[test]
    fn lists_in_lists_have_a_bottom() {
        let deep = (0..100).fold(text("x"), |inner, _| Value::List(vec![inner]));
        check(&[("k", deep)], &format!("{{\"k\":{}\"x\"{}}}", "[".repeat(8), "]".repeat(8)));
    }
}
