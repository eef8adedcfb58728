//! The store as of one commit: the table of groups, the ledger and the blocks, all of the
//! same commit.
//!
//! The table may speak of entries that were replaced since; [`Snapshot::facts`] and
//! [`Snapshot::entries`] leave those out.

mod validity;

use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use hashbrown::HashMap;
use tantivy::directory::error::OpenReadError;
use tantivy::{DocAddress, Index, ReloadPolicy, Searcher, SegmentReader, TantivyError, Term};

use crate::model::id::TraceId;
use crate::model::time::Timestamp;
use crate::store::Window;
use crate::store::embedded::blocks::Blocks;
use crate::store::embedded::facts::{Facts, Validity};
use crate::store::embedded::files::Place;
use crate::store::embedded::group_table::plugin::table_of;
use crate::store::embedded::group_table::{Document, Group, GroupTable};
use crate::store::embedded::home::Home;
use crate::store::embedded::identifiers;
use crate::store::embedded::index::{damaged, failed, ledger_of};
use crate::store::embedded::ledger::Ledger;
use crate::store::embedded::lookup::Lookup;
use crate::store::embedded::postings::List;
use crate::store::embedded::schema::{Fields, reach_path};
use crate::store::error::StoreError;

/// How often a commit may come in between while a snapshot is taken.
const ATTEMPTS_MAX: usize = 16;

/// A group, by its place in the index.
pub(super) type GroupAddress = DocAddress;

/// The store as of one commit.
pub(super) struct Snapshot {
    pub(super) fields: Fields,
    pub(super) ledger: Ledger,
    folder: PathBuf,
    searcher: Searcher,
    parts: Parts,
    /// Whether a table was found damaged: no answer of this snapshot can be believed.
    is_damaged: AtomicBool,
    blocks: Blocks,
    /// The documents of templates in order, and the templates' numbers.
    templates: OnceLock<(Vec<GroupAddress>, Vec<u32>)>,
    /// Facts of groups some of whose entries were replaced.
    corrected: Mutex<HashMap<GroupAddress, Option<Facts>>>,
    /// Locked as long as files of this commit may be opened.
    _lock: Option<File>,
}

/// What stands beside the segments, in their order. Held as long as the snapshot, like the
/// segments themselves: the writer may remove the files meanwhile.
struct Parts {
    groups: Vec<GroupTable>,
    identifiers: Vec<identifiers::Table>,
}

impl Parts {
    fn of(searcher: &Searcher) -> tantivy::Result<Self> {
        let segments = searcher.segment_readers();
        let groups = segments.iter().map(table_of).collect::<tantivy::Result<_>>()?;
        let identifiers = segments.iter().map(identifiers::plugin::table_of);
        Ok(Self { groups, identifiers: identifiers.collect::<tantivy::Result<_>>()? })
    }
}

impl Snapshot {
    /// The last commit.
    pub(super) fn take(home: &Home, index: &Index, fields: Fields) -> Result<Self, StoreError> {
        let folder = home.index();
        for _ in 0..ATTEMPTS_MAX {
            let (ledger, stamp) = ledger_of(index, &folder)?;
            let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into();
            let searcher = reader.map_err(|error| failed(&folder, &error))?.searcher();
            let parts = Parts::of(&searcher);
            let (_, stamp_after) = ledger_of(index, &folder)?;
            match parts {
                Ok(parts) if stamp == stamp_after => {
                    return Ok(Self::new(home, fields, ledger, searcher, parts));
                }
                // Another commit came, or the writer has just removed what it had merged.
                Ok(_) | Err(TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(_))) => {}
                Err(error) => return Err(failed(&folder, &error)),
            }
        }
        let reason = "commits come faster than the store can be opened".to_owned();
        Err(StoreError::Index { path: folder, reason })
    }

    fn new(home: &Home, fields: Fields, ledger: Ledger, searcher: Searcher, parts: Parts) -> Self {
        Self {
            fields,
            parts,
            is_damaged: AtomicBool::new(false),
            blocks: Blocks::of(home, &ledger),
            ledger,
            folder: home.index(),
            searcher,
            templates: OnceLock::new(),
            corrected: Mutex::default(),
            _lock: None,
        }
    }

    /// The same, with the lock that keeps its files there.
    pub(super) fn while_held(self, lock: Option<File>) -> Self {
        Self { _lock: lock, ..self }
    }

    /// The index's folder, for errors.
    pub(super) fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// The segments of the index.
    pub(super) fn segments(&self) -> &[SegmentReader] {
        self.searcher.segment_readers()
    }

    /// The groups that are looked up and whose times touch the window, in order; all such
    /// groups for no lookup.
    pub(super) fn groups(
        &self,
        lookup: Option<&Lookup<'_>>,
        window: &Window,
    ) -> Result<Vec<GroupAddress>, StoreError> {
        let mut found = Vec::new();
        let Some(lookup) = lookup else {
            self.each_group(|group| {
                if self.touches(group, window) {
                    found.push(group);
                }
            });
            return Ok(found);
        };
        let mut found = lookup.groups()?;
        found.retain(|group| self.touches(*group, window));
        Ok(found)
    }

    /// Those of `among`, which is in order, that are looked up and whose times touch the window.
    pub(super) fn groups_among(
        &self,
        lookup: &Lookup<'_>,
        window: &Window,
        among: &[GroupAddress],
    ) -> Result<Vec<GroupAddress>, StoreError> {
        let mut found = lookup.groups_among(among)?;
        found.retain(|group| self.touches(*group, window));
        Ok(found)
    }

    /// How many groups there are, replaced ones included.
    pub(super) fn groups_count(&self) -> u64 {
        let tables = self.parts.groups.iter();
        let documents: u64 = tables.map(|table| u64::from(table.documents())).sum();
        documents - self.templates_count()
    }

    /// How many templates there are.
    pub(super) fn templates_count(&self) -> u64 {
        self.templates().0.len() as u64
    }

    /// The numbers of the templates in these lists, in order.
    pub(super) fn templates_in(&self, lists: &[List]) -> Result<Vec<u32>, StoreError> {
        let (documents, numbers) = self.templates();
        let mut found = Vec::new();
        for list in lists {
            list.each_among(documents, self, &mut |at| found.push(numbers[at]))?;
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// The tables of ids, by segment.
    pub(super) fn identifiers(&self) -> &[identifiers::Table] {
        &self.parts.identifiers
    }

    /// The term by which groups name a template.
    pub(super) fn template_term(&self, number: u32) -> Term {
        Term::from_field_u64(self.fields.template, u64::from(number))
    }

    /// Calls `visit` with every group, in order.
    pub(super) fn each_group(&self, mut visit: impl FnMut(GroupAddress)) {
        let mut templates = self.templates().0.iter().copied().peekable();
        for (table, ordinal) in self.parts.groups.iter().zip(0..) {
            for document in 0..table.documents() {
                let group = GroupAddress::new(ordinal, document);
                if templates.next_if_eq(&group).is_none() {
                    visit(group);
                }
            }
        }
    }

    /// Takes out what is the document of a template and no group. `documents` are in order.
    pub(super) fn retain_groups(&self, documents: &mut Vec<GroupAddress>) {
        let mut templates = self.templates().0.iter().copied().peekable();
        documents.retain(|document| {
            while templates.next_if(|template| template < document).is_some() {}
            templates.peek() != Some(document)
        });
    }

    /// Calls `visit` with the groups whose low half `is_wanted`, and their halves.
    pub(super) fn each_group_of(
        &self,
        is_wanted: impl Fn(u64) -> bool,
        mut visit: impl FnMut(u64, GroupAddress),
    ) {
        self.each_group(|group| {
            if let Some(half) = self.half_of(group).filter(|half| is_wanted(*half)) {
                visit(half, group);
            }
        });
    }

    fn templates(&self) -> &(Vec<GroupAddress>, Vec<u32>) {
        self.templates.get_or_init(|| {
            let tables = self.parts.groups.iter().zip(0..);
            let numbered = tables.flat_map(|(table, ordinal)| {
                let address = move |document| GroupAddress::new(ordinal, document);
                table.templates().map(move |(document, number)| (address(document), number))
            });
            numbered.unzip()
        })
    }

    /// The request that the group belongs to, if any.
    pub(super) fn trace_of(&self, group: GroupAddress) -> Option<TraceId> {
        self.known(group)?.trace()
    }

    /// The low half of the id of the group's request.
    pub(super) fn half_of(&self, group: GroupAddress) -> Option<u64> {
        self.known(group)?.half()
    }

    /// Whether times of the group's entries, replaced ones included, touch the window.
    pub(super) fn touches(&self, group: GroupAddress, window: &Window) -> bool {
        if window.since.is_none() && window.until.is_none() {
            return true;
        }
        let tabled = self.tabled(group);
        let (Some(first), Some(last)) = (tabled.first, tabled.last) else {
            return window.admits(None);
        };
        window.until.is_none_or(|until| first < until)
            && window.since.is_none_or(|since| last >= since)
    }

    /// What is known of a group; none if all of its entries were replaced.
    pub(super) fn facts(&self, group: GroupAddress) -> Result<Option<Facts>, StoreError> {
        match self.validity(group) {
            Validity::Whole => return Ok(Some(self.tabled(group))),
            Validity::Void => return Ok(None),
            Validity::Mixed => {}
        }
        let corrected = || self.corrected.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(facts) = corrected().get(&group) {
            return Ok(*facts);
        }
        let facts = Facts::of(&self.entries(group)?);
        corrected().insert(group, facts);
        Ok(facts)
    }

    /// How many entries the group has, replaced ones included.
    pub(super) fn entries_at_most(&self, group: GroupAddress) -> u64 {
        self.tabled(group).entries
    }

    /// The earliest time of the group's entries, replaced ones included.
    pub(super) fn first_at_least(&self, group: GroupAddress) -> Option<Timestamp> {
        self.tabled(group).first
    }

    /// The latest time of the group's entries, replaced ones included.
    pub(super) fn last_at_most(&self, group: GroupAddress) -> Option<Timestamp> {
        self.tabled(group).last
    }

    /// The block that the group is in, and its place there.
    pub(super) fn place_of(&self, group: GroupAddress) -> Result<(Place, u64), StoreError> {
        let known = self.placed(group)?;
        Ok((known.place, known.slot))
    }

    /// The batch that the group came with.
    pub(super) fn batch_of(&self, group: GroupAddress) -> Result<u64, StoreError> {
        Ok(self.placed(group)?.batch)
    }

    fn placed(&self, group: GroupAddress) -> Result<&Group, StoreError> {
        self.known(group).ok_or_else(|| damaged(&self.folder, "a group without a place"))
    }

    /// The blocks that the commit counts.
    pub(super) const fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    /// Whether the group has entries of the stream with this number, replaced ones included.
    pub(super) fn reaches(&self, group: GroupAddress, path: u32) -> bool {
        // Where the table cannot tell, reading does.
        let reaches = self.parts.groups[group.segment_ord as usize].reaches(group.doc_id);
        reaches.map_or(true, |reaches| reaches.iter().any(|reached| reach_path(*reached) == path))
    }

    /// Where the group is in the blocks.
    pub(super) fn stored_at(&self, group: GroupAddress) -> impl Ord + use<> {
        self.known(group).map(|known| (known.place, known.slot))
    }

    /// What the table says of a group; none for the documents of templates.
    fn known(&self, group: GroupAddress) -> Option<&Group> {
        match self.parts.groups[group.segment_ord as usize].get(group.doc_id) {
            Ok(Document::Group(known)) => Some(known),
            Ok(Document::Template(_)) => None,
            Err(_) => {
                self.is_damaged.store(true, Ordering::Relaxed);
                None
            }
        }
    }

    /// Whether all that was asked for could be read. Asked after every answer.
    ///
    /// # Errors
    /// When a table is damaged.
    pub(super) fn sound(&self) -> Result<(), StoreError> {
        if self.is_damaged.load(Ordering::Relaxed) {
            return Err(damaged(&self.folder, "a table of groups is damaged"));
        }
        Ok(())
    }

    /// What the table says of a group's entries, replaced ones included.
    fn tabled(&self, group: GroupAddress) -> Facts {
        let known = self.known(group);
        let times = known.and_then(|known| known.times);
        Facts {
            first: times.map(|[first, _]| first),
            last: times.map(|[_, last]| last),
            entries: known.map_or(0, |known| known.entries),
        }
    }
}
