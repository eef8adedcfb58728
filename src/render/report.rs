//! `logloom diagnose --format markdown`: a report that can be pasted into an incident channel.
//!
//! Log text is hostile: what is quoted from it stands in blocks of code that it cannot end,
//! and what stands in running text has the signs of Markdown and HTML escaped.

use std::io;

use crate::analysis::Analysis;
use crate::analysis::overview::Overview;
use crate::analysis::verdict::Verdict;
use crate::model::finding::{Evidence, Finding, Level};
use crate::model::span::SpanIndex;
use crate::model::trace::Trace;
use crate::render::duration::duration;
use crate::render::escape::visible;
use crate::render::moment::{Detail, moment};
use crate::render::path::PathView;
use crate::render::style::Style;

/// Rows of the timeline: a report is read in one screen, the story has the rest.
const ROWS_MAX: usize = 30;

/// Lines of evidence for each finding.
const EVIDENCE_MAX: usize = 6;

/// Pieces of advice.
const ADVICE_MAX: usize = 5;

/// Writes the report. `named` is how the logs were named on the command line.
///
/// # Errors
/// When the writer fails.
pub fn report(
    out: &mut dyn io::Write,
    trace: &Trace,
    analysis: &Analysis,
    style: &Style,
    named: &str,
) -> io::Result<()> {
    story(out, trace, style)?;
    first_failure(out, trace, analysis, &style.paths)?;
    cause(out, analysis)?;
    findings(out, analysis, &style.paths)?;
    timeline(out, trace, analysis)?;
    if !analysis.advice.is_empty() {
        writeln!(out, "\n## What to log\n")?;
        for advice in analysis.advice.iter().take(ADVICE_MAX) {
            writeln!(out, "- {}", plain(&advice.sentence))?;
        }
    }
    let id = trace.id;
    writeln!(out, "\n## Reproduce\n\n```sh")?;
    writeln!(out, "logloom diagnose {id} {named}")?;
    writeln!(out, "logloom trace {id} {named}")?;
    writeln!(out, "```")
}

fn story(out: &mut dyn io::Write, trace: &Trace, style: &Style) -> io::Result<()> {
    let overview = Overview::of(trace);
    let root = overview.root.map(|root| trace.span(root));
    let what =
        root.map_or_else(|| "request".to_owned(), |root| format!("{} {}", root.service, root.name));
    writeln!(out, "# {}\n", plain(&what))?;
    let began = overview.start.map(|start| moment(start, &style.zone, Detail::Zoned));
    let took = overview.duration.map(duration);
    writeln!(
        out,
        "Trace `{}`{}{}; {} services, {} lines, {} errors.",
        trace.id,
        began.map(|began| format!(", {began}")).unwrap_or_default(),
        took.map(|took| format!(", took {took}")).unwrap_or_default(),
        overview.services,
        overview.entries,
        overview.errors,
    )
}

/// Where it first went wrong, if it did.
fn first_failure(
    out: &mut dyn io::Write,
    trace: &Trace,
    analysis: &Analysis,
    paths: &PathView,
) -> io::Result<()> {
    let Some(failure) = &analysis.failure else {
        return writeln!(out, "\nNo line says that it failed.");
    };
    let origin = &trace.entries[failure.origin].entry;
    let since = origin.time().zip(Overview::of(trace).start).map(|(at, start)| at - start);
    writeln!(
        out,
        "\nIt first failed in **{}**{}:\n\n```text\n{}\n```",
        plain(&origin.context.service),
        since.map(|since| format!(", {} after its beginning", duration(since))).unwrap_or_default(),
        quoted(&Evidence::of(origin), paths),
    )
}

fn cause(out: &mut dyn io::Write, analysis: &Analysis) -> io::Result<()> {
    writeln!(out, "\n## Cause\n")?;
    match &analysis.verdict {
        Verdict::Cause(place) => {
            let finding = &analysis.findings[*place];
            let sure = finding.confidence;
            writeln!(out, "**{}** (`{}`, sure {sure:.2})", plain(&finding.sentence), finding.name)?;
            writeln!(out, "\n- It would be certain if {}.", plain(&finding.confirm))?;
            writeln!(out, "- It would be wrong if {}.", plain(&finding.refute))?;
            finding
                .innocent
                .iter()
                .try_for_each(|told| writeln!(out, "- Innocent: {}.", plain(told)))
        }
        Verdict::Nothing => writeln!(out, "Nothing unusual was found."),
        Verdict::CannotTell(reasons) => {
            writeln!(out, "**Cannot tell**, because:\n")?;
            reasons.iter().try_for_each(|reason| writeln!(out, "- {}", plain(reason)))
        }
    }
}

fn findings(out: &mut dyn io::Write, analysis: &Analysis, paths: &PathView) -> io::Result<()> {
    writeln!(out, "\n## Evidence\n")?;
    for (place, finding) in analysis.findings.iter().enumerate() {
        if finding.level == Level::Note && place > 0 {
            continue;
        }
        told(out, place, finding, paths)?;
    }
    Ok(())
}

fn told(
    out: &mut dyn io::Write,
    place: usize,
    finding: &Finding,
    paths: &PathView,
) -> io::Result<()> {
    let symptom = match finding.symptom_of {
        Some(cause) => format!(", symptom of {}", cause + 1),
        None => String::new(),
    };
    let (name, level) = (finding.name, finding.level.name());
    let sentence = plain(&finding.sentence);
    writeln!(out, "{}. `{name}` ({level}{symptom}): {sentence}\n", place + 1)?;
    writeln!(out, "   ```text")?;
    for line in finding.evidence.iter().take(EVIDENCE_MAX) {
        writeln!(out, "   {}", quoted(line, paths))?;
    }
    writeln!(out, "   ```\n")
}

/// A line of a log, to be put into a block of code.
pub(in crate::render) fn quoted(line: &Evidence, paths: &PathView) -> String {
    let path = paths.show(&line.path);
    code(&format!("{path}:{} {}: {}", line.position.line, line.service, line.excerpt))
}

/// The spans that decided how long it took and those that findings are about, in their order.
fn timeline(out: &mut dyn io::Write, trace: &Trace, analysis: &Analysis) -> io::Result<()> {
    let start = Overview::of(trace).start;
    let is_shown = |index: &SpanIndex| {
        let id = trace.span(*index).id;
        let is_found =
            |finding: &Finding| finding.level > Level::Note && finding.spans.contains(&id);
        analysis.critical_path.contains(*index) || analysis.findings.iter().any(is_found)
    };
    let spans: Vec<SpanIndex> = (0..trace.spans.len()).map(SpanIndex).filter(is_shown).collect();
    let depths = trace.depths();
    writeln!(out, "## Timeline\n\n```text")?;
    for index in spans.iter().take(ROWS_MAX) {
        let span = trace.span(*index);
        let since = span.start.zip(start).map_or(0, |(at, start)| at - start);
        let length = span.end.zip(span.start).map_or(0, |(end, start)| end - start);
        let on_path = if analysis.critical_path.contains(*index) { "*" } else { " " };
        writeln!(
            out,
            "{:>10} {:>9} {on_path} {}{}",
            format!("+{}", duration(since)),
            duration(length),
            "  ".repeat(depths[index.0].min(ROWS_MAX)),
            code(&format!("{} {}", span.service, span.name)),
        )?;
    }
    if spans.len() > ROWS_MAX {
        writeln!(out, "… {} more", spans.len() - ROWS_MAX)?;
    }
    writeln!(out, "```\n\nA `*` marks what the request waited for.")
}

/// Text inside a block of code: nothing in it ends the block.
pub(in crate::render) fn code(text: &str) -> String {
    visible(text).replace("```", "'''")
}

/// Text of a sentence: nothing in it is a sign of Markdown or HTML.
pub(in crate::render) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 8);
    for letter in visible(text).chars() {
        match letter {
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            '\\' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' | '`' | '@' => {
                shown.push('\\');
                shown.push(letter);
            }
            _ => shown.push(letter),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_logs_say_cannot_leave_its_block_or_mark_text_up() {
        assert_eq!(code("a ``` b\n# c \u{1b}[31m"), "a ''' b\u{240a}# c \u{241b}[31m");
        assert_eq!(plain("<b> *x* [a](b) `c`"), "&lt;b&gt; \\*x\\* \\[a\\](b) \\`c\\`");
    }
}
