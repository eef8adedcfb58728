//! One look into the index for the groups that are sought: the rarest part first, the others
//! only among the groups that are left, and not at all where reading these takes less.
//!
//! Always: no group that is sought is left out; others may be found as well.

use crate::query::condition::Condition;
use crate::store::embedded::narrowing;
use crate::store::embedded::postings::List;
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};
use crate::store::embedded::sought::Sought;
use crate::store::error::StoreError;

/// To open a list of documents takes as long as to go through so many of another.
const DOCUMENTS_PER_LIST: u64 = 50;

/// To read a group takes as long as to go through so many documents.
const DOCUMENTS_PER_GROUP: u64 = 5_000;

/// If more words than this begin alike, nearly every request has one: nothing is looked up.
const BEGINNINGS_MAX: usize = 1 << 16;

/// Templates whose lists are counted one by one; of more it is guessed by their share.
const COUNTED_MAX: usize = 64;

/// A look into the index that has been got ready: how much it will find, and how hard it is.
pub(super) struct Lookup<'a> {
    snapshot: &'a Snapshot,
    kind: Kind<'a>,
    /// Groups that it finds, at most and roughly.
    at_most: u64,
    /// Lists that have to be opened for it.
    lists: u64,
}

enum Kind<'a> {
    /// Groups in one of these lists, and those with lines of one of these templates.
    Lists(Vec<List>, Vec<u32>),
    All(Vec<Lookup<'a>>),
    Any(Vec<Lookup<'a>>),
}

impl<'a> Lookup<'a> {
    /// Gets ready to look up the groups that may hold an entry fulfilling a condition; none if
    /// the index cannot help.
    pub(super) fn of_condition(
        condition: &Condition,
        snapshot: &'a Snapshot,
    ) -> Result<Option<Self>, StoreError> {
        match narrowing::of(condition, &snapshot.fields) {
            Some(sought) => Self::of(&sought, snapshot),
            None => Ok(None),
        }
    }

    /// Gets ready to look up what is sought; none if that is not worth it, since nearly
    /// everything would be found.
    pub(super) fn of(sought: &Sought, snapshot: &'a Snapshot) -> Result<Option<Self>, StoreError> {
        match sought {
            Sought::Term(term) => {
                Self::of_lists(vec![List::of(term, snapshot)?], snapshot).map(Some)
            }
            Sought::Identified(keys) => {
                Self::of_lists(vec![List::identified(keys, snapshot)?], snapshot).map(Some)
            }
            Sought::Beginning(field, first) => {
                match List::beginning(*field, first, BEGINNINGS_MAX, snapshot)? {
                    Some(lists) => Self::of_lists(lists, snapshot).map(Some),
                    None => Ok(None),
                }
            }
            Sought::All(parts) => {
                let mut all = Vec::with_capacity(parts.len());
                for part in parts {
                    all.extend(Self::of(part, snapshot)?);
                }
                all.sort_by_key(|part| part.at_most);
                let Some(rarest) = all.first() else { return Ok(None) };
                let (at_most, lists) = (rarest.at_most, rarest.lists);
                Ok(Some(Self { snapshot, kind: Kind::All(all), at_most, lists }))
            }
            Sought::Any(parts) => {
                let mut any = Vec::with_capacity(parts.len());
                for part in parts {
                    match Self::of(part, snapshot)? {
                        Some(part) => any.push(part),
                        None => return Ok(None),
                    }
                }
                let at_most: u64 = any.iter().map(|part| part.at_most).sum();
                let at_most = at_most.min(snapshot.groups_count());
                let lists = any.iter().map(|part| part.lists).sum();
                Ok(Some(Self { snapshot, kind: Kind::Any(any), at_most, lists }))
            }
        }
    }

    fn of_lists(lists: Vec<List>, snapshot: &'a Snapshot) -> Result<Self, StoreError> {
        let templates = snapshot.templates_in(&lists)?;
        let segments = snapshot.segments().len() as u64;
        let own: u64 = lists.iter().map(List::count).sum();
        let by_template = if templates.len() > COUNTED_MAX {
            let share = snapshot.groups_count() / snapshot.templates_count().max(1);
            share.saturating_mul(templates.len() as u64)
        } else {
            let mut groups = 0;
            for number in &templates {
                groups += List::of(&snapshot.template_term(*number), snapshot)?.count();
            }
            groups
        };
        let opened = lists.iter().map(List::segments).sum::<u64>();
        let at_most = own.saturating_add(by_template).min(snapshot.groups_count());
        let lists_to_open = opened + templates.len() as u64 * segments;
        Ok(Self { snapshot, kind: Kind::Lists(lists, templates), at_most, lists: lists_to_open })
    }

    /// Groups that it finds, at most and roughly: it decides in which order is asked, never
    /// what is found.
    pub(super) const fn at_most(&self) -> u64 {
        self.at_most
    }

    /// Whether to look it up takes less than to read what it rules out of so much that is
    /// left, of which each takes as long as to go through so many documents.
    pub(super) fn is_worth_it(&self, left: u64, documents_each: u64) -> bool {
        let all = self.snapshot.groups_count().max(1);
        let is_ruled_out = (all - self.at_most) as f64 / all as f64;
        let saved = left as f64 * documents_each as f64 * is_ruled_out;
        let effort = self.lists * DOCUMENTS_PER_LIST + left.min(self.at_most);
        (effort as f64) < saved
    }

    /// The groups, in order.
    pub(super) fn groups(&self) -> Result<Vec<GroupAddress>, StoreError> {
        match &self.kind {
            Kind::Lists(lists, templates) => self.in_lists(lists, templates),
            Kind::All(parts) => {
                let Some((rarest, others)) = parts.split_first() else { return Ok(Vec::new()) };
                left_by(rarest.groups()?, others)
            }
            Kind::Any(parts) => {
                let mut groups = Vec::new();
                for part in parts {
                    groups.extend(part.groups()?);
                }
                groups.sort_unstable();
                groups.dedup();
                Ok(groups)
            }
        }
    }

    /// Those of `among`, which is in order.
    pub(super) fn groups_among(
        &self,
        among: &[GroupAddress],
    ) -> Result<Vec<GroupAddress>, StoreError> {
        match &self.kind {
            Kind::Lists(lists, templates) => {
                let mut is_found = vec![false; among.len()];
                let mut find = |list: &List| {
                    list.each_among(among, self.snapshot, &mut |at| is_found[at] = true)
                };
                lists.iter().try_for_each(&mut find)?;
                for number in templates {
                    find(&List::of(&self.snapshot.template_term(*number), self.snapshot)?)?;
                }
                let found = among.iter().zip(is_found).filter(|(_, is_found)| *is_found);
                Ok(found.map(|(group, _)| *group).collect())
            }
            Kind::All(parts) => left_by(among.to_vec(), parts),
            Kind::Any(parts) => {
                let mut groups = Vec::new();
                for part in parts {
                    groups.extend(part.groups_among(among)?);
                }
                groups.sort_unstable();
                groups.dedup();
                Ok(groups)
            }
        }
    }

    fn in_lists(&self, lists: &[List], templates: &[u32]) -> Result<Vec<GroupAddress>, StoreError> {
        let snapshot = self.snapshot;
        let mut groups = Vec::new();
        let mut add = |group| groups.push(group);
        lists.iter().try_for_each(|list| list.each(snapshot, &mut add))?;
        for number in templates {
            let list = List::of(&snapshot.template_term(*number), snapshot)?;
            list.each(snapshot, &mut add)?;
        }
        if lists.len() + templates.len() > 1 {
            groups.sort_unstable();
            groups.dedup();
        }
        snapshot.retain_groups(&mut groups);
        Ok(groups)
    }
}

/// What the other parts of a whole leave of these groups.
fn left_by(
    mut groups: Vec<GroupAddress>,
    others: &[Lookup<'_>],
) -> Result<Vec<GroupAddress>, StoreError> {
    for part in others {
        if part.is_worth_it(groups.len() as u64, DOCUMENTS_PER_GROUP) {
            groups = part.groups_among(&groups)?;
        }
    }
    Ok(groups)
}
