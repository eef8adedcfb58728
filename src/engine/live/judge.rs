//! Whether a request that has settled fulfils a question, as a search of the store would say.

use crate::engine::answer::Request;
use crate::engine::search::matches::judged;
use crate::model::entry::Entry;
use crate::query::judge::Surroundings;
use crate::query::question::Question;
use crate::query::truth::Truth;

/// Services that are remembered: what is absent is only told of those that log at all.
const SERVICES_MAX: usize = 10_000;

/// Whether a request surely fulfils a question.
pub fn fulfils(request: &Request, question: &Question, surroundings: &Surroundings) -> bool {
    judged(&request.trace, &request.overview(), &|_| true, surroundings).verdict(question).0
        == Truth::Yes
}

/// Notes which services log, and from when to when.
pub fn note(surroundings: &mut Surroundings, entry: &Entry) {
    let Some(time) = entry.time() else { return };
    let services = &mut surroundings.services;
    if let Some(extent) = services.get_mut(&entry.context.service) {
        let (first, last) = extent.unwrap_or((time, time));
        *extent = Some((first.min(time), last.max(time)));
    } else if services.len() < SERVICES_MAX {
        services.insert(entry.context.service.clone(), Some((time, time)));
    }
}
