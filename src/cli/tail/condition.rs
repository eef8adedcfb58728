//! What a person waits for: a line that matches, or else a settled request that does.

use crate::engine::answer::Request;
use crate::engine::live::judge::fulfils;
use crate::model::entry::Entry;
use crate::query::condition::Condition;
use crate::query::judge::Surroundings;
use crate::query::matching;
use crate::query::question::Question;

/// A query that is put to what comes.
#[derive(Debug, Clone)]
pub(super) enum Awaited {
    /// It asks of single lines.
    Line(Condition),
    /// It asks of requests.
    Request(Question),
}

impl Awaited {
    /// Of lines if the query can be asked of one, else of requests.
    pub(super) fn new(question: Question) -> Self {
        match question.clone().of_a_line() {
            Ok(condition) => Self::Line(condition),
            Err(_) => Self::Request(question),
        }
    }

    /// Whether a line is what was waited for.
    pub(super) fn is_line(&self, entry: &Entry) -> bool {
        matches!(self, Self::Line(condition) if matching::fulfils(entry, condition))
    }

    /// Whether a settled request is what was waited for.
    pub(super) fn is_request(&self, request: &Request, surroundings: &Surroundings) -> bool {
        matches!(self, Self::Request(question) if fulfils(request, question, surroundings))
    }
}
