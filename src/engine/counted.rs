//! Counts, record by record, what the lines of each service have.

use std::sync::Arc;

use crate::model::coverage::{Line, OTHERS, SERVICES_MAX, Services};
use crate::model::entry::Entry;
use crate::model::record::TimeBasis;
use crate::model::template::Template;

/// What the lines of one record have, and whose they are.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    /// The service, by its place among those counted.
    service: usize,
    format: Arc<str>,
    line: Line,
}

/// The services of one stream, so that a record is counted without writing its name again.
#[derive(Debug, Default)]
pub(super) struct Counted {
    names: Vec<String>,
    last: usize,
}

/// How many lines of one template, first those without a trace id, then those with one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PerTemplate {
    pub(super) all: [u64; 2],
    /// Of them those that will not be read again.
    pub(super) settled: [u64; 2],
}

impl PerTemplate {
    /// Counts a line.
    pub(super) const fn add(&mut self, has_trace: bool, is_settled: bool) {
        self.all[has_trace as usize] += 1;
        self.settled[has_trace as usize] += is_settled as u64;
    }
}

impl Counted {
    /// What a line of a known template counts for: but for the trace all of them have the same.
    pub(super) fn facts_of_line(&mut self, template: &Template, has_trace: bool) -> Facts {
        let mut facts = self.facts(&template.sample);
        let context = &template.sample.context;
        facts.line = Line {
            lines: 1,
            has_trace,
            has_span: template.span.is_some() || context.span_id.is_some(),
            has_parent: template.parent.is_some() || context.parent_span_id.is_some(),
            ..facts.line
        };
        facts
    }

    /// Adds lines of a template to counts, those without a trace id and those with one.
    pub(super) fn add_lines(
        &mut self,
        template: &Template,
        lines: [u64; 2],
        services: &mut Services,
    ) {
        for (has_trace, lines) in [(false, lines[0]), (true, lines[1])] {
            let mut facts = self.facts_of_line(template, has_trace);
            facts.line.lines = lines;
            if lines > 0 {
                self.add(&facts, services);
            }
        }
    }

    /// What an entry counts for.
    pub(super) fn facts(&mut self, entry: &Entry) -> Facts {
        let (record, context) = (&entry.record, &entry.context);
        let time = record.time.as_ref();
        let line = Line {
            lines: u64::from(record.lines),
            has_time: time.is_some_and(|time| time.basis != TimeBasis::Inherited),
            has_level: record.severity.is_some(),
            has_trace: context.trace_id.is_some(),
            has_span: context.span_id.is_some(),
            has_parent: context.parent_span_id.is_some(),
            basis: time.map(|time| time.basis),
        };
        Facts { service: self.place(&context.service), format: Arc::clone(&record.format), line }
    }

    /// Adds them to counts.
    pub(super) fn add(&self, facts: &Facts, services: &mut Services) {
        services.count(&self.names[facts.service], &facts.format, &facts.line);
    }

    /// A stream has one service, or some dozens that take turns.
    fn place(&mut self, service: &str) -> usize {
        if self.names.get(self.last).is_none_or(|name| name != service) {
            let known = self.names.iter().position(|name| name == service);
            self.last = known.unwrap_or_else(|| {
                if self.names.len() < SERVICES_MAX {
                    self.names.push(service.to_owned());
                } else if self.names.len() == SERVICES_MAX {
                    self.names.push(OTHERS.to_owned());
                }
                self.names.len() - 1
            });
        }
        self.last
    }
}
