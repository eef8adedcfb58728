//! How well each service of a request logs: how many of its entries have what is needed to
//! place them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::entry::AttributionBasis;
use crate::model::record::TimeBasis;
use crate::model::trace::Trace;

/// Counts over the entries of one service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Coverage {
    /// The service.
    pub service: String,
    /// Its spans.
    pub spans: usize,
    /// Its entries.
    pub lines: usize,
    /// Of those, entries with a time of their own.
    pub with_time: usize,
    /// With a severity.
    pub with_severity: usize,
    /// With a trace id, or what stands for one, of their own.
    pub with_trace_id: usize,
    /// With a span id.
    pub with_span_id: usize,
}

/// The coverage of every service that has a span or an entry, by name.
pub fn coverage(trace: &Trace) -> Vec<Coverage> {
    let mut services: BTreeMap<&str, Coverage> = BTreeMap::new();
    for span in &trace.spans {
        services.entry(&span.service).or_default().spans += 1;
    }
    for placed in &trace.entries {
        let (record, context) = (&placed.entry.record, &placed.entry.context);
        let counts = services.entry(&context.service).or_default();
        let has_time = record.time.as_ref().is_some_and(|time| time.basis != TimeBasis::Inherited);
        let is_stated =
            context.attribution.is_some_and(|known| known.basis == AttributionBasis::Stated);
        counts.lines += 1;
        counts.with_time += usize::from(has_time);
        counts.with_severity += usize::from(record.severity.is_some());
        counts.with_trace_id += usize::from(is_stated);
        counts.with_span_id += usize::from(context.span_id.is_some());
    }
    let named =
        |(service, counts): (&str, Coverage)| Coverage { service: service.to_owned(), ..counts };
    services.into_iter().map(named).collect()
}
