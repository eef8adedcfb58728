//! A request reduced to what a map counts, so that many can be reduced side by side.

use crate::analysis::critical_path::{CriticalPath, critical_path};
use crate::model::masking::masked;
use crate::model::span::SpanStatus;
use crate::model::trace::Trace;

/// A request whose entries were looked at and let go.
#[derive(Debug)]
pub struct Observed {
    /// Its spans, with values masked in their names, and no entries.
    pub(super) trace: Trace,
    /// Which of its spans failed: stated to, or with a line of level ERROR.
    pub(super) failed: Vec<bool>,
    /// Which of them decided how long it took.
    pub(super) path: CriticalPath,
}

impl Observed {
    /// Looks at a request.
    pub fn of(mut trace: Trace) -> Self {
        let path = critical_path(&trace);
        let stated = trace.spans.iter().map(|span| span.status == Some(SpanStatus::Error));
        let mut failed: Vec<bool> = stated.collect();
        for placed in trace.entries.iter().filter(|placed| placed.entry.is_error()) {
            failed[placed.span.0] = true;
        }
        trace.entries = Vec::new();
        for span in &mut trace.spans {
            span.name = masked(&span.name).into_owned();
        }
        Self { trace, failed, path }
    }
}
