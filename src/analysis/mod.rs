//! What can be said of a request: critical path, silences, the first failure. One file a question.
//!
//! Never: changes a trace.

pub mod critical_path;
pub mod failure;
pub mod map;
pub mod masking;
pub mod overview;
pub mod silence;
pub mod sketch;

use crate::model::trace::Trace;

/// All answers about one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// Which spans decided how long the request took.
    pub critical_path: critical_path::CriticalPath,
    /// Where nothing was logged for long.
    pub silences: Vec<silence::Silence>,
    /// Where it first went wrong, if it did.
    pub failure: Option<failure::Failure>,
}

/// Answers all questions about one request.
pub fn analyse(trace: &Trace) -> Analysis {
    Analysis {
        critical_path: critical_path::critical_path(trace),
        silences: silence::silences(trace),
        failure: failure::failure(trace),
    }
}

#[cfg(test)]
mod tests;
