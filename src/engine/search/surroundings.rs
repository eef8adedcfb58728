//! What is known beside the requests, for questions about what is absent.

use std::ops::ControlFlow;

use crate::model::time::Timestamp;
use crate::query::boolean::each_atom;
use crate::query::condition::{Condition, Query, Test};
use crate::query::judge::Surroundings;
use crate::query::necessary::of_line;
use crate::query::question::Question;
use crate::store::{Reader, StoreError, Window};

/// Times of lines of no request that are kept for one condition: half a million take 8 MB.
const STRAYS_MAX: usize = 1 << 19;

/// What a question needs to know beside the requests; nothing if it asks for no absence.
pub(in crate::engine) fn of(
    reader: &dyn Reader,
    question: &Question,
) -> Result<Surroundings, StoreError> {
    let mut absent: Vec<&Condition> = Vec::new();
    each_atom(question, &mut |atom| {
        if let Question::Absent(condition) = atom {
            absent.push(condition);
        }
    });
    let mut surroundings = Surroundings::default();
    if absent.is_empty() {
        return Ok(surroundings);
    }
    surroundings.services = reader.services()?;
    for condition in absent {
        surroundings.strays.push((condition.clone(), strays(reader, condition)?));
    }
    Ok(surroundings)
}

/// When lines that belong to no request fulfil a condition.
fn strays(reader: &dyn Reader, condition: &Condition) -> Result<Vec<Timestamp>, StoreError> {
    let of_a_request = Condition::Field { name: "trace_id".to_owned(), test: Test::Exists };
    let query =
        Query { conditions: vec![of_line(condition), Condition::Not(Box::new(of_a_request))] };
    let mut times = Vec::new();
    reader.each_line(&query, &Window::default(), &mut |entry| {
        times.extend(entry.time());
        if times.len() < STRAYS_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    times.sort_unstable();
    Ok(times)
}
