//! Two groups of requests compared, for people: the services that explain most, each with
//! what changed in it and the lines that prove it, then the values that separate.

use std::io;

use crate::analysis::group::{Comparison, Suspect, Told};
use crate::model::finding::{Finding, Level};
use crate::render::painted::{Painted, Role};
use crate::render::report::plain;
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

/// Writes a comparison to be pasted into a message.
///
/// # Errors
/// When the writer fails.
pub fn markdown(out: &mut dyn io::Write, comparison: &Comparison, style: &Style) -> io::Result<()> {
    let sizes = (grouped(comparison.bad as u64), grouped(comparison.good as u64));
    writeln!(out, "# {} requests compared with {}\n", sizes.0, sizes.1)?;
    if !comparison.differs {
        return writeln!(out, "The groups do not differ, in {} ways.", comparison.tests);
    }
    for suspect in comparison.suspects.iter().filter(|suspect| suspect.score > 0.0) {
        writeln!(out, "## {}: explains {:.2}\n", plain(&suspect.service), suspect.score)?;
        for told in &suspect.findings {
            writeln!(out, "- {}; {}", plain(&told.finding.sentence), interval(&told.finding))?;
            for line in &told.finding.evidence {
                let path = style.paths.show(&line.path);
                let (path, excerpt) = (plain(&path), plain(&line.excerpt));
                writeln!(out, "  - {path}:{}: {excerpt}", line.position.line)?;
            }
        }
        writeln!(out)?;
    }
    if !comparison.values.is_empty() {
        writeln!(out, "## Values that separate\n")?;
    }
    comparison.values.iter().try_for_each(|told| {
        writeln!(out, "- {}; {}", plain(&told.finding.sentence), interval(&told.finding))
    })
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
