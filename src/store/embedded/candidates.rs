//! Requests that may fulfil a question, by the index alone: the rarest condition first, the
//! others only among the requests that are left.

use std::cell::OnceCell;

use hashbrown::HashSet;

use crate::query::condition::{Comparison, Condition, Test};
use crate::query::necessary::Necessary;
use crate::store::Window;
use crate::store::candidates::{Candidate, Narrowed, Step};
use crate::store::embedded::requests::{ByHalf, groups_of};
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};
use crate::store::embedded::traces::{Request, requests_of};
use crate::store::embedded::{frequency, narrowing};
use crate::store::error::StoreError;

/// To look up a condition in the groups of one request takes as long as to go through so
/// many groups that fulfil it.
const GROUPS_PER_LOOKUP: u64 = 64;

/// Low halves of trace ids.
type Halves = HashSet<u64, foldhash::fast::RandomState>;

/// Requests that are left, and their groups in order once they were looked up.
struct Left {
    halves: Halves,
    groups: OnceCell<Vec<GroupAddress>>,
}

/// Answers [`Reader::candidates`](crate::store::Reader::candidates).
pub(super) fn find(
    snapshot: &Snapshot,
    necessary: &Necessary,
    window: &Window,
) -> Result<Narrowed, StoreError> {
    let mut narrowing = Narrowing { snapshot, window, steps: Vec::new() };
    let halves = match narrowing.narrow(necessary, None)? {
        Some(halves) => halves,
        None => narrowing.halves(snapshot.groups(None, window)?),
    };
    let mut requests = Vec::with_capacity(halves.len());
    let by_half = groups_of(snapshot, &halves)?;
    let failed = failed(snapshot, &by_half)?;
    for groups in by_half.values() {
        for request in requests_of(snapshot, groups)? {
            let last = |group: &GroupAddress| snapshot.last_at_most(*group);
            let end = request.groups.iter().filter_map(last).max();
            let may_have_failed = request.groups.iter().any(|group| failed.contains(group));
            let Request { id, start, .. } = request;
            requests.push(Candidate { id, start, end, may_have_failed });
        }
    }
    Ok(Narrowed { requests, steps: narrowing.steps })
}

/// Those of these groups that may have an entry of level ERROR or worse.
fn failed(snapshot: &Snapshot, by_half: &ByHalf) -> Result<HashSet<GroupAddress>, StoreError> {
    let at_least_error = Test::Compare(Comparison::GreaterOrEqual, "error".to_owned());
    let condition = Condition::Field { name: "level".to_owned(), test: at_least_error };
    let Some(query) = narrowing::of(&condition, &snapshot.fields) else {
        return Ok(HashSet::new());
    };
    let mut groups: Vec<GroupAddress> = by_half.values().flatten().copied().collect();
    groups.sort_unstable();
    Ok(snapshot.groups_among(&*query, &Window::default(), &groups)?.into_iter().collect())
}

struct Narrowing<'a> {
    snapshot: &'a Snapshot,
    window: &'a Window,
    steps: Vec<Step>,
}

impl Narrowing<'_> {
    /// Those of the requests that are left which may have what is necessary; none where the
    /// index cannot tell.
    fn narrow(
        &mut self,
        necessary: &Necessary,
        left: Option<&Left>,
    ) -> Result<Option<Halves>, StoreError> {
        match necessary {
            Necessary::Nothing => Ok(None),
            Necessary::Line(condition) => self.line(condition, self.window, left),
            Necessary::Anywhere(condition) => self.line(condition, &Window::default(), left),
            Necessary::All(parts) => self.all(parts, left),
            Necessary::Any(parts) => {
                let mut either = Halves::default();
                for part in parts {
                    match self.narrow(part, left)? {
                        Some(found) => either.extend(found),
                        None => return Ok(None),
                    }
                }
                Ok(Some(either))
            }
        }
    }

    fn all(
        &mut self,
        parts: &[Necessary],
        outer: Option<&Left>,
    ) -> Result<Option<Halves>, StoreError> {
        let mut ordered: Vec<(u64, &Necessary)> = Vec::with_capacity(parts.len());
        for part in parts {
            ordered.push((self.at_most(part)?, part));
        }
        ordered.sort_by_key(|(groups, _)| *groups);
        let mut own: Option<Left> = None;
        for (_, part) in ordered {
            let Some(mut found) = self.narrow(part, own.as_ref().or(outer))? else { continue };
            if let Some(left) = own.as_ref().or(outer) {
                found.retain(|half| left.halves.contains(half));
            }
            if found.is_empty() {
                return Ok(Some(found));
            }
            own = Some(Left { halves: found, groups: OnceCell::new() });
        }
        Ok(own.map(|left| left.halves))
    }

    fn line(
        &mut self,
        condition: &Condition,
        window: &Window,
        left: Option<&Left>,
    ) -> Result<Option<Halves>, StoreError> {
        let Some(query) = narrowing::of(condition, &self.snapshot.fields) else {
            return Ok(None);
        };
        let frequency = frequency::at_most(condition, self.snapshot)?;
        let few = left.filter(|left| left.halves.len() as u64 * GROUPS_PER_LOOKUP < frequency);
        let groups = match few.map(|left| self.groups_left(left)).transpose()? {
            Some(among) => self.snapshot.groups_among(&*query, window, among)?,
            None => self.snapshot.groups(Some(&*query), window)?,
        };
        let found = self.halves(groups);
        self.steps.push(Step { condition: condition.clone(), requests: found.len() as u64 });
        Ok(Some(found))
    }

    /// How many groups may have what is necessary, at most and roughly.
    fn at_most(&self, necessary: &Necessary) -> Result<u64, StoreError> {
        match necessary {
            Necessary::Nothing => Ok(u64::MAX),
            Necessary::Line(condition) | Necessary::Anywhere(condition) => {
                frequency::at_most(condition, self.snapshot)
            }
            Necessary::All(parts) => {
                let mut least = u64::MAX;
                for part in parts {
                    least = least.min(self.at_most(part)?);
                }
                Ok(least)
            }
            Necessary::Any(parts) => {
                let mut sum: u64 = 0;
                for part in parts {
                    sum = sum.saturating_add(self.at_most(part)?);
                }
                Ok(sum)
            }
        }
    }

    fn halves(&self, groups: Vec<GroupAddress>) -> Halves {
        groups.into_iter().filter_map(|group| self.snapshot.half_of(group)).collect()
    }

    /// The groups of the requests that are left, in order.
    fn groups_left<'l>(&self, left: &'l Left) -> Result<&'l [GroupAddress], StoreError> {
        if left.groups.get().is_none() {
            let by_half = groups_of(self.snapshot, &left.halves)?;
            let mut groups: Vec<GroupAddress> = by_half.into_values().flatten().collect();
            groups.sort_unstable();
            return Ok(left.groups.get_or_init(|| groups));
        }
        Ok(left.groups.get().map(Vec::as_slice).unwrap_or_default())
    }
}
