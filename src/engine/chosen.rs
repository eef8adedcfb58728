//! Which requests belong to a group: judged while they are put together, so that each is read
//! and put together only once.

use std::collections::HashSet;

use crate::analysis::overview::Overview;
use crate::engine::answer::Source;
use crate::engine::search::matches::judged;
use crate::engine::search::surroundings;
use crate::model::id::TraceId;
use crate::model::trace::Trace;
use crate::query::judge::Surroundings;
use crate::query::necessary::Necessary;
use crate::query::question::Question;
use crate::query::truth::Truth;
use crate::store::{StoreError, Window};

/// A group of requests: those that a question names in a window, or all in it.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// They have an entry in it.
    pub window: Window,
    /// What they must fulfil, if anything.
    pub question: Option<Question>,
}

/// Tells whether a request belongs to a group.
pub(super) struct Judge<'a> {
    group: &'a Group,
    surroundings: Surroundings,
    candidates: Option<HashSet<TraceId>>,
}

impl<'a> Judge<'a> {
    /// Looks up which requests may belong to a group.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn new(source: &Source<'_>, group: &'a Group) -> Result<Self, StoreError> {
        let Some(question) = &group.question else {
            return Ok(Self { group, surroundings: Surroundings::default(), candidates: None });
        };
        let found = source.reader.candidates(&Necessary::of(question), &group.window)?;
        let surroundings = surroundings::of(source.reader, question)?;
        let candidates = Some(found.requests.into_iter().map(|candidate| candidate.id).collect());
        Ok(Self { group, surroundings, candidates })
    }

    /// The requests that may belong to the group; any, if none are named.
    pub(super) const fn candidates(&self) -> Option<&HashSet<TraceId>> {
        self.candidates.as_ref()
    }

    /// Whether a request of the window belongs to the group.
    pub(super) fn admits(&self, trace: &Trace) -> bool {
        let Some(question) = &self.group.question else { return true };
        if self.candidates.as_ref().is_some_and(|ids| !ids.contains(&trace.id)) {
            return false;
        }
        let window = self.group.window;
        let admits = move |time| window.admits(time);
        judged(trace, &Overview::of(trace), &admits, &self.surroundings).verdict(question).0
            == Truth::Yes
    }
}
