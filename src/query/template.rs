//! The template of a message: what the code says, without the values it says it of.
//!
//! It is told from one message alone, so that a line has the same template in every store.

use std::borrow::Cow;

use crate::model::masking::{MASK, masked};

/// Of a message of many lines the first is its template, and of a long one its beginning.
const TEMPLATE_BYTES_MAX: usize = 512;

/// The template of a message: `charging card of ORD-*`. That of a template is itself.
pub fn template(message: &str) -> Cow<'_, str> {
    let first = message.trim_start().lines().next().unwrap_or_default().trim_end();
    let mut end = first.len().min(TEMPLATE_BYTES_MAX);
    while !first.is_char_boundary(end) {
        end -= 1;
    }
    masked(&first[..end])
}

/// The parts of a template that stand in every message of it as they are.
pub fn constant_parts(template: &str) -> impl Iterator<Item = &str> {
    let cut = template.len() >= TEMPLATE_BYTES_MAX;
    let parts = template.split_whitespace().filter(|part| !part.contains(MASK));
    parts.take(if cut { 0 } else { usize::MAX })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_template_is_what_messages_of_one_statement_share() {
        let first = template("charging card of ORD-20417\n  at Charge.java:12");
        assert_eq!(first, "charging card of ORD-*");
        assert_eq!(template("charging card of ORD-7"), first);
        assert_eq!(constant_parts(&first).collect::<Vec<_>>(), ["charging", "card", "of"]);
    }

    proptest! {
        #[test]
        fn the_template_of_a_template_is_itself(message in "\\PC{0,60}") {
            let once = template(&message).into_owned();
            prop_assert_eq!(template(&once), once.as_str());
        }

        #[test]
        fn constant_parts_stand_in_the_message(message in "[a-z0-9_ :.-]{0,40}") {
            let template = template(&message);
            for part in constant_parts(&template) {
                prop_assert!(message.split_whitespace().any(|word| word == part));
            }
        }
    }
}
