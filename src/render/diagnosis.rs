//! The text of `logloom diagnose`: what it comes to, the findings with the lines that prove
//! them, what was found innocent, and what to log.

use std::io;

use crate::analysis::Analysis;
use crate::analysis::overview::Overview;
use crate::analysis::verdict::Verdict;
use crate::model::finding::{Finding, Level};
use crate::model::trace::Trace;
use crate::render::duration::duration;
use crate::render::moment::{Detail, moment};
use crate::render::painted::{Painted, Role};
use crate::render::style::Style;

/// Columns of a label and the blanks behind it.
const LABEL_COLUMNS: usize = 9;

/// Columns by which what belongs to a finding is set in.
const INDENT: usize = 4;

/// Pieces of advice shown unless all is to be shown.
const ADVICE_SHOWN: usize = 4;

/// Lines of evidence shown unless all is to be shown.
const EVIDENCE_SHOWN: usize = 5;

/// Writes the diagnosis of a request.
///
/// # Errors
/// When the writer fails.
pub fn diagnosis(
    out: &mut dyn io::Write,
    trace: &Trace,
    analysis: &Analysis,
    style: &Style,
) -> io::Result<()> {
    let page = Page { style };
    head(out, &page, trace)?;
    verdict(out, &page, analysis)?;
    for (place, finding) in analysis.findings.iter().enumerate() {
        out.write_all(b"\n")?;
        told(out, &page, place, finding)?;
    }
    if !analysis.advice.is_empty() {
        out.write_all(b"\n")?;
        advice(out, &page, analysis)?;
    }
    Ok(())
}

/// Where text is written to, and how.
struct Page<'a> {
    style: &'a Style,
}

impl Page<'_> {
    /// A text behind a label, over as many rows as it takes.
    fn labelled(
        &self,
        out: &mut dyn io::Write,
        indent: usize,
        label: &str,
        text: Painted,
    ) -> io::Result<()> {
        let mut lead = Painted::new();
        lead.pad_to(indent).push(Role::Dim, label);
        let begin = indent + LABEL_COLUMNS;
        for row in text.wrap(self.style.columns().saturating_sub(begin)) {
            lead.pad_to(begin).append(&row);
            std::mem::take(&mut lead).write_line(out, self.style.colour)?;
        }
        Ok(())
    }
}

fn head(out: &mut dyn io::Write, page: &Page<'_>, trace: &Trace) -> io::Result<()> {
    let overview = Overview::of(trace);
    let mut title = Painted::new();
    if let Some(root) = overview.root.map(|root| trace.span(root)) {
        title.push(Role::Strong, &root.service).push(Role::Plain, "  ");
        title.push(Role::Strong, &root.name);
    }
    title.cut(page.style.columns()).write_line(out, page.style.colour)?;
    page.labelled(out, 0, "trace", Painted::of(Role::Plain, &trace.id.to_string()))?;
    if let Some(start) = overview.start {
        let mut text = moment(start, &page.style.zone, Detail::Zoned);
        if let Some(length) = overview.duration {
            text.push_str(", took ");
            text.push_str(&duration(length));
        }
        page.labelled(out, 0, "start", Painted::of(Role::Plain, &text))?;
    }
    Ok(())
}

fn verdict(out: &mut dyn io::Write, page: &Page<'_>, analysis: &Analysis) -> io::Result<()> {
    match &analysis.verdict {
        Verdict::Cause(place) => {
            let finding = &analysis.findings[*place];
            let mut text = Painted::of(role(finding.level), mark(finding.level));
            text.push(Role::Plain, " ").push(Role::Strong, &finding.sentence);
            page.labelled(out, 0, "cause", text)
        }
        Verdict::Nothing => {
            page.labelled(out, 0, "cause", Painted::of(Role::Plain, "nothing unusual was found"))
        }
        Verdict::CannotTell(reasons) => {
            page.labelled(out, 0, "cause", Painted::of(Role::Warning, "cannot tell"))?;
            reasons.iter().try_for_each(|reason| {
                page.labelled(out, 0, "because", Painted::of(Role::Plain, reason))
            })
        }
    }
}

fn told(
    out: &mut dyn io::Write,
    page: &Page<'_>,
    place: usize,
    finding: &Finding,
) -> io::Result<()> {
    let mut title = Painted::of(Role::Dim, &format!("{:>2}  ", place + 1));
    title.push(role(finding.level), &format!("{} {}", mark(finding.level), finding.level.name()));
    title.push(Role::Plain, "  ").push(Role::Strong, finding.name);
    if let Some(service) = &finding.service {
        title.push(Role::Plain, "  ").push(Role::Plain, service);
    }
    title.push(Role::Dim, &format!("  sure {:.2}", finding.confidence));
    if let Some(cause) = finding.symptom_of {
        title.push(Role::Dim, &format!("  symptom of {}", cause + 1));
    }
    title.cut(page.style.columns()).write_line(out, page.style.colour)?;
    page.labelled(out, INDENT, "", Painted::of(Role::Plain, &finding.sentence))?;
    evidence(out, page, finding)?;
    if !finding.innocent.is_empty() {
        let text = Painted::of(Role::Dim, &finding.innocent.join(", "));
        page.labelled(out, INDENT, "innocent", text)?;
    }
    if finding.level > Level::Note {
        page.labelled(out, INDENT, "sure if", Painted::of(Role::Dim, &finding.confirm))?;
        page.labelled(out, INDENT, "wrong if", Painted::of(Role::Dim, &finding.refute))?;
    }
    Ok(())
}

fn evidence(out: &mut dyn io::Write, page: &Page<'_>, finding: &Finding) -> io::Result<()> {
    let shown = if page.style.full { finding.evidence.len() } else { EVIDENCE_SHOWN };
    for (index, line) in finding.evidence.iter().take(shown).enumerate() {
        let path = page.style.paths.show(&line.path);
        let mut text = Painted::of(Role::Dim, &format!("{path}:{}  ", line.position.line));
        text.push(Role::Plain, &line.service).push(Role::Plain, ": ");
        text.push(Role::Plain, &line.excerpt);
        page.labelled(out, INDENT, if index == 0 { "proof" } else { "" }, text)?;
    }
    if finding.evidence.len() > shown {
        let more = format!("… {} more lines, shown by --full", finding.evidence.len() - shown);
        page.labelled(out, INDENT, "", Painted::of(Role::Dim, &more))?;
    }
    Ok(())
}

fn advice(out: &mut dyn io::Write, page: &Page<'_>, analysis: &Analysis) -> io::Result<()> {
    let shown = if page.style.full { analysis.advice.len() } else { ADVICE_SHOWN };
    for (index, advice) in analysis.advice.iter().take(shown).enumerate() {
        let label = if index == 0 { "log" } else { "" };
        page.labelled(out, 0, label, Painted::of(Role::Plain, &advice.sentence))?;
    }
    if analysis.advice.len() > shown {
        let more = format!("… {} more, shown by --full", analysis.advice.len() - shown);
        page.labelled(out, 0, "", Painted::of(Role::Dim, &more))?;
    }
    Ok(())
}

const fn role(level: Level) -> Role {
    match level {
        Level::Error => Role::Error,
        Level::Warning | Level::Unknown => Role::Warning,
        Level::Note => Role::Dim,
    }
}

/// What a colour says, said by a character.
pub(in crate::render) const fn mark(level: Level) -> &'static str {
    match level {
        Level::Error => "✗",
        Level::Warning => "!",
        Level::Unknown => "?",
        Level::Note => "·",
    }
}
