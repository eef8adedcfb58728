//! Status codes of gRPC.

use crate::model::span::{SpanKind, SpanStatus};

/// The codes by their numbers, without separators and in lower case.
const CODES: [&str; 17] = [
    "ok",
    "cancelled",
    "unknown",
    "invalidargument",
    "deadlineexceeded",
    "notfound",
    "alreadyexists",
    "permissiondenied",
    "resourceexhausted",
    "failedprecondition",
    "aborted",
    "outofrange",
    "unimplemented",
    "internal",
    "unavailable",
    "dataloss",
    "unauthenticated",
];

/// The codes that are a server's own failure.
const SERVER_ERRORS: [&str; 6] =
    ["unknown", "deadlineexceeded", "unimplemented", "internal", "unavailable", "dataloss"];

/// What a code, by name or number, says of the span; none if it is no code.
pub(super) fn outcome(text: &str, kind: Option<SpanKind>) -> Option<SpanStatus> {
    let name: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .collect();
    let name = match name.parse::<usize>() {
        Ok(number) => CODES.get(number)?,
        Err(_) if name == "canceled" => "cancelled",
        Err(_) => CODES.iter().find(|code| **code == name)?,
    };
    match name {
        "ok" => Some(SpanStatus::Ok),
        _ if kind == Some(SpanKind::Client) || SERVER_ERRORS.contains(&name) => {
            Some(SpanStatus::Error)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_fails_by_every_code_a_server_by_its_own() {
        assert_eq!(outcome("OK", None), Some(SpanStatus::Ok));
        assert_eq!(outcome("14", None), Some(SpanStatus::Error));
        assert_eq!(outcome("NotFound", Some(SpanKind::Server)), None);
        assert_eq!(outcome("NOT_FOUND", Some(SpanKind::Client)), Some(SpanStatus::Error));
        assert_eq!(outcome("503", None), None);
    }
}
