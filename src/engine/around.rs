//! What the same instance of a service said around a line.

use std::ops::ControlFlow;

use crate::model::entry::Entry;
use crate::query::condition::{Condition, Query, Test};
use crate::store::{Found, Page, Reader, StoreError, Window};

/// How far around a line is looked at first, in nanoseconds.
const REACH_MIN: i64 = 1_000_000_000;

/// How far at most: what was said a day before is not around it.
const REACH_MAX: i64 = 86_400_000_000_000;

/// Lines of one stretch of time that are looked at.
const LINES_MAX: usize = 10_000;

/// The line and as many lines of its instance before and after it, in order of time. A line
/// without a time has nothing around it.
///
/// # Errors
/// When the store cannot be read.
pub fn around(reader: &dyn Reader, line: &Entry, count: usize) -> Result<Vec<Entry>, StoreError> {
    let Some(time) = line.time() else { return Ok(vec![line.clone()]) };
    let query = of_instance(line);
    let mut reach = REACH_MIN;
    loop {
        let window = Window { since: Some(time.plus(-reach)), until: Some(time.plus(reach)) };
        let page = Page { limit: LINES_MAX, window };
        let mut near = reader.lines(&query, &page)?.items;
        near.sort_by(|left, right| rank(left).cmp(&rank(right)));
        let at = near.iter().position(|entry| rank(entry) == rank(line));
        let (before, after) = at.map_or((0, 0), |at| (at, near.len() - at - 1));
        let is_enough = before >= count && after >= count;
        if is_enough || reach >= REACH_MAX || near.len() == LINES_MAX {
            let Some(at) = at else { return Ok(vec![line.clone()]) };
            let from = at.saturating_sub(count);
            let to = at.saturating_add(count).saturating_add(1).min(near.len());
            return Ok(near.drain(from..to).collect());
        }
        reach = (reach * 8).min(REACH_MAX);
    }
}

/// What of an instance's lines stands from one of them to another, in order of time: all of it
/// that fulfils a query, at most so many. None if the lines are of different instances.
///
/// # Errors
/// When the store cannot be read.
pub fn between(
    reader: &dyn Reader,
    (from, to): (&Entry, &Entry),
    query: &Query,
    limit: usize,
) -> Result<Option<Found<Entry>>, StoreError> {
    let mut asked = of_instance(from);
    if asked != of_instance(to) {
        return Ok(None);
    }
    asked.conditions.extend(query.conditions.iter().cloned());
    let window = Window { since: from.time(), until: to.time().map(|time| time.plus(1)) };
    let is_inside = |entry: &Entry| {
        (rank(from)..=rank(to)).contains(&rank(entry)) && window.admits(entry.time())
    };
    let mut found = Found { items: Vec::new(), total: 0, exact: true };
    reader.each_line(&asked, &window, &mut |entry| {
        if is_inside(&entry) {
            found.total += 1;
            found.items.push(entry);
        }
        // The first ones are wanted, and lines come in any order: some more are held.
        if found.items.len() > limit.saturating_mul(2) {
            keep_first(&mut found.items, limit);
        }
        ControlFlow::Continue(())
    })?;
    keep_first(&mut found.items, limit);
    Ok(Some(found))
}

fn keep_first(lines: &mut Vec<Entry>, limit: usize) {
    lines.sort_by(|left, right| rank(left).cmp(&rank(right)));
    lines.truncate(limit);
}

/// The lines of the instance that wrote a line; of its service, if the instance is not known.
fn of_instance(line: &Entry) -> Query {
    let equals = |name: &str, value: &str| Condition::Field {
        name: name.to_owned(),
        test: Test::Equals(value.to_owned()),
    };
    let mut conditions = vec![equals("service", &line.context.service)];
    conditions.extend(line.context.instance.iter().map(|instance| equals("instance", instance)));
    Query { conditions }
}

fn rank(entry: &Entry) -> impl Ord + '_ {
    (entry.time(), &*entry.path, entry.record.position)
}
