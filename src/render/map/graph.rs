//! The map as a graph for Graphviz (`dot`) and for Markdown (Mermaid). Dashed lines are calls
//! that were inferred, red ones are calls of which some failed.
//!
//! Names come from logs: they stand in quotes, and what could end a quote is escaped.

use std::io;

use crate::analysis::map::{Edge, Map};
use crate::render::duration::duration;
use crate::render::escape::visible;
use crate::render::summary::{grouped, share};

/// Writes the map for Graphviz.
///
/// # Errors
/// When the writer fails.
pub fn dot(out: &mut dyn io::Write, map: &Map) -> io::Result<()> {
    writeln!(out, "digraph services {{")?;
    writeln!(out, "  rankdir=LR;")?;
    writeln!(out, "  node [shape=box, style=rounded];")?;
    for (index, service) in map.services.iter().enumerate() {
        let style = if service.logs { "" } else { ", style=\"rounded,dashed\"" };
        writeln!(out, "  s{index} [label=\"{}\"{style}];", in_dot(&service.name))?;
    }
    for edge in &map.edges {
        let Some(caller) = edge.caller else { continue };
        let style = if edge.known.inferred > 0 { ", style=dashed" } else { "" };
        let colour = if edge.flow.failed.is_some() { ", color=red" } else { "" };
        let label = in_dot(&label(edge));
        writeln!(out, "  s{caller} -> s{} [label=\"{label}\"{style}{colour}];", edge.callee)?;
    }
    writeln!(out, "}}")
}

/// Writes the map for Mermaid.
///
/// # Errors
/// When the writer fails.
pub fn mermaid(out: &mut dyn io::Write, map: &Map) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    for (index, service) in map.services.iter().enumerate() {
        writeln!(out, "  s{index}[\"{}\"]", in_mermaid(&service.name))?;
    }
    let between: Vec<(usize, &Edge)> =
        map.edges.iter().filter_map(|edge| Some((edge.caller?, edge))).collect();
    for (caller, edge) in &between {
        let arrow = if edge.known.inferred > 0 { "-.->" } else { "-->" };
        let label = in_mermaid(&label(edge));
        writeln!(out, "  s{caller} {arrow}|\"{label}\"| s{}", edge.callee)?;
    }
    for (number, (_, edge)) in between.iter().enumerate() {
        if edge.flow.failed.is_some() {
            writeln!(out, "  linkStyle {number} stroke:red")?;
        }
    }
    Ok(())
}

/// `1,204 calls, p95 12.3 ms, 4.0 % failed`.
fn label(edge: &Edge) -> String {
    let total = &edge.flow.total;
    let time = total.durations.quantile(0.95).map(|found| format!(", p95 {}", duration(found)));
    let failed =
        (total.errors > 0).then(|| format!(", {} failed", share(total.errors, total.calls)));
    let (time, failed) = (time.unwrap_or_default(), failed.unwrap_or_default());
    format!("{} ×{time}{failed}", grouped(total.calls))
}

fn in_dot(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('"', "\\\"")
}

/// Mermaid knows entities alone: `#` begins one, and a viewer may show HTML.
fn in_mermaid(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in visible(text).chars() {
        if matches!(letter, '#' | '"' | '<' | '>' | '&' | '`') {
            out.extend(["#", &u32::from(letter).to_string(), ";"]);
        } else {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_end_their_quotes() {
        assert_eq!(in_dot(r#"a"];b\"#), r#"a\"];b\\"#);
        assert_eq!(in_mermaid("a\"]<b>"), "a#34;]#60;b#62;");
        assert!(!in_mermaid("a\u{1b}[31m").contains('\u{1b}'));
    }
}
