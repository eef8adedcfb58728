//! What definitions made of a file: the share of each and why, and a caret under the place
//! where the nearest gave up on the first line that none took.

use std::io;

use crate::decode::explain::{Explanation, Fallen};
use crate::render::escape::visible;
use crate::render::painted::{Painted, Role, columns};
use crate::render::style::Style;
use crate::render::summary::{count, grouped, share};
use crate::render::table::{Column, Table};

const COLUMNS: [Column; 4] = [
    Column::words("DEFINITION"),
    Column::number("LINES"),
    Column::number("SHARE"),
    Column::words("WHY").shrinking_to(20),
];

/// What a line is indented by.
const INDENT: &str = "  ";

/// What of a long line is shown before the place of the caret.
const BEFORE_CHARACTERS_MAX: usize = 60;

/// Writes the shares, then the first line that no definition took.
///
/// # Errors
/// When the writer fails.
pub fn explanation(out: &mut dyn io::Write, told: &Explanation, style: &Style) -> io::Result<()> {
    let mut table = Table::new(&COLUMNS);
    for part in &told.shares {
        let name = match part.definitions.as_slice() {
            [] => "(none)".to_owned(),
            names => names.join(" > "),
        };
        let role = if part.definitions.is_empty() { Role::Warning } else { Role::Strong };
        let cells = [
            (role, name),
            (Role::Plain, grouped(part.lines)),
            (Role::Plain, share(part.lines, told.lines)),
            (Role::Plain, part.why.clone()),
        ];
        table.row(cells.map(|(role, text)| Painted::of(role, &text)).into(), Vec::new());
    }
    table.write(out, style.columns(), style.colour)?;
    let mut sum = Painted::of(Role::Dim, &count(told.lines, "line"));
    if told.joined > 0 {
        let joined = format!(", {} of them continue the line before", grouped(told.joined));
        sum.push(Role::Dim, &joined);
    }
    sum.write_line(out, style.colour)?;
    match &told.fallen {
        Some(line) => fallen(out, line, style),
        None => Ok(()),
    }
}

fn fallen(out: &mut dyn io::Write, line: &Fallen, style: &Style) -> io::Result<()> {
    Painted::new().write_line(out, style.colour)?;
    let path = style.paths.show(&line.path);
    let head = format!("the first line that no definition takes: {path}:{}", line.line);
    Painted::of(Role::Warning, &head).write_line(out, style.colour)?;
    let at = line.nearest.as_ref().map_or(0, |nearest| nearest.at);
    let (before, after) = line.text.split_at(at.min(line.text.len()));
    let hidden = before.chars().count().saturating_sub(BEFORE_CHARACTERS_MAX);
    let cut: String = before.chars().skip(hidden).collect();
    let lead = if hidden > 0 {
        format!("{INDENT}…{}", visible(&cut))
    } else {
        format!("{INDENT}{}", visible(&cut))
    };
    let mut shown = Painted::of(Role::Plain, &lead);
    shown.push(Role::Plain, after);
    let width = columns(&lead);
    shown.cut(style.columns().max(width + 8)).write_line(out, style.colour)?;
    let Some(nearest) = &line.nearest else {
        let words = format!("{INDENT}no definition comes near it");
        return Painted::of(Role::Dim, &words).write_line(out, style.colour);
    };
    let mut caret = Painted::of(Role::Plain, &" ".repeat(width));
    let words = format!("^ `{}` gives up here, it wants {}", nearest.definition, nearest.wanted);
    caret.push(Role::Error, &words);
    caret.write_line(out, style.colour)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::decode::explain::{Nearest, Share};
    use crate::render::fixture;

    fn told(text: &str, nearest: Option<(usize, &str)>) -> String {
        let share = |names: &[&str], lines| Share {
            definitions: names.iter().map(|name| (*name).to_owned()).collect(),
            lines,
            records: lines,
            why: "has the keys level".to_owned(),
        };
        let nearest = nearest.map(|(at, wanted)| Nearest {
            definition: "redis".to_owned(),
            at,
            wanted: wanted.to_owned(),
        });
        let text = text.to_owned();
        let explanation_of = Explanation {
            lines: 1_000,
            joined: 3,
            shares: vec![share(&["docker-json", "pino"], 999), share(&[], 1)],
            fallen: Some(Fallen { path: Arc::from("a.log"), line: 7, text, nearest }),
        };
        let mut out = Vec::new();
        explanation(&mut out, &explanation_of, &fixture::style(100)).expect("a Vec takes all");
        String::from_utf8(out).expect("explanations are text")
    }

    #[test]
    fn the_caret_stands_under_the_place() {
        insta::assert_snapshot!(told("1:M 21 Nov ? failed", Some((11, "`level`"))));
    }

    #[test]
    fn wide_and_hostile_letters_do_not_move_the_caret() {
        let text = told("日本\x1b[2J x", Some(("日本\x1b".len(), "`time`")));
        assert!(!text.replace('\n', "").contains(crate::render::escape::is_unsafe));
        let lines: Vec<&str> = text.lines().collect();
        let caret = lines.last().expect("lines").find('^').expect("a caret");
        assert_eq!(caret, columns("  日本␛"));
    }

    #[test]
    fn a_line_like_no_other_is_shown_alone() {
        assert!(told("x", None).ends_with("  no definition comes near it\n"));
    }
}
