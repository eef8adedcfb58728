//! Levels as a user spells them in a query.

use std::ops::RangeInclusive;

use crate::model::severity::Severity;

/// The names that a query takes, for messages.
pub const LEVEL_NAMES: &str = "a level (trace, debug, info, warn, error, fatal)";

/// The severity numbers that a level's name or number stands for.
pub fn band(text: &str) -> Option<RangeInclusive<u8>> {
    if let Ok(number) = text.parse::<u8>() {
        let number = Severity::new(number)?.number();
        return Some(number..=number);
    }
    let first = first_of(&text.to_ascii_lowercase())?.number();
    Some(first..=first + 3)
}

fn first_of(name: &str) -> Option<Severity> {
    Some(match name {
        "trace" | "verbose" | "finest" => Severity::TRACE,
        "debug" | "fine" => Severity::DEBUG,
        "info" | "information" | "notice" => Severity::INFO,
        "warn" | "warning" => Severity::WARN,
        "error" | "err" | "severe" => Severity::ERROR,
        "fatal" | "critical" | "crit" | "emergency" | "panic" => Severity::FATAL,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_its_range_and_a_number_for_itself() {
        assert_eq!(band("Error"), Some(17..=20));
        assert_eq!(band("warning"), Some(13..=16));
        assert_eq!(band("18"), Some(18..=18));
        for text in ["", "0", "25", "errr", "-1"] {
            assert_eq!(band(text), None, "text: {text}");
        }
    }
}
