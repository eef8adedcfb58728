//! The store as of one commit: the index's columns, the ledger and the blocks, all of the
//! same commit.
//!
//! Columns may speak of entries that were replaced since; [`Snapshot::facts`] and
//! [`Snapshot::entries`] leave those out.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use hashbrown::HashMap;
use tantivy::columnar::Column;
use tantivy::query::{EnableScoring, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet, Index, ReloadPolicy, Searcher, SegmentReader, TERMINATED, Term};

use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::time::Timestamp;
use crate::store::Window;
use crate::store::embedded::blocks::Blocks;
use crate::store::embedded::by_template;
use crate::store::embedded::files::{Files, Place};
use crate::store::embedded::group_columns::Columns;
use crate::store::embedded::home::Home;
use crate::store::embedded::identifiers::query::Identified;
use crate::store::embedded::index::{damaged, failed, ledger_of};
use crate::store::embedded::ledger::{Ledger, Void};
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

    /// The groups that a query finds and whose times touch the window; all such groups
    /// for no query.
    pub(super) fn groups(
        &self,
        query: Option<&dyn Query>,
        window: &Window,
    ) -> Result<Vec<GroupAddress>, StoreError> {
        let mut found = Vec::new();
        let Some(query) = query else {
            self.each_group(|group| {
                if self.touches(group, window) {
                    found.push(group);
                }
            });
            return Ok(found);
        };
        let failed = |error| failed(&self.folder, &error);
        let weight =
            query.weight(EnableScoring::disabled_from_searcher(&self.searcher)).map_err(failed)?;
        for (segment, ordinal) in self.segments().iter().zip(0..) {
            let mut documents = weight.scorer(segment, 1.0).map_err(failed)?;
            let mut document = documents.doc();
            while document != TERMINATED {
                let group = GroupAddress::new(ordinal, document);
                if self.is_group(group) && self.touches(group, window) {
                    found.push(group);
                }
                document = documents.advance();
            }
        }
        Ok(found)
    }

    /// Those of `among`, which is in order, that a query finds and whose times touch the window.
    pub(super) fn groups_among(
        &self,
        query: &dyn Query,
        window: &Window,
        among: &[GroupAddress],
    ) -> Result<Vec<GroupAddress>, StoreError> {
        let failed = |error| failed(&self.folder, &error);
        let weight =
            query.weight(EnableScoring::disabled_from_searcher(&self.searcher)).map_err(failed)?;
        let mut found = Vec::new();
        for of_segment in among.chunk_by(|left, right| left.segment_ord == right.segment_ord) {
            let segment = &self.segments()[of_segment[0].segment_ord as usize];
            let mut documents = weight.scorer(segment, 1.0).map_err(failed)?;
            for group in of_segment {
                if documents.doc() < group.doc_id {
                    documents.seek(group.doc_id);
                }
                if documents.doc() == group.doc_id && self.touches(*group, window) {
                    found.push(*group);
                }
            }
        }
        Ok(found)
    }

    /// How many groups have a term, replaced ones included; those of several templates that
    /// have it count several times.
    pub(super) fn groups_with(&self, term: &Term) -> Result<u64, StoreError> {
        let failed = |error| failed(&self.folder, &error);
        let query = TermQuery::new(term.clone(), IndexRecordOption::Basic);
        let templates = by_template::templates(&query, &self.fields, &self.searcher);
        let mut groups = 0;
        for term in templates.map_err(failed)?.iter().chain([term]) {
            groups += self.searcher.doc_freq(term).map_err(failed)?;
        }
        Ok(groups)
    }

    /// The same of keys of ids.
    pub(super) fn groups_identified(&self, keys: &Identified) -> Result<u64, StoreError> {
        let failed = |error| failed(&self.folder, &error);
        let templates = by_template::templates(keys, &self.fields, &self.searcher);
        let mut groups = 0;
        for term in &templates.map_err(failed)? {
            groups += self.searcher.doc_freq(term).map_err(failed)?;
        }
        for segment in self.segments() {
            groups += keys.documents(segment).map_err(failed)?.len() as u64;
        }
        Ok(groups)
    }

    /// Calls `visit` with every group.
    pub(super) fn each_group(&self, mut visit: impl FnMut(GroupAddress)) {
        for (columns, ordinal) in self.columns.iter().zip(0..) {
            for document in 0..columns.documents {
                let group = GroupAddress::new(ordinal, document);
                if self.is_group(group) {
                    visit(group);
                }
            }
        }
    }

    /// Whether a document is that of a group, not of a template.
    fn is_group(&self, document: GroupAddress) -> bool {
        self.columns_of(document).number.first(document.doc_id).is_none()
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

    /// How many entries the group has, replaced ones included.
    pub(super) fn entries_at_most(&self, group: GroupAddress) -> u64 {
        self.columned(group).entries
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
