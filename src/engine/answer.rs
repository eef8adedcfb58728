//! Questions answered: from what a person typed to requests put together.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::OnceLock;

use crate::analysis::case::Surroundings;
use crate::analysis::overview::Overview;
use crate::analysis::{Analysis, analyse, diagnose};
use crate::context::identifier::{self, Spelled};
use crate::engine::continued;
use crate::engine::kin;
use crate::engine::lesson::Recalled;
use crate::engine::many::put_together;
use crate::engine::pasted;
use crate::engine::placed::line_at;
use crate::engine::search::{Order, Search, search};
use crate::engine::surroundings::surroundings;
use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::trace::Trace;
use crate::query::boolean::all_of;
use crate::query::condition::{Condition, Query};
use crate::query::necessary::Necessary;
use crate::query::question::Question;
use crate::query::{parse, words};
use crate::store::{Found, Page, Reader, RequestHit, StoreError, Window};
use crate::timeline::{Row, rows};
use crate::trace::assemble;
use crate::trace::knowledge::Knowledge;

/// A request of more entries than this is shown in part: a runaway trace must not fill memory.
pub const ENTRIES_MAX: usize = 200_000;

/// Candidates that are weighed against each other when several requests answer a question.
pub const CANDIDATES_MAX: usize = 20;

/// What questions are answered from.
pub struct Source<'a> {
    /// The entries.
    pub reader: &'a dyn Reader,
    /// What they taught.
    pub knowledge: &'a Recalled,
}

/// A request, put together and looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Its tree.
    pub trace: Trace,
    /// What can be said of it, once somebody asked: most requests are only judged.
    analysis: OnceLock<Analysis>,
}

impl Request {
    /// Puts a request together.
    pub fn new(id: TraceId, entries: Vec<Entry>, knowledge: &Knowledge) -> Self {
        Self::of(assemble(id, entries, knowledge))
    }

    /// Looks at a request that was put together.
    pub fn of(trace: Trace) -> Self {
        Self { trace, analysis: OnceLock::new() }
    }

    /// What can be said of it.
    pub fn analysis(&self) -> &Analysis {
        self.analysis.get_or_init(|| analyse(&self.trace))
    }

    /// Puts a request together of which only a part may be at hand; it says so then.
    pub fn whole_or_part(id: TraceId, found: Found<Entry>, knowledge: &Knowledge) -> Self {
        Self::of(put_together(id, found, knowledge))
    }

    /// It in numbers.
    pub fn overview(&self) -> Overview {
        Overview::of(&self.trace)
    }

    /// Its story in rows.
    pub fn rows(&self) -> Vec<Row> {
        rows(&self.trace, self.analysis())
    }
}

/// What a text in the one box was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Taken {
    /// The spelling of a trace id.
    Identifier,
    /// The value of a field or key.
    Value,
    /// Words.
    Words,
}

/// The requests that a text in the one box may mean, the likeliest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidates {
    /// What the text was taken for.
    pub taken: Taken,
    /// The requests, put together; at most [`CANDIDATES_MAX`].
    pub requests: Vec<Request>,
    /// How many there are in all, if that is `exact`; else there are at least so many.
    pub total: u64,
    /// Whether all were looked at.
    pub exact: bool,
}

/// Puts the request with this id together, with the lines that know it by another; none if no
/// line has it.
///
/// # Errors
/// When the store cannot be read.
pub fn request(source: &Source<'_>, id: TraceId) -> Result<Option<Request>, StoreError> {
    let Some(family) = kin::lines(source.reader, id)? else { return Ok(None) };
    let mut request = Request::whole_or_part(family.id, family.lines, source.knowledge);
    request.trace.notices.extend(family.notice);
    Ok(Some(request))
}

/// Ties a request to those that go on with its work under another id, and to those whose work
/// it goes on with.
///
/// # Errors
/// When the store cannot be read.
pub fn link(source: &Source<'_>, request: &mut Request) -> Result<(), StoreError> {
    request.trace.links.extend(continued::links(source, &request.trace)?);
    Ok(())
}

/// A request looked at beside others of its kind: what is usual, who else was there, and
/// where its messages went.
///
/// # Errors
/// When the store cannot be read.
pub fn diagnosed(source: &Source<'_>, trace: Trace) -> Result<Request, StoreError> {
    let around: Surroundings = surroundings(source, &trace)?;
    let analysis = diagnose(&trace, &around);
    Ok(Request { trace, analysis: OnceLock::from(analysis) })
}

/// The requests that a text means: a trace id in any spelling, else the place of a line
/// (`path:line`), else a value, else words that all occur, else what of it is known at all, as in
/// a text pasted from a ticket.
///
/// # Errors
/// When the store cannot be read.
pub fn candidates(
    source: &Source<'_>,
    what: &str,
    window: Window,
) -> Result<Candidates, StoreError> {
    let ids = identified(source.reader, what)?;
    if !ids.is_empty() {
        let requests = ids.iter().map(|id| request(source, *id));
        let requests: Vec<Request> =
            requests.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        let requests = each_once(requests);
        if !requests.is_empty() {
            let total = requests.len() as u64;
            return Ok(Candidates { taken: Taken::Identifier, requests, total, exact: true });
        }
    }
    if let Some(id) = line_at(source.reader, what)?.and_then(|line| line.context.trace_id)
        && let Some(found) = request(source, id)?
    {
        let requests = vec![found];
        return Ok(Candidates { taken: Taken::Identifier, requests, total: 1, exact: true });
    }
    let page = Page { limit: CANDIDATES_MAX, window };
    let value = Query { conditions: vec![Condition::Value(what.trim().to_owned())] };
    let found = source.reader.requests(&value, &page)?;
    if !found.items.is_empty() {
        return weighed(source, Taken::Value, &found);
    }
    let question = in_words(what);
    // What asks for nothing in particular was not meant as a query.
    if Necessary::of(&question) == Necessary::Nothing
        && parse::parse(what).as_ref() != Ok(&Question::EVERYTHING)
    {
        let nothing =
            Candidates { taken: Taken::Words, requests: Vec::new(), total: 0, exact: true };
        return Ok(pasted::candidates(source, what, window)?.unwrap_or(nothing));
    }
    let words = Search {
        question: &question,
        window,
        order: Order::Best,
        limit: CANDIDATES_MAX,
        is_over: &|| false,
    };
    let found = search(source, &words)?;
    if found.matches.is_empty()
        && let Some(candidates) = pasted::candidates(source, what, window)?
    {
        return Ok(candidates);
    }
    let requests = found.matches.into_iter().map(|found| Request::of(found.trace)).collect();
    Ok(Candidates { taken: Taken::Words, requests, total: found.total, exact: found.exact })
}

/// The ids that a text spells, if it spells any that the store knows.
fn identified(reader: &dyn Reader, what: &str) -> Result<Vec<TraceId>, StoreError> {
    match identifier::spelled(what) {
        None => Ok(Vec::new()),
        Some(Spelled::Full { trace, .. }) => Ok(vec![trace]),
        Some(Spelled::Short(low)) => reader.with_low_half(low, CANDIDATES_MAX),
    }
}

/// A text that is no value: as a query where it is one, else as words that all must occur.
fn in_words(what: &str) -> Question {
    parse::parse(what).unwrap_or_else(|_| {
        let word = |word: Cow<'_, str>| Question::Line(Condition::Words(vec![word.into_owned()]));
        all_of(words::words(what).map(word).collect())
    })
}

/// Without those that came twice, under two ids of one request.
fn each_once(mut requests: Vec<Request>) -> Vec<Request> {
    let mut seen = HashSet::new();
    requests.retain(|request| seen.insert(request.trace.id));
    requests
}

/// Puts candidates together, the one a person most likely looks for first: with errors
/// before without, then the longest, then the newest.
fn weighed(
    source: &Source<'_>,
    taken: Taken,
    found: &Found<RequestHit>,
) -> Result<Candidates, StoreError> {
    let requests = found.items.iter().map(|hit| request(source, hit.id));
    let mut requests: Vec<Request> =
        requests.filter_map(Result::transpose).collect::<Result<_, _>>()?;
    requests = each_once(requests);
    likeliest_first(&mut requests);
    Ok(Candidates { taken, requests, total: found.total, exact: found.exact })
}

/// Orders requests that answer a question equally well: with errors before without, then the
/// longest, then as they stood.
pub(super) fn likeliest_first(requests: &mut [Request]) {
    requests.sort_by_cached_key(|request| {
        let overview = request.overview();
        std::cmp::Reverse((overview.errors > 0, overview.duration))
    });
}
