//! Requests that may fulfil a question, narrowed down one condition after the other.

use std::collections::BTreeMap;

use crate::model::id::TraceId;
use crate::model::time::Timestamp;
use crate::query::condition::{Condition, Query};
use crate::query::necessary::Necessary;
use crate::store::{Page, Reader, StoreError, Window};

/// Requests that are left, and how they were come by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Narrowed {
    /// The requests.
    pub requests: Vec<Candidate>,
    /// What was looked up, in this order.
    pub steps: Vec<Step>,
}

/// A request that may fulfil a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: TraceId,
    /// The time of its first entry, if known.
    pub start: Option<Timestamp>,
    /// The time of its last entry, if known without reading it.
    pub end: Option<Timestamp>,
    /// Whether it may have an entry of level ERROR or worse, as far as that is known without
    /// reading it.
    pub may_have_failed: bool,
}

/// One condition that was looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The condition.
    pub condition: Condition,
    /// Requests that may fulfil it, among those that were left before it; none if it was not
    /// looked up, since so few were left that reading them takes less.
    pub requests: Option<u64>,
}

/// Narrows down by asking for the requests of each condition: what a store does that has
/// nothing better.
pub(crate) fn by_requests<R: Reader + ?Sized>(
    reader: &R,
    necessary: &Necessary,
    window: &Window,
) -> Result<Narrowed, StoreError> {
    let mut steps = Vec::new();
    let found = narrow(reader, necessary, window, &mut steps)?;
    Ok(Narrowed { requests: found.into_values().collect(), steps })
}

type ById = BTreeMap<TraceId, Candidate>;

fn narrow<R: Reader + ?Sized>(
    reader: &R,
    necessary: &Necessary,
    window: &Window,
    steps: &mut Vec<Step>,
) -> Result<ById, StoreError> {
    match necessary {
        Necessary::Nothing => fulfilling(reader, &Query::default(), window),
        Necessary::Line(condition) | Necessary::Anywhere(condition) => {
            let is_inside = matches!(necessary, Necessary::Line(_));
            let window = if is_inside { *window } else { Window::default() };
            let found = fulfilling(reader, &Query::from(condition.clone()), &window)?;
            steps.push(Step { condition: condition.clone(), requests: Some(found.len() as u64) });
            Ok(found)
        }
        Necessary::All(parts) => {
            let mut left: Option<ById> = None;
            for part in parts {
                let found = narrow(reader, part, window, steps)?;
                let both = match left {
                    None => found,
                    Some(mut left) => {
                        left.retain(|id, _| found.contains_key(id));
                        left
                    }
                };
                left = Some(both);
            }
            Ok(left.unwrap_or_default())
        }
        Necessary::Any(parts) => {
            let mut all = ById::new();
            for part in parts {
                all.extend(narrow(reader, part, window, steps)?);
            }
            Ok(all)
        }
    }
}

fn fulfilling<R: Reader + ?Sized>(
    reader: &R,
    query: &Query,
    window: &Window,
) -> Result<ById, StoreError> {
    let page = Page { limit: usize::MAX, window: *window };
    let hits = reader.requests(query, &page)?.items;
    let candidate = |id, start| (id, Candidate { id, start, end: None, may_have_failed: false });
    Ok(hits.into_iter().map(|hit| candidate(hit.id, hit.start)).collect())
}
