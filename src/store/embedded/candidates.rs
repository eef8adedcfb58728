//! Requests that may fulfil a question, by the index alone: the rarest condition first, the
//! others only among the requests that are left.

use hashbrown::HashSet;

use crate::query::condition::Condition;
use crate::query::necessary::Necessary;
use crate::store::Window;
use crate::store::candidates::{Candidate, Narrowed, Step};
use crate::store::embedded::requests::groups_of;
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};
use crate::store::embedded::traces::requests_of;
use crate::store::embedded::{frequency, narrowing};
use crate::store::error::StoreError;

/// While so many requests or fewer are left, a further condition is looked up only in their
/// groups; for more it is quicker to go through all groups that fulfil it.
const AMONG_MAX: usize = 2_000;

/// Low halves of trace ids.
type Halves = HashSet<u64, foldhash::fast::RandomState>;

/// Requests that are left.
struct Left {
    halves: Halves,
    /// Their groups in order, if there are few.
    groups: Option<Vec<GroupAddress>>,
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
    for groups in groups_of(snapshot, &halves)?.values() {
        for request in requests_of(snapshot, groups)? {
            let last = |group: &GroupAddress| snapshot.last_at_most(*group);
            let end = request.groups.iter().filter_map(last).max();
            requests.push(Candidate { id: request.id, start: request.start, end });
        }
    }
    Ok(Narrowed { requests, steps: narrowing.steps })
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
            own = Some(self.left(found)?);
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
        let groups = match left.and_then(|left| left.groups.as_ref()) {
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

    fn left(&self, halves: Halves) -> Result<Left, StoreError> {
        if halves.len() > AMONG_MAX {
            return Ok(Left { halves, groups: None });
        }
        let by_half = groups_of(self.snapshot, &halves)?;
        let mut groups: Vec<GroupAddress> = by_half.into_values().flatten().collect();
        groups.sort_unstable();
        Ok(Left { halves, groups: Some(groups) })
    }
}
