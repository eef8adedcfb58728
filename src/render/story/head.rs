//! The head of a story: what the request was, how long it took, where it failed, how sure
//! the tree is, and what was mended.

use std::io;

use super::{Teller, link};
use crate::model::finding::{Finding, Level};
use crate::model::span::{EdgeBasis, ExtentBasis, SpanIndex};
use crate::model::trace::{LinkKind, PlacedEntry};
use crate::render::duration::duration;
use crate::render::moment::{Detail, moment};
use crate::render::painted::{Painted, Role};
use crate::render::statement::Statement;

/// Columns of a label and the blanks behind it.
const LABEL_COLUMNS: usize = 9;
/// Notices beyond this many are counted, unless all is to be shown.
const NOTICES_SHOWN: usize = 5;
/// Other requests that are named, unless all is to be shown; each has a row in the tree as well.
const LINKS_SHOWN: usize = 3;
/// Lines of a notice that are named, unless all is to be shown.
const PLACES_SHOWN: usize = 3;
/// Findings beyond this many are for `logloom diagnose`, unless all is to be shown.
const FINDINGS_SHOWN: usize = 3;
/// The steps of the critical path that are named.
const STEPS_SHOWN: usize = 3;

pub(super) fn write(out: &mut dyn io::Write, teller: &Teller<'_>) -> io::Result<()> {
    title(teller).write_line(out, teller.style.colour)?;
    let mut rows = vec![
        ("trace", id(teller)),
        ("start", start(teller)),
        ("size", Painted::of(Role::Plain, &size(teller))),
        ("tree", tree(teller)),
    ];
    rows.extend(waited(teller).map(|steps| ("waited", steps)));
    if let Some((text, place)) = failed(teller) {
        rows.push(("failed", text));
        rows.extend((!place.is_empty()).then_some(("", place)));
    }
    rows.extend(links(teller).map(|link| ("link", link)));
    rows.extend(findings(teller).into_iter().map(|finding| ("finding", finding)));
    rows.extend(notices(teller).into_iter().map(|notice| ("notice", notice)));
    for (label, text) in rows {
        write_row(out, teller, label, text)?;
    }
    out.write_all(b"\n")
}

/// The findings that the head tells, each with its number: causes, the gravest first. What
/// failed first has a row of its own, and symptoms are for `logloom diagnose`.
pub(super) fn told<'a>(teller: &'a Teller<'_>) -> impl Iterator<Item = (usize, &'a Finding)> {
    let shown = if teller.style.full { usize::MAX } else { FINDINGS_SHOWN };
    (1..)
        .zip(&teller.analysis.findings)
        .filter(|(_, finding)| finding.level > Level::Note && finding.symptom_of.is_none())
        .filter(|(_, finding)| finding.name != "error_origin")
        .take(shown)
}

/// `[1] inventory asked postgresql 15 times, one after another …  n_plus_one`.
fn findings(teller: &Teller<'_>) -> Vec<Painted> {
    told(teller)
        .map(|(number, finding)| {
            let mut text = Painted::of(Role::Warning, &format!("[{number}] "));
            text.push(Role::Plain, &finding.sentence);
            text.push(Role::Dim, &format!("  {} {:.2}", finding.name, finding.confidence));
            text
        })
        .collect()
}

fn write_row(
    out: &mut dyn io::Write,
    teller: &Teller<'_>,
    label: &str,
    text: Painted,
) -> io::Result<()> {
    let mut lead = Painted::of(Role::Dim, label);
    for row in text.wrap(teller.style.columns() - LABEL_COLUMNS) {
        lead.pad_to(LABEL_COLUMNS).append(&row);
        std::mem::take(&mut lead).write_line(out, teller.style.colour)?;
    }
    Ok(())
}

/// `gateway  POST /checkout` and, at the right, how it ended and how long it took.
fn title(teller: &Teller<'_>) -> Painted {
    let mut right = Painted::new();
    if teller.analysis.failure.is_some() {
        right.push(Role::Error, "✗ failed  ");
    }
    right.push(Role::Strong, &known_duration(teller).map(duration).unwrap_or_default());

    let mut title = Painted::new();
    if let Some(root) = teller.overview.root {
        let span = teller.trace.span(root);
        title.push(teller.roles[root.0], &span.service);
        title.push(Role::Plain, "  ").push(Role::Strong, &span.name);
    }
    let room = teller.style.columns().saturating_sub(right.columns() + 2);
    let mut title = title.cut(room);
    title.pad_to(teller.style.columns() - right.columns()).append(&right);
    title
}

/// The id; one that is no number as it is spelled, for that is what people know it by.
fn id(teller: &Teller<'_>) -> Painted {
    let id = teller.trace.id.to_string();
    match teller.trace.raw_id() {
        Some(raw) => {
            let mut text = Painted::of(Role::Plain, raw);
            text.push(Role::Dim, &format!("  {id}"));
            text
        }
        None => Painted::of(Role::Plain, &id),
    }
}

fn start(teller: &Teller<'_>) -> Painted {
    let Some(start) = teller.overview.start else {
        return Painted::of(Role::Plain, "unknown: no line of it has a time");
    };
    let mut text = Painted::of(Role::Plain, &moment(start, &teller.style.zone, Detail::Zoned));
    if let Some(length) = known_duration(teller) {
        text.push(Role::Plain, &format!(", took {}", duration(length)));
        text.push(Role::Dim, if is_stated(teller) { "" } else { " from first to last line" });
    }
    text
}

/// How long the request took; none when a single moment is all that is known.
fn known_duration(teller: &Teller<'_>) -> Option<i64> {
    teller.overview.duration.filter(|length| *length > 0 || is_stated(teller))
}

/// Whether the logs say how long the root took.
fn is_stated(teller: &Teller<'_>) -> bool {
    let root = teller.overview.root;
    root.is_some_and(|root| teller.trace.span(root).extent == ExtentBasis::Stated)
}

fn size(teller: &Teller<'_>) -> String {
    let overview = &teller.overview;
    let mut lines = counted(overview.entries, "line");
    if overview.lines > overview.entries as u64 {
        // A stack trace is one line of the story and many of its file.
        lines = format!("{lines} ({} in the files)", overview.lines);
    }
    let services = counted(overview.services, "service");
    let spans = counted(overview.spans, "span");
    [services, spans, lines, counted(overview.errors, "error")].join(", ")
}

/// `1 span`, `2 spans`.
pub(in crate::render) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// `6 edges: 4 stated, 2 inferred (call pair 1, flow 1), least sure 0.62`.
fn tree(teller: &Teller<'_>) -> Painted {
    let edges = &teller.overview.edges;
    let total = counted(edges.total(), "edge");
    if edges.total() == 0 {
        return Painted::of(Role::Plain, "no edges, nothing to infer");
    }
    let Some(least_sure) = edges.least_sure else {
        return Painted::of(Role::Plain, &format!("{total}, all stated by the logs"));
    };
    let bases: Vec<String> =
        edges.inferred.iter().map(|(basis, count)| format!("{} {count}", spoken(*basis))).collect();
    let mut text = Painted::of(Role::Plain, &format!("{total}: {} stated, ", edges.stated));
    text.push(Role::Warning, &format!("{} inferred", edges.total_inferred()));
    text.push(Role::Plain, &format!(" ({}), least sure {least_sure:.2}", bases.join(", ")));
    text
}

fn spoken(basis: EdgeBasis) -> String {
    basis.name().replace('_', " ")
}

/// The services that the request waited for longest.
fn waited(teller: &Teller<'_>) -> Option<Painted> {
    let mut steps: Vec<(SpanIndex, i64)> = Vec::new();
    for segment in &teller.analysis.critical_path.segments {
        let length = segment.end - segment.start;
        let service = &teller.trace.span(segment.span).service;
        match steps.iter_mut().find(|(span, _)| teller.trace.span(*span).service == *service) {
            Some((_, sum)) => *sum = sum.saturating_add(length),
            None => steps.push((segment.span, length)),
        }
    }
    let whole: i64 = steps.iter().fold(0, |sum, (_, length)| sum.saturating_add(*length));
    if steps.len() < 2 || whole <= 0 {
        return None;
    }
    steps.sort_by_key(|(_, length)| std::cmp::Reverse(*length));
    let mut text = Painted::new();
    for (span, length) in steps.into_iter().take(STEPS_SHOWN) {
        if i128::from(length) * 100 < i128::from(whole) {
            // Less than one per cent explains nothing.
            break;
        }
        text.push(Role::Plain, if text.is_empty() { "" } else { ", " });
        text.push(teller.roles[span.0], &teller.trace.span(span).service);
        let share = i128::from(length) * 100 / i128::from(whole);
        text.push(Role::Plain, &format!(" {} ({share} %)", duration(length)));
    }
    Some(text)
}

/// Where it first went wrong: when, who, what, and the line that proves it, which has a
/// row of its own if it does not fit behind.
fn failed(teller: &Teller<'_>) -> Option<(Painted, Painted)> {
    let origin = teller.analysis.failure.as_ref()?.origin;
    let placed = &teller.trace.entries[origin];
    let entry = &placed.entry;

    let mut text = Painted::of(Role::Error, "✗ ");
    text.push(teller.roles[placed.span.0], &entry.context.service);
    if let Some(time) = teller.trace.time(origin) {
        text.push(Role::Plain, &format!(" at {}", teller.offset(Some(time), true)));
    }
    text.push(Role::Plain, ": ").push(Role::Error, &Statement::of(entry).first);

    let path = teller.style.paths.show(&entry.path);
    let place = format!("  {path}:{}", entry.record.position.line);
    let place = Painted::of(Role::Dim, &place);
    let room = teller.style.columns() - LABEL_COLUMNS;
    if text.columns() + place.columns() <= room {
        text.append(&place);
        return Some((text, Painted::new()));
    }
    Some((if teller.style.full { text } else { text.cut(room) }, place))
}

/// The requests that this one goes on in, and those that it goes on with.
fn links<'a>(teller: &'a Teller<'_>) -> impl Iterator<Item = Painted> + 'a {
    let shown = if teller.style.full { usize::MAX } else { LINKS_SHOWN };
    let others = teller.trace.links.iter().filter(|link| link.kind != LinkKind::StemsFrom);
    others.take(shown).map(|link| link::told(teller, link))
}

/// Where lines stand: `  cart.log:7, cart.log:9 …`.
fn places(teller: &Teller<'_>, lines: &[usize]) -> String {
    let shown = if teller.style.full { usize::MAX } else { PLACES_SHOWN };
    let entries = lines.iter().filter_map(|line| teller.trace.entries.get(*line));
    let place = |placed: &PlacedEntry| {
        let path = teller.style.paths.show(&placed.entry.path);
        format!("{path}:{}", placed.entry.record.position.line)
    };
    let places: Vec<String> = entries.take(shown).map(place).collect();
    let more = if lines.len() > places.len() { " …" } else { "" };
    if places.is_empty() { String::new() } else { format!("  {}{more}", places.join(", ")) }
}

fn notices(teller: &Teller<'_>) -> Vec<Painted> {
    let all = &teller.trace.notices;
    let shown = if teller.style.full { all.len() } else { NOTICES_SHOWN };
    let mut texts: Vec<_> = all
        .iter()
        .take(shown)
        .map(|notice| {
            let mut text = Painted::of(Role::Plain, &notice.to_string());
            text.push(Role::Dim, &places(teller, notice.lines()));
            text
        })
        .collect();
    if all.len() > shown {
        let more = format!("… {} more, shown by --full", all.len() - shown);
        texts.push(Painted::of(Role::Dim, &more));
    }
    texts
}
