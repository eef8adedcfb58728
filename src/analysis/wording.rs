//! Numbers in the sentences of findings.

/// A length of time as a person says it: `850 us`, `12 ms`, `3.2 s`, `2.5 min`.
pub(super) fn time(nanoseconds: i64) -> String {
    let value = nanoseconds as f64;
    match nanoseconds.abs() {
        ..1_000_000 => format!("{:.0} us", value / 1e3),
        1_000_000..1_000_000_000 => format!("{:.0} ms", value / 1e6),
        1_000_000_000..120_000_000_000 => format!("{:.1} s", value / 1e9),
        _ => format!("{:.1} min", value / 60e9),
    }
}

/// A share of a whole, 0 to 1, in per cent.
pub(super) fn share(part: f64) -> String {
    format!("{:.0} %", part * 100.0)
}

/// The first words of what a line says, for a sentence.
pub(super) fn quoted(message: &str) -> String {
    const CHARS_MAX: usize = 60;
    let line = message.trim().lines().next().unwrap_or_default();
    match line.char_indices().nth(CHARS_MAX) {
        None => format!("`{line}`"),
        Some((end, _)) => format!("`{}…`", &line[..end]),
    }
}
