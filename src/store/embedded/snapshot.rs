//! The store as of one commit: the index's columns, the ledger and the blocks, all of the
//! same commit.
//!
//! Columns may speak of entries that were replaced since; [`Snapshot::facts`] and
//! [`Snapshot::entries`] leave those out.

use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use hashbrown::HashMap;
use tantivy::columnar::Column;
use tantivy::{DocAddress, Index, ReloadPolicy, Searcher, SegmentReader, Term};

use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::time::Timestamp;
use crate::store::Window;
use crate::store::embedded::blocks::Blocks;
use crate::store::embedded::files::{Files, Place};
use crate::store::embedded::group_columns::Columns;
use crate::store::embedded::home::Home;
use crate::store::embedded::identifiers::plugin::table_of;
use crate::store::embedded::identifiers::table::Table;
use crate::store::embedded::index::{damaged, failed, ledger_of};
use crate::store::embedded::ledger::{Ledger, Void};
use crate::store::embedded::lookup::Lookup;
use crate::store::embedded::postings::List;
use crate::store::embedded::schema::{Fields, reach, reach_path};
use crate::store::embedded::templates::Templates;
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
    columns: Vec<Columns>,
    blocks: Blocks,
    /// The documents of templates in order, and the templates' numbers.
    templates: OnceLock<(Vec<GroupAddress>, Vec<u32>)>,
    /// The tables of ids, by segment.
    identifiers: OnceLock<Vec<Table>>,
    /// Facts of groups some of whose entries were replaced.
    corrected: Mutex<HashMap<GroupAddress, Option<Facts>>>,
}

/// What is known of a group without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    /// The time of its first entry.
    pub(super) first: Option<Timestamp>,
    /// The time of its last entry.
    pub(super) last: Option<Timestamp>,
    /// How many entries it has.
    pub(super) entries: u64,
}

impl Facts {
    /// Facts of entries; none if there are none.
    fn of(entries: &[Entry]) -> Option<Self> {
        let times = || entries.iter().filter_map(Entry::time);
        let count = entries.len() as u64;
        (count > 0).then(|| Self { first: times().min(), last: times().max(), entries: count })
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
            let (_, stamp_after) = ledger_of(index, &folder)?;
            if stamp == stamp_after {
                return Self::new(home, fields, ledger, searcher);
            }
        }
        let reason = "commits come faster than the store can be opened".to_owned();
        Err(StoreError::Index { path: folder, reason })
    }

    fn new(
        home: &Home,
        fields: Fields,
        ledger: Ledger,
        searcher: Searcher,
    ) -> Result<Self, StoreError> {
        let folder = home.index();
        let segments = searcher.segment_readers().iter();
        let columns: Result<Vec<_>, _> =
            segments.map(|segment| Columns::open(segment, &folder)).collect();
        Ok(Self {
            fields,
            columns: columns?,
            blocks: blocks_of(home, &ledger),
            ledger,
            folder,
            searcher,
            templates: OnceLock::new(),
            identifiers: OnceLock::new(),
            corrected: Mutex::default(),
        })
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
        let documents: u64 = self.columns.iter().map(|columns| u64::from(columns.documents)).sum();
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
    pub(super) fn identifiers(&self) -> Result<&[Table], StoreError> {
        if let Some(tables) = self.identifiers.get() {
            return Ok(tables);
        }
        let tables: Result<Vec<Table>, _> = self.segments().iter().map(table_of).collect();
        let tables = tables.map_err(|error| failed(&self.folder, &error))?;
        Ok(self.identifiers.get_or_init(|| tables))
    }

    /// The term by which groups name a template.
    pub(super) fn template_term(&self, number: u32) -> Term {
        Term::from_field_u64(self.fields.template, u64::from(number))
    }

    /// Calls `visit` with every group, in order.
    pub(super) fn each_group(&self, mut visit: impl FnMut(GroupAddress)) {
        let mut templates = self.templates().0.iter().copied().peekable();
        for (columns, ordinal) in self.columns.iter().zip(0..) {
            for document in 0..columns.documents {
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
        for (columns, ordinal) in self.columns.iter().zip(0..) {
            columns.each_half(&is_wanted, |half, document| {
                visit(half, GroupAddress::new(ordinal, document));
            });
        }
    }

    fn templates(&self) -> &(Vec<GroupAddress>, Vec<u32>) {
        self.templates.get_or_init(|| {
            let numbered = self.columns.iter().zip(0..).flat_map(|(columns, ordinal)| {
                let address = move |document| GroupAddress::new(ordinal, document);
                columns.templates().map(move |(document, number)| (address(document), number))
            });
            numbered.unzip()
        })
    }

    /// The request that the group belongs to, if any.
    pub(super) fn trace_of(&self, group: GroupAddress) -> Option<TraceId> {
        let columns = self.columns_of(group);
        let half = columns.half.first(group.doc_id)?;
        let high = columns.high.first(group.doc_id)?;
        TraceId::new(u128::from(high) << 64 | u128::from(half))
    }

    /// The low half of the id of the group's request.
    pub(super) fn half_of(&self, group: GroupAddress) -> Option<u64> {
        self.columns_of(group).half.first(group.doc_id)
    }

    /// Whether times of the group's entries, replaced ones included, touch the window.
    pub(super) fn touches(&self, group: GroupAddress, window: &Window) -> bool {
        if window.since.is_none() && window.until.is_none() {
            return true;
        }
        let columned = self.columned(group);
        let (Some(first), Some(last)) = (columned.first, columned.last) else {
            return window.admits(None);
        };
        window.until.is_none_or(|until| first < until)
            && window.since.is_none_or(|since| last >= since)
    }

    /// What is known of a group; none if all of its entries were replaced.
    pub(super) fn facts(&self, group: GroupAddress) -> Result<Option<Facts>, StoreError> {
        match self.validity(group) {
            Validity::Whole => return Ok(Some(self.columned(group))),
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

    /// The earliest time of the group's entries, replaced ones included.
    pub(super) fn first_at_least(&self, group: GroupAddress) -> Option<Timestamp> {
        self.columned(group).first
    }

    /// The latest time of the group's entries, replaced ones included.
    pub(super) fn last_at_most(&self, group: GroupAddress) -> Option<Timestamp> {
        self.columned(group).last
    }

    /// The group's entries that were not replaced.
    pub(super) fn entries(&self, group: GroupAddress) -> Result<Vec<Entry>, StoreError> {
        let columns = self.columns_of(group);
        let number = |column: &Column<u64>| {
            let absent = || damaged(&self.folder, "a group without a place");
            column.first(group.doc_id).ok_or_else(absent)
        };
        let place = Place { file: number(&columns.file)?, offset: number(&columns.offset)? };
        let slot = number(&columns.slot)?;
        let malformed = |malformed| self.blocks.damaged(place, malformed);
        let mut entries = self.blocks.get(place)?.entries(slot).map_err(malformed)?;
        if self.ledger.has_voids() {
            let batch = number(&columns.batch)?;
            entries.retain(|entry| {
                !self.ledger.is_void(&entry.path, entry.record.position.offset, batch)
            });
        }
        Ok(entries)
    }

    /// Where the group is in the blocks.
    pub(super) fn stored_at(&self, group: GroupAddress) -> impl Ord + use<> {
        let columns = self.columns_of(group);
        [&columns.file, &columns.offset, &columns.slot].map(|column| column.first(group.doc_id))
    }

    fn columns_of(&self, group: GroupAddress) -> &Columns {
        &self.columns[group.segment_ord as usize]
    }

    /// What the columns say of a group.
    fn columned(&self, group: GroupAddress) -> Facts {
        let columns = self.columns_of(group);
        let time =
            |column: &Column<i64>| column.first(group.doc_id).map(Timestamp::from_nanoseconds);
        Facts {
            first: time(&columns.first),
            last: time(&columns.last),
            entries: columns.entries.first(group.doc_id).unwrap_or_default(),
        }
    }

    /// What can be said of a group's entries without reading them.
    fn validity(&self, group: GroupAddress) -> Validity {
        if !self.ledger.has_voids() {
            return Validity::Whole;
        }
        let columns = self.columns_of(group);
        let batch = columns.batch.first(group.doc_id).unwrap_or_default();
        let (mut whole, mut void) = (true, true);
        for reached in columns.reach.values_for_doc(group.doc_id) {
            let path = reach_path(reached);
            let later = |void: &&Void| void.batch > batch;
            let mut voids = self.ledger.voids_of(path).iter().filter(later);
            let lowest = voids.by_ref().map(|void| void.offset).min();
            whole &= lowest.is_none_or(|offset| reach(path, offset) > reached);
            void &= lowest == Some(0);
        }
        match (whole, void) {
            (true, _) => Validity::Whole,
            (false, true) => Validity::Void,
            (false, false) => Validity::Mixed,
        }
    }
}

fn blocks_of(home: &Home, ledger: &Ledger) -> Blocks {
    let templates = Templates::new(
        home.templates(),
        ledger.template_files.clone(),
        ledger.template_frames.clone(),
    );
    Blocks::new(Files::new(home.blocks(), ledger.block_files.clone()), templates)
}

/// Whether a group's entries still count.
enum Validity {
    Whole,
    Void,
    /// Some may not: only reading tells.
    Mixed,
}
