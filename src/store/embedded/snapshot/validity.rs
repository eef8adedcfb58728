//! Which entries of a group still count: a later batch may have read the end of a stream again
//! and put its entries in the place of these.

use crate::store::embedded::facts::Validity;
use crate::store::embedded::ledger::Void;
use crate::store::embedded::schema::{reach, reach_path};
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};

impl Snapshot {
    /// What can be said of a group's entries without reading them.
    pub(super) fn validity(&self, group: GroupAddress) -> Validity {
        if !self.ledger.has_voids() {
            return Validity::Whole;
        }
        let batch = self.known(group).map_or(0, |known| known.batch);
        let table = &self.parts.groups[group.segment_ord as usize];
        let Ok(reaches) = table.reaches(group.doc_id) else {
            return Validity::Mixed;
        };
        let (mut whole, mut void) = (true, true);
        for &reached in reaches {
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
