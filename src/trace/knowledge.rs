//! What the requests of a store teach about the system that logged them.

use serde::{Deserialize, Serialize};

use crate::trace::calls::Calls;
use crate::trace::clocks::Clocks;
use crate::trace::operation::Operations;

/// What was learned. Without any, requests are put together by what each shows alone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Knowledge {
    /// How far hosts' clocks are off.
    pub clocks: Clocks,
    /// What spans do.
    pub operations: Operations,
    /// Which operation calls which.
    pub calls: Calls,
}
