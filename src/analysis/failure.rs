//! Where a request first went wrong, and who only echoed it.

use crate::model::trace::Trace;

/// The first failure and its echoes, as indexes of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The entry of the first failure.
    pub origin: usize,
    /// Later error entries above it in the tree.
    pub echoes: Vec<usize>,
}

/// Finds the first failure of a request.
pub fn failure(_trace: &Trace) -> Option<Failure> {
    None
}
