//! A trace id that is used again after hours: a job that never changes its id, a counter that
//! began anew, a thread that kept the last one.
//!
//! What is said long after everything fell silent is a request of its own, if nothing ties
//! it to what came before: no stated parent, no message, no span whose beginning is told there
//! and its end here. Shorter silences count if the request begins with the same statement again.

use std::collections::BTreeSet;

use hashbrown::HashSet;

use crate::model::entry::Entry;
use crate::model::id::SpanId;
use crate::model::notice::Notice;
use crate::model::place::place;
use crate::model::time::Timestamp;
use crate::trace::proved::handed_on;

/// Nothing waits so long without a word and then begins anew as it did before.
const SILENCE_BEFORE_THE_SAME: i64 = 10 * 60 * 1_000_000_000;

/// Nothing waits so long without a word.
const SILENCE: i64 = 60 * 60 * 1_000_000_000;

/// More stretches than this are not told apart: the last holds all that comes after.
const STRETCHES_MAX: usize = 1_000;

/// Divides entries, which stand in order of path and position, into stretches that are
/// requests of their own; each keeps that order. Mostly there is one.
pub(super) fn divide(entries: Vec<Entry>) -> (Vec<Vec<Entry>>, Option<Notice>) {
    let bounds = bounds(&entries);
    if bounds.is_empty() {
        return (vec![entries], None);
    }
    let silence = bounds.iter().map(|bound| bound.silence).max().unwrap_or_default();
    let mut stretches: Vec<Vec<Entry>> = vec![Vec::new(); bounds.len() + 1];
    let mut last: (usize, Option<std::sync::Arc<str>>) = (0, None);
    for entry in entries {
        // What has no time belongs to what its file said before.
        let same = last.1.as_ref() == Some(&entry.path);
        let stretch = match entry.time() {
            Some(time) => bounds.partition_point(|bound| bound.at <= time),
            None if same => last.0,
            None => 0,
        };
        last = (stretch, Some(std::sync::Arc::clone(&entry.path)));
        stretches[stretch].push(entry);
    }
    let count = stretches.len();
    let mut firsts = Vec::with_capacity(count);
    let mut sum = 0;
    for stretch in &stretches {
        let first = (0..stretch.len()).min_by_key(|entry| {
            let time = stretch[*entry].time();
            (time.is_none(), time, *entry)
        });
        firsts.extend(first.map(|first| sum + first));
        sum += stretch.len();
    }
    (stretches, Some(Notice::IdReused { stretches: count, silence, lines: firsts }))
}

/// Where a stretch begins, and how long everything was silent before.
struct Bound {
    at: Timestamp,
    silence: i64,
}

fn bounds(entries: &[Entry]) -> Vec<Bound> {
    let times = entries.iter().filter_map(Entry::time);
    let (Some(first), Some(last)) = (times.clone().min(), times.max()) else { return Vec::new() };
    if last - first < SILENCE_BEFORE_THE_SAME {
        return Vec::new();
    }
    let mut order: Vec<(Timestamp, usize)> = entries
        .iter()
        .enumerate()
        .filter_map(|(index, entry)| Some((entry.time()?, index)))
        .collect();
    order.sort_unstable();
    let mut beginnings = BTreeSet::from([place(&entries[order[0].1])]);
    let mut bounds = Vec::new();
    let mut ties = Ties::default();
    let mut from = 0;
    for at in 1..order.len() {
        let (time, index) = order[at];
        let silence = time - order[at - 1].0;
        if silence < SILENCE_BEFORE_THE_SAME || bounds.len() + 1 >= STRETCHES_MAX {
            continue;
        }
        let begins = place(&entries[index]);
        let again = beginnings.contains(&begins);
        if !again && silence < SILENCE {
            continue;
        }
        order[from..at].iter().for_each(|(_, index)| ties.take(&entries[*index]));
        from = at;
        let after = order[at..].iter().map(|(_, index)| &entries[*index]);
        let near = after.take_while(|entry| {
            entry.time().is_none_or(|other| other - time < SILENCE_BEFORE_THE_SAME)
        });
        if !ties.hold(near, again) {
            beginnings.insert(begins);
            bounds.push(Bound { at: time, silence });
        }
    }
    bounds
}

/// What entries leave for later ones to go on with.
#[derive(Default)]
struct Ties<'a> {
    spans: HashSet<SpanId>,
    messages: HashSet<&'a str>,
}

impl<'a> Ties<'a> {
    fn take(&mut self, entry: &'a Entry) {
        self.spans.extend(entry.context.span_id);
        self.messages.extend(handed_on(entry));
    }

    /// Whether any of these entries goes on with what came before. A span id alone does not
    /// where the request begins anew: it was kept along with the trace id.
    fn hold(&self, entries: impl Iterator<Item = &'a Entry>, again: bool) -> bool {
        let mut entries = entries;
        entries.any(|entry| {
            let known = |span: Option<SpanId>| span.is_some_and(|span| self.spans.contains(&span));
            let (own, parent) = (known(entry.context.span_id), known(entry.context.parent_span_id));
            let goes_on = if again { parent && !own } else { parent || own };
            goes_on || handed_on(entry).any(|id| self.messages.contains(id))
        })
    }
}
