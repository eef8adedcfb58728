//! Fields that say where a line was written and not what happened: the same on every line of
//! a process, they push out of the row what differs. `--full` and the machine-readable
//! answers show them.

/// Groups of such fields, by the beginning of their names: the groups of OpenTelemetry's
/// resources, of collectors and of tracing libraries.
const GROUPS: [&str; 16] = [
    "process.",
    "thread.",
    "code.",
    "log.",
    "host.",
    "os.",
    "container.",
    "k8s.",
    "kubernetes.",
    "cloud.",
    "service.",
    "deployment.",
    "telemetry.",
    "otel.",
    "dd.",
    "tracing.",
];

/// Single names, in lower case without separators.
const NAMES: [&str; 14] = [
    "pid",
    "tid",
    "processid",
    "processname",
    "thread",
    "threadid",
    "threadname",
    "hostname",
    "caller",
    "filename",
    "lineno",
    "linenumber",
    "funcname",
    "loggername",
];

/// Whether a field of this name only says where its line was written.
pub(super) fn is_technical(name: &str) -> bool {
    let starts_with = |group: &str| {
        name.get(..group.len()).is_some_and(|start| start.eq_ignore_ascii_case(group))
    };
    let plain = || {
        let letters = name.chars().filter(|letter| !matches!(letter, '_' | '-'));
        letters.map(|letter| letter.to_ascii_lowercase()).collect::<String>()
    };
    GROUPS.iter().any(|group| starts_with(group)) || NAMES.contains(&plain().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_line_was_written_is_told_from_what_happened() {
        for name in ["process.pid", "pid", "Thread_Name", "log.iostream", "code.location", "dd.env"]
        {
            assert!(is_technical(name), "{name}");
        }
        for name in ["order_id", "attempt", "thread_count", "logins", "req.id", "codec", "é"] {
            assert!(!is_technical(name), "{name}");
        }
    }
}
