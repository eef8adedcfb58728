//! Whether one entry fulfils one condition: the meaning of the language, which every index keeps to.
//!
//! [`texts`] are where words are looked for, [`values`] where whole values are. An index
//! that takes in exactly these misses nothing and finds nothing too much.

use std::ops::ControlFlow;

use crate::model::entry::Entry;
use crate::model::field::Value;
use crate::query::condition::{Comparison, Condition, Test};
use crate::query::length;
use crate::query::level;
use crate::query::names::{WellKnown, finds, finds_key, normalised, well_known};
use crate::query::template::template;
use crate::query::words::visit_words;

/// Whether the entry fulfils the condition.
pub fn fulfils(entry: &Entry, condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| fulfils(entry, part)),
        Condition::Any(parts) => parts.iter().any(|part| fulfils(entry, part)),
        Condition::Not(inner) => !fulfils(entry, inner),
        Condition::Matches(expression) => any_text(entry, |text| expression.is_match(text)),
        Condition::Words(words) => any_text(entry, |text| has_words(text, words)),
        Condition::Prefix(prefix) => {
            any_text(entry, |text| has_word(text, |word| word.starts_with(prefix.as_str())))
        }
        Condition::Value(wanted) => any_value(entry, |value| same(value, wanted)),
        Condition::Field { name, test } => has_field(entry, &normalised(name), test),
    }
}

/// Calls `visit` with every text of the entry in which words are looked for: the message,
/// every field's values, logger, thread, service, instance, host and the keys' values.
/// A text may come twice; a key's value that stands in the message comes once.
pub fn texts<'a>(entry: &'a Entry, mut visit: impl FnMut(&'a str)) {
    let _ = each_text(entry, &mut |text| {
        visit(text);
        ControlFlow::Continue(())
    });
}

/// Calls `visit` with the name and text of every value that [`Condition::Value`] is
/// compared with: every field (a list's values one by one), every key, and the message
/// under the name `message`.
pub fn values<'a>(entry: &'a Entry, mut visit: impl FnMut(&'a str, &'a str)) {
    let _ = each_value(entry, &mut |name, value| {
        visit(name, value);
        ControlFlow::Continue(())
    });
}

/// Whether two values are the same without regard to case.
pub fn same(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() {
        return left.eq_ignore_ascii_case(right);
    }
    folded(left).eq(folded(right))
}

/// A value in the form in which values are compared.
pub fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(char::to_lowercase)
}

fn any_text(entry: &Entry, mut is_found: impl FnMut(&str) -> bool) -> bool {
    each_text(entry, &mut |text| stop_if(is_found(text))).is_break()
}

fn any_value(entry: &Entry, mut is_found: impl FnMut(&str) -> bool) -> bool {
    each_value(entry, &mut |_, value| stop_if(is_found(value))).is_break()
}

const fn stop_if(found: bool) -> ControlFlow<()> {
    if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

fn each_text<'a>(
    entry: &'a Entry,
    visit: &mut dyn FnMut(&'a str) -> ControlFlow<()>,
) -> ControlFlow<()> {
    visit(&entry.record.message)?;
    for field in &entry.record.fields {
        each_part(&field.value, visit)?;
    }
    let (record, context) = (&entry.record, &entry.context);
    let attributes = [
        record.logger.as_deref(),
        record.thread.as_deref(),
        Some(context.service.as_str()),
        context.instance.as_deref(),
        context.host.as_deref(),
    ];
    for text in attributes.into_iter().flatten() {
        visit(text)?;
    }
    for key in &context.keys {
        if !record.message.contains(&key.value) {
            visit(&key.value)?;
        }
    }
    ControlFlow::Continue(())
}

fn each_value<'a>(
    entry: &'a Entry,
    visit: &mut dyn FnMut(&'a str, &'a str) -> ControlFlow<()>,
) -> ControlFlow<()> {
    visit("message", &entry.record.message)?;
    for field in &entry.record.fields {
        each_part(&field.value, &mut |text| visit(&field.name, text))?;
    }
    for key in &entry.context.keys {
        visit(&key.name, &key.value)?;
    }
    ControlFlow::Continue(())
}

/// The texts of a value; lists are not nested deeper than one level, by their definition,
/// and what is deeper all the same is passed over.
pub(super) fn each_part<'a>(
    value: &'a Value,
    visit: &mut dyn FnMut(&'a str) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let Value::List(parts) = value else { return visit_scalar(value, visit) };
    parts.iter().try_for_each(|part| visit_scalar(part, visit))
}

fn visit_scalar<'a>(
    value: &'a Value,
    visit: &mut dyn FnMut(&'a str) -> ControlFlow<()>,
) -> ControlFlow<()> {
    match value {
        Value::Text(text) | Value::Number(text) => visit(text),
        Value::Boolean(true) => visit("true"),
        Value::Boolean(false) => visit("false"),
        Value::List(_) => ControlFlow::Continue(()),
    }
}

fn has_word(text: &str, mut is_found: impl FnMut(&str) -> bool) -> bool {
    !visit_words(text, &mut String::new(), |word| !is_found(word))
}

/// Whether the words stand one after the other in the text. One pass over the text: after a
/// mismatch the longest beginning that is still matched is kept (Knuth, Morris, Pratt).
fn has_words(text: &str, wanted: &[String]) -> bool {
    let [first, rest @ ..] = wanted else { return true };
    if rest.is_empty() {
        return has_word(text, |word| word == first);
    }
    let fallback = fallbacks(wanted);
    let mut matched = 0;
    has_word(text, |word| {
        while matched > 0 && word != wanted[matched] {
            matched = fallback[matched - 1];
        }
        if word == wanted[matched] {
            matched += 1;
        }
        matched == wanted.len()
    })
}

/// For each beginning of the words, how long the longest shorter beginning is that ends it.
fn fallbacks(words: &[String]) -> Vec<usize> {
    let mut fallback = vec![0; words.len()];
    let mut matched = 0;
    for index in 1..words.len() {
        while matched > 0 && words[index] != words[matched] {
            matched = fallback[matched - 1];
        }
        if words[index] == words[matched] {
            matched += 1;
        }
        fallback[index] = matched;
    }
    fallback
}

/// Whether a field, key or well-known attribute of this name passes the test.
fn has_field(entry: &Entry, wanted: &str, test: &Test) -> bool {
    let attribute = well_known(wanted);
    if attribute.is_some_and(|attribute| attribute_passes(entry, attribute, test)) {
        return true;
    }
    let in_fields = entry.record.fields.iter().any(|field| {
        finds(wanted, &field.name)
            && each_part(&field.value, &mut |text| stop_if(passes(text, test))).is_break()
    });
    in_fields
        || entry
            .context
            .keys
            .iter()
            .any(|key| finds_key(wanted, &key.name) && passes(&key.value, test))
}

fn attribute_passes(entry: &Entry, attribute: WellKnown, test: &Test) -> bool {
    let (record, context) = (&entry.record, &entry.context);
    let value = match attribute {
        WellKnown::Level => return level_passes(entry, test),
        WellKnown::TraceId => return id_passes(context.trace_id.map(|id| id.to_string()), test),
        WellKnown::SpanId => return id_passes(context.span_id.map(|id| id.to_string()), test),
        WellKnown::Service => Some(context.service.as_str()),
        WellKnown::Path => Some(&*entry.path),
        WellKnown::Message => Some(record.message.as_str()),
        WellKnown::Logger => record.logger.as_deref(),
        WellKnown::Thread => record.thread.as_deref(),
        WellKnown::Host => context.host.as_deref(),
        WellKnown::Instance => context.instance.as_deref(),
        WellKnown::Format => Some(&*record.format),
        WellKnown::Template => return template_passes(&record.message, test),
    };
    value.is_some_and(|value| passes(value, test))
}

/// Ids are compared in their one form, so dashes and a leading `0x` of the question do not count.
fn id_passes(id: Option<String>, test: &Test) -> bool {
    let Some(id) = id else { return false };
    let plain = |text: &str| text.trim_start_matches("0x").replace('-', "").to_ascii_lowercase();
    match test {
        Test::Equals(wanted) => {
            let wanted = plain(wanted);
            !wanted.is_empty() && id.trim_start_matches('0') == wanted.trim_start_matches('0')
        }
        Test::Prefix(wanted) => id.starts_with(&plain(wanted)),
        Test::Exists => true,
        Test::Compare(..) => false,
    }
}

/// A message that is asked for stands for its template.
fn template_passes(message: &str, test: &Test) -> bool {
    let own = template(message);
    match test {
        Test::Equals(wanted) => same(&own, &template(wanted)),
        Test::Prefix(_) | Test::Exists | Test::Compare(..) => passes(&own, test),
    }
}

fn level_passes(entry: &Entry, test: &Test) -> bool {
    let Some(severity) = entry.record.severity else { return false };
    match test {
        Test::Equals(wanted) => {
            level::band(wanted).is_some_and(|band| band.contains(&severity.number()))
        }
        Test::Prefix(wanted) => severity.name().starts_with(&wanted.to_ascii_lowercase()),
        Test::Exists => true,
        Test::Compare(comparison, wanted) => {
            let number = severity.number();
            level::band(wanted).is_some_and(|band| match comparison {
                Comparison::Less => number < *band.start(),
                Comparison::LessOrEqual => number <= *band.end(),
                Comparison::Greater => number > *band.end(),
                Comparison::GreaterOrEqual => number >= *band.start(),
            })
        }
    }
}

pub(super) fn passes(value: &str, test: &Test) -> bool {
    match test {
        Test::Equals(wanted) => same(value, wanted),
        Test::Prefix(wanted) => begins(value, wanted),
        Test::Exists => true,
        Test::Compare(comparison, wanted) => compares(value, *comparison, wanted),
    }
}

fn begins(text: &str, wanted: &str) -> bool {
    let mut characters = folded(text);
    folded(wanted).all(|expected| characters.next() == Some(expected))
}

fn compares(text: &str, comparison: Comparison, wanted: &str) -> bool {
    length::compare(text, wanted).is_some_and(|order| comparison.admits(order))
}

#[cfg(test)]
mod tests;
