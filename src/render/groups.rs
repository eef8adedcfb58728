//! Two groups of requests compared, for people: the services that explain most, each with
//! what changed in it and the lines that prove it, then the values that separate.

use std::io;

use crate::analysis::group::{Comparison, Suspect, Told};
use crate::model::finding::{Finding, Level};
use crate::render::painted::{Painted, Role};
use crate::render::report::{code, plain, quoted};
use crate::render::style::Style;
use crate::render::summary::{count, grouped};

/// Columns by which what belongs to a finding is set in.
const INDENT: usize = 4;

/// Services that are shown unless all are to be shown.
const SUSPECTS_SHOWN: usize = 5;

/// Findings of one service that are shown, and lines of one finding.
const FINDINGS_SHOWN: usize = 3;

/// Values that are shown unless all are to be shown.
const VALUES_SHOWN: usize = 6;

/// Writes a comparison.
///
/// # Errors
/// When the writer fails.
pub fn groups(out: &mut dyn io::Write, comparison: &Comparison, style: &Style) -> io::Result<()> {
    let page = Page { style };
    page.head(out, comparison)?;
    let scored = comparison.suspects.iter().filter(|suspect| suspect.score > 0.0);
    let shown = if style.full { usize::MAX } else { SUSPECTS_SHOWN };
    for (place, suspect) in scored.take(shown).enumerate() {
        out.write_all(b"\n")?;
        page.suspect(out, place, suspect)?;
    }
    page.values(out, &comparison.values)?;
    let unsure: Vec<&str> = comparison
        .suspects
        .iter()
        .filter(|suspect| suspect.score <= 0.0)
        .map(|suspect| suspect.service.as_str())
        .collect();
    if !unsure.is_empty() && (style.full || !comparison.differs) {
        out.write_all(b"\n")?;
        let text =
            format!("differ no more than by chance, the likelier first: {}", unsure.join(", "));
        page.wrapped(out, 0, Painted::of(Role::Dim, &text))?;
    }
    Ok(())
}

/// Writes a comparison to be pasted into a message. `named` is how the logs were named on the
/// command line.
///
/// # Errors
/// When the writer fails.
pub fn markdown(
    out: &mut dyn io::Write,
    comparison: &Comparison,
    style: &Style,
    named: &str,
) -> io::Result<()> {
    let sizes = (grouped(comparison.bad as u64), grouped(comparison.good as u64));
    writeln!(out, "# {} requests compared with {}\n", sizes.0, sizes.1)?;
    if !comparison.differs {
        return writeln!(out, "The groups do not differ, in {} ways.", comparison.tests);
    }
    let scored = || comparison.suspects.iter().filter(|suspect| suspect.score > 0.0);
    for suspect in scored() {
        writeln!(out, "## {}: explains {:.2}\n", plain(&suspect.service), suspect.score)?;
        suspect.findings.iter().try_for_each(|told| with_lines(out, told, style))?;
    }
    if !comparison.values.is_empty() {
        writeln!(out, "## Values that separate\n")?;
    }
    comparison.values.iter().try_for_each(|told| {
        writeln!(out, "- {}; {}", plain(&told.finding.sentence), interval(&told.finding))
    })?;
    writeln!(out, "\n## Requests that show it\n\n```sh")?;
    for suspect in scored().take(SUSPECTS_SHOWN) {
        let shown_by = suspect.findings.first().and_then(|told| told.shown_by.first());
        if let Some((id, _)) = shown_by {
            let service = suspect.service.replace(char::is_whitespace, " ");
            writeln!(out, "logloom trace {id} {named}  # {}", code(&service))?;
        }
    }
    writeln!(out, "```")
}

/// A finding with the lines that prove it.
fn with_lines(out: &mut dyn io::Write, told: &Told, style: &Style) -> io::Result<()> {
    let Finding { sentence, evidence, .. } = &told.finding;
    writeln!(out, "- {}; {}\n\n  ```text", plain(sentence), interval(&told.finding))?;
    for line in evidence {
        writeln!(out, "  {}", quoted(line, &style.paths))?;
    }
    writeln!(out, "  ```\n")
}

struct Page<'a> {
    style: &'a Style,
}

impl Page<'_> {
    fn head(&self, out: &mut dyn io::Write, comparison: &Comparison) -> io::Result<()> {
        let mut head = Painted::of(Role::Strong, &count(comparison.bad as u64, "request"));
        head.push(Role::Plain, " compared with ");
        head.push(Role::Strong, &grouped(comparison.good as u64));
        head.push(Role::Dim, &format!(" in {}", count(comparison.tests as u64, "way")));
        if !comparison.differs {
            head.push(Role::Plain, ": ").push(Role::Strong, "the groups do not differ");
        }
        self.wrapped(out, 0, head)
    }

    fn suspect(&self, out: &mut dyn io::Write, place: usize, suspect: &Suspect) -> io::Result<()> {
        let mut title = Painted::of(Role::Dim, &format!("{:>2}  ", place + 1));
        title.push(Role::Strong, &suspect.service);
        title.push(Role::Dim, &format!("  explains {:.2}", suspect.score));
        self.wrapped(out, 0, title)?;
        let shown = if self.style.full { usize::MAX } else { FINDINGS_SHOWN };
        suspect.findings.iter().take(shown).try_for_each(|told| self.finding(out, &told.finding))
    }

    fn finding(&self, out: &mut dyn io::Write, finding: &Finding) -> io::Result<()> {
        let (role, mark) = match finding.level {
            Level::Error => (Role::Error, "✗ "),
            Level::Warning | Level::Unknown => (Role::Warning, "! "),
            Level::Note => (Role::Dim, "· "),
        };
        let mut text = Painted::of(role, mark);
        text.push(Role::Plain, &finding.sentence);
        text.push(Role::Dim, &format!("; {}", interval(finding)));
        self.wrapped(out, INDENT, text)?;
        let shown = if self.style.full { usize::MAX } else { FINDINGS_SHOWN };
        for line in finding.evidence.iter().take(shown) {
            let path = self.style.paths.show(&line.path);
            let mut text = Painted::of(Role::Dim, &format!("{path}:{}  ", line.position.line));
            text.push(Role::Plain, &line.excerpt);
            let room = self.style.columns().saturating_sub(INDENT + 2);
            let mut row = Painted::new();
            row.pad_to(INDENT + 2).append(&text.cut(room));
            row.write_line(out, self.style.colour)?;
        }
        Ok(())
    }

    fn values(&self, out: &mut dyn io::Write, values: &[Told]) -> io::Result<()> {
        if values.is_empty() {
            return Ok(());
        }
        out.write_all(b"\n")?;
        self.wrapped(out, 0, Painted::of(Role::Strong, "values that separate"))?;
        let shown = if self.style.full { usize::MAX } else { VALUES_SHOWN };
        for told in values.iter().take(shown) {
            let mut text = Painted::of(Role::Plain, &told.finding.sentence);
            text.push(Role::Dim, &format!("; {}", interval(&told.finding)));
            self.wrapped(out, INDENT, text)?;
        }
        Ok(())
    }

    /// A text over as many rows as it takes, all set in.
    fn wrapped(&self, out: &mut dyn io::Write, indent: usize, text: Painted) -> io::Result<()> {
        for row in text.wrap(self.style.columns().saturating_sub(indent)) {
            let mut line = Painted::new();
            line.pad_to(indent).append(&row);
            line.write_line(out, self.style.colour)?;
        }
        Ok(())
    }
}

/// `effect 2.1 (1.4 to 2.8)`.
fn interval(finding: &Finding) -> String {
    let measure = |name: &str| {
        let found = finding.measures.iter().find(|measure| measure.name == name);
        found.map_or(0.0, |measure| measure.value)
    };
    format!(
        "effect {:.1} ({:.1} to {:.1})",
        measure("effect"),
        measure("effect_low"),
        measure("effect_high")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::{Evidence, Measure};
    use crate::model::fixture::{entry, trace_id};
    use crate::render::fixture::style;

    #[test]
    fn a_report_of_many_cites_lines_and_names_requests_that_show_it() {
        let line = entry("stock", "no ``` such <item>").line(7).done();
        let finding = Finding {
            name: "new_step",
            level: Level::Error,
            service: Some("stock".to_owned()),
            sentence: "the error `no such item` came in 30 of 30 requests".to_owned(),
            measures: vec![Measure::count("effect", 2.5), Measure::count("effect_low", 2.0)],
            spans: Vec::new(),
            evidence: vec![Evidence::of(&line)],
            confidence: 0.99,
            confirm: String::new(),
            refute: String::new(),
            innocent: Vec::new(),
            symptom_of: None,
        };
        let told = Told { finding, shown_by: vec![(trace_id(), vec![0])] };
        let suspect = Suspect { service: "stock".to_owned(), score: 2.0, findings: vec![told] };
        let comparison = Comparison {
            bad: 30,
            good: 120,
            tests: 40,
            differs: true,
            suspects: vec![suspect],
            values: Vec::new(),
        };
        let mut out = Vec::new();
        markdown(&mut out, &comparison, &style(100), "logs/").expect("a Vec takes all");
        let text = String::from_utf8(out).expect("text");
        assert!(text.starts_with("# 30 requests compared with 120\n\n## stock: explains 2.00\n"));
        assert!(
            text.contains("- the error \\`no such item\\` came in 30 of 30 requests; effect 2.5")
        );
        assert!(text.contains(":7 stock: no ''' such <item>\n  ```\n"), "{text}");
        let command = format!("logloom trace {} logs/  # stock\n```\n", trace_id());
        assert!(text.ends_with(&command), "{text}");
    }
}
