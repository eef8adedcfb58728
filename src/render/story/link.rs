//! What a span is tied to beside its parent: other senders of a batch, and other requests.

use std::io;

use super::Teller;
use super::layout::Step;
use crate::model::trace::{Link, LinkKind, Linked};
use crate::render::duration::duration;
use crate::render::painted::{Painted, Role};

/// Writes a link below the line that shows it.
pub(super) fn write(
    out: &mut dyn io::Write,
    teller: &Teller<'_>,
    step: &Step,
    index: usize,
) -> io::Result<()> {
    let mut row = teller.margin("", false);
    row.append(&step.guides(teller.levels_max(), "│ "));
    row.append(&told(teller, &teller.trace.links[index]));
    teller.write(out, row)
}

/// `→ continued in shipping  trace 4bf9…, message_id m-17, 2.10 s later`.
pub(super) fn told(teller: &Teller<'_>, link: &Link) -> Painted {
    let (arrow, words) = match link.kind {
        LinkKind::StemsFrom => ("← ", "also from "),
        LinkKind::ContinuedIn => ("→ ", "continued in "),
        LinkKind::Continues => ("← ", "continues "),
    };
    let mut text = Painted::of(Role::Warning, arrow);
    text.push(Role::Plain, words);
    let mut facts = Vec::new();
    match &link.linked {
        Linked::Here(span) => {
            let other = teller.trace.span(*span);
            text.push(teller.roles[span.0], &other.service);
            text.push(Role::Plain, "  ").push(Role::Strong, &other.name);
        }
        Linked::Elsewhere { trace, service, .. } => {
            text.push(Role::Strong, service.as_deref().unwrap_or("another request"));
            facts.push(format!("trace {trace}"));
        }
    }
    facts.extend(link.key.as_ref().map(|key| format!("{} {}", key.name, key.value)));
    facts.extend(link.later.filter(|later| *later >= 0).map(|later| match link.kind {
        LinkKind::Continues => format!("{} after it", duration(later)),
        LinkKind::ContinuedIn | LinkKind::StemsFrom => format!("{} later", duration(later)),
    }));
    if link.confidence < 1.0 {
        facts.push(format!("{:.2} sure", link.confidence));
    }
    text.push(Role::Dim, "  ").push(Role::Dim, &facts.join(", "));
    text
}
