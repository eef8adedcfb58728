//! The closing words of `logloom index`: what was read, what is known of it, what was
//! passed over and why, and what to try next.

use std::io;
use std::time::Duration;

use crate::model::checkpoint::Tally;
use crate::model::coverage::{Assumed, Services};
use crate::model::id::TraceId;
use crate::model::skipped::{SkipKind, Skipped};
use crate::render::coverage::to_mend_first;
use crate::render::duration::duration;
use crate::render::painted::{Painted, Role, columns};
use crate::render::style::Style;

/// Columns of a label and the blanks behind it.
const LABEL_COLUMNS: usize = 16;
/// Paths named for each reason; the rest is counted.
const PATHS_SHOWN: usize = 3;
/// Services whose share is told; the report tells all.
const SERVICES_SHOWN: usize = 5;
/// Reasons named for each kind; the rest is counted.
const REASONS_SHOWN: usize = 10;

/// What an indexing run did and what the store holds after it.
#[derive(Debug, Clone, Default)]
pub struct IndexSummary {
    /// Streams (files, members of archives) that gave new lines in this run.
    pub streams_read: u64,
    /// Streams that were known already and had nothing new.
    pub streams_known: u64,
    /// Bytes read in this run, after decompression.
    pub bytes_read: u64,
    /// How long the run took.
    pub elapsed: Duration,
    /// What was found in this run.
    pub added: Tally,
    /// What the store holds of these paths in all.
    pub total: Tally,
    /// What the lines of each service have.
    pub services: Services,
    /// Requests in the store.
    pub traces: u64,
    /// What was passed over.
    pub skipped: Vec<Skipped>,
    /// Where the store is.
    pub store: String,
    /// Its size on disk in bytes.
    pub store_bytes: u64,
    /// Whether the run was ended before it had read everything.
    pub interrupted: bool,
    /// What the user typed to name the input: paths, or `--store DIR`, one argument each.
    pub arguments: Vec<String>,
    /// A request worth looking at, if there is one.
    pub example: Option<TraceId>,
}

/// Writes the summary.
///
/// # Errors
/// When the writer fails.
pub fn summary(out: &mut dyn io::Write, summary: &IndexSummary, style: &Style) -> io::Result<()> {
    let mut rows: Vec<(&str, Painted)> = vec![("read", read(summary))];
    rows.extend(shares(summary));
    rows.extend(services(summary));
    rows.extend(skipped(summary, style));
    let size = format!("{} ({})", summary.store, bytes(summary.store_bytes));
    rows.push(("store", Painted::of(Role::Plain, &size)));
    rows.extend(commands(summary));
    for (label, text) in rows {
        let mut row = Painted::of(Role::Dim, label);
        row.pad_to(LABEL_COLUMNS).append(&text);
        row.write_line(out, style.colour)?;
    }
    Ok(())
}

/// `171,095 lines of 42 files, 98.2 MB in 1.90 s (51.7 MB/s)`.
fn read(summary: &IndexSummary) -> Painted {
    let mut text = Painted::new();
    if summary.streams_read == 0 && summary.streams_known == 0 {
        text.push(Role::Plain, "no line");
    } else if summary.streams_read == 0 {
        let known = count(summary.streams_known, "file");
        text.push(Role::Plain, &format!("nothing new in {known}"));
    } else {
        text.push(Role::Strong, &count(summary.added.lines, "line"));
        let files = count(summary.streams_read, "file");
        text.push(Role::Plain, &format!(" of {files}, {}", bytes(summary.bytes_read)));
        let nanoseconds = i64::try_from(summary.elapsed.as_nanos()).unwrap_or(i64::MAX);
        text.push(Role::Plain, &format!(" in {}", duration(nanoseconds)));
        if nanoseconds > 0 {
            let rate = u128::from(summary.bytes_read) * 1_000_000_000 / nanoseconds as u128;
            let rate = bytes(u64::try_from(rate).unwrap_or(u64::MAX));
            text.push(Role::Dim, &format!(" ({rate}/s)"));
        }
        if summary.streams_known > 0 {
            let known = count(summary.streams_known, "file");
            text.push(Role::Plain, &format!("; {known} known already"));
        }
    }
    if summary.interrupted {
        text.push(Role::Warning, "; interrupted, the next run reads on from here");
    }
    text
}

/// What the lines have, as counts and shares of all.
fn shares(summary: &IndexSummary) -> Vec<(&'static str, Painted)> {
    let tally = &summary.total;
    let width = columns(&grouped(tally.lines)).max(columns(&grouped(summary.traces)));
    let number = |number: u64| Painted::of(Role::Plain, &format!("{:>width$}", grouped(number)));
    let part = |part: u64, remark: &str| {
        let mut text = number(part);
        text.push(Role::Plain, &format!("  {:>6}{remark}", share(part, tally.lines)));
        text
    };
    let mut rows = vec![
        ("lines", number(tally.lines)),
        ("with time", part(tally.with_time, "")),
        ("with trace id", part(tally.with_trace, "")),
        ("with span id", part(tally.with_span, "")),
    ];
    rows.extend(assumed(&summary.services).map(|text| ("of the times", text)));
    if tally.plain > 0 {
        rows.push(("plain", part(tally.plain, "  of no known format, kept as text")));
    }
    if tally.cut_bytes > 0 {
        let cut = format!("{} cut off overlong lines", bytes(tally.cut_bytes));
        rows.push(("cut", Painted::of(Role::Warning, &cut)));
    }
    rows.push(("requests", number(summary.traces)));
    rows
}

/// What was assumed of the lines' times, and how to say better.
fn assumed(services: &Services) -> Option<Painted> {
    let mut all = Assumed::default();
    services.by_name.values().for_each(|coverage| all.add(&coverage.assumed));
    let parts: Vec<String> = [
        (all.zone_assumed, "taken for UTC (`--log-zone` says better)"),
        (all.zone_given, "in the zone you named"),
        (all.zone_learned, "in a zone that their stream shows"),
        (all.date_assumed, "on a day told by what is near"),
        (all.mentioned, "found among words"),
        (all.inherited, "that of the line before"),
    ]
    .iter()
    .filter(|(lines, _)| *lines > 0)
    .map(|(lines, words)| format!("{} {words}", grouped(*lines)))
    .collect();
    (!parts.is_empty()).then(|| Painted::of(Role::Plain, &parts.join(", ")))
}

/// How many lines of each service state their request, the least covered first, and what to
/// mend first.
fn services(summary: &IndexSummary) -> Vec<(&'static str, Painted)> {
    let mut all: Vec<(&str, u64, u64)> = summary
        .services
        .by_name
        .iter()
        .map(|(name, coverage)| (name.as_str(), coverage.with_trace, coverage.lines))
        .collect();
    if all.len() < 2 {
        return Vec::new();
    }
    let thousandth = |part: u64, lines: u64| u128::from(part) * 1_000 / u128::from(lines.max(1));
    all.sort_by_key(|(name, part, lines)| (thousandth(*part, *lines), *name));
    let mut text = Painted::new();
    for (index, (name, part, lines)) in all.iter().take(SERVICES_SHOWN).enumerate() {
        text.push(Role::Plain, if index == 0 { "" } else { ", " });
        text.push(Role::Plain, name).push(Role::Dim, &format!(" {}", share(*part, *lines)));
    }
    let left = all.len().saturating_sub(SERVICES_SHOWN);
    if left > 0 {
        text.push(Role::Dim, &format!(", … {} more", grouped(left as u64)));
    }
    let mut rows = vec![("trace id of", text)];
    let first: Vec<&str> = to_mend_first(&summary.services).iter().map(|(name, _)| *name).collect();
    if !first.is_empty() {
        let mut text = Painted::of(Role::Plain, &first.join(", "));
        text.push(Role::Dim, "; `--report` tells how");
        rows.push(("mend first", text));
    }
    rows
}

/// What was passed over, grouped by kind and reason, the worse kind first.
fn skipped(summary: &IndexSummary, style: &Style) -> Vec<(&'static str, Painted)> {
    let mut rows = Vec::new();
    for (label, role, kind) in [
        ("unreadable", Role::Error, SkipKind::Unreadable),
        ("skipped", Role::Plain, SkipKind::NotALog),
    ] {
        let groups = by_reason(&summary.skipped, kind);
        let mut label = label;
        for (reason, paths) in groups.iter().take(REASONS_SHOWN) {
            rows.push((label, reason_row(reason, paths, role, style)));
            label = "";
        }
        let left = groups.len().saturating_sub(REASONS_SHOWN);
        if left > 0 {
            let more = format!("… and {} more", count(left as u64, "reason"));
            rows.push((label, Painted::of(Role::Dim, &more)));
        }
    }
    rows
}

/// `12 × binary: a.png, b.png, c.png, …`.
fn reason_row(reason: &str, paths: &[&str], role: Role, style: &Style) -> Painted {
    let mut row = Painted::new();
    if paths.len() > 1 {
        row.push(role, &format!("{} × ", grouped(paths.len() as u64)));
    }
    row.push(role, reason).push(Role::Plain, ": ");
    let shown = if style.full { paths.len() } else { PATHS_SHOWN };
    let names: Vec<_> = paths.iter().take(shown).map(|path| style.paths.show(path)).collect();
    row.push(Role::Plain, &names.join(", "));
    if paths.len() > shown {
        row.push(Role::Dim, ", …");
    }
    row
}

/// The paths of each reason, the commonest reason first.
fn by_reason(skipped: &[Skipped], kind: SkipKind) -> Vec<(&str, Vec<&str>)> {
    let mut sorted: Vec<(&str, &str)> = skipped
        .iter()
        .filter(|skipped| skipped.kind == kind)
        .map(|skipped| (skipped.reason.as_str(), skipped.path.as_str()))
        .collect();
    sorted.sort_unstable();
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (reason, path) in sorted {
        match groups.last_mut() {
            Some((known, paths)) if *known == reason => paths.push(path),
            _ => groups.push((reason, vec![path])),
        }
    }
    groups.sort_by_key(|(_, paths)| std::cmp::Reverse(paths.len()));
    groups
}

/// Commands that can be copied as they stand.
fn commands(summary: &IndexSummary) -> Vec<(&'static str, Painted)> {
    let mut input = String::new();
    for argument in &summary.arguments {
        input.extend([" ", &quoted(argument)]);
    }
    let mut commands = vec![format!("logloom search 'level:>=error'{input}")];
    commands.extend(summary.example.map(|id| format!("logloom trace {id}{input}")));
    commands.push(format!("logloom export{input} --format spans -o spans.ndjson"));
    let label = |index: usize| if index == 0 { "next" } else { "" };
    let rows = commands.into_iter().enumerate();
    rows.map(|(index, command)| (label(index), Painted::of(Role::Strong, &command))).collect()
}

/// An argument as a shell takes it.
pub fn quoted(argument: &str) -> String {
    let is_plain = |character: char| {
        character.is_alphanumeric() || matches!(character, '/' | '.' | '_' | '-' | '~' | ',' | ':')
    };
    if !argument.is_empty() && argument.chars().all(is_plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

/// `1 line`, `171,095 lines`.
pub(in crate::render) fn count(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// `171,095`.
pub(in crate::render) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size in decimal units: `98.2 MB`.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if number < 1_000 {
        return format!("{number} B");
    }
    let mut value = number as f64 / 1_000.0;
    let mut unit = 0;
    // Rounded to three digits 999.5 would show as 1000.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    let digits = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
    format!("{value:.digits$} {}", UNITS[unit])
}

/// A share in percent; `100 %` and `0 %` are said of all and none alone.
pub(in crate::render) fn share(part: u64, whole: u64) -> String {
    if part >= whole {
        return if whole == 0 { "-".to_owned() } else { "100 %".to_owned() };
    }
    let tenths = (u128::from(part) * 2_000 / u128::from(whole)).div_ceil(2);
    match (part, tenths) {
        (0, _) => "0 %".to_owned(),
        (_, 0) => "<0.1 %".to_owned(),
        (_, tenths) => {
            let tenths = tenths.min(999);
            format!("{}.{} %", tenths / 10, tenths % 10)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture;

    fn skipped(path: &str, reason: &str, kind: SkipKind) -> Skipped {
        Skipped { path: path.to_owned(), reason: reason.to_owned(), kind }
    }

    fn day() -> IndexSummary {
        let tally = Tally {
            lines: 171_095,
            records: 171_000,
            with_time: 171_095,
            with_trace: 149_990,
            with_span: 149_990,
            plain: 12,
            cut_bytes: 0,
            ..Tally::default()
        };
        IndexSummary {
            streams_read: 42,
            bytes_read: 98_213_445,
            elapsed: Duration::from_millis(1_900),
            added: tally,
            total: tally,
            traces: 4_551,
            skipped: vec![
                skipped("day/a.png", "binary", SkipKind::NotALog),
                skipped("day/b.png", "binary", SkipKind::NotALog),
                skipped("day/c.png", "binary", SkipKind::NotALog),
                skipped("day/d.png", "binary", SkipKind::NotALog),
                skipped("day/old.gz", "gzip stream ends early at byte 5,112", SkipKind::Unreadable),
                skipped("day/empty", "empty", SkipKind::NotALog),
            ],
            store: "~/.cache/logloom/day-5f2c".to_owned(),
            store_bytes: 12_345_678,
            arguments: vec!["my day".to_owned()],
            example: TraceId::from_hex("4bf92f3577b34da6a3ce929d0e0e4736"),
            ..IndexSummary::default()
        }
    }

    fn told(of: &IndexSummary) -> String {
        let mut out = Vec::new();
        summary(&mut out, of, &fixture::style(100)).expect("a Vec takes all bytes");
        String::from_utf8(out).expect("summaries are text")
    }

    #[test]
    fn a_first_run_is_summed_up() {
        insta::assert_snapshot!(told(&day()));
    }

    #[test]
    fn a_run_that_found_nothing_new_says_so() {
        let mut known = day();
        known.streams_read = 0;
        known.streams_known = 42;
        known.skipped.clear();
        assert!(told(&known).starts_with("read            nothing new in 42 files\n"));
    }

    #[test]
    fn an_interrupted_run_says_that_the_store_can_be_used() {
        let mut cut_short = day();
        cut_short.interrupted = true;
        assert!(told(&cut_short).contains("interrupted, the next run reads on from here"));
    }

    #[track_caller]
    fn check_share(part: u64, whole: u64, expected: &str) {
        assert_eq!(share(part, whole), expected, "{part} of {whole}");
    }

    #[test]
    fn all_and_none_are_said_of_nothing_less() {
        check_share(0, 10, "0 %");
        check_share(10, 10, "100 %");
        check_share(99_999, 100_000, "99.9 %");
        check_share(1, 100_000, "<0.1 %");
        check_share(1, 3, "33.3 %");
        check_share(2, 3, "66.7 %");
        check_share(0, 0, "-");
    }

    #[test]
    fn sizes_have_three_digits() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(12_345_678), "12.3 MB");
        assert_eq!(bytes(999_600), "1.00 MB");
        assert_eq!(bytes(u64::MAX), "18.4 EB");
    }

    #[test]
    fn hostile_paths_are_quoted_and_shown_escaped() {
        let mut evil = day();
        evil.arguments = vec!["it's\x1b[2J".to_owned()];
        evil.skipped = vec![skipped("\x1b]0;x\x07", "binary", SkipKind::NotALog)];
        let text = told(&evil);
        assert!(text.contains(r"'it'\''s␛[2J'"));
        assert!(!text.replace('\n', "").contains(crate::render::escape::is_unsafe));
    }
}
