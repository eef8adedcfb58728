//! Requests that carry the same value of a field: what happened to one order over several
//! requests.

use std::ops::ControlFlow;

use crate::engine::answer::{Request, Source};
use crate::engine::facets::values_of;
use crate::engine::search::each_match;
use crate::query::boolean::any_of;
use crate::query::condition::{Condition, Test};
use crate::query::question::Question;
use crate::store::{StoreError, Window};

/// Requests that are told as one story; nobody reads more.
const REQUESTS_MAX: usize = 64;

/// Values that one request is joined by: one that names more is about all of them.
const VALUES_MAX: usize = 16;

/// Requests that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Joined {
    /// The values that join them.
    pub values: Vec<String>,
    /// The requests, the oldest first; the one that was asked for is among them.
    pub requests: Vec<Request>,
    /// Whether there are more.
    pub is_cut: bool,
}

/// All requests that share a value of this field with a request.
///
/// # Errors
/// When the store cannot be read.
pub fn join(source: &Source<'_>, request: &Request, field: &str) -> Result<Joined, StoreError> {
    let values: Vec<String> =
        values_of(&request.trace, field).into_iter().take(VALUES_MAX).collect();
    let mut joined = Joined { values, requests: Vec::new(), is_cut: false };
    if joined.values.is_empty() {
        return Ok(joined);
    }
    let carries = |value: &String| {
        let test = Test::Equals(value.clone());
        Question::Line(Condition::Field { name: field.to_owned(), test })
    };
    let question = any_of(joined.values.iter().map(carries).collect());
    each_match(source, &question, Window::default(), &mut |trace| {
        if joined.requests.len() == REQUESTS_MAX {
            joined.is_cut = true;
            return ControlFlow::Break(());
        }
        joined.requests.push(Request::of(trace));
        ControlFlow::Continue(())
    })?;
    Ok(joined)
}
