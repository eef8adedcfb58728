//! A request put together: its entries become spans, spans become a tree, all in one causal order.
//!
//! Stated facts come first; what they leave open is inferred from time, and every edge says
//! how it is known and how sure it is. What had to be mended is told as notices.
//!
//! Never: drops an entry.

pub mod clocks;
mod draft;
mod extent;
mod forest;
mod inferred;
mod naming;
mod order;
mod outer;
mod stated;

use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::notice::Notice;
use crate::model::trace::Trace;
use crate::trace::clocks::Clocks;

/// Puts a request together from its entries, given in any order, by clocks put right.
///
/// The order of the steps matters: each names what it needs.
pub fn assemble(id: TraceId, entries: Vec<Entry>, clocks: &Clocks) -> Trace {
    let entries = order::by_position(entries);
    let times = clocks.times(&entries);
    let mut notices = order::undated(&entries);
    let mut drafts = draft::fold(id, &entries, &times, &mut notices);
    stated::link(&mut drafts, &mut notices);
    forest::cut_cycles(&mut drafts, &mut notices);
    extent::cover_stated_children(&mut drafts); // placeholders have no times of their own
    outer::link(&mut drafts, &entries);
    inferred::link(&mut drafts, &times); // needs extents
    extent::cover_children(&mut drafts); // needs all edges
    let roots = drafts.iter().filter(|draft| draft.parent.parent.is_none()).count();
    if roots > 1 {
        notices.push(Notice::SeveralRoots { count: roots });
    }
    naming::name(&mut drafts, &entries);
    for draft in &mut drafts {
        draft.span.clock_offset = clocks.correction(draft.span.host.as_deref());
    }
    order::causal(id, drafts, entries, &times, notices)
}

#[cfg(test)]
mod tests;
