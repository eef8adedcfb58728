//! A request put together: its entries become spans, spans become a tree, all in one causal order.
//!
//! Stated facts come first; what they leave open is inferred from time, and every edge says
//! how it is known and how sure it is. What had to be mended is told as notices.
//!
//! Never: drops an entry.

mod call;
pub mod calls;
pub mod clocks;
mod contradiction;
mod draft;
mod episodes;
mod extent;
mod flow;
mod forest;
mod identity;
mod inferred;
pub mod knowledge;
pub mod learn;
mod linked;
mod naming;
pub mod operation;
mod order;
mod outer;
mod proved;
mod relation;
mod skeleton;
mod stated;
mod weigh;

use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::notice::Notice;
use crate::model::trace::Trace;
use crate::trace::draft::Drafts;
use crate::trace::knowledge::Knowledge;

/// Puts a request together from its entries, given in any order, with what was learned
/// from others.
pub fn assemble(id: TraceId, entries: Vec<Entry>, knowledge: &Knowledge) -> Trace {
    let (stretches, reused) = episodes::divide(order::by_position(entries));
    let count = stretches.len();
    let mut drawn = stretches.into_iter().map(|entries| {
        let mut request = draw(id, entries, knowledge);
        flow::settle(&mut request, knowledge);
        request
    });
    let mut request = drawn.next().expect("entries are divided into one stretch at least");
    drawn.for_each(|later| request.join(later));
    request.notices.extend(reused);
    finish(id, request, knowledge, count)
}

/// Makes spans of entries and hangs each on the parent that this request alone suggests.
///
/// The order of the steps matters: each names what it needs.
fn draw(id: TraceId, entries: Vec<Entry>, knowledge: &Knowledge) -> Drafts {
    let entries = order::by_position(entries);
    let times = knowledge.clocks.times(&entries);
    let mut notices = Vec::new();
    let mut drafts = draft::fold(id, &entries, &times);
    stated::link(id, &mut drafts, &entries, &mut notices);
    forest::cut_cycles(&mut drafts, &mut notices);
    contradiction::tell_headers(&drafts, &entries, &mut notices);
    contradiction::tell_times(&drafts, &entries, &knowledge.clocks, &mut notices);
    extent::cover_stated_children(&mut drafts); // placeholders have no times of their own
    proved::link(id, &mut drafts, &entries, &times);
    outer::link(&mut drafts, &entries);
    let open = drafts.iter().map(|draft| draft.parent.parent.is_none()).collect();
    inferred::link(&mut drafts, &entries, &times); // needs extents
    Drafts { entries, times, spans: drafts, open, notices }
}

/// Gives the spans their full extent and their names, and puts everything in order.
fn finish(id: TraceId, request: Drafts, knowledge: &Knowledge, stretches: usize) -> Trace {
    let Drafts { entries, times, spans: mut drafts, mut notices, .. } = request;
    extent::cover_children(&mut drafts); // needs all edges
    let roots = drafts.iter().filter(|draft| draft.parent.parent.is_none()).count();
    if roots > stretches {
        notices.push(Notice::SeveralRoots { count: roots });
    }
    notices.extend(order::undated(&entries));
    identity::make_unique(id, &mut drafts);
    naming::name(&mut drafts, &entries);
    for draft in &mut drafts {
        let first = draft.entries.first().map(|entry| &entries[*entry].context);
        draft.span.clock_offset = first.map_or(0, |first| knowledge.clocks.correction(first));
    }
    order::causal(id, drafts, entries, &times, notices)
}

#[cfg(test)]
mod tests;
