//! Requests and lines counted by the values of a field.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::analysis::facets::{Counted, Facets};
use crate::analysis::overview::Overview;
use crate::engine::answer::Source;
use crate::engine::search::each_match;
use crate::model::entry::Entry;
use crate::model::span::{ExtentBasis, Span, SpanKind, SpanStatus};
use crate::model::trace::Trace;
use crate::query::condition::Query;
use crate::query::facet::each_answer;
use crate::query::names::normalised;
use crate::query::question::Question;
use crate::store::{Reader, StoreError, Window};

/// The requests that fulfil a question, counted by fields: each once under every value (or
/// combination of values) that it has.
///
/// # Errors
/// When the store cannot be read.
pub fn of_requests(
    source: &Source<'_>,
    question: &Question,
    window: Window,
    fields: &[String],
) -> Result<Facets, StoreError> {
    let mut facets = Facets::default();
    each_match(source, question, window, &mut |trace| {
        let values = combined(&trace, fields);
        facets.add(values.iter().map(String::as_str), counted(&trace));
        ControlFlow::Continue(())
    })?;
    Ok(facets)
}

/// The lines that fulfil a query, counted by fields. What a line took is what it says of
/// the operation it ends.
///
/// # Errors
/// When the store cannot be read.
pub fn of_lines(
    reader: &dyn Reader,
    query: &Query,
    window: Window,
    fields: &[String],
) -> Result<Facets, StoreError> {
    let wanted: Vec<_> = fields.iter().map(|field| normalised(field)).collect();
    let mut facets = Facets::default();
    reader.each_line(query, &window, &mut |entry| {
        let answers = wanted.iter().map(|wanted| {
            let mut values = BTreeSet::new();
            each_answer(&entry, wanted, &mut |value| {
                values.insert(value.to_owned());
            });
            values
        });
        let values = product(answers);
        facets.add(values.iter().map(String::as_str), counted_line(&entry));
        ControlFlow::Continue(())
    })?;
    Ok(facets)
}

fn counted(trace: &Trace) -> Counted {
    let overview = Overview::of(trace);
    Counted { start: overview.start, duration: overview.duration, failed: overview.errors > 0 }
}

fn counted_line(entry: &Entry) -> Counted {
    let took = entry.context.operation.as_ref().and_then(|operation| operation.duration);
    Counted {
        start: entry.time(),
        duration: took.and_then(|took| i64::try_from(took).ok()),
        failed: entry.is_error(),
    }
}

/// Stands between the values of several fields.
const BETWEEN: &str = " · ";

/// Combinations of values that one request or line is counted under.
const COMBINATIONS_MAX: usize = 256;

/// The combinations of values of these fields: of one span where spans have them all.
fn combined(trace: &Trace, fields: &[String]) -> BTreeSet<String> {
    let of_span = |span: &Span| -> Option<Vec<String>> {
        fields.iter().map(|field| of_span(span, field)).collect()
    };
    if fields.len() > 1 && fields.iter().all(|field| is_of_spans(field)) {
        let spans = trace.spans.iter().filter(|span| logged(span));
        return spans.filter_map(of_span).map(|values| values.join(BETWEEN)).collect();
    }
    product(fields.iter().map(|field| values_of(trace, field)))
}

/// Every value of the one with every value of the other.
fn product(values: impl Iterator<Item = BTreeSet<String>>) -> BTreeSet<String> {
    let both = |one: BTreeSet<String>, other: BTreeSet<String>| -> BTreeSet<String> {
        let pairs = one
            .iter()
            .flat_map(|left| other.iter().map(move |right| format!("{left}{BETWEEN}{right}")));
        pairs.take(COMBINATIONS_MAX).collect()
    };
    values.reduce(both).unwrap_or_default()
}

fn is_of_spans(field: &str) -> bool {
    matches!(field, "service" | "operation" | "kind" | "status" | "peer")
}

fn of_span(span: &Span, field: &str) -> Option<String> {
    match field {
        "service" => Some(span.service.clone()),
        "operation" => Some(span.name.clone()),
        "kind" => span.kind.map(|kind| SpanKind::name(kind).to_owned()),
        "status" => span.status.map(|status| SpanStatus::name(status).to_owned()),
        "peer" => span.peer.clone(),
        _ => None,
    }
}

/// Every value that a request has of a field: of its root, of its spans, or of its lines.
pub fn values_of(trace: &Trace, field: &str) -> BTreeSet<String> {
    let root = || trace.spans.iter().find(|span| logged(span));
    if is_of_spans(field) {
        let spans = trace.spans.iter().filter(|span| logged(span));
        let values: BTreeSet<String> = spans.filter_map(|span| of_span(span, field)).collect();
        if !values.is_empty() {
            return values;
        }
    }
    match field {
        "root.service" => root().map(|root| root.service.clone()).into_iter().collect(),
        "root.operation" => root().map(|root| root.name.clone()).into_iter().collect(),
        _ => {
            let wanted = normalised(field);
            let mut values = BTreeSet::new();
            for placed in &trace.entries {
                each_answer(&placed.entry, &wanted, &mut |value| {
                    if !values.contains(value) {
                        values.insert(value.to_owned());
                    }
                });
            }
            values
        }
    }
}

fn logged(span: &Span) -> bool {
    span.extent != ExtentBasis::Children
}
