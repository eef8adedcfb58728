//! Which entries of a batch are stored side by side.
//!
//! Entries of one request are asked for together, so they lie together; the others stay
//! with their neighbours of the same stream. A group is what the index points to.

use hashbrown::HashMap;

use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::templated::TemplatedLines;

/// Entries without a request are grouped by this many: enough to share index words, few
/// enough that a search does not decode much in vain.
const UNTRACED_ENTRIES_MAX: usize = 64;

/// A request's group is split at this many entries and bytes, so that one decoded group
/// is never large.
const ENTRIES_MAX: usize = 4096;
const BYTES_MAX: usize = 256 << 10;

/// Entries that are stored side by side.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// The request they belong to, if they belong to one.
    pub(super) trace: Option<TraceId>,
    /// Places of entries in the batch, ascending.
    pub(super) entries: Vec<u32>,
    /// Places of lines of known templates in the batch, ascending.
    pub(super) lines: Vec<u32>,
    bytes: usize,
}

/// Groups what a batch holds: requests in the order in which they first appear, and after
/// them what belongs to none, by stream.
pub(super) fn of(entries: &[Entry], lines: &TemplatedLines) -> Vec<Group> {
    let mut traced = Grouping::default();
    let mut untraced = Grouping::default();
    for (place, entry) in (0..).zip(entries) {
        let bytes = entry.record.raw.len();
        let group = match entry.context.trace_id {
            Some(id) => traced.group(id, Some(id), bytes, ENTRIES_MAX),
            None => untraced.group(&*entry.path, None, bytes, UNTRACED_ENTRIES_MAX),
        };
        group.entries.push(place);
    }
    for (place, line) in (0..).zip(lines.lines()) {
        let bytes = line.length();
        let group = if let Some(id) = line.trace {
            traced.group(id, Some(id), bytes, ENTRIES_MAX)
        } else {
            let path = &*lines.template(line).sample.path;
            untraced.group(path, None, bytes, UNTRACED_ENTRIES_MAX)
        };
        group.lines.push(place);
    }
    traced.groups.append(&mut untraced.groups);
    traced.groups
}

/// Groups by some key; each key has one group that may still grow.
struct Grouping<K> {
    growing: HashMap<K, usize, foldhash::fast::RandomState>,
    groups: Vec<Group>,
}

impl<K> Default for Grouping<K> {
    fn default() -> Self {
        Self { growing: HashMap::default(), groups: Vec::new() }
    }
}

impl<K: std::hash::Hash + Eq> Grouping<K> {
    /// The group of this key that has room for so many bytes, which are counted.
    fn group(&mut self, key: K, trace: Option<TraceId>, bytes: usize, most: usize) -> &mut Group {
        let new = self.groups.len();
        let index = self.growing.entry(key).or_insert(new);
        let full = self.groups.get(*index).is_none_or(|group| {
            group.entries.len() + group.lines.len() >= most
                || group.bytes.saturating_add(bytes) > BYTES_MAX
        });
        if full {
            *index = new;
            self.groups.push(Group { trace, entries: Vec::new(), lines: Vec::new(), bytes: 0 });
        }
        let group = &mut self.groups[*index];
        group.bytes += bytes;
        group
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::embedded::tests::samples::plain_entry;

    fn entry(trace: u128, path: &str) -> Entry {
        let mut entry = plain_entry(path, 1);
        entry.context.trace_id = TraceId::new(trace);
        entry
    }

    #[track_caller]
    fn check(entries: &[Entry], expected: &[&[u32]]) {
        let found: Vec<Vec<u32>> = of(entries, &TemplatedLines::default())
            .into_iter()
            .map(|group| group.entries)
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn requests_come_first_in_the_order_of_their_first_entry() {
        let entries = [entry(0, "a"), entry(9, "a"), entry(5, "b"), entry(9, "b"), entry(0, "b")];
        check(&entries, &[&[1, 3], &[2], &[0], &[4]]);
    }

    #[test]
    fn entries_without_a_request_are_grouped_by_stream_in_small_numbers() {
        let entries = vec![entry(0, "a"); UNTRACED_ENTRIES_MAX + 1];
        let groups = of(&entries, &TemplatedLines::default());
        assert_eq!(groups.iter().map(|group| group.entries.len()).collect::<Vec<_>>(), [64, 1]);
    }

    #[test]
    fn a_large_request_is_split() {
        let many = of(&vec![entry(7, "a"); ENTRIES_MAX + 1], &TemplatedLines::default());
        assert_eq!(many.iter().map(|group| group.entries.len()).collect::<Vec<_>>(), [4096, 1]);
        let mut large = entry(7, "a");
        large.record.raw = vec![b'x'; BYTES_MAX + 1];
        check(&[entry(7, "a"), large, entry(7, "b")], &[&[0], &[1], &[2]]);
    }
}
