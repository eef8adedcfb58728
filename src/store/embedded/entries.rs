//! The entries of groups, read from their blocks.

use crate::model::entry::Entry;
use crate::store::Batch;
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};
use crate::store::error::StoreError;

impl Snapshot {
    /// The group's entries that were not replaced.
    pub(super) fn entries(&self, group: GroupAddress) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        self.append(group, &mut entries)?;
        Ok(entries)
    }

    /// Puts the group's entries that were not replaced behind others.
    pub(super) fn append(
        &self,
        group: GroupAddress,
        entries: &mut Vec<Entry>,
    ) -> Result<(), StoreError> {
        let before = entries.len();
        self.append_all(group, entries)?;
        if self.ledger.has_voids() {
            let batch = self.batch_of(group)?;
            let read = entries.split_off(before).into_iter();
            entries.extend(read.filter(|entry| {
                !self.ledger.is_void(&entry.path, entry.record.position.offset, batch)
            }));
        }
        Ok(())
    }

    /// The group's entries, replaced ones included.
    pub(super) fn all_entries(&self, group: GroupAddress) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        self.append_all(group, &mut entries)?;
        Ok(entries)
    }

    fn append_all(&self, group: GroupAddress, entries: &mut Vec<Entry>) -> Result<(), StoreError> {
        let (place, slot) = self.place_of(group)?;
        let malformed = |malformed| self.blocks().damaged(place, malformed);
        let template_of = |number| self.blocks().template(number);
        self.blocks().get(place)?.append(slot, &template_of, entries).map_err(malformed)
    }

    /// Puts those of the group's entries that were not replaced and that are wanted into a
    /// batch, in the form in which they are stored.
    pub(super) fn copy(
        &self,
        group: GroupAddress,
        batch: &mut Batch,
        is_wanted: &mut dyn FnMut(&Entry) -> bool,
    ) -> Result<(), StoreError> {
        let (place, slot) = self.place_of(group)?;
        let number = self.batch_of(group)?;
        let malformed = |malformed| self.blocks().damaged(place, malformed);
        let block = self.blocks().get(place)?;
        let template_of = |number| self.blocks().template(number);
        let copied = block.copy(slot, batch, &template_of, &mut |entry| {
            !self.ledger.is_void(&entry.path, entry.record.position.offset, number)
                && is_wanted(entry)
        });
        copied.map_err(malformed)
    }
}
