//! A query as a person typed it, with mistakes drawn where they stand.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::cli::console::Console;
use crate::cli::failure::{Failure, of_store};
use crate::query::boolean::{Boolean, Shape, each_atom};
use crate::query::condition::{Condition, Query, Test};
use crate::query::error::QueryError;
use crate::query::judge::is_of_a_span;
use crate::query::names::{self, WellKnown};
use crate::query::parse;
use crate::query::question::{Question, Whole};
use crate::render::highlight::Mark;
use crate::store::Reader;

/// Refuses what is no query, before anything is read for it.
///
/// # Errors
/// When it is no query.
pub fn refuse_mistakes(text: &str) -> Result<(), Failure> {
    parse::parse(text).map(drop).map_err(|error| mistake(text, &error))
}

/// Reads a query where no store knows names yet.
///
/// # Errors
/// When it is no query.
pub fn parsed(text: &str) -> Result<Question, Failure> {
    parse::parse(text).map_err(|error| mistake(text, &error))
}

/// Refuses what is no query of single lines, before anything is read for it.
///
/// # Errors
/// When it is no query, or asks how lines stand to each other.
pub fn refuse_mistakes_of_lines(text: &str) -> Result<(), Failure> {
    let question = parse::parse(text).map_err(|error| mistake(text, &error))?;
    of_lines(question).map(drop)
}

/// Reads a query of requests and holds its fields and services against those that the store
/// knows.
///
/// # Errors
/// When it is no query, or asks for a field that no line has.
pub fn question(text: &str, reader: &dyn Reader, console: &Console) -> Result<Question, Failure> {
    let question = parse::parse(text).map_err(|error| mistake(text, &error))?;
    let mut asked = Vec::new();
    each_atom(&question, &mut |atom| match atom {
        Question::Line(condition) => asked.push((condition, Place::Alone)),
        Question::Absent(condition) => asked.push((condition, Place::Within)),
        Question::Pattern(pattern) => {
            asked.extend(pattern.groups().map(|group| (group, Place::Within)));
        }
        _ => {}
    });
    known_names(text, &asked, reader)?;
    known_services(&question, &asked, reader, console)?;
    Ok(question)
}

/// Reads a query of single lines and holds its fields and services against those that the
/// store knows.
///
/// # Errors
/// When it is no query, asks for a field that no line has, or how lines stand to each other.
pub fn question_of_lines(
    text: &str,
    reader: &dyn Reader,
    console: &Console,
) -> Result<Query, Failure> {
    let question = parse::parse(text).map_err(|error| mistake(text, &error))?;
    let condition = of_lines(question.clone())?;
    let asked = [(&condition, Place::Alone)];
    known_names(text, &asked, reader)?;
    known_services(&question, &asked, reader, console)?;
    Ok(Query::from(condition))
}

/// Names of columns that stand for what no line has as a field.
const OF_REQUESTS: [&str; 11] = [
    "start",
    "time",
    "duration",
    "services",
    "spans",
    "lines",
    "line",
    "errors",
    "root.service",
    "root.operation",
    "message",
];

/// Refuses columns that nothing has.
///
/// # Errors
/// When a name is neither that of a field nor of anything else that is known.
pub fn known_columns(fields: &[String], reader: &dyn Reader) -> Result<(), Failure> {
    let mut known = None;
    for name in fields {
        let wanted = names::normalised(name);
        let is_known = OF_REQUESTS.contains(&name.as_str())
            || names::well_known(&wanted).is_some()
            || is_of_a_span(name);
        if is_known {
            continue;
        }
        if known.is_none() {
            known = Some(reader.field_names().map_err(|error| of_store(&error))?);
        }
        let known = known.as_deref().unwrap_or_default();
        if !known
            .iter()
            .any(|field| names::finds(&wanted, field) || names::finds_key(&wanted, field))
        {
            return Err(unknown_field(name, name, known));
        }
    }
    Ok(())
}

/// What a query looks for, to be marked where it stands.
pub fn marks(question: &Question) -> Vec<Mark> {
    let mut marks = Vec::new();
    gather(question, &mut |atom| match atom {
        Question::Line(condition) => gather(condition, &mut |atom| marks.extend(mark(atom))),
        Question::Pattern(pattern) => {
            pattern.groups().for_each(|group| gather(group, &mut |atom| marks.extend(mark(atom))));
        }
        _ => {}
    });
    marks
}

/// What a query of lines looks for, to be marked where it stands.
pub fn marks_of_lines(query: &Query) -> Vec<Mark> {
    let mut marks = Vec::new();
    for condition in &query.conditions {
        gather(condition, &mut |atom| marks.extend(mark(atom)));
    }
    marks
}

/// Calls `visit` with every single condition that is not denied.
fn gather<'a, T: Boolean>(tree: &'a T, visit: &mut impl FnMut(&'a T)) {
    match tree.shape() {
        Shape::Not(_) => {}
        Shape::All(parts) | Shape::Any(parts) => parts.iter().for_each(|part| gather(part, visit)),
        Shape::Atom => visit(tree),
    }
}

/// Whether a query is nothing but words that all must occur, as a sentence is.
pub fn is_plain(question: &Question) -> bool {
    match question {
        Question::All(parts) => parts.iter().all(is_plain),
        Question::Line(condition) => matches!(
            condition,
            Condition::Words(_)
                | Condition::Prefix(_)
                | Condition::Matches(_)
                | Condition::Value(_)
        ),
        _ => false,
    }
}

/// What a single condition looks for, to be marked where it stands.
pub fn mark(condition: &Condition) -> Option<Mark> {
    match condition {
        Condition::Words(words) => Some(Mark::Words(words.clone())),
        Condition::Prefix(prefix) => Some(Mark::Beginning(prefix.clone())),
        Condition::Matches(expression) => Some(Mark::Expression(expression.as_str().to_owned())),
        Condition::Value(value)
        | Condition::Field { test: Test::Equals(value) | Test::Prefix(value), .. } => {
            Some(Mark::Text(value.clone()))
        }
        _ => None,
    }
}

/// What a query asks of single lines.
///
/// # Errors
/// When it asks how lines stand to each other.
pub fn of_lines(question: Question) -> Result<Condition, Failure> {
    question.of_a_line().map_err(|part| {
        Failure::yours(format!("`{}` asks of a request, not of a line", part.0))
            .with_hint("`logloom search` finds requests")
    })
}

/// Where a condition stands: within braces a line's span is asked as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Alone,
    Within,
}

fn known_names(
    text: &str,
    asked: &[(&Condition, Place)],
    reader: &dyn Reader,
) -> Result<(), Failure> {
    let mut known = None;
    for (condition, place) in asked {
        let mut names: Vec<&str> = Vec::new();
        each_atom(*condition, &mut |atom| {
            if let Condition::Field { name, .. } = atom {
                names.push(name);
            }
        });
        for name in names {
            let wanted = names::normalised(name);
            let of_span = *place == Place::Within && is_of_a_span(name);
            if names::well_known(&wanted).is_some() || of_span {
                continue;
            }
            if known.is_none() {
                known = Some(reader.field_names().map_err(|error| of_store(&error))?);
            }
            let known = known.as_deref().unwrap_or_default();
            let is_known =
                |field: &String| names::finds(&wanted, field) || names::finds_key(&wanted, field);
            if !known.iter().any(is_known) {
                return Err(unknown_field(text, name, known));
            }
        }
    }
    Ok(())
}

/// Says so if a service is asked for that no line is of: nothing will be found by it.
fn known_services(
    question: &Question,
    asked: &[(&Condition, Place)],
    reader: &dyn Reader,
    console: &Console,
) -> Result<(), Failure> {
    let mut wanted: Vec<&str> = Vec::new();
    for (condition, _) in asked {
        each_atom(*condition, &mut |atom| {
            if let Condition::Field { name, test: Test::Equals(service) } = atom
                && names::well_known(&names::normalised(name)) == Some(WellKnown::Service)
            {
                wanted.push(service);
            }
        });
    }
    each_atom(question, &mut |atom| {
        if let Question::Whole(Whole::RootService(Test::Equals(service))) = atom {
            wanted.push(service);
        }
    });
    if wanted.is_empty() {
        return Ok(());
    }
    let known = reader.service_names().map_err(|error| of_store(&error))?;
    wanted.sort_unstable();
    wanted.dedup();
    for service in wanted {
        if known.iter().any(|known| crate::query::matching::same(known, service)) {
            continue;
        }
        let nearest = names::nearest(service, known.iter().map(String::as_str));
        let hint = nearest.map(|nearest| format!("; did you mean `{nearest}`?"));
        console.warn(&format!("no line is of a service `{service}`{}", hint.unwrap_or_default()));
    }
    Ok(())
}

fn mistake(text: &str, error: &QueryError) -> Failure {
    let message = format!("{}\n{}", error.kind, drawn(text, error.span.clone(), error.expected));
    let failure = Failure::yours(message);
    match &error.hint {
        Some(hint) => failure.with_hint(hint.clone()),
        None => failure,
    }
}

fn unknown_field(text: &str, name: &str, known: &[String]) -> Failure {
    let at = text.find(name).unwrap_or(0);
    let drawn = drawn(text, at..at + name.len(), "no line has a field of this name");
    let failure = Failure::yours(format!("unknown field `{name}`\n{drawn}"));
    let candidates =
        known.iter().map(String::as_str).chain(names::WELL_KNOWN_NAMES.iter().copied());
    match names::nearest(name, candidates) {
        Some(nearest) => failure.with_hint(format!("did you mean `{nearest}`?")),
        None => failure.with_hint(format!("quote it to look for the words: '\"{name}\"'")),
    }
}

/// Columns of a query that are drawn on each side of a mistake; a longer one is cut.
const DRAWN_BYTES: usize = 120;

/// The text with a caret under the place; of a long text only what is around it.
fn drawn(text: &str, span: std::ops::Range<usize>, label: &str) -> String {
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let from = boundary(span.start.saturating_sub(DRAWN_BYTES));
    let to = boundary(text.len().min(span.start + DRAWN_BYTES));
    let end = span.end.min(to) - from;
    let snippet = Snippet::source(&text[from..to])
        .line_start(1)
        .annotation(AnnotationKind::Primary.span(span.start - from..end).label(label));
    let report = [Group::with_level(Level::ERROR).element(snippet)];
    Renderer::plain().render(&report)
}
