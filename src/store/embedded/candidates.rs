//! Requests that may fulfil a question, by the index alone: the rarest condition first, the
//! others only among the requests that are left, and not at all where reading these takes less.

use std::cell::OnceCell;

use crate::query::condition::{Comparison, Condition, Test};
use crate::query::necessary::Necessary;
use crate::store::Window;
use crate::store::candidates::{Candidate, Narrowed, Step};
use crate::store::embedded::lookup::Lookup;
use crate::store::embedded::requests::{Halves, glances_to_find, groups_of};
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};
use crate::store::embedded::traces::{Request, requests_of};
use crate::store::error::StoreError;

/// To go through a group that fulfils a condition, and note its request, takes as long as to
/// glance at so many groups.
const GLANCES_PER_FOUND: u64 = 10;

/// To look for a condition in the groups of one request takes as long as to glance at so many.
const GLANCES_PER_REQUEST: u64 = 16;

/// To read a request and put it together takes as long as to go through so many documents of
/// the index.
const DOCUMENTS_PER_REQUEST: u64 = 30_000;

/// Answers [`Reader::candidates`](crate::store::Reader::candidates).
pub(super) fn find(
    snapshot: &Snapshot,
    necessary: &Necessary,
    window: &Window,
) -> Result<Narrowed, StoreError> {
    let planned = Planned::of(necessary, snapshot)?;
    let mut narrowing = Narrowing { snapshot, window, steps: Vec::new() };
    let left = match narrowing.narrow(&planned, None)? {
        Some(left) => left,
        None => Left::of(narrowing.halves(snapshot.groups(None, window)?)),
    };
    let groups = narrowing.groups_left(&left)?;
    let failed = failed(snapshot, groups)?;
    let halved = groups.iter().filter_map(|group| Some((snapshot.half_of(*group)?, *group)));
    let mut groups: Vec<(u64, GroupAddress)> = halved.collect();
    groups.sort_unstable();
    let mut requests = Vec::with_capacity(left.halves.len());
    for of_half in groups.chunk_by(|(one, _), (other, _)| one == other) {
        for request in requests_of(snapshot, of_half.iter().map(|(_, group)| *group))? {
            let last = |group: &GroupAddress| snapshot.last_at_most(*group);
            let end = request.groups.iter().filter_map(last).max();
            let may_have_failed =
                request.groups.iter().any(|group| failed.binary_search(group).is_ok());
            let Request { id, start, .. } = request;
            requests.push(Candidate { id, start, end, may_have_failed });
        }
    }
    Ok(Narrowed { requests, steps: narrowing.steps })
}

/// Answers [`Reader::at_most`](crate::store::Reader::at_most).
pub(super) fn at_most(snapshot: &Snapshot, necessary: &Necessary) -> Result<u64, StoreError> {
    Ok(Planned::of(necessary, snapshot)?.at_most())
}

/// Those of these groups, which are in order, that may have an entry of level ERROR or worse.
fn failed(snapshot: &Snapshot, groups: &[GroupAddress]) -> Result<Vec<GroupAddress>, StoreError> {
    let at_least_error = Test::Compare(Comparison::GreaterOrEqual, "error".to_owned());
    let condition = Condition::Field { name: "level".to_owned(), test: at_least_error };
    let Some(lookup) = Lookup::of_condition(&condition, snapshot)? else { return Ok(Vec::new()) };
    snapshot.groups_among(&lookup, &Window::default(), groups)
}

/// What is necessary, got ready to be looked up.
enum Planned<'a> {
    /// The index cannot help with it.
    Unknown,
    Line {
        condition: &'a Condition,
        /// Whether only lines of the window count.
        is_inside: bool,
        lookup: Lookup<'a>,
    },
    All(Vec<Planned<'a>>),
    Any(Vec<Planned<'a>>),
}

impl<'a> Planned<'a> {
    fn of(necessary: &'a Necessary, snapshot: &'a Snapshot) -> Result<Self, StoreError> {
        let each = |parts: &'a [Necessary]| -> Result<Vec<Self>, StoreError> {
            parts.iter().map(|part| Self::of(part, snapshot)).collect()
        };
        Ok(match necessary {
            Necessary::Nothing => Self::Unknown,
            Necessary::Line(condition) | Necessary::Anywhere(condition) => {
                let is_inside = matches!(necessary, Necessary::Line(_));
                match Lookup::of_condition(condition, snapshot)? {
                    Some(lookup) => Self::Line { condition, is_inside, lookup },
                    None => Self::Unknown,
                }
            }
            Necessary::All(parts) => {
                let mut parts = each(parts)?;
                parts.sort_by_key(Self::at_most);
                Self::All(parts)
            }
            Necessary::Any(parts) => Self::Any(each(parts)?),
        })
    }

    /// How many groups may have what is necessary, at most and roughly.
    fn at_most(&self) -> u64 {
        match self {
            Self::Unknown => u64::MAX,
            Self::Line { lookup, .. } => lookup.at_most(),
            Self::All(parts) => parts.iter().map(Self::at_most).min().unwrap_or(u64::MAX),
            Self::Any(parts) => parts.iter().map(Self::at_most).fold(0, u64::saturating_add),
        }
    }
}

/// Requests that are left, and their groups in order once they were looked up.
struct Left {
    halves: Halves,
    groups: OnceCell<Vec<GroupAddress>>,
}

impl Left {
    const fn of(halves: Halves) -> Self {
        Self { halves, groups: OnceCell::new() }
    }

    /// Those of them whose halves are left of these; groups that were looked up stay so.
    fn narrowed(&self, mut found: Halves, snapshot: &Snapshot) -> Self {
        found.retain(|half| self.halves.contains(half));
        let is_left = |group: &GroupAddress| {
            snapshot.half_of(*group).is_some_and(|half| found.contains(&half))
        };
        let groups = match self.groups.get() {
            Some(known) => {
                OnceCell::from(known.iter().copied().filter(is_left).collect::<Vec<_>>())
            }
            None => OnceCell::new(),
        };
        Self { halves: found, groups }
    }
}

struct Narrowing<'a> {
    snapshot: &'a Snapshot,
    window: &'a Window,
    steps: Vec<Step>,
}

impl Narrowing<'_> {
    /// Those of the requests that are left which may have what is necessary; none where the
    /// index cannot tell, or need not.
    fn narrow(
        &mut self,
        planned: &Planned<'_>,
        left: Option<&Left>,
    ) -> Result<Option<Left>, StoreError> {
        match planned {
            Planned::Unknown => Ok(None),
            Planned::Line { condition, is_inside, lookup } => {
                let window = if *is_inside { *self.window } else { Window::default() };
                let found = self.line(lookup, &window, left)?;
                let requests = found.as_ref().map(|found| found.len() as u64);
                self.steps.push(Step { condition: (*condition).clone(), requests });
                Ok(found.map(Left::of))
            }
            Planned::All(parts) => self.all(parts, left),
            Planned::Any(parts) => {
                let mut either = Halves::default();
                for part in parts {
                    match self.narrow(part, left)? {
                        Some(found) => either.extend(found.halves),
                        None => return Ok(None),
                    }
                }
                Ok(Some(Left::of(either)))
            }
        }
    }

    fn all(
        &mut self,
        rarest_first: &[Planned<'_>],
        outer: Option<&Left>,
    ) -> Result<Option<Left>, StoreError> {
        let mut own: Option<Left> = None;
        for part in rarest_first {
            let Some(mut found) = self.narrow(part, own.as_ref().or(outer))? else { continue };
            if let Some(left) = own.as_ref().or(outer) {
                found = left.narrowed(found.halves, self.snapshot);
            }
            if found.halves.is_empty() {
                return Ok(Some(found));
            }
            own = Some(found);
        }
        Ok(own)
    }

    fn line(
        &self,
        lookup: &Lookup<'_>,
        window: &Window,
        left: Option<&Left>,
    ) -> Result<Option<Halves>, StoreError> {
        let Some(left) = left else {
            return Ok(Some(self.halves(self.snapshot.groups(Some(lookup), window)?)));
        };
        let requests = left.halves.len() as u64;
        if !lookup.is_worth_it(requests, DOCUMENTS_PER_REQUEST) {
            return Ok(None);
        }
        let finding = match left.groups.get() {
            Some(_) => 0,
            None => glances_to_find(self.snapshot, requests),
        };
        let among = finding + requests * GLANCES_PER_REQUEST;
        let groups = if among < lookup.at_most().saturating_mul(GLANCES_PER_FOUND) {
            self.snapshot.groups_among(lookup, window, self.groups_left(left)?)?
        } else {
            self.snapshot.groups(Some(lookup), window)?
        };
        Ok(Some(self.halves(groups)))
    }

    fn halves(&self, groups: Vec<GroupAddress>) -> Halves {
        groups.into_iter().filter_map(|group| self.snapshot.half_of(group)).collect()
    }

    /// The groups of the requests that are left, in order.
    fn groups_left<'l>(&self, left: &'l Left) -> Result<&'l [GroupAddress], StoreError> {
        if let Some(known) = left.groups.get() {
            return Ok(known);
        }
        let found = groups_of(self.snapshot, &left.halves)?;
        let mut groups: Vec<GroupAddress> = found.into_iter().map(|(_, group)| group).collect();
        groups.sort_unstable();
        Ok(left.groups.get_or_init(|| groups))
    }
}
